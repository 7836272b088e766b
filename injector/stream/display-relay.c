/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/display-relay.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/*
 * What a server of RFB 3.8 says that wants no password: its version; a security
 * type when it has the viewer's; that this is right, when it was chosen; and
 * ServerInit after ClientInit. RFC 6143 §7.1 to §7.3
 */
static const uint8_t welcome[] = RFB_VERSION "\1\1\0\0\0\0";
#define WELCOME_LEN (sizeof(welcome) - 1)
#define TYPES_LEN   (RFB_VERSION_LEN + 2)

/* --- the end --- */

__attribute__((format(printf, 2, 3))) static void relay_end(
	struct display_relay *r, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	if (r->ended)
		return;
	r->ended = true;
	ev_io_stop(r->loop, &r->readable);
	ev_io_stop(r->loop, &r->writable);
	ev_timer_stop(r->loop, &r->greeting_is_late);
	ev_timer_stop(r->loop, &r->answer_is_late);
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	r->ops->ended(r, why);
}

/* Return: whether nothing listens there. */
static bool relay_is_absence(int error)
{
	return error == ENOENT || error == ECONNREFUSED;
}

static void relay_fail(struct display_relay *r, int error)
{
	const char *where = r->address->where;

	if (relay_is_absence(error))
		relay_end(r, "VNC server at %s is not running", where);
	else
		relay_end(r, "VNC server at %s: %s", where, strerror(error));
}

static void relay_fail_greeting(struct display_relay *r, int error)
{
	const char *where = r->address->where;

	switch ((enum rfb_greeting_error)error) {
	case RFB_GREETING_E_NO_RFB:
		relay_end(r, "no VNC server at %s", where);
		break;
	case RFB_GREETING_E_VERSION:
		relay_end(r, "VNC server at %s does not speak RFB 3", where);
		break;
	case RFB_GREETING_E_LENGTH:
		relay_end(r, "VNC server at %s sends a text of over %d bytes",
			  where, RFB_NAME_MAX);
		break;
	case RFB_GREETING_E_SECURITY:
		relay_end(r, "VNC server at %s must want no password", where);
		break;
	case RFB_GREETING_E_REFUSED:
		relay_end(r, "VNC server at %s refuses: %.*s", where,
			  (int)r->greeting.n, (const char *)r->greeting.bytes);
		break;
	}
}

static void relay_fail_viewer(struct display_relay *r, int error)
{
	const char *name = rfb_filter_name(r->filter.type);

	switch ((enum rfb_filter_error)error) {
	case RFB_FILTER_E_VERSION:
		relay_end(r, "a viewer must speak RFB 3.8");
		break;
	case RFB_FILTER_E_SECURITY:
		relay_end(r, "a viewer must use security type 1, None");
		break;
	case RFB_FILTER_E_MESSAGE:
		relay_end(r, "a viewer sent an unknown message, %u",
			  r->filter.type);
		break;
	case RFB_FILTER_E_LENGTH:
		relay_end(r, "a viewer's %s is too long", name);
		break;
	}
}

/* --- the handshake with the viewer --- */

/* Return: how many bytes of the welcome are an answer to what came. */
static size_t relay_welcome_due(const struct display_relay *r)
{
	switch (r->filter.greeted) {
	case RFB_FILTER_GREETING:
		return WELCOME_LEN + r->greeting.n;
	case RFB_FILTER_GREETING - 1:
		return WELCOME_LEN;
	case RFB_FILTER_GREETING - 2:
		return TYPES_LEN;
	}
	return RFB_VERSION_LEN;
}

static bool relay_is_welcome(const struct display_relay *r)
{
	return r->n_welcome == WELCOME_LEN + r->greeting.n;
}

static size_t relay_welcome(struct display_relay *r, uint8_t *to, size_t size)
{
	uint8_t all[WELCOME_LEN + sizeof(r->greeting.bytes)];
	const size_t n = relay_welcome_due(r) - r->n_welcome;

	assert(n <= size);
	memcpy(all, welcome, WELCOME_LEN);
	memcpy(all + WELCOME_LEN, r->greeting.bytes, r->greeting.n);
	memcpy(to, all + r->n_welcome, n);
	r->n_welcome += n;
	return n;
}

