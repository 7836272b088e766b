/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "injector/stream/web-socket.h"
#include "input/base/container.h"

/*
 * What it holds is released now: libwebsockets waits for the browser's part of
 * the closing handshake, for some seconds. Return: -1.
 */
static int web_socket_fail(struct web_socket *ws)
{
	ws->failed = true;
	stream_client_release(&ws->session.client);
	lws_callback_on_writable(ws->wsi);
	return -1;
}

static void on_session_send(struct stream_session *s, const char *text,
			    size_t len)
{
	struct web_socket *ws = container_of(s, struct web_socket, session);
	struct web_text *t;

	if (ws->failed)
		return;
	t = ws->n_unsent + len <= WEB_UNREAD_MAX
		    ? malloc(sizeof(*t) + LWS_PRE + len)
		    : NULL;
	if (!t) {
		s->all->counters->unread++;
		web_socket_fail(ws);
		return;
	}
	t->len = len;
	memcpy(t->bytes + LWS_PRE, text, len);
	TAILQ_INSERT_TAIL(&ws->unsent, t, link);
	ws->n_unsent += len;
	lws_callback_on_writable(ws->wsi);
}

static int on_session_offer(struct stream_session *s, const char *offer,
			    char **answer, struct fault *why)
{
	struct web_socket *ws = container_of(s, struct web_socket, session);

	return stream_peer_answer(&ws->peer, ws->rtc, offer, answer, why);
}

static void on_peer_failed(struct stream_peer *p)
{
	web_socket_fail(container_of(p, struct web_socket, peer));
}

static const struct stream_session_ops session_ops = {
	.send = on_session_send,
	.offer = on_session_offer,
};

void web_socket_open(struct web_socket *ws, struct lws *wsi,
		     const struct web_sockets *all,
		     const struct stream_rights *rights)
{
	*ws = (struct web_socket){ .wsi = wsi, .rtc = all->rtc };
	TAILQ_INIT(&ws->unsent);
	stream_session_init(&ws->session, all->sessions, rights, &session_ops);
	stream_peer_init(&ws->peer, &ws->session, on_peer_failed);
}

static void web_socket_drop_first(struct web_socket *ws)
{
	struct web_text *t = TAILQ_FIRST(&ws->unsent);

	TAILQ_REMOVE(&ws->unsent, t, link);
	ws->n_unsent -= t->len;
	free(t);
}

void web_socket_close(struct web_socket *ws)
{
	if (!ws->wsi)
		return;
	stream_peer_fini(&ws->peer);
	stream_session_fini(&ws->session);
	while (!TAILQ_EMPTY(&ws->unsent))
		web_socket_drop_first(ws);
	free(ws->part);
	*ws = (struct web_socket){ .wsi = NULL };
}

static int web_socket_take(struct web_socket *ws, const uint8_t *data,
			   size_t len)
{
	struct stream_session *s = &ws->session;

	if (lws_frame_is_binary(ws->wsi))
		return stream_session_take_binary(s, data, len);
	return stream_session_take(s, STREAM_OURS, (const char *)data, len);
}

/* Return: 0; -1: the message is too long, or no memory. */
static int web_socket_keep(struct web_socket *ws, const uint8_t *data,
			   size_t len)
{
	uint8_t *part = len <= STREAM_MESSAGE_MAX - ws->n_part
				? realloc(ws->part, ws->n_part + len + 1)
				: NULL;

	if (!part)
		return -1;
	ws->part = part;
	memcpy(part + ws->n_part, data, len);
	ws->n_part += len;
	return 0;
}

int web_socket_receive(struct web_socket *ws, const uint8_t *data, size_t len)
{
	const bool whole = lws_is_final_fragment(ws->wsi) &&
			   !lws_remaining_packet_payload(ws->wsi);
	int r;

	if (ws->failed)
		return -1;
	if (whole && !ws->part)
		return web_socket_take(ws, data, len) ? web_socket_fail(ws) : 0;
	if (web_socket_keep(ws, data, len)) {
		lws_close_reason(ws->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
				 NULL, 0);
		return web_socket_fail(ws);
	}
	if (!whole)
		return 0;
	r = web_socket_take(ws, ws->part, ws->n_part);
	free(ws->part);
	ws->part = NULL;
	ws->n_part = 0;
	return r ? web_socket_fail(ws) : 0;
}

int web_socket_write(struct web_socket *ws)
{
	struct web_text *t = TAILQ_FIRST(&ws->unsent);
	int n;

	if (ws->failed)
		return -1;
	if (!t)
		return 0;
	n = lws_write(ws->wsi, t->bytes + LWS_PRE, t->len, LWS_WRITE_TEXT);
	web_socket_drop_first(ws);
	if (n < 0)
		return -1;
	if (!TAILQ_EMPTY(&ws->unsent))
		lws_callback_on_writable(ws->wsi);
	return 0;
}
