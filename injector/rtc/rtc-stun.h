/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks of ICE as an ICE-lite agent sees them: binding requests in,
 * responses out (RFC 8489, RFC 8445). Pure: bytes to verdicts, no fd, no loop.
 * The HMAC is OpenSSL's.
 */
#ifndef VINPUT_RTC_STUN_H
#define VINPUT_RTC_STUN_H

#include <sys/socket.h>
#include "injector/rtc/rtc-text.h"

/* A request is not longer; a response never is. */
#define RTC_STUN_MAX	      1024
#define RTC_STUN_RESPONSE_MAX 128
#define RTC_STUN_TRANSACTION  12

enum rtc_stun_error {
	RTC_STUN_E_HEADER = 1,	/* not STUN, or the length is wrong */
	RTC_STUN_E_TYPE,	/* not a binding request */
	RTC_STUN_E_ATTRIBUTE,	/* cut off, or of a wrong size */
	RTC_STUN_E_USERNAME,	/* none, or not OURS:THEIRS */
	RTC_STUN_E_INTEGRITY,	/* none */
	RTC_STUN_E_FINGERPRINT, /* none, wrong, or not at the end */
};

/* Error codes of responses. */
enum rtc_stun_code {
	RTC_STUN_UNKNOWN_ATTRIBUTE = 420,
	RTC_STUN_ROLE_CONFLICT = 487,
};

struct rtc_stun_request {
	struct rtc_bytes datagram;
	uint8_t transaction[RTC_STUN_TRANSACTION];
	struct rtc_text ours, theirs; /* the user name fragments */
	size_t integrity_at;	      /* where MESSAGE-INTEGRITY begins */
	bool use_candidate;
	bool controlled;  /* the peer takes us for the controlling agent */
	uint16_t unknown; /* an attribute it requires us to know; 0: none */
};

/*
 * datagram: borrowed, for as long as req is used. Return: 0 or RTC_STUN_E_*.
 * Nothing of it is trustworthy before rtc_stun_verify().
 */
int rtc_stun_parse(struct rtc_stun_request *req, struct rtc_bytes datagram);

/* Whether who sent it knows the password (short-term credentials). */
bool rtc_stun_verify(const struct rtc_stun_request *req, const char *password);

/* from: AF_INET or AF_INET6. Return: the response's length. */
size_t rtc_stun_success(uint8_t out[RTC_STUN_RESPONSE_MAX],
			const struct rtc_stun_request *req,
			const struct sockaddr *from, const char *password);
size_t rtc_stun_failure(uint8_t out[RTC_STUN_RESPONSE_MAX],
			const struct rtc_stun_request *req,
			enum rtc_stun_code code, const char *password);

/*
 * Close a message with MESSAGE-INTEGRITY and FINGERPRINT; at: its length, for
 * which out has 32 bytes more. Return: the new length. Also for the tests.
 */
size_t rtc_stun_seal(uint8_t *out, size_t at, const char *password);

#endif
