/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "injector/passthrough/pass-control.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/* Return: a nonblocking socket, or -errno. */
static int connect_to(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control",
			     dir);

	if ((size_t)n >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		n = -errno;
		close_fd(fd);
		return n;
	}
	return fd;
}

/* Return: the request as a line, to be freed; NULL: no memory. */
static char *line_of(json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT), *line = NULL;

	json_decref(request);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

/* It MAY free c. */
static void control_end(struct pass_control *c, const char *error)
{
	pass_control_stop(c);
	c->answered(c->arg, error);
}

static void control_send(struct pass_control *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->out_len - c->sent,
			 MSG_NOSIGNAL);

	c->sent += n > 0 ? (size_t)n : 0;
	/* A launcher that refuses us answers without reading. */
	if (c->sent < c->out_len && !(n < 0 && errno == EPIPE))
		return;
	ev_io_stop(c->loop, &c->io);
	ev_io_set(&c->io, c->fd, EV_READ);
	ev_io_start(c->loop, &c->io);
}

static void take_answer(struct pass_control *c)
{
	json_t *answer = json_loads(c->in, 0, NULL);
	const json_t *error = json_object_get(answer, "error");

	if (json_is_true(json_object_get(answer, "ok")))
		control_end(c, NULL);
	else
		control_end(c, error ? json_string_value(error)
				     : "an answer that is not understood");
	json_decref(answer);
}

static void control_receive(struct pass_control *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len,
			 sizeof(c->in) - 1 - c->in_len, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		control_end(c, "the launcher has ended");
		return;
	}
	c->in_len += (size_t)n;
	c->in[c->in_len] = '\0';
	if (strchr(c->in, '\n'))
		take_answer(c);
	else if (c->in_len == sizeof(c->in) - 1)
		control_end(c, "too long an answer");
}

static void on_control(struct ev_loop *loop, ev_io *io, int events)
{
	struct pass_control *c = container_of(io, struct pass_control, io);

	if (events & EV_WRITE)
		control_send(c);
	else
		control_receive(c);
}

void pass_control_init(struct pass_control *c)
{
	c->fd = -1;
	c->out = NULL;
	ev_init(&c->io, on_control);
}

int pass_control_ask(struct pass_control *c, const char *dir, json_t *request)
{
	c->out = line_of(request);
	if (!c->out)
		return -ENOMEM;
	c->fd = connect_to(dir);
	if (c->fd < 0) {
		int r = c->fd;

		pass_control_stop(c);
		return r;
	}
	c->out_len = strlen(c->out);
	c->sent = c->in_len = 0;
	ev_io_set(&c->io, c->fd, EV_WRITE);
	ev_io_start(c->loop, &c->io);
	return 0;
}

void pass_control_stop(struct pass_control *c)
{
	ev_io_stop(c->loop, &c->io);
	if (c->fd >= 0)
		close_fd(c->fd);
	c->fd = -1;
	free(c->out);
	c->out = NULL;
}

int pass_control_check(const char *dir)
{
	int fd = connect_to(dir);

	if (fd >= 0)
		close_fd(fd);
	return fd < 0 ? fd : 0;
}

void pass_control_tell(const char *dir, json_t *request)
{
	char *line = line_of(request);
	int fd = line ? connect_to(dir) : -ENOMEM;

	if (fd >= 0) {
		send(fd, line, strlen(line), MSG_NOSIGNAL);
		close_fd(fd);
	}
	free(line);
}
