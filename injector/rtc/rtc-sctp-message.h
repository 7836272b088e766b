/* SPDX-License-Identifier: Apache-2.0 */
/* A message of SCTP, and what is settled for all associations. */
#ifndef VINPUT_RTC_SCTP_MESSAGE_H
#define VINPUT_RTC_SCTP_MESSAGE_H

#include "injector/rtc/rtc-text.h"

/* Deviation: RFC 8831 §6.2 wants 65,535, which is memory for each peer. */
#define RTC_SCTP_STREAMS 256

/* IPv6's minimum of 1280, less IP, UDP and DTLS. */
#define RTC_SCTP_PACKET_MAX 1150

#define RTC_SCTP_PORT 5000 /* ours */

enum rtc_sctp_policy {
	RTC_SCTP_RELIABLE,
	RTC_SCTP_RETRANSMITS, /* at most limit times */
	RTC_SCTP_LIFETIME,    /* limit ms */
};

struct rtc_sctp_message {
	uint16_t stream;
	uint32_t protocol; /* the payload protocol identifier */
	struct rtc_bytes data;
	/* Only of a message to be sent. */
	bool unordered;
	enum rtc_sctp_policy policy;
	uint32_t limit;
};

#endif
