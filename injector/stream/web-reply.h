/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to requests: their headers keep a page from being used by others. */
#ifndef VINPUT_WEB_REPLY_H
#define VINPUT_WEB_REPLY_H

#include <libwebsockets.h>

#include "injector/stream/web-page.h"

/*
 * Send a reply, whole. file: its type and text. cookie: a Set-Cookie, or NULL.
 * Return: 0; -1: the connection is lost.
 */
int web_reply(struct lws *wsi, unsigned int status, const struct web_file *file,
	      const char *cookie);
/* The same with a text about the status. */
int web_reply_status(struct lws *wsi, unsigned int status);

#endif
