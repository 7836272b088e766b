/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of Cuttlefish's: it sets up WebRTC by its transport, WebSocket or
 * polling, and sends its input on a data channel.
 *
 *	client				  we
 *	request-offer	─transport►
 *			◄transport─	  offer
 *	answer		─transport►
 *			◄═══video══	  of each display
 *			◄══channel═	  device-control, opened by us
 *	input-channel	══channel═►	  and eight others, which are ignored
 *
 * What it holds is released when input-channel or the connection ends, and when
 * nothing comes from it: it has no heartbeat, so it is sent something that it
 * acknowledges. Loop thread only.
 */
#ifndef VINPUT_CF_CLIENT_H
#define VINPUT_CF_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "injector/rtc/rtc.h"
#include "injector/stream/stream-session.h"
#include "injector/stream/stream-video.h"

#define CF_MESSAGE_MAX 65536 /* bytes, of signalling */

struct cf_client;

struct cf_client_ops {
	/* A text message. It MUST NOT end the client. */
	void (*send)(struct cf_client *c, const char *text);
	/* It is to be disconnected, but not from within this call. */
	void (*failed)(struct cf_client *c);
};

/* What all of them have. */
struct cf_clients {
	struct stream_sessions *sessions;
	struct rtc *rtc; /* NULL: no WebRTC, and so no input */
};

struct cf_client {
	const struct cf_client_ops *ops;
	struct rtc *rtc;
	struct stream_session session;
	struct rtc_peer *peer; /* owned; NULL: none */
	struct stream_watcher watcher;
	int input, control; /* channels of it; -1: not open */
};

/* all, rights: borrowed. */
void cf_client_init(struct cf_client *c, const struct cf_clients *all,
		    const struct stream_rights *rights,
		    const struct cf_client_ops *ops);
void cf_client_fini(struct cf_client *c);
/* End its connection, and release what it holds. MAY be called from its ops. */
void cf_client_hang_up(struct cf_client *c);

/* Take a message of signalling. Return: 0; -EPROTO: as failed(). */
int cf_client_take(struct cf_client *c, const json_t *message);
/* The same with its text. */
int cf_client_take_text(struct cf_client *c, const char *text, size_t len);

#endif
