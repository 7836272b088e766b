/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "injector/rtc/rtc-rtcp.h"

#define RTCP_VERSION 2
#define HAS_PADDING  0x20
#define SUBTYPE_MASK 0x1f

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_SDES = 202,
	RTCP_ABOUT_TRANSPORT = 205, /* RTPFB */
	RTCP_ABOUT_PAYLOAD = 206,   /* PSFB */
	RTCP_FIRST = 192,	    /* RFC 5761 §4 */
	RTCP_LAST = 223,
};

/* As the subtypes of feedback are called: FMT. */
#define FMT_NACK 1 /* about transport */
#define FMT_PLI	 1 /* about payload */
#define FMT_FIR	 4

#define SDES_CNAME 1

/* Sender and media SSRC, before the feedback control information. */
#define FEEDBACK_LEN 12
#define NACK_LEN     4
#define FIR_LEN	     8

struct rtcp_packet {
	uint8_t type, subtype;
	struct rtc_bytes all;
};

/* Cut off the first packet. Return: 0 or RTC_RTCP_E_*. */
static int rtcp_take(struct rtc_bytes *rest, struct rtcp_packet *p)
{
	size_t len;

	if (rest->len < 4)
		return RTC_RTCP_E_LENGTH;
	if (rest->at[0] >> 6 != RTCP_VERSION)
		return RTC_RTCP_E_VERSION;
	len = 4 * ((size_t)net_get16(rest->at + 2) + 1);
	if (len > rest->len)
		return RTC_RTCP_E_LENGTH;
	p->type = rest->at[1];
	p->subtype = rest->at[0] & SUBTYPE_MASK;
	p->all = (struct rtc_bytes){ rest->at, len };
	if (rest->at[0] & HAS_PADDING) {
		const uint8_t padding = rest->at[len - 1];

		/* RFC 3550 §6.4.1: only of the last packet. */
		if (len != rest->len || !padding || padding % 4 ||
		    padding > len - 4)
			return RTC_RTCP_E_LENGTH;
		p->all.len -= padding;
	}
	rest->at += len;
	rest->len -= len;
	return 0;
}

static bool rtcp_is_nack(const struct rtcp_packet *p)
{
	return p->type == RTCP_ABOUT_TRANSPORT && p->subtype == FMT_NACK;
}

static bool rtcp_is_pli(const struct rtcp_packet *p)
{
	return p->type == RTCP_ABOUT_PAYLOAD && p->subtype == FMT_PLI;
}

static bool rtcp_is_fir(const struct rtcp_packet *p)
{
	return p->type == RTCP_ABOUT_PAYLOAD && p->subtype == FMT_FIR;
}

static int rtcp_check_packet(const struct rtcp_packet *p)
{
	const size_t len = p->all.len;

	if (rtcp_is_nack(p))
		return len > FEEDBACK_LEN ? 0 : RTC_RTCP_E_FORMAT;
	if (rtcp_is_pli(p))
		return len == FEEDBACK_LEN ? 0 : RTC_RTCP_E_FORMAT;
	if (rtcp_is_fir(p))
		return len > FEEDBACK_LEN && !((len - FEEDBACK_LEN) % FIR_LEN)
			       ? 0
			       : RTC_RTCP_E_FORMAT;
	return 0;
}

/* Packets are at least a header with an SSRC, of whatever RTCP has. */
static int rtcp_check(struct rtc_bytes packet)
{
	struct rtcp_packet p;
	int e = 0;

	if (packet.len < RTC_RTCP_HEADER_LEN)
		return RTC_RTCP_E_LENGTH;
	if (packet.at[1] < RTCP_FIRST || packet.at[1] > RTCP_LAST)
		return RTC_RTCP_E_TYPE;
	while (!e && packet.len) {
		e = rtcp_take(&packet, &p);
		if (!e)
			e = rtcp_check_packet(&p);
	}
	return e;
}

/* A FIR names its streams in its entries, the others in their header. */
static void rtcp_tell(const struct rtcp_packet *p,
		      void (*wish)(void *arg, const struct rtc_rtcp_wish *w),
		      void *arg)
{
	struct rtc_rtcp_wish w = { .kind = RTC_RTCP_KEY_FRAME };

	if (rtcp_is_pli(p)) {
		w.ssrc = net_get32(p->all.at + 8);
		wish(arg, &w);
	} else if (rtcp_is_fir(p)) {
		for (size_t at = FEEDBACK_LEN; at < p->all.len; at += FIR_LEN) {
			w.ssrc = net_get32(p->all.at + at);
			wish(arg, &w);
		}
	} else if (rtcp_is_nack(p)) {
		w.kind = RTC_RTCP_LOST;
		w.ssrc = net_get32(p->all.at + 8);
		for (size_t at = FEEDBACK_LEN; at < p->all.len;
		     at += NACK_LEN) {
			w.sequence = net_get16(p->all.at + at);
			w.more = net_get16(p->all.at + at + 2);
			wish(arg, &w);
		}
	}
}

int rtc_rtcp_read(struct rtc_bytes packet,
		  void (*wish)(void *arg, const struct rtc_rtcp_wish *w),
		  void *arg)
{
	const int e = rtcp_check(packet);
	struct rtcp_packet p;

	if (e)
		return e;
	while (packet.len && !rtcp_take(&packet, &p))
		rtcp_tell(&p, wish, arg);
	return 0;
}

static size_t rtcp_put_header(uint8_t *out, uint8_t count, enum rtcp_type type,
			      size_t len)
{
	out[0] = (uint8_t)(RTCP_VERSION << 6 | count);
	out[1] = (uint8_t)type;
	net_put16(out + 2, (uint16_t)(len / 4 - 1));
	return len;
}

static size_t rtcp_put_sender_report(uint8_t *out,
				     const struct rtc_rtcp_report *r)
{
	net_put32(out + 4, r->ssrc);
	net_put32(out + 8, (uint32_t)(r->ntp >> 32));
	net_put32(out + 12, (uint32_t)r->ntp);
	net_put32(out + 16, r->time);
	net_put32(out + 20, r->packets);
	net_put32(out + 24, r->octets);
	return rtcp_put_header(out, 0, RTCP_SR, 28);
}

/* Its items end with at least one zero, at a multiple of 4. */
static size_t rtcp_put_description(uint8_t *out,
				   const struct rtc_rtcp_report *r)
{
	const size_t n = strlen(r->cname);

	assert(n <= RTC_RTCP_CNAME_MAX);
	memset(out, 0, 12 + RTC_RTCP_CNAME_MAX);
	net_put32(out + 4, r->ssrc);
	out[8] = SDES_CNAME;
	out[9] = (uint8_t)n;
	memcpy(out + 10, r->cname, n);
	return rtcp_put_header(out, 1, RTCP_SDES, (10 + n + 4) / 4 * 4);
}

size_t rtc_rtcp_write_report(uint8_t out[RTC_RTCP_REPORT_MAX],
			     const struct rtc_rtcp_report *r)
{
	const size_t len = rtcp_put_sender_report(out, r);

	return len + rtcp_put_description(out + len, r);
}
