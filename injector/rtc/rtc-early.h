/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first datagrams of a client that is faster than its description: it
 * would send them again, but only after up to a second.
 */
#ifndef VINPUT_RTC_EARLY_H
#define VINPUT_RTC_EARLY_H

#include "injector/rtc/rtc-text.h"

/* A large ClientHello comes in two. */
#define RTC_EARLY_MAX	  2
#define RTC_EARLY_LEN_MAX 1500

struct rtc_early {
	uint8_t *data[RTC_EARLY_MAX]; /* owned */
	size_t len[RTC_EARLY_MAX];
	unsigned int n;
};

/* What is more is lost, as datagrams are. */
void rtc_early_keep(struct rtc_early *e, struct rtc_bytes datagram);
struct rtc_bytes rtc_early_at(const struct rtc_early *e, unsigned int i);
void rtc_early_fini(struct rtc_early *e); /* idempotent */

#endif
