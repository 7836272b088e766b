/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "injector/display/display-relay.h"
#include "input/base/clock.h"
#include "input/base/container.h"

/*
 * What a server of RFB 3.8 says that wants no password: its version; a security
 * type when it has the viewer's; that this is right, when it was chosen; and
 * ServerInit after ClientInit. RFC 6143 §7.1 to §7.3
 */
static const uint8_t welcome[] = RFB_VERSION "\1\1\0\0\0\0";
#define WELCOME_LEN (sizeof(welcome) - 1)
#define TYPES_LEN   (RFB_VERSION_LEN + 2)

/* --- the end --- */

static void relay_fail_viewer(struct display_relay *r, int error)
{
	const char *name = rfb_filter_name(r->filter.type);

	switch ((enum rfb_filter_error)error) {
	case RFB_FILTER_E_VERSION:
		display_server_end(&r->server, "a viewer must speak RFB 3.8");
		break;
	case RFB_FILTER_E_SECURITY:
		display_server_end(&r->server,
				   "a viewer must use security type 1, None");
		break;
	case RFB_FILTER_E_MESSAGE:
		display_server_end(&r->server,
				   "a viewer sent an unknown message, %u",
				   r->filter.type);
		break;
	case RFB_FILTER_E_LENGTH:
		display_server_end(&r->server, "a viewer's %s is too long",
				   name);
		break;
	}
}

/* --- the handshake with the viewer --- */

/* Return: how many bytes of the welcome are an answer to what came. */
static size_t relay_welcome_due(const struct display_relay *r)
{
	switch (r->filter.greeted) {
	case RFB_FILTER_GREETING:
		return WELCOME_LEN + r->server.greeting.n;
	case RFB_FILTER_GREETING - 1:
		return WELCOME_LEN;
	case RFB_FILTER_GREETING - 2:
		return TYPES_LEN;
	}
	return RFB_VERSION_LEN;
}

static bool relay_is_welcome(const struct display_relay *r)
{
	return r->n_welcome == WELCOME_LEN + r->server.greeting.n;
}

static size_t relay_welcome(struct display_relay *r, uint8_t *to, size_t size)
{
	uint8_t all[WELCOME_LEN + sizeof(r->server.greeting.bytes)];
	const size_t n = relay_welcome_due(r) - r->n_welcome;

	assert(n <= size);
	memcpy(all, welcome, WELCOME_LEN);
	memcpy(all + WELCOME_LEN, r->server.greeting.bytes,
	       r->server.greeting.n);
	memcpy(to, all + r->n_welcome, n);
	r->n_welcome += n;
	return n;
}

/* --- to the server --- */

bool display_relay_is_full(const struct display_relay *r)
{
	return r->server.n_unsent + DISPLAY_WRITE_MAX + RFB_FILTER_HEAD >
	       sizeof(r->server.unsent);
}

/* What passes is limited by its server's pace; the rest would not be. */
static bool relay_admit(struct display_relay *r, size_t len, size_t passed)
{
	const size_t rest = passed < len ? len - passed : 0;

	return rate_admit(&r->dropped, clock_s(), rest, DISPLAY_DROPPED_RATE);
}

void display_relay_write(struct display_relay *r, const uint8_t *data,
			 size_t len)
{
	uint8_t out[DISPLAY_WRITE_MAX + RFB_FILTER_HEAD];
	size_t n = 0;
	int e;

	if (r->server.ended)
		return;
	if (r->server.greeting.state != RFB_GREETING_DONE) {
		display_server_end(&r->server, "a viewer must not speak first");
		return;
	}
	assert(len <= DISPLAY_WRITE_MAX);
	if (display_relay_is_full(r)) {
		display_server_end(&r->server,
				   "a viewer sends more than its server reads");
		return;
	}
	e = rfb_filter_take(&r->filter, data, len, out, &n);
	if (r->filter.greeted == RFB_FILTER_GREETING)
		ev_timer_stop(r->server.loop, &r->answer_is_late);
	if (e)
		relay_fail_viewer(r, e);
	else if (!relay_admit(r, len, n))
		display_server_end(&r->server, "a viewer sends too much");
	else
		display_server_send(&r->server, out, n);
	if (!r->server.ended && !relay_is_welcome(r))
		r->ops->readable(r);
}

/* --- from the server --- */

size_t display_relay_read(struct display_relay *r, uint8_t *to, size_t size)
{
	size_t n;

	if (r->server.ended || r->server.greeting.state != RFB_GREETING_DONE)
		return 0;
	n = relay_is_welcome(r) ? display_server_read(&r->server, to, size)
				: relay_welcome(r, to, size);
	if (relay_is_welcome(r))
		display_server_want(&r->server);
	return n;
}

/* --- the connection --- */

static struct display_relay *relay_of(struct display_server *s)
{
	return container_of(s, struct display_relay, server);
}

static void relay_on_greeted(struct display_server *s)
{
	struct display_relay *r = relay_of(s);

	/* Others draw the pointer for viewers that do not. */
	r->filter.passes_cursor = s->is_qemu;
	ev_timer_start(s->loop, &r->answer_is_late);
	r->ops->readable(r);
}

static void relay_on_readable(struct display_server *s)
{
	struct display_relay *r = relay_of(s);

	r->ops->readable(r);
}

static void relay_on_drained(struct display_server *s)
{
	struct display_relay *r = relay_of(s);

	if (!display_relay_is_full(r))
		r->ops->drained(r);
}

static void relay_on_ended(struct display_server *s, const char *why)
{
	struct display_relay *r = relay_of(s);

	ev_timer_stop(s->loop, &r->answer_is_late);
	r->ops->ended(r, why);
}

static const struct display_server_ops relay_ops = {
	.greeted = relay_on_greeted,
	.readable = relay_on_readable,
	.drained = relay_on_drained,
	.ended = relay_on_ended,
};

static void relay_on_no_answer(struct ev_loop *loop, ev_timer *timer,
			       int events)
{
	struct display_relay *r =
		container_of(timer, struct display_relay, answer_is_late);

	display_server_end(&r->server,
			   "a viewer does not finish its handshake");
}

int display_relay_open(struct display_relay *r, struct ev_loop *loop,
		       const struct display_address *address,
		       const struct display_relay_ops *ops, struct fault *why)
{
	r->ops = ops;
	ev_timer_init(&r->answer_is_late, relay_on_no_answer, DISPLAY_ANSWER_S,
		      0);
	return display_server_open(&r->server, loop, address, &relay_ops, why);
}

void display_relay_close(struct display_relay *r)
{
	if (!r->server.loop)
		return;
	ev_timer_stop(r->server.loop, &r->answer_is_late);
	display_server_close(&r->server);
}
