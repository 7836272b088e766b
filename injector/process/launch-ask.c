/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "injector/process/launch-ask.h"
#include "input/base/fd.h"

int launch_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* The device closes the connection at the end of its answer. */
static void on_ask_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_ask *ask = io->data;
	size_t room = LAUNCH_ANSWER_MAX - 1 - ask->len;
	ssize_t n = room ? read(ask->fd, ask->text + ask->len, room) : -1;
	char *text;

	if (n > 0) {
		ask->len += (size_t)n;
		return;
	}
	if (n < 0 && room && (errno == EAGAIN || errno == EINTR))
		return;
	text = ask->text;
	text[ask->len] = '\0';
	ask->text = NULL;
	launch_ask_stop(ask);
	ask->answered(ask->arg, n == 0 && ask->len ? text : NULL);
	free(text);
}

void launch_ask_init(struct launch_ask *ask, struct ev_loop *loop,
		     void (*answered)(void *arg, const char *text), void *arg)
{
	ask->loop = loop;
	ask->fd = -1;
	ask->text = NULL;
	ask->len = 0;
	ask->answered = answered;
	ask->arg = arg;
	ev_init(&ask->io, on_ask_readable);
	ask->io.data = ask;
}

int launch_ask_start(struct launch_ask *ask, const char *path)
{
	int fd = launch_connect(path);

	if (fd < 0)
		return fd;
	launch_ask_stop(ask);
	ask->fd = fd;
	ask->len = 0;
	ask->text = malloc(LAUNCH_ANSWER_MAX);
	if (!ask->text) {
		ask->fd = close_fd(ask->fd);
		return -ENOMEM;
	}
	ev_io_set(&ask->io, fd, EV_READ);
	ev_io_start(ask->loop, &ask->io);
	return 0;
}

void launch_ask_stop(struct launch_ask *ask)
{
	ev_io_stop(ask->loop, &ask->io);
	ask->fd = close_fd(ask->fd);
	free(ask->text);
	ask->text = NULL;
}
