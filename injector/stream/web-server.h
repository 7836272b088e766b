/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP and WebSocket for browsers, by libwebsockets in our loop. Loop thread
 * only.
 *
 *	GET /?token=T	a cookie for the token, and on to /
 *	GET /, /page.*	the page; with the cookie only
 *	WS /input	our protocol; with the cookie, and from our page only
 *	WS /display/N	the picture of a display: the same
 *	/devices, ...	of Cuttlefish's client: cf-route.h; with the cookie, and
 *			all but GET from our page only
 *
 * Each request must name us as Host. What a request lacks is answered with 403
 * before anything else is done for it; WebSockets before their upgrade.
 */
#ifndef VINPUT_WEB_SERVER_H
#define VINPUT_WEB_SERVER_H

#include <ev.h>
#include <libwebsockets.h>
#include <stdbool.h>

#include "injector/stream/stream-session.h"
#include "injector/stream/web-cuttlefish.h"
#include "injector/stream/web-display.h"
#include "injector/stream/web-grant.h"
#include "injector/stream/web-limit.h"
#include "injector/stream/web-origin.h"
#include "injector/stream/web-socket.h"
#include "input/base/fault.h"
#include "input/base/listener.h"

#define WEB_CLIENTS_MAX 1100 /* connections at a time */

struct web_options {
	const char *address;	/* numeric */
	int port;		/* 0: any */
	const char *cert, *key; /* files; NULL: no TLS */
	const char *host[WEB_HOSTS_MAX];
	size_t n_hosts; /* names besides the address */
	/* With Cuttlefish's client; NULL: no more directories. */
	const char *client[WEB_CF_DIRS_MAX + 1];
};

struct web_server {
	struct ev_loop *loop;
	struct web_sockets sockets;
	struct web_cuttlefish cuttlefish;
	struct web_displays displays;
	const struct web_grants *grants;
	struct stream_counters *counters;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct web_origin origin;
	char address[64]; /* for URLs and Host: IPv6 in [] */
	char cookie[24];  /* its name */
	struct web_limit limit;
	struct listener listener;
	int fd; /* owned, -1: not open */
	unsigned int n_connections, most_connections;
};

/*
 * Start to listen. loop, sockets, displays, grants, counters: set by the
 * caller, and what they point to borrowed. Return: 0, or a negative errno with
 * the fault.
 */
int web_server_open(struct web_server *w, const struct web_options *o,
		    struct fault *why);
/* Ends all connections. Idempotent. */
void web_server_close(struct web_server *w);

/* The URL of a page, "/" or another, with a token. */
#define WEB_URL_SIZE 512
void web_server_url(const struct web_server *w, const char *page,
		    const char *token, char url[WEB_URL_SIZE]);

#endif
