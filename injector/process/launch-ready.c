/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "injector/process/launch-ready.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static void ready_read(struct launch_ready *r)
{
	char c;
	ssize_t n = read(r->fd, &c, 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	launch_ready_close(r);
	if (n == 1)
		r->ready(r->arg);
}

static void on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	ready_read(container_of(io, struct launch_ready, io));
}

void launch_ready_init(struct launch_ready *r, struct ev_loop *loop,
		       void (*ready)(void *arg), void *arg)
{
	*r = (struct launch_ready){
		.loop = loop, .fd = -1, .ready = ready, .arg = arg
	};
	ev_init(&r->io, on_ready);
}

int launch_ready_open(struct launch_ready *r)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	launch_ready_watch(r, fd[0]);
	return fd[1];
}

void launch_ready_watch(struct launch_ready *r, int fd)
{
	r->fd = fd;
	ev_io_set(&r->io, fd, EV_READ);
	ev_io_start(r->loop, &r->io);
}

void launch_ready_finish(struct launch_ready *r)
{
	if (r->fd >= 0)
		ready_read(r);
	launch_ready_close(r);
}

void launch_ready_close(struct launch_ready *r)
{
	ev_io_stop(r->loop, &r->io);
	r->fd = close_fd(r->fd);
}
