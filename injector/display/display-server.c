/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "injector/display/display-server.h"
#include "injector/display/display-wake.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/* --- the end --- */

void display_server_end(struct display_server *s, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	if (s->ended)
		return;
	s->ended = true;
	ev_io_stop(s->loop, &s->readable);
	ev_io_stop(s->loop, &s->writable);
	ev_timer_stop(s->loop, &s->greeting_is_late);
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	s->ops->ended(s, why);
}

/* Return: -error. */
static int server_explain(const struct display_address *a, int error,
			  struct fault *why)
{
	/* Nothing listens there. */
	const bool absent = error == ENOENT || error == ECONNREFUSED;

	return fault_errno(why, -error, "VNC server at %s%s%s", a->where,
			   absent ? " is not running" : ": ",
			   absent ? "" : strerror(error));
}

static void server_fail(struct display_server *s, int error)
{
	struct fault why;

	server_explain(s->address, error, &why);
	display_server_end(s, "%s", why.text);
}

static void server_fail_greeting(struct display_server *s, int error)
{
	const char *where = s->address->where;

	switch ((enum rfb_greeting_error)error) {
	case RFB_GREETING_E_NO_RFB:
		display_server_end(s, "no VNC server at %s", where);
		return;
	case RFB_GREETING_E_VERSION:
		display_server_end(s, "VNC server at %s does not speak RFB 3",
				   where);
		return;
	case RFB_GREETING_E_LENGTH:
		display_server_end(
			s, "VNC server at %s sends a text of over %d bytes",
			where, RFB_NAME_MAX);
		return;
	case RFB_GREETING_E_NO_PASSWORD:
		display_server_end(s,
				   "VNC server at %s wants a password, which "
				   "--display-password gives",
				   where);
		return;
	case RFB_GREETING_E_SECURITY:
		display_server_end(
			s, "VNC server at %s wants more than a password",
			where);
		return;
	case RFB_GREETING_E_PASSWORD:
		display_server_end(
			s, "VNC server at %s does not accept the password",
			where);
		return;
	case RFB_GREETING_E_REFUSED:
		display_server_end(s, "VNC server at %s refuses: %.*s", where,
				   (int)s->greeting.n,
				   (const char *)s->greeting.bytes);
		return;
	}
}

/* --- what is sent --- */

static void server_flush(struct display_server *s)
{
	ssize_t n = s->n_unsent ? send(s->fd, s->unsent, s->n_unsent,
				       MSG_NOSIGNAL | MSG_DONTWAIT)
				: 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		server_fail(s, errno);
		return;
	}
	if (n > 0) {
		s->n_unsent -= (size_t)n;
		memmove(s->unsent, s->unsent + n, s->n_unsent);
	}
	if (s->n_unsent)
		ev_io_start(s->loop, &s->writable);
	else
		ev_io_stop(s->loop, &s->writable);
}

void display_server_send(struct display_server *s, const uint8_t *bytes,
			 size_t len)
{
	assert(s->n_unsent + len <= sizeof(s->unsent));
	memcpy(s->unsent + s->n_unsent, bytes, len);
	s->n_unsent += len;
	server_flush(s);
}

static void server_on_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct display_server *s =
		container_of(io, struct display_server, writable);
	const int error = fd_sockopt(s->fd, SO_ERROR);

	if (error) {
		server_fail(s, error < 0 ? -error : error);
		return;
	}
	server_flush(s);
	if (!s->ended)
		s->ops->drained(s);
}

/* --- the connection --- */

/*
 * At the next place where that is possible. Return: the fd, connected or soon;
 * the last error, at first this one.
 */
static int server_connect(struct display_server *s, int error)
{
	int fd = error;

	while (fd < 0 && s->n_tried < s->address->n_places)
		fd = display_place_connect(&s->address->place[s->n_tried++]);
	return fd;
}

/* Nothing came from this place: there may be another. */
static void server_fail_connect(struct display_server *s, int error)
{
	const int fd = server_connect(s, -error);

	if (fd < 0) {
		server_fail(s, -fd);
		return;
	}
	ev_io_stop(s->loop, &s->readable);
	close_fd(s->fd);
	s->fd = fd;
	ev_io_set(&s->readable, fd, EV_READ);
	ev_io_set(&s->writable, fd, EV_WRITE);
	ev_io_start(s->loop, &s->readable);
}

