/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/hold/hold-link.h"
#include "input/base/container.h"

#define LATER_S 0.01 /* when our user has too many fds in flight */

static void link_watch(struct hold_link *l, int events)
{
	const bool active = ev_is_active(&l->io);

	if (active ? l->io.events == events : !events)
		return;
	ev_io_stop(l->loop, &l->io);
	if (!events)
		return;
	ev_io_set(&l->io, l->socket.fd, events);
	ev_io_start(l->loop, &l->io);
}

static void link_sent(struct hold_link *l, int r)
{
	l->full = r > 0 ? r : 0;
	if (r < 0)
		l->error = r;
	if (r != VU_SOCKET_LATER)
		return;
	ev_timer_set(&l->later, LATER_S, 0);
	ev_timer_start(l->loop, &l->later);
}

void hold_link_settle(struct hold_link *l)
{
	int events = 0;

	if (!hold_link_is_open(l))
		return;
	if (!l->has_message && !l->error)
		events |= EV_READ;
	if (l->full == VU_SOCKET_FULL)
		events |= EV_WRITE;
	link_watch(l, events);
}

static void link_receive(struct hold_link *l)
{
	int r = vu_socket_recv(&l->socket, l->check_header, l);

	l->has_message = r > 0;
	if (r < 0)
		l->error = r;
}

static void on_link(struct ev_loop *loop, ev_io *io, int events)
{
	struct hold_link *l = container_of(io, struct hold_link, io);

	if (events & EV_WRITE)
		link_sent(l, vu_socket_flush(&l->socket));
	if (events & EV_READ)
		link_receive(l);
	l->changed(l->arg);
}

static void on_link_later(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct hold_link *l = container_of(timer, struct hold_link, later);

	link_sent(l, vu_socket_flush(&l->socket));
	l->changed(l->arg);
}

void hold_link_init(struct hold_link *l, struct ev_loop *loop)
{
	l->loop = loop;
	vu_socket_init(&l->socket, -1);
	ev_init(&l->io, on_link);
	ev_init(&l->later, on_link_later);
}

void hold_link_open(struct hold_link *l, int fd)
{
	vu_socket_init(&l->socket, fd);
	link_watch(l, EV_READ);
}

void hold_link_close(struct hold_link *l)
{
	link_watch(l, 0);
	ev_timer_stop(l->loop, &l->later);
	vu_socket_fini(&l->socket);
	l->has_message = false;
	l->error = l->full = 0;
}

void hold_link_send(struct hold_link *l, const struct vu_message *msg)
{
	link_sent(l, vu_socket_pass(&l->socket, msg));
}

void hold_link_next(struct hold_link *l)
{
	vu_message_close_fds(&l->socket.in);
	l->has_message = false;
}
