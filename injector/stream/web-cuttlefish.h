/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP of Cuttlefish's web client: its files, and what it asks its operator.
 * Requests have been checked for Host, method and cookie. Loop thread only.
 */
#ifndef VINPUT_WEB_CUTTLEFISH_H
#define VINPUT_WEB_CUTTLEFISH_H

#include <libwebsockets.h>

#include "injector/stream/cf-polled.h"
#include "injector/stream/cf-route.h"
#include "injector/stream/web-files.h"

#define WEB_CF_DIRS_MAX 4

struct web_cuttlefish {
	struct web_files files; /* none: there is no such client here */
	struct cf_clients clients;
	struct cf_polled polled;
};

/* What answers a request with a token, and leads to its page without it. */
extern const struct web_file web_cuttlefish_entry;

/*
 * dirs: of the client's files, up to WEB_CF_DIRS_MAX or a NULL; a file is that
 * of the first directory that has it. Return: 0, or a negative errno with the
 * fault.
 */
int web_cuttlefish_init(struct web_cuttlefish *w, struct ev_loop *loop,
			const char *const *dirs, struct fault *why);
void web_cuttlefish_fini(struct web_cuttlefish *w);

/* The route of a request; without a client there is none. */
void web_cuttlefish_route(const struct web_cuttlefish *w, const char *path,
			  struct cf_route *r);

/* Return, both: 0; -1: the connection is lost. */
int web_cuttlefish_get(struct web_cuttlefish *w, struct lws *wsi,
		       const struct cf_route *r, const struct web_grant *grant);
/* body: what was posted. */
struct web_post {
	const struct cf_route *route;
	const struct web_grant *grant;
	const char *body;
	size_t len;
};
int web_cuttlefish_post(struct web_cuttlefish *w, struct lws *wsi,
			const struct web_post *post);

#endif
