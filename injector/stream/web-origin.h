/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a request is meant for us and comes from our page. A browser that
 * was led here under a name of somebody else's (DNS rebinding) sends that name
 * as Host; a page of somebody else's sends its Origin with a WebSocket's
 * handshake, which nothing else protects. Pure.
 */
#ifndef VINPUT_WEB_ORIGIN_H
#define VINPUT_WEB_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_HOSTS_MAX 16

struct web_origin {
	bool tls;
	int port;
	/* Names and addresses that we have; IPv6 in []. Borrowed. */
	const char *host[WEB_HOSTS_MAX];
	size_t n_hosts;
};

/* The header of a request, "localhost:8080". */
bool web_origin_has_host(const struct web_origin *o, const char *host);
/*
 * The header "http://localhost:8080", which must be the same as the host's.
 */
bool web_origin_is(const struct web_origin *o, const char *origin,
		   const char *host);

#endif
