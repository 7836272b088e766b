/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "injector/stream/cf-describe.h"
#include "injector/stream/cf-socket.h"
#include "injector/stream/web-frames.h"
#include "input/base/container.h"

struct cf_socket {
	struct web_frames frames;
	struct cf_client client;
	bool failed; /* it is to be disconnected */
};

/* What it holds is released now, as of our own WebSockets. Return: -1. */
static int cf_socket_fail(struct cf_socket *s)
{
	s->failed = true;
	cf_client_hang_up(&s->client);
	lws_callback_on_writable(s->frames.wsi);
	return -1;
}

static void on_client_send(struct cf_client *c, const char *text)
{
	struct cf_socket *s = container_of(c, struct cf_socket, client);

	if (s->failed || !web_frames_send(&s->frames, text, strlen(text)))
		return;
	c->session.all->counters->unread++;
	cf_socket_fail(s);
}

static void on_client_failed(struct cf_client *c)
{
	cf_socket_fail(container_of(c, struct cf_socket, client));
}

static const struct cf_client_ops client_ops = {
	.send = on_client_send,
	.failed = on_client_failed,
};

static void cf_socket_greet(struct cf_socket *s)
{
	const struct stream_session *session = &s->client.session;
	json_t *greeting = json_pack("{s:o}", "device_info",
				     cf_describe_info(session->all->devices,
						      session->client.rights));
	char *text = greeting ? json_dumps(greeting, JSON_COMPACT) : NULL;

	json_decref(greeting);
	if (text)
		on_client_send(&s->client, text);
	free(text);
}

struct cf_socket *cf_socket_new(struct lws *wsi, const struct cf_clients *all,
				const struct stream_rights *rights)
{
	struct cf_socket *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	web_frames_init(&s->frames, wsi, CF_MESSAGE_MAX);
	cf_client_init(&s->client, all, rights, &client_ops);
	cf_socket_greet(s);
	return s;
}

void cf_socket_free(struct cf_socket *s)
{
	if (!s)
		return;
	cf_client_fini(&s->client);
	web_frames_fini(&s->frames);
	free(s);
}

int cf_socket_receive(struct cf_socket *s, const uint8_t *data, size_t len)
{
	struct web_message m;
	int r;

	if (s->failed)
		return -1;
	r = web_frames_receive(&s->frames, data, len, &m);
	if (r > 0) {
		r = cf_client_take_text(&s->client, (const char *)m.data,
					m.len);
		web_frames_done(&s->frames);
	}
	return r ? cf_socket_fail(s) : 0;
}

int cf_socket_write(struct cf_socket *s)
{
	return s->failed ? -1 : web_frames_write(&s->frames);
}
