/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes and text of somebody else's, not terminated: views, never owned. */
#ifndef VINPUT_RTC_TEXT_H
#define VINPUT_RTC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

static inline uint16_t rtc_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rtc_get32(const uint8_t *p)
{
	return (uint32_t)rtc_get16(p) << 16 | rtc_get16(p + 2);
}

static inline void rtc_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void rtc_put32(uint8_t *p, uint32_t v)
{
	rtc_put16(p, (uint16_t)(v >> 16));
	rtc_put16(p + 2, (uint16_t)v);
}

#endif
