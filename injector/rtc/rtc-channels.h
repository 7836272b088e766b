/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data channels of a peer: DCEP on an association (RFC 8831, 8832). A
 * channel is a stream in each direction, and its number is the stream's. The
 * DTLS client opens even ones, we open odd ones.
 *
 * Loop thread only. rtc_channels_fini() MUST NOT be called from its callbacks.
 */
#ifndef VINPUT_RTC_CHANNELS_H
#define VINPUT_RTC_CHANNELS_H

#include "injector/rtc/rtc-dcep.h"
#include "injector/rtc/rtc-sctp.h"
#include "injector/rtc/rtc.h"

struct rtc_channels;

struct rtc_channels_events {
	void (*send)(struct rtc_channels *c, struct rtc_bytes packet);
	void (*up)(struct rtc_channels *c);
	void (*opened)(struct rtc_channels *c, uint16_t channel,
		       const char *label);
	void (*received)(struct rtc_channels *c, const struct rtc_message *m);
	void (*rejected)(struct rtc_channels *c); /* a message */
	void (*closed)(struct rtc_channels *c, uint16_t channel);
	void (*down)(struct rtc_channels *c, const char *why);
};

struct rtc_channel {
	bool open;
	bool closing; /* by us, which the peer need not know yet */
	bool acked;   /* before that, what we send has to be ordered */
	bool unordered;
	enum rtc_dcep_limit limit;
	uint32_t limit_value;
};

struct rtc_channels {
	const struct rtc_channels_events *events;
	bool opens_odd;	    /* we are the DTLS server, as always but in tests */
	size_t message_max; /* that the peer takes */
	struct rtc_sctp sctp;
	struct rtc_channel channel[RTC_SCTP_STREAMS];
	unsigned int n_open;
};

/* The members before sctp MUST be set. Return: 0 or -errno. */
int rtc_channels_init(struct rtc_channels *c, uint16_t port);
void rtc_channels_fini(struct rtc_channels *c); /* idempotent */
void rtc_channels_input(struct rtc_channels *c, struct rtc_bytes packet);

/* As rtc_channel_open(), rtc_channel_close() and rtc_send() of rtc.h. */
int rtc_channels_open(struct rtc_channels *c, const struct rtc_dcep *open);
int rtc_channels_close(struct rtc_channels *c, uint16_t channel);
int rtc_channels_send(struct rtc_channels *c, const struct rtc_message *m);

#endif