/* --- to the server --- */

static void relay_flush(struct display_relay *r)
{
	ssize_t n = r->n_unsent ? send(r->fd, r->unsent, r->n_unsent,
				       MSG_NOSIGNAL | MSG_DONTWAIT)
				: 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		relay_fail(r, errno);
		return;
	}
	if (n > 0) {
		r->n_unsent -= (size_t)n;
		memmove(r->unsent, r->unsent + n, r->n_unsent);
	}
	if (r->n_unsent)
		ev_io_start(r->loop, &r->writable);
	else
		ev_io_stop(r->loop, &r->writable);
}

static void relay_send(struct display_relay *r, const uint8_t *bytes,
		       size_t len)
{
	assert(r->n_unsent + len <= sizeof(r->unsent));
	memcpy(r->unsent + r->n_unsent, bytes, len);
	r->n_unsent += len;
	relay_flush(r);
}

static void relay_on_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct display_relay *r =
		container_of(io, struct display_relay, writable);
	const bool was_full = display_relay_is_full(r);
	const int error = fd_sockopt(r->fd, SO_ERROR);

	if (error) {
		relay_fail(r, error < 0 ? -error : error);
		return;
	}
	relay_flush(r);
	if (was_full && !r->ended && !display_relay_is_full(r))
		r->ops->drained(r);
}

bool display_relay_is_full(const struct display_relay *r)
{
	return r->n_unsent + DISPLAY_WRITE_MAX + RFB_FILTER_HEAD >
	       sizeof(r->unsent);
}

void display_relay_write(struct display_relay *r, const uint8_t *data,
			 size_t len)
{
	uint8_t out[DISPLAY_WRITE_MAX + RFB_FILTER_HEAD];
	size_t n = 0;
	int e;

	if (r->ended)
		return;
	if (r->greeting.state != RFB_GREETING_DONE) {
		relay_end(r, "a viewer must not speak first");
		return;
	}
	assert(len <= DISPLAY_WRITE_MAX);
	if (display_relay_is_full(r)) {
		relay_end(r, "a viewer sends more than its server reads");
		return;
	}
	e = rfb_filter_take(&r->filter, data, len, out, &n);
	if (r->filter.greeted == RFB_FILTER_GREETING)
		ev_timer_stop(r->loop, &r->answer_is_late);
	if (e)
		relay_fail_viewer(r, e);
	else
		relay_send(r, out, n);
	if (!r->ended && !relay_is_welcome(r))
		r->ops->readable(r);
}

/* --- the connection to the server --- */

/* Return: the fd, connected or soon; -errno. */
static int relay_connect_to(const struct display_place *place)
{
	_cleanup_close_ int fd =
		socket(place->addr.ss_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&place->addr, place->len) <
		    0 &&
	    errno != EINPROGRESS)
		return -errno;
	if (place->addr.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return steal_fd(&fd);
}

/*
 * At the next place where that is possible. Return: the fd, connected or soon;
 * the last error, at first this one.
 */
static int relay_connect(struct display_relay *r, int error)
{
	int fd = error;

	while (fd < 0 && r->n_tried < r->address->n_places)
		fd = relay_connect_to(&r->address->place[r->n_tried++]);
	return fd;
}

/* Nothing came from this place: there may be another. */
static void relay_fail_connect(struct display_relay *r, int error)
{
	const int fd = relay_connect(r, -error);

	if (fd < 0) {
		relay_fail(r, -fd);
		return;
	}
	ev_io_stop(r->loop, &r->readable);
	close_fd(r->fd);
	r->fd = fd;
	ev_io_set(&r->readable, fd, EV_READ);
	ev_io_set(&r->writable, fd, EV_WRITE);
	ev_io_start(r->loop, &r->readable);
}

/* --- from the server --- */

static void relay_fail_greet(struct display_relay *r, int error)
{
	if (r->greeting.state == RFB_GREETING_VERSION && !r->greeting.n)
		relay_fail_connect(r, error);
	else
		relay_fail(r, error);
}

