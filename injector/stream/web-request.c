/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "injector/stream/web-request.h"
#include "input/base/number.h"

const char *web_request_header(struct lws *wsi, char text[WEB_HEADER_MAX],
			       enum lws_token_indexes token)
{
	text[0] = '\0';
	if (lws_hdr_total_length(wsi, token) >= WEB_HEADER_MAX)
		return NULL;
	return lws_hdr_copy(wsi, text, WEB_HEADER_MAX, token) < 0 ? "" : text;
}

bool web_request_has(struct lws *wsi, enum lws_token_indexes token,
		     const char *value)
{
	char text[WEB_HEADER_MAX];
	const char *header = web_request_header(wsi, text, token);

	return header && !strcmp(header, value);
}

int web_request_length(struct lws *wsi)
{
	char text[WEB_HEADER_MAX];
	const char *header =
		web_request_header(wsi, text, WSI_TOKEN_HTTP_CONTENT_LENGTH);

	return header ? number_read(header, INT_MAX) : -EINVAL;
}

bool web_request_names(struct lws *wsi, const struct web_origin *o)
{
	char text[WEB_HEADER_MAX];
	const char *host = web_request_header(wsi, text, WSI_TOKEN_HOST);

	return host && web_origin_has_host(o, host);
}

bool web_request_is_from(struct lws *wsi, const struct web_origin *o)
{
	char a[WEB_HEADER_MAX], b[WEB_HEADER_MAX];
	const char *host = web_request_header(wsi, a, WSI_TOKEN_HOST);
	const char *origin = web_request_header(wsi, b, WSI_TOKEN_ORIGIN);

	return host && origin && web_origin_is(o, origin, host);
}

const struct web_grant *web_request_grant(struct lws *wsi,
					  const struct web_grants *g,
					  const char *name)
{
	char text[WEB_HEADER_MAX];
	const char *cookies =
		web_request_header(wsi, text, WSI_TOKEN_HTTP_COOKIE);

	return cookies ? web_grant_by_cookie(g, cookies, name) : NULL;
}
