/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/rtc/rtc-dcep.h"

/* RFC 8832 §8.2 */
enum dcep_type {
	DCEP_ACK = 2,
	DCEP_OPEN = 3,
};

#define DCEP_UNORDERED 0x80

static bool dcep_text_is_fit(struct rtc_text t)
{
	return t.len <= RTC_DCEP_LABEL_MAX &&
	       (!t.len || !memchr(t.at, 0, t.len));
}

/* RFC 8832 §5.1: type, channel type, priority, limit, two lengths, two texts */
static int dcep_parse_open(struct rtc_dcep *d, struct rtc_bytes message)
{
	const uint8_t *p = message.at;
	uint8_t kind;

	if (message.len < RTC_DCEP_OPEN_LEN)
		return RTC_DCEP_E_LENGTH;
	kind = p[1] & (uint8_t)~DCEP_UNORDERED;
	if (kind > RTC_DCEP_LIFETIME)
		return RTC_DCEP_E_CHANNEL;
	d->unordered = p[1] & DCEP_UNORDERED;
	d->limit = kind;
	d->priority = net_get16(p + 2);
	/* MUST be ignored for a reliable channel. */
	d->limit_value = kind == RTC_DCEP_RELIABLE ? 0 : net_get32(p + 4);
	d->label.len = net_get16(p + 8);
	d->protocol.len = net_get16(p + 10);
	if (RTC_DCEP_OPEN_LEN + d->label.len + d->protocol.len != message.len)
		return RTC_DCEP_E_LENGTH;
	d->label.at = (const char *)p + RTC_DCEP_OPEN_LEN;
	d->protocol.at = d->label.at + d->label.len;
	if (!dcep_text_is_fit(d->label) || !dcep_text_is_fit(d->protocol))
		return RTC_DCEP_E_LABEL;
	return 0;
}

int rtc_dcep_parse(struct rtc_dcep *d, struct rtc_bytes message)
{
	*d = (struct rtc_dcep){ 0 };
	if (!message.len)
		return RTC_DCEP_E_LENGTH;
	switch (message.at[0]) {
	case DCEP_OPEN:
		return dcep_parse_open(d, message);
	case DCEP_ACK:
		d->ack = true;
		return message.len == 1 ? 0 : RTC_DCEP_E_LENGTH;
	default:
		return RTC_DCEP_E_TYPE;
	}
}

size_t rtc_dcep_write(uint8_t out[RTC_DCEP_MAX], const struct rtc_dcep *d)
{
	if (d->ack) {
		out[0] = DCEP_ACK;
		return 1;
	}
	if (d->label.len > RTC_DCEP_LABEL_MAX)
		return 0;
	memset(out, 0, RTC_DCEP_OPEN_LEN);
	out[0] = DCEP_OPEN;
	out[1] = (uint8_t)((d->unordered ? DCEP_UNORDERED : 0) | d->limit);
	net_put16(out + 2, d->priority);
	net_put32(out + 4, d->limit_value);
	net_put16(out + 8, (uint16_t)d->label.len);
	if (d->label.len)
		memcpy(out + RTC_DCEP_OPEN_LEN, d->label.at, d->label.len);
	return RTC_DCEP_OPEN_LEN + d->label.len;
}