/* The rest of what came is left to display_relay_read(). */
static void relay_greet(struct display_relay *r)
{
	uint8_t bytes[RFB_INIT_LEN + RFB_NAME_MAX];
	ssize_t n = recv(r->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	size_t used;
	int e;

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			relay_fail_greet(r, errno);
		return;
	}
	if (!n) {
		relay_end(r, "VNC server at %s has hung up", r->address->where);
		return;
	}
	e = rfb_greeting_take(&r->greeting, bytes, (size_t)n, &used);
	if (!e && recv(r->fd, bytes, used, MSG_DONTWAIT) != (ssize_t)used)
		e = RFB_GREETING_E_NO_RFB; /* another one reads along */
	if (e) {
		relay_fail_greeting(r, e);
		return;
	}
	used = r->greeting.n_out;
	r->greeting.n_out = 0;
	relay_send(r, r->greeting.out, used);
}

static void relay_on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct display_relay *r =
		container_of(io, struct display_relay, readable);

	if (r->greeting.state != RFB_GREETING_DONE)
		relay_greet(r);
	if (r->ended || r->greeting.state != RFB_GREETING_DONE)
		return;
	if (r->filter.greeted < RFB_FILTER_GREETING &&
	    !ev_is_active(&r->answer_is_late)) {
		ev_timer_stop(loop, &r->greeting_is_late);
		ev_timer_start(loop, &r->answer_is_late);
	}
	ev_io_stop(loop, io);
	r->ops->readable(r);
}

static size_t relay_receive(struct display_relay *r, uint8_t *to, size_t size)
{
	const ssize_t n = recv(r->fd, to, size, MSG_DONTWAIT);

	if (n > 0)
		return (size_t)n;
	if (!n)
		relay_end(r, "VNC server at %s has ended", r->address->where);
	else if (errno != EAGAIN && errno != EINTR)
		relay_fail(r, errno);
	return 0;
}

size_t display_relay_read(struct display_relay *r, uint8_t *to, size_t size)
{
	size_t n;

	if (r->ended || r->greeting.state != RFB_GREETING_DONE)
		return 0;
	n = relay_is_welcome(r) ? relay_receive(r, to, size)
				: relay_welcome(r, to, size);
	if (!r->ended && relay_is_welcome(r))
		ev_io_start(r->loop, &r->readable);
	return n;
}

/* --- the connection --- */

static void relay_on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct display_relay *r =
		container_of(timer, struct display_relay, greeting_is_late);

	relay_end(r, "VNC server at %s does not answer", r->address->where);
}

static void relay_on_no_answer(struct ev_loop *loop, ev_timer *timer,
			       int events)
{
	struct display_relay *r =
		container_of(timer, struct display_relay, answer_is_late);

	relay_end(r, "a viewer does not finish its handshake");
}

int display_relay_open(struct display_relay *r, struct ev_loop *loop,
		       const struct display_address *address,
		       const struct display_relay_ops *ops, struct fault *why)
{
	int fd;

	r->address = address;
	fd = relay_connect(r, -ECONNREFUSED);
	if (fd < 0)
		return fault_errno(
			why, fd, "VNC server at %s%s%s", address->where,
			relay_is_absence(-fd) ? " is not running" : ": ",
			relay_is_absence(-fd) ? "" : strerror(-fd));
	r->loop = loop;
	r->ops = ops;
	r->fd = fd;
	ev_io_init(&r->readable, relay_on_readable, fd, EV_READ);
	ev_io_init(&r->writable, relay_on_writable, fd, EV_WRITE);
	ev_timer_init(&r->greeting_is_late, relay_on_late, DISPLAY_GREET_S, 0);
	ev_timer_init(&r->answer_is_late, relay_on_no_answer, DISPLAY_ANSWER_S,
		      0);
	/* Input goes first. */
	ev_set_priority(&r->readable, EV_MINPRI);
	ev_io_start(loop, &r->readable);
	ev_timer_start(loop, &r->greeting_is_late);
	return 0;
}

void display_relay_close(struct display_relay *r)
{
	if (!r->loop)
		return;
	ev_io_stop(r->loop, &r->readable);
	ev_io_stop(r->loop, &r->writable);
	ev_timer_stop(r->loop, &r->greeting_is_late);
	ev_timer_stop(r->loop, &r->answer_is_late);
	r->fd = close_fd(r->fd);
	r->loop = NULL;
}
