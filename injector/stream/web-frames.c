/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/web-frames.h"

struct web_text {
	TAILQ_ENTRY(web_text) link;
	size_t len;
	uint8_t bytes[]; /* LWS_PRE, then the text */
};

void web_frames_init(struct web_frames *f, struct lws *wsi, size_t max)
{
	*f = (struct web_frames){ .wsi = wsi, .max = max };
	TAILQ_INIT(&f->unsent);
}

static void frames_drop_first(struct web_frames *f)
{
	struct web_text *t = TAILQ_FIRST(&f->unsent);

	TAILQ_REMOVE(&f->unsent, t, link);
	f->n_unsent -= t->len;
	free(t);
}

void web_frames_done(struct web_frames *f)
{
	free(f->part);
	f->part = NULL;
	f->n_part = 0;
}

void web_frames_fini(struct web_frames *f)
{
	while (!TAILQ_EMPTY(&f->unsent))
		frames_drop_first(f);
	web_frames_done(f);
}

int web_frames_send(struct web_frames *f, const char *text, size_t len)
{
	struct web_text *t;

	if (f->n_unsent + len > WEB_UNREAD_MAX)
		return -ENOBUFS;
	t = malloc(sizeof(*t) + LWS_PRE + len);
	if (!t)
		return -ENOMEM;
	t->len = len;
	memcpy(t->bytes + LWS_PRE, text, len);
	TAILQ_INSERT_TAIL(&f->unsent, t, link);
	f->n_unsent += len;
	lws_callback_on_writable(f->wsi);
	return 0;
}

int web_frames_write(struct web_frames *f)
{
	struct web_text *t = TAILQ_FIRST(&f->unsent);
	int n;

	if (!t)
		return 0;
	n = lws_write(f->wsi, t->bytes + LWS_PRE, t->len, LWS_WRITE_TEXT);
	frames_drop_first(f);
	if (n < 0)
		return -1;
	if (!TAILQ_EMPTY(&f->unsent))
		lws_callback_on_writable(f->wsi);
	return 0;
}

/* Return: 0; -1: the message is too long, or no memory. */
static int frames_keep(struct web_frames *f, const uint8_t *data, size_t len)
{
	uint8_t *part = len <= f->max - f->n_part
				? realloc(f->part, f->n_part + len + 1)
				: NULL;

	if (!part)
		return -1;
	f->part = part;
	memcpy(part + f->n_part, data, len);
	f->n_part += len;
	return 0;
}

int web_frames_receive(struct web_frames *f, const uint8_t *data, size_t len,
		       struct web_message *m)
{
	const bool whole = lws_is_final_fragment(f->wsi) &&
			   !lws_remaining_packet_payload(f->wsi);

	m->binary = lws_frame_is_binary(f->wsi);
	m->data = data;
	m->len = len;
	if (whole && !f->part)
		return 1;
	if (frames_keep(f, data, len)) {
		lws_close_reason(f->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
				 NULL, 0);
		return -1;
	}
	if (!whole)
		return 0;
	m->data = f->part;
	m->len = f->n_part;
	return 1;
}
