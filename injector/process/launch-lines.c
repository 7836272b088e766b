/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/process/launch-lines.h"
#include "input/base/fd.h"

/* Hand over whole lines; at the end, or if the buffer is full, the rest. */
static void lines_cut(struct launch_lines *l, bool all)
{
	char *from = l->buf, *end = l->buf + l->len, *newline;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		*newline = '\0';
		l->line(l->arg, from);
		from = newline + 1;
	}
	l->len = (size_t)(end - from);
	memmove(l->buf, from, l->len);
	if (!l->len || (!all && l->len < sizeof(l->buf) - 1))
		return;
	l->buf[l->len] = '\0';
	l->len = 0;
	l->line(l->arg, l->buf);
}

/* Return: whether there may be more. */
static bool lines_read_some(struct launch_lines *l)
{
	ssize_t n = read(l->fd, l->buf + l->len, sizeof(l->buf) - 1 - l->len);

	if (n < 0)
		return errno == EINTR;
	l->len += (size_t)n;
	lines_cut(l, false);
	if (!n)
		ev_io_stop(l->loop, &l->io);
	return n > 0;
}

static void on_lines_readable(struct ev_loop *loop, ev_io *io, int events)
{
	lines_read_some(io->data);
}

void launch_lines_init(struct launch_lines *l, struct ev_loop *loop,
		       void (*line)(void *arg, const char *text), void *arg)
{
	*l = (struct launch_lines){
		.loop = loop, .fd = -1, .line = line, .arg = arg
	};
	ev_init(&l->io, on_lines_readable);
	l->io.data = l;
}

int launch_lines_start(struct launch_lines *l, int fd)
{
	int r = fd_set_nonblock(fd);

	launch_lines_end(l);
	l->fd = fd;
	ev_io_set(&l->io, fd, EV_READ);
	ev_io_start(l->loop, &l->io);
	return r;
}

void launch_lines_read(struct launch_lines *l)
{
	while (l->fd >= 0 && lines_read_some(l))
		;
}

void launch_lines_end(struct launch_lines *l)
{
	if (l->fd < 0)
		return;
	launch_lines_read(l);
	lines_cut(l, true);
	ev_io_stop(l->loop, &l->io);
	l->fd = close_fd(l->fd);
}
