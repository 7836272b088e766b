/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/rtc-check.h"

#define SEAL_LEN 32

static size_t put(uint8_t *out, size_t at, uint16_t type,
		  struct rtc_bytes value)
{
	const size_t padded = (value.len + 3) & ~3UL;

	net_put16(out + at, type);
	net_put16(out + at + 2, (uint16_t)value.len);
	memset(out + at + 4, 0, padded);
	if (value.len)
		memcpy(out + at + 4, value.at, value.len);
	return at + 4 + padded;
}

size_t rtc_check_write(uint8_t out[RTC_CHECK_MAX], const struct rtc_check *c,
		       uint8_t transaction)
{
	static const uint8_t priority[4] = { 0x6e, 0, 1, 0xff },
			     tie[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	size_t at = 20;

	memcpy(out, "\0\1\0\0\x21\x12\xa4\x42", 8);
	memset(out + 8, transaction, RTC_STUN_TRANSACTION);
	if (c->username)
		at = put(out, at, 0x0006,
			 (struct rtc_bytes){ (const uint8_t *)c->username,
					     strlen(c->username) });
	at = put(out, at, 0x0024, (struct rtc_bytes){ priority, 4 });
	at = put(out, at, c->controlled ? 0x8029 : 0x802a,
		 (struct rtc_bytes){ tie, 8 });
	if (c->use_candidate)
		at = put(out, at, 0x0025, (struct rtc_bytes){ 0 });
	if (c->extra)
		at = put(out, at, c->extra, (struct rtc_bytes){ 0 });
	return rtc_stun_seal(out, at, c->password);
}

uint16_t rtc_check_read(struct rtc_bytes response, uint8_t transaction,
			const char *password)
{
	uint8_t again[RTC_STUN_RESPONSE_MAX];
	uint8_t id[RTC_STUN_TRANSACTION];

	memset(id, transaction, sizeof(id));
	if (response.len < 20 + SEAL_LEN || response.len > sizeof(again) ||
	    memcmp(response.at + 8, id, sizeof(id)) != 0)
		return 0;
	memcpy(again, response.at, response.len);
	if (rtc_stun_seal(again, response.len - SEAL_LEN, password) !=
		    response.len ||
	    memcmp(again, response.at, response.len) != 0)
		return 0;
	return net_get16(response.at);
}
