/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket of a client of Cuttlefish's, which has no subprotocol. It is
 * first sent {"device_info": ...}; then signalling follows. Loop thread only.
 */
#ifndef VINPUT_CF_SOCKET_H
#define VINPUT_CF_SOCKET_H

#include <libwebsockets.h>

#include "injector/stream/cf-client.h"

struct cf_socket;

/* all, rights: borrowed. Return: NULL: no memory. */
struct cf_socket *cf_socket_new(struct lws *wsi, const struct cf_clients *all,
				const struct stream_rights *rights);
void cf_socket_free(struct cf_socket *s); /* s: MAY be NULL */

/* Return, both: 0; -1: it is to be disconnected. */
int cf_socket_receive(struct cf_socket *s, const uint8_t *data, size_t len);
int cf_socket_write(struct cf_socket *s);

#endif
