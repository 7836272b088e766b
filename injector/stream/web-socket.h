/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WebSocket that speaks our protocol: a session. A client that does not read
 * what it is sent is disconnected. Loop thread only.
 */
#ifndef VINPUT_WEB_SOCKET_H
#define VINPUT_WEB_SOCKET_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/stream/stream-peer.h"
#include "injector/stream/stream-session.h"
#include "injector/stream/web-frames.h"

#define WEB_PROTOCOL "vinput.1"

/* It is made by libwebsockets, filled with zeros. */
struct web_socket {
	struct web_frames frames; /* frames.wsi: NULL: not open */
	struct stream_session session;
	struct rtc *rtc; /* borrowed, MAY be NULL */
	struct stream_peer peer;
	bool failed; /* it is to be disconnected */
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