/* --- what comes --- */

static void server_fail_greet(struct display_server *s, int error)
{
	if (s->greeting.state == RFB_GREETING_VERSION && !s->greeting.n)
		server_fail_connect(s, error);
	else
		server_fail(s, error);
}

/* The rest of what came is left to display_server_read(). */
static void server_greet(struct display_server *s)
{
	uint8_t bytes[RFB_INIT_LEN + RFB_NAME_MAX];
	ssize_t n = recv(s->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	size_t used;
	int e;

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			server_fail_greet(s, errno);
		return;
	}
	if (!n) {
		display_server_end(s, "VNC server at %s has hung up",
				   s->address->where);
		return;
	}
	e = rfb_greeting_take(&s->greeting, bytes, (size_t)n, &used);
	if (!e && recv(s->fd, bytes, used, MSG_DONTWAIT) != (ssize_t)used)
		e = RFB_GREETING_E_NO_RFB; /* another one reads along */
	if (e) {
		server_fail_greeting(s, e);
		return;
	}
	used = s->greeting.n_out;
	s->greeting.n_out = 0;
	display_server_send(s, s->greeting.out, used);
}

static void server_on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct display_server *s =
		container_of(io, struct display_server, readable);

	if (s->greeting.state != RFB_GREETING_DONE)
		server_greet(s);
	if (s->ended || s->greeting.state != RFB_GREETING_DONE)
		return;
	ev_io_stop(loop, io);
	if (ev_is_active(&s->greeting_is_late)) {
		ev_timer_stop(loop, &s->greeting_is_late);
		s->is_qemu = rfb_greeting_is_qemu(&s->greeting);
		if (s->is_qemu)
			display_wake_add(s->address);
		s->ops->greeted(s);
	} else {
		s->ops->readable(s);
	}
}

void display_server_want(struct display_server *s)
{
	if (!s->ended)
		ev_io_start(s->loop, &s->readable);
}

size_t display_server_read(struct display_server *s, uint8_t *to, size_t size)
{
	const ssize_t n = recv(s->fd, to, size, MSG_DONTWAIT);

	if (n > 0) {
		if (s->is_qemu)
			display_wake_changed(s->address);
		return (size_t)n;
	}
	if (!n)
		display_server_end(s, "VNC server at %s has ended",
				   s->address->where);
	else if (errno != EAGAIN && errno != EINTR)
		server_fail(s, errno);
	return 0;
}

/* --- life --- */

static void server_on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct display_server *s =
		container_of(timer, struct display_server, greeting_is_late);

	display_server_end(s, "VNC server at %s does not answer",
			   s->address->where);
}

int display_server_open(struct display_server *s, struct ev_loop *loop,
			const struct display_address *address,
			const struct display_server_ops *ops, struct fault *why)
{
	int fd;

	s->address = address;
	s->greeting.auth = address->auth;
	fd = server_connect(s, -ECONNREFUSED);
	if (fd < 0)
		return server_explain(address, -fd, why);
	s->loop = loop;
	s->ops = ops;
	s->fd = fd;
	ev_io_init(&s->readable, server_on_readable, fd, EV_READ);
	ev_io_init(&s->writable, server_on_writable, fd, EV_WRITE);
	ev_timer_init(&s->greeting_is_late, server_on_late, DISPLAY_GREET_S, 0);
	/* Input goes first. */
	ev_set_priority(&s->readable, EV_MINPRI);
	ev_io_start(loop, &s->readable);
	ev_timer_start(loop, &s->greeting_is_late);
	return 0;
}

void display_server_close(struct display_server *s)
{
	if (!s->loop)
		return;
	ev_io_stop(s->loop, &s->readable);
	ev_io_stop(s->loop, &s->writable);
	ev_timer_stop(s->loop, &s->greeting_is_late);
	s->fd = close_fd(s->fd);
	s->loop = NULL;
	if (s->is_qemu)
		display_wake_remove(s->address);
}
