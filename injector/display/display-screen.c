/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "injector/display/display-screen.h"
#include "input/base/container.h"
#include "input/base/log.h"

static struct display_screen *screen_of(struct display_server *server)
{
	return container_of(server, struct display_screen, server);
}

static void screen_set(struct display_screen *s,
		       enum display_screen_state state)
{
	s->state = state;
	s->ops->changed(s);
}

/* --- what is said --- */

static void screen_send(struct display_screen *s)
{
	const size_t n = s->client.n_out;

	s->client.n_out = 0;
	display_server_send(&s->server, s->client.out, n);
}

/* Nothing waits for a server that does not read. */
static bool screen_may_ask(const struct display_screen *s)
{
	return s->server.loop && !s->server.ended && !s->server.n_unsent &&
	       s->server.greeting.state == RFB_GREETING_DONE &&
	       s->client.state == RFB_CLIENT_MESSAGE;
}

void display_screen_ask(struct display_screen *s)
{
	if (!screen_may_ask(s))
		return;
	rfb_client_ask(&s->client);
	if (s->client.n_out)
		screen_send(s);
}

/* --- what comes --- */

static void screen_fail(struct display_screen *s, int error)
{
	const char *where = s->address->where;

	switch (error) {
	case RFB_CLIENT_E_SIZE:
		display_server_end(
			&s->server,
			"screen of the VNC server at %s has no size, "
			"or more than %d x %d pixels",
			where, RFB_SCREEN_MAX, RFB_SCREEN_MAX);
		return;
	case RFB_CLIENT_E_MESSAGE:
	case RFB_CLIENT_E_ENCODING:
	case RFB_CLIENT_E_BOX:
	case RFB_CLIENT_E_ZRLE:
		display_server_end(&s->server,
				   "VNC server at %s sends what is no picture",
				   where);
		return;
	default:
		display_server_end(&s->server, "VNC server at %s: %s", where,
				   strerror(-error));
	}
}

/* Updates came whole. */
static void screen_update(struct display_screen *s)
{
	if (s->client.blank) {
		if (s->state == DISPLAY_SCREEN_SHOWN)
			screen_set(s, DISPLAY_SCREEN_RESIZED);
		return;
	}
	screen_set(s, DISPLAY_SCREEN_SHOWN);
}

/* Take a part of what came, and the rest of it after others' events. */
static void screen_take(struct display_screen *s)
{
	const uint64_t before = s->client.updates;
	size_t used;
	const int e = rfb_client_take(&s->client, s->bytes + s->at,
				      s->n - s->at, &used);

	s->at += used;
	if (e) {
		screen_fail(s, e);
		return;
	}
	if (s->client.updates != before)
		screen_update(s);
	/* Again, until it is asked for: not in the middle of a message. */
	if (s->client.blank)
		display_screen_ask(s);
	if (s->server.ended)
		return;
	if (s->at < s->n || !rfb_client_is_hungry(&s->client)) {
		ev_timer_set(&s->again, 0, 0);
		ev_timer_start(s->loop, &s->again);
	} else {
		display_server_want(&s->server);
	}
}

static bool screen_is_local(const struct display_screen *s)
{
	const struct display_place *place =
		&s->address->place[s->server.n_tried - 1];
	const struct sockaddr_in *in = (const void *)&place->addr;
	const struct sockaddr_in6 *in6 = (const void *)&place->addr;

	switch (place->addr.ss_family) {
	case AF_INET:
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
	return true;
}

static void screen_on_greeted(struct display_server *server)
{
	struct display_screen *s = screen_of(server);
	const int e = rfb_client_init(
		&s->client, rfb_greeting_width(&server->greeting),
		rfb_greeting_height(&server->greeting),
		screen_is_local(s) ? RFB_CLIENT_LOCAL : RFB_CLIENT_REMOTE);

	if (e) {
		screen_fail(s, e);
		return;
	}
	screen_send(s);
	display_server_want(server);
}

static void screen_on_readable(struct display_server *server)
{
	struct display_screen *s = screen_of(server);

	s->at = 0;
	s->n = display_server_read(server, s->bytes, sizeof(s->bytes));
	if (!server->ended)
		screen_take(s);
}

/* --- the connection --- */

static void screen_end(struct display_screen *s, const char *why)
{
	ev_timer_stop(s->loop, &s->again);
	if (strcmp(s->why, why))
		log_line(LOG_WARNING, CULPRIT_NONE, "display %s: %s",
			 s->address->name, why);
	snprintf(s->why, sizeof(s->why), "%s", why);
	ev_timer_set(&s->again, DISPLAY_RETRY_S, 0);
	ev_timer_start(s->loop, &s->again);
	screen_set(s, DISPLAY_SCREEN_ABSENT);
}

static void screen_on_ended(struct display_server *server, const char *why)
{
	screen_end(screen_of(server), why);
}

/* What was not asked because of bytes that had to wait. */
static void screen_on_drained(struct display_server *server)
{
	struct display_screen *s = screen_of(server);

	if (s->client.blank)
		display_screen_ask(s);
}

static const struct display_server_ops screen_ops = {
	.greeted = screen_on_greeted,
	.readable = screen_on_readable,
	.drained = screen_on_drained,
	.ended = screen_on_ended,
};

static void screen_disconnect(struct display_screen *s)
{
	display_server_close(&s->server);
	rfb_client_fini(&s->client);
	memset(&s->server, 0, sizeof(s->server));
	memset(&s->client, 0, sizeof(s->client));
}

static void screen_connect(struct display_screen *s)
{
	struct fault why;

	if (display_server_open(&s->server, s->loop, s->address, &screen_ops,
				&why))
		screen_end(s, why.text);
}

static void screen_on_again(struct ev_loop *loop, ev_timer *again, int events)
{
	struct display_screen *s =
		container_of(again, struct display_screen, again);

	if (s->server.loop && !s->server.ended) {
		screen_take(s);
		return;
	}
	screen_disconnect(s);
	screen_connect(s);
}

void display_screen_open(struct display_screen *s, struct ev_loop *loop,
			 const struct display_address *address,
			 const struct display_screen_ops *ops)
{
	s->loop = loop;
	s->address = address;
	s->ops = ops;
	ev_timer_init(&s->again, screen_on_again, 0, 0);
	/* Input goes first. */
	ev_set_priority(&s->again, EV_MINPRI);
	screen_connect(s);
}

void display_screen_close(struct display_screen *s)
{
	if (!s->loop)
		return;
	ev_timer_stop(s->loop, &s->again);
	screen_disconnect(s);
	s->loop = NULL;
}
