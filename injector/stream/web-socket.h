/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WebSocket that speaks our protocol: a session, whose messages it puts
 * together from their fragments, and what it has not sent yet. A client that
 * does not read what it is sent is disconnected. Loop thread only.
 */
#ifndef VINPUT_WEB_SOCKET_H
#define VINPUT_WEB_SOCKET_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "injector/stream/stream-peer.h"
#include "injector/stream/stream-session.h"

#define WEB_PROTOCOL   "vinput.1"
#define WEB_UNREAD_MAX (256 * 1024)

struct web_text {
	TAILQ_ENTRY(web_text) link;
	size_t len;
	uint8_t bytes[]; /* LWS_PRE, then the text */
};

/* It is made by libwebsockets, filled with zeros. */
struct web_socket {
	struct lws *wsi; /* NULL: not open */
	struct stream_session session;
	struct rtc *rtc; /* borrowed, MAY be NULL */
	struct stream_peer peer;
	TAILQ_HEAD(, web_text) unsent;
	size_t n_unsent; /* bytes */
	bool failed;	 /* it is to be disconnected */
	uint8_t *part;	 /* owned: of a message of several fragments */
	size_t n_part;
};

/* What all of them have. */
struct web_sockets {
	struct stream_sessions *sessions;
	struct rtc *rtc; /* NULL: no WebRTC */
};

/* all, rights: borrowed. */
void web_socket_open(struct web_socket *ws, struct lws *wsi,
		     const struct web_sockets *all,
		     const struct stream_rights *rights);
void web_socket_close(struct web_socket *ws); /* idempotent */

/* Return, both: 0; -1: it is to be disconnected. */
int web_socket_receive(struct web_socket *ws, const uint8_t *data, size_t len);
int web_socket_write(struct web_socket *ws);

#endif
