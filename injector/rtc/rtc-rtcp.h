/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP as one who only sends needs it: reports out; and from a receiver what it
 * wants sent again, or as a key frame (RFC 3550 §6, 4585, 5104). Pure.
 */
#ifndef VINPUT_RTC_RTCP_H
#define VINPUT_RTC_RTCP_H

#include "injector/rtc/rtc-text.h"

#define RTC_RTCP_HEADER_LEN 8 /* with the sender's SSRC */
#define RTC_RTCP_REPORT_MAX 64
#define RTC_RTCP_CNAME_MAX  16

enum rtc_rtcp_error {
	RTC_RTCP_E_LENGTH = 1, /* of the whole, or of a packet in it */
	RTC_RTCP_E_VERSION,
	RTC_RTCP_E_TYPE,   /* the first is none of RTCP's */
	RTC_RTCP_E_FORMAT, /* of a packet that we understand */
};

enum rtc_rtcp_kind {
	RTC_RTCP_KEY_FRAME, /* PLI or FIR */
	RTC_RTCP_LOST,	    /* NACK */
};

struct rtc_rtcp_wish {
	enum rtc_rtcp_kind kind;
	uint32_t ssrc;	   /* of the stream that it is about */
	uint16_t sequence; /* lost; ... */
	uint16_t more;	   /* ... and sequence + 1 + n for each bit n */
};

/*
 * Read a packet, which may be a compound one; wish() is called only if all of
 * it is right. What we do not understand is skipped. Return: 0 or RTC_RTCP_E_*.
 */
int rtc_rtcp_read(struct rtc_bytes packet,
		  void (*wish)(void *arg, const struct rtc_rtcp_wish *w),
		  void *arg);

struct rtc_rtcp_report {
	uint32_t ssrc;
	uint64_t ntp;  /* now, in 1/2^32 s since 1900 */
	uint32_t time; /* now, in the clock of RTP */
	uint32_t packets, octets;
	const char *cname; /* RTC_RTCP_CNAME_MAX characters at most */
};

/* A sender report and a source description. Return: their length. */
size_t rtc_rtcp_write_report(uint8_t out[RTC_RTCP_REPORT_MAX],
			     const struct rtc_rtcp_report *r);

#endif
