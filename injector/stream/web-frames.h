/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every WebSocket of ours needs of libwebsockets: its messages, put
 * together from their fragments, and those that it has not sent yet. Loop
 * thread only.
 */
#ifndef VINPUT_WEB_FRAMES_H
#define VINPUT_WEB_FRAMES_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define WEB_UNREAD_MAX (256 * 1024)

struct web_text;

struct web_frames {
	struct lws *wsi;
	TAILQ_HEAD(web_texts, web_text) unsent;
	size_t n_unsent; /* bytes */
	size_t max;	 /* bytes of a message that comes */
	uint8_t *part;	 /* owned: of a message of several fragments */
	size_t n_part;
};

struct web_message {
	const uint8_t *data; /* borrowed until web_frames_done() */
	size_t len;
	bool binary;
};

void web_frames_init(struct web_frames *f, struct lws *wsi, size_t max);
void web_frames_fini(struct web_frames *f);

/*
 * Send a text, soon. Return: 0; -ENOBUFS: the browser does not read, and
 * WEB_UNREAD_MAX bytes wait; -ENOMEM.
 */
int web_frames_send(struct web_frames *f, const char *text, size_t len);
/* It can be written to. Return: 0; -1: it is to be disconnected. */
int web_frames_write(struct web_frames *f);
/*
 * A fragment came. Return: 1: m is a whole message; 0: there is more to come;
 * -1: it is too long, and the WebSocket is to be disconnected.
 */
int web_frames_receive(struct web_frames *f, const uint8_t *data, size_t len,
		       struct web_message *m);
void web_frames_done(struct web_frames *f); /* with the message */

#endif
