/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends a request, by its headers. */
#ifndef VINPUT_WEB_REQUEST_H
#define VINPUT_WEB_REQUEST_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "injector/stream/web-grant.h"
#include "injector/stream/web-origin.h"

#define WEB_HEADER_MAX 1024

/* Return: the header, "" if there is none; NULL: it is too long. */
const char *web_request_header(struct lws *wsi, char text[WEB_HEADER_MAX],
			       enum lws_token_indexes token);
bool web_request_has(struct lws *wsi, enum lws_token_indexes token,
		     const char *value);

/* Return: how many bytes are posted; -EINVAL: it does not say. */
int web_request_length(struct lws *wsi);

/* It names us as its Host. */
bool web_request_names(struct lws *wsi, const struct web_origin *o);
/* And comes from a page of ours. */
bool web_request_is_from(struct lws *wsi, const struct web_origin *o);
/* name: of the cookie. Return: the grant whose cookie it has, or NULL. */
const struct web_grant *web_request_grant(struct lws *wsi,
					  const struct web_grants *g,
					  const char *name);

#endif
