/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/process/launch-lines.h"
#include "input/base/fd.h"

static void lines_forget_rest(struct launch_lines *l)
{
	free(l->rest);
	l->rest = NULL;
	l->len = 0;
}

/* Return: whether there was memory for it. */
static bool lines_keep_rest(struct launch_lines *l, const char *rest,
			    size_t len)
{
	l->rest = malloc(len);
	if (!l->rest)
		return false;
	memcpy(l->rest, rest, len);
	l->len = len;
	return true;
}

/* Hand over whole lines; of the rest what cannot become longer. */
static void lines_cut(struct launch_lines *l, char buf[LAUNCH_LINE_MAX],
		      size_t len)
{
	char *from = buf, *end = buf + len, *newline;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		*newline = '\0';
		l->line(l->arg, from);
		from = newline + 1;
	}
	len = (size_t)(end - from);
	if (!len ||
	    (len < LAUNCH_LINE_MAX - 1 && lines_keep_rest(l, from, len)))
		return;
	*end = '\0';
	l->line(l->arg, from);
}

/* Return: whether there may be more. */
static bool lines_read_some(struct launch_lines *l)
{
	char buf[LAUNCH_LINE_MAX];
	size_t len = l->len;
	ssize_t n = read(l->fd, buf + len, sizeof(buf) - 1 - len);

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		ev_io_stop(l->loop, &l->io);
		return false;
	}
	if (len)
		memcpy(buf, l->rest, len);
	lines_forget_rest(l);
	lines_cut(l, buf, len + (size_t)n);
	return true;
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
	char buf[LAUNCH_LINE_MAX];

	if (l->fd < 0)
		return;
	launch_lines_read(l);
	if (l->len) {
		memcpy(buf, l->rest, l->len);
		buf[l->len] = '\0';
		lines_forget_rest(l);
		l->line(l->arg, buf);
	}
	ev_io_stop(l->loop, &l->io);
	l->fd = close_fd(l->fd);
}
