/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes and text of somebody else's, not terminated: views, never owned. */
#ifndef VINPUT_RTC_TEXT_H
#define VINPUT_RTC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "input/base/net-order.h"

struct rtc_bytes {
	const uint8_t *at;
	size_t len;
};

struct rtc_text {
	const char *at; /* NULL: absent */
	size_t len;
};

static inline bool rtc_text_is(struct rtc_text t, const char *word)
{
	return t.at && t.len == strlen(word) && !memcmp(t.at, word, t.len);
}

static inline bool rtc_text_same(struct rtc_text a, struct rtc_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

#endif
