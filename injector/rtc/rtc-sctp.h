/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SCTP association over a peer's DTLS (RFC 8261, 8831): packets in and out,
 * messages in and out. usrsctp stands behind this file and its socket.
 *
 * Loop thread only. rtc_sctp_fini() MUST NOT be called from its callbacks.
 */
#ifndef VINPUT_RTC_SCTP_H
#define VINPUT_RTC_SCTP_H

#include <ev.h>
#include <sys/queue.h>
#include "injector/rtc/rtc-sctp-message.h"

#define RTC_SCTP_MESSAGE_MAX 65536

struct rtc_sctp;
struct rtc_sctp_entry;
struct socket; /* usrsctp's */

struct rtc_sctp_events {
	void (*send)(struct rtc_sctp *s, struct rtc_bytes packet);
	void (*up)(struct rtc_sctp *s);
	void (*received)(struct rtc_sctp *s, const struct rtc_sctp_message *m);
	/* The peer will send no more on this stream. */
	void (*reset)(struct rtc_sctp *s, uint16_t stream);
	/* Once; then it is dead: only rtc_sctp_fini() is useful. */
	void (*down)(struct rtc_sctp *s, const char *why);
};

struct rtc_sctp {
	const struct rtc_sctp_events *events;
	LIST_ENTRY(rtc_sctp) link;
	uintptr_t id; /* what usrsctp takes for an address; 0: not begun */
	struct socket *socket;
	bool is_up, dead;
	/* From usrsctp, which holds locks while it calls us. */
	STAILQ_HEAD(rtc_sctp_queue, rtc_sctp_entry) arrived;
	/* What usrsctp's buffer does not take yet. */
	struct rtc_sctp_queue waiting;
	size_t waiting_bytes, waiting_max;
};

/*
 * Before all others; starts usrsctp and its thread, once in a process. The loop
 * is used while there are associations. MAY be called again with the same loop.
 */
void rtc_sctp_start(struct ev_loop *loop);
/* As often as that; at the last, no association MUST be left. */
void rtc_sctp_stop(void);

/*
 * Begin to connect to this port; the peer does the same. events and waiting_max
 * MUST be set. Return: 0 or -errno.
 */
int rtc_sctp_init(struct rtc_sctp *s, uint16_t port);
void rtc_sctp_fini(struct rtc_sctp *s); /* aborts; idempotent */

void rtc_sctp_input(struct rtc_sctp *s, struct rtc_bytes packet);

/*
 * Return: 0; -ENOTCONN; -EINVAL: no such stream; -ENOBUFS: waiting_max bytes
 * wait; -ENOMEM; -EIO.
 */
int rtc_sctp_send(struct rtc_sctp *s, const struct rtc_sctp_message *m);

/* End the stream for the peer, behind what was sent. Return: 0 or -ENOMEM. */
int rtc_sctp_reset(struct rtc_sctp *s, uint16_t stream);

#endif
