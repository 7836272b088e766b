/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From where a peer has proved to be reachable: the addresses from which a
 * valid check came, and the one of them that it has nominated (RFC 8445 §7.3).
 * The others stay valid, since it may nominate another later. Pure.
 */
#ifndef VINPUT_RTC_PATH_H
#define VINPUT_RTC_PATH_H

#include "injector/rtc/rtc-socket.h"

#define RTC_PATH_MAX 4

struct rtc_path_end {
	const struct rtc_socket *via; /* ours; borrowed */
	union rtc_address address;    /* the peer's */
};

struct rtc_path {
	struct rtc_path_end end[RTC_PATH_MAX];
	unsigned int n, next; /* next: to be replaced when all are used */
	unsigned int chosen;
};

/* A valid check came from there. */
void rtc_path_add(struct rtc_path *p, const struct rtc_path_end *end,
		  bool nominated);
bool rtc_path_has(const struct rtc_path *p, const struct rtc_path_end *end);
/* Where to send; NULL: nowhere yet. */
const struct rtc_path_end *rtc_path_chosen(const struct rtc_path *p);

#endif
