/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to requests: their headers keep a page from being used by others. */
#ifndef VINPUT_WEB_REPLY_H
#define VINPUT_WEB_REPLY_H

#include <libwebsockets.h>

#include "injector/stream/web-file.h"

/* Any bytes. */
struct web_content {
	const char *type;
	const void *bytes;
	size_t len;
	const char *policy; /* Content-Security-Policy; NULL: the usual one */
};

/*
 * Send a reply, whole. cookie: a Set-Cookie, or NULL. Return: 0; -1: the
 * connection is lost.
 */
int web_reply_content(struct lws *wsi, unsigned int status,
		      const struct web_content *content, const char *cookie);
/* The same with a file: its type and text. */
int web_reply(struct lws *wsi, unsigned int status, const struct web_file *file,
	      const char *cookie);
/* The same with a text about the status. */
int web_reply_status(struct lws *wsi, unsigned int status);

#endif
