/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A back-end's socket has no name that lasts: connect() reaches it through the
 * path of the fd.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/hold/hold-control.h"
#include "injector/hold/hold-device.h"
#include "injector/hold/hold-order.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/* HOLD_ADD has two; others are closed. */
#define ORDER_FDS     2
#define ORDER_FDS_MAX 4

struct hold_entry {
	LIST_ENTRY(hold_entry) link;
	const struct hold_control *control;
	char label[HOLD_LABEL_MAX];
	int listen_fd, to_fd; /* owned */
	struct hold_device device;
};

static void control_remove(struct hold_control *c, const char *label)
{
	struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link)
		if (!strcmp(e->label, label))
			break;
	if (!e)
		return;
	LIST_REMOVE(e, link);
	hold_device_fini(&e->device);
	close_fd(e->listen_fd);
	close_fd(e->to_fd);
	free(e);
}

/* Tells whether another version of a server could continue. */
static void on_acked(void *arg, uint64_t features, uint64_t protocol)
{
	const struct hold_entry *e = arg;
	struct hold_report report = { .features = features,
				      .protocol = protocol };

	strcpy(report.label, e->label);
	/* A launcher that does not read is none that upgrades. */
	send(e->control->fd, &report, sizeof(report),
	     MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* fds: taken. */
static void control_add(struct hold_control *c, const char *label,
			const int fds[ORDER_FDS])
{
	struct hold_entry *e;
	char to[32];

	control_remove(c, label);
	e = calloc(1, sizeof(*e));
	if (!e) {
		close_fd(fds[0]);
		close_fd(fds[1]);
		return;
	}
	e->control = c;
	strcpy(e->label, label);
	e->listen_fd = fds[0];
	e->to_fd = fds[1];
	snprintf(to, sizeof(to), "/proc/self/fd/%d", e->to_fd);
	hold_device_init(&e->device, c->loop, e->label, to);
	e->device.give_up_s = c->give_up_s;
	e->device.acked = on_acked;
	e->device.arg = e;
	LIST_INSERT_HEAD(&c->devices, e, link);
	if (hold_device_start(&e->device, e->listen_fd))
		control_remove(c, label);
}

/* Return: bytes, 0 at the end, -errno. n: of fds. */
static ssize_t control_receive(const struct hold_control *c,
			       struct hold_order *order, int fds[ORDER_FDS_MAX],
			       size_t *n)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * ORDER_FDS_MAX)];
	} control;
	struct iovec iov = { order, sizeof(*order) };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(c->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *m = got > 0 ? CMSG_FIRSTHDR(&mh) : NULL;

	*n = 0;
	if (m && m->cmsg_type == SCM_RIGHTS) {
		*n = (m->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(m), *n * sizeof(int));
	}
	return got < 0 ? -errno : got;
}

static void on_control(struct ev_loop *loop, ev_io *io, int events)
{
	struct hold_control *c = container_of(io, struct hold_control, io);
	struct hold_order order = { 0 };
	int fds[ORDER_FDS_MAX];
	size_t n;
	ssize_t got = control_receive(c, &order, fds, &n);

	if (got == -EAGAIN || got == -EINTR)
		return;
	if (got <= 0) {
		ev_io_stop(loop, io);
		c->ended(c->arg);
		return;
	}
	order.label[sizeof(order.label) - 1] = '\0';
	if (order.verb == HOLD_ADD && n == ORDER_FDS) {
		control_add(c, order.label, fds);
		return;
	}
	while (n)
		close_fd(fds[--n]);
	if (order.verb == HOLD_REMOVE)
		control_remove(c, order.label);
}

int hold_control_start(struct hold_control *c, int fd)
{
	int r = fd_set_cloexec(fd);

	c->fd = fd;
	LIST_INIT(&c->devices);
	ev_io_init(&c->io, on_control, fd, EV_READ);
	if (!r)
		ev_io_start(c->loop, &c->io);
	return r;
}

void hold_control_fini(struct hold_control *c)
{
	if (c->fd < 0)
		return;
	while (!LIST_EMPTY(&c->devices))
		control_remove(c, LIST_FIRST(&c->devices)->label);
	ev_io_stop(c->loop, &c->io);
	c->fd = close_fd(c->fd);
}
