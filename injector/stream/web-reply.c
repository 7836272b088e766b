/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/web-reply.h"

#define HEADERS_MAX 1536

#define POLICY                                                        \
	"default-src 'self'; img-src 'self' data:; base-uri 'none'; " \
	"form-action 'none'; "                                        \
	"frame-ancestors 'none'"

static const struct {
	const char *name, *value;
} headers[] = {
	{ "x-content-type-options:", "nosniff" },
	{ "x-frame-options:", "DENY" },
	{ "referrer-policy:", "no-referrer" },
	{ "cross-origin-opener-policy:", "same-origin" },
	{ "cross-origin-resource-policy:", "same-origin" },
	{ "cache-control:", "no-store" },
};

static int reply_add(struct lws *wsi, const char *name, const char *value,
		     uint8_t **at, uint8_t *end)
{
	return lws_add_http_header_by_name(wsi, (const uint8_t *)name,
					   (const uint8_t *)value,
					   (int)strlen(value), at, end);
}

/* Return: 0; -1: no space, which is a mistake of ours. */
static int reply_write_headers(struct lws *wsi, unsigned int status,
			       const struct web_content *content, uint8_t **at,
			       uint8_t *end)
{
	int r = lws_add_http_header_status(wsi, status, at, end);

	for (size_t i = 0; !r && i < sizeof(headers) / sizeof(headers[0]); i++)
		r = reply_add(wsi, headers[i].name, headers[i].value, at, end);
	if (!r)
		r = reply_add(wsi, "content-security-policy:",
			      content->policy ? content->policy : POLICY, at,
			      end);
	if (!r)
		r = reply_add(wsi, "content-type:", content->type, at, end);
	if (!r)
		r = lws_add_http_header_content_length(wsi, content->len, at,
						       end);
	return r;
}

int web_reply_content(struct lws *wsi, unsigned int status,
		      const struct web_content *content, const char *cookie)
{
	const size_t len = content->len;
	uint8_t *buf = malloc(LWS_PRE + HEADERS_MAX + len);
	uint8_t *start, *at, *end;
	int r = -1;

	if (!buf)
		return -1;
	start = at = buf + LWS_PRE;
	end = start + HEADERS_MAX;
	if (reply_write_headers(wsi, status, content, &at, end) ||
	    (cookie && reply_add(wsi, "set-cookie:", cookie, &at, end)) ||
	    lws_finalize_http_header(wsi, &at, end))
		goto out;
	memcpy(at, content->bytes, len);
	at += len;
	if (lws_write(wsi, start, (size_t)(at - start), LWS_WRITE_HTTP_FINAL) >=
	    0)
		r = 0;
out:
	free(buf);
	return r;
}

int web_reply(struct lws *wsi, unsigned int status, const struct web_file *file,
	      const char *cookie)
{
	const struct web_content content = { .type = file->type,
					     .bytes = file->text,
					     .len = strlen(file->text) };

	return web_reply_content(wsi, status, &content, cookie);
}

int web_reply_status(struct lws *wsi, unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *text;
	} rows[] = {
		{ 400, "bad request\n" },
		{ 403, "forbidden: open the URL that vinput-stream printed\n" },
		{ 404, "not found\n" },
		{ 405, "method not allowed\n" },
		{ 411, "length required\n" },
		{ 413, "too large\n" },
		{ 429, "too many wrong tokens\n" },
		{ 503, "too many connections\n" },
	};
	struct web_file file = { NULL, "text/plain; charset=utf-8", "error\n" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			file.text = rows[i].text;
	return web_reply(wsi, status, &file, NULL);
}
