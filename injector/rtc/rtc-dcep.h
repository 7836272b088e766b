/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages with which a data channel is opened (RFC 8832). Pure: bytes to
 * verdicts.
 */
#ifndef VINPUT_RTC_DCEP_H
#define VINPUT_RTC_DCEP_H

#include "injector/rtc/rtc-text.h"

#define RTC_DCEP_OPEN_LEN  12 /* without label and protocol */
#define RTC_DCEP_LABEL_MAX 255
#define RTC_DCEP_MAX	   (RTC_DCEP_OPEN_LEN + RTC_DCEP_LABEL_MAX)

enum rtc_dcep_error {
	RTC_DCEP_E_TYPE = 1, /* neither OPEN nor ACK */
	RTC_DCEP_E_LENGTH,   /* cut off, or more than it says */
	RTC_DCEP_E_CHANNEL,  /* unknown channel type */
	RTC_DCEP_E_LABEL,    /* too long, or with NULs */
};

/* For how long a message is sent again if it was lost. */
enum rtc_dcep_limit {
	RTC_DCEP_RELIABLE,
	RTC_DCEP_RETRANSMITS, /* so often */
	RTC_DCEP_LIFETIME,    /* for so many ms */
};

struct rtc_dcep {
	bool ack; /* then the rest is unused */
	bool unordered;
	enum rtc_dcep_limit limit;
	uint32_t limit_value;
	uint16_t priority;
	struct rtc_text label, protocol; /* in the message */
};

/* message: borrowed, for as long as d is used. Return: 0 or RTC_DCEP_E_*. */
int rtc_dcep_parse(struct rtc_dcep *d, struct rtc_bytes message);

/*
 * An OPEN without a protocol, or an ACK. Return: its length; 0 if the label is
 * longer than RTC_DCEP_LABEL_MAX.
 */
size_t rtc_dcep_write(uint8_t out[RTC_DCEP_MAX], const struct rtc_dcep *d);

#endif
