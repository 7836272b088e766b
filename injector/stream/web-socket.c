/* SPDX-License-Identifier: Apache-2.0 */
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
	lws_callback_on_writable(ws->frames.wsi);
	return -1;
}

static void on_session_send(struct stream_session *s, const char *text,
			    size_t len)
{
	struct web_socket *ws = container_of(s, struct web_socket, session);

	if (ws->failed || !web_frames_send(&ws->frames, text, len))
		return;
	s->all->counters->unread++;
	web_socket_fail(ws);
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
	*ws = (struct web_socket){ .rtc = all->rtc };
	web_frames_init(&ws->frames, wsi, STREAM_MESSAGE_MAX);
	stream_session_init(&ws->session, all->sessions, rights, &session_ops);
	stream_peer_init(&ws->peer, &ws->session, on_peer_failed);
}

void web_socket_close(struct web_socket *ws)
{
	if (!ws->frames.wsi)
		return;
	stream_peer_fini(&ws->peer);
	stream_session_fini(&ws->session);
	web_frames_fini(&ws->frames);
	*ws = (struct web_socket){ .failed = false };
}

static int web_socket_take(struct web_socket *ws, const struct web_message *m)
{
	struct stream_session *s = &ws->session;

	if (m->binary)
		return stream_session_take_binary(s, m->data, m->len);
	return stream_session_take(s, STREAM_OURS, (const char *)m->data,
				   m->len);
}

int web_socket_receive(struct web_socket *ws, const uint8_t *data, size_t len)
{
	struct web_message m;
	int r;

	if (ws->failed)
		return -1;
	r = web_frames_receive(&ws->frames, data, len, &m);
	if (r > 0) {
		r = web_socket_take(ws, &m);
		web_frames_done(&ws->frames);
	}
	return r ? web_socket_fail(ws) : 0;
}

int web_socket_write(struct web_socket *ws)
{
	return ws->failed ? -1 : web_frames_write(&ws->frames);
}
