/* SPDX-License-Identifier: Apache-2.0 */
/* A full ICE agent's side of a check: it sends requests and reads responses. */
#ifndef VINPUT_TESTS_RTC_CHECK_H
#define VINPUT_TESTS_RTC_CHECK_H

#include "injector/rtc/rtc-stun.h"

#define RTC_CHECK_MAX 256

struct rtc_check {
	const char *username; /* NULL: none */
	const char *password;
	bool use_candidate;
	bool controlled;
	uint16_t extra; /* an empty attribute of this type; 0: none */
};

/* The transaction is 12 times the byte. Return: the request's length. */
size_t rtc_check_write(uint8_t out[RTC_CHECK_MAX], const struct rtc_check *c,
		       uint8_t transaction);

/*
 * Return: the response's type, 0 unless it is an answer to that transaction
 * that is sealed with the password.
 */
uint16_t rtc_check_read(struct rtc_bytes response, uint8_t transaction,
			const char *password);

#endif
