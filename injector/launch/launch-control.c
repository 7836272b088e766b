/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/launch/launch-command.h"
#include "injector/launch/launch-control.h"
#include "input/base/fd.h"

struct control_client {
	TAILQ_ENTRY(control_client) link;
	struct launch_control *owner;
	int fd;
	ev_io readable, writable;
	char *in; /* LAUNCH_REQUEST_MAX bytes */
	size_t in_len;
	char *out; /* the answer that is being sent, or NULL */
	size_t out_len, out_sent;
	bool ended; /* it sends no more, but may await an answer */
	struct launch_command command;
};

static void control_drop(struct control_client *cl)
{
	struct launch_control *c = cl->owner;

	ev_io_stop(c->fleet->loop, &cl->readable);
	ev_io_stop(c->fleet->loop, &cl->writable);
	launch_command_stop(&cl->command);
	close_fd(cl->fd);
	TAILQ_REMOVE(&c->clients, cl, link);
	c->n--;
	free(cl->in);
	free(cl->out);
	free(cl);
}

/* Return: 0; -1: the client was dropped. */
static int control_send(struct control_client *cl)
{
	struct ev_loop *loop = cl->owner->fleet->loop;
	ssize_t n =
		send(cl->fd, cl->out + cl->out_sent, cl->out_len - cl->out_sent,
		     MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		control_drop(cl);
		return -1;
	}
	cl->out_sent += n > 0 ? (size_t)n : 0;
	if (cl->out_sent < cl->out_len) {
		ev_io_start(loop, &cl->writable);
		return 0;
	}
	ev_io_stop(loop, &cl->writable);
	free(cl->out);
	cl->out = NULL;
	return 0;
}

/* answer is taken. Return: 0; -1: the client was dropped. */
static int control_answer(struct control_client *cl, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	int n = -1;

	json_decref(answer);
	if (text)
		n = asprintf(&cl->out, "%s\n", text);
	free(text);
	if (n < 0) {
		cl->out = NULL;
		control_drop(cl);
		return -1;
	}
	cl->out_len = (size_t)n;
	cl->out_sent = 0;
	return control_send(cl);
}

/* It cannot be told where its next request begins. */
static int control_refuse_long(struct control_client *cl)
{
	json_t *answer = json_pack("{s:b, s:s}", "ok", 0, "error",
				   LAUNCH_REQUEST_TOO_LONG);

	cl->ended = true;
	cl->in_len = 0;
	return control_answer(cl, answer);
}

/* Begin what was read, up to a command that is not done at once. */
static int control_take_requests(struct control_client *cl)
{
	while (!cl->command.row && !cl->out) {
		char *end = memchr(cl->in, '\n', cl->in_len);
		json_t *answer;
		size_t len;

		if (!end)
			return cl->in_len == LAUNCH_REQUEST_MAX
				       ? control_refuse_long(cl)
				       : 0;
		len = (size_t)(end - cl->in);
		answer = launch_command_begin(&cl->command, cl->in, len);
		cl->in_len -= len + 1;
		memmove(cl->in, end + 1, cl->in_len);
		if (answer && control_answer(cl, answer))
			return -1;
	}
	return 0;
}

/* Read more if there is room; drop a client that is done. */
static void control_update(struct control_client *cl)
{
	struct ev_loop *loop = cl->owner->fleet->loop;

	if (cl->ended && !cl->command.row && !cl->out)
		control_drop(cl);
	else if (cl->in_len < LAUNCH_REQUEST_MAX && !cl->ended)
		ev_io_start(loop, &cl->readable);
	else
		ev_io_stop(loop, &cl->readable);
}

static void on_control_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct control_client *cl = io->data;
	ssize_t n = recv(cl->fd, cl->in + cl->in_len,
			 LAUNCH_REQUEST_MAX - cl->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		control_drop(cl);
		return;
	}
	cl->ended = n == 0;
	cl->in_len += (size_t)n;
	if (!control_take_requests(cl))
		control_update(cl);
}

static void on_control_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct control_client *cl = io->data;

	if (!control_send(cl) && !control_take_requests(cl))
		control_update(cl);
}

/* The pending command may be done by now. */
static void on_control_progress(void *arg)
{
	struct control_client *cl = arg;
	json_t *answer = launch_command_check(&cl->command);

	if (answer && !control_answer(cl, answer) && !control_take_requests(cl))
		control_update(cl);
}

/* Reject a client too many, without reading its request. */
static void control_refuse(struct launch_control *c, int fd)
{
	char text[200];
	int n = snprintf(text, sizeof(text),
			 "{\"ok\":false,\"busy\":true,\"error\":\"at most %d "
			 "control clients at a time\"}\n",
			 LAUNCH_CLIENTS_MAX);

	if (!c->was_full)
		launch_log_line(
			&c->fleet->log, LOG_WARNING,
			"refused a control client: at most %d at a time",
			LAUNCH_CLIENTS_MAX);
	c->was_full = true;
	/* A new connection has room for it. */
	send(fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	close_fd(fd);
}

static void on_control_accepted(void *arg, int fd)
{
	struct launch_control *c = arg;
	struct control_client *cl;

	if (c->n == LAUNCH_CLIENTS_MAX) {
		control_refuse(c, fd);
		return;
	}
	cl = calloc(1, sizeof(*cl));
	if (cl)
		cl->in = malloc(LAUNCH_REQUEST_MAX);
	if (!cl || !cl->in) {
		free(cl);
		close_fd(fd);
		return;
	}
	c->was_full = false;
	cl->owner = c;
	cl->fd = fd;
	launch_command_init(&cl->command, c->fleet, on_control_progress, cl);
	ev_io_init(&cl->readable, on_control_readable, fd, EV_READ);
	ev_io_init(&cl->writable, on_control_writable, fd, EV_WRITE);
	cl->readable.data = cl->writable.data = cl;
	ev_io_start(c->fleet->loop, &cl->readable);
	TAILQ_INSERT_TAIL(&c->clients, cl, link);
	c->n++;
}

int launch_control_start(struct launch_control *c, struct launch_fleet *f,
			 char *why)
{
	const struct socket_access ours = { .mode = 0600, .group = (gid_t)-1 };
	int r;

	c->fleet = f;
	c->socket = SOCKET_PATH_NULL;
	TAILQ_INIT(&c->clients);
	listener_init(&c->listener, f->loop, "a control client",
		      on_control_accepted, c);
	if (asprintf(&c->path, "%s/control", f->setup.dir) < 0) {
		c->path = NULL;
		snprintf(why, LAUNCH_WHY_MAX, "%s", strerror(ENOMEM));
		return -1;
	}
	r = socket_path_listen(&c->socket, c->path, SOCK_STREAM, &ours);
	if (!r)
		r = listener_start(&c->listener, c->socket.fd);
	if (r)
		snprintf(why, LAUNCH_WHY_MAX, "cannot listen at %s: %s",
			 c->path, socket_path_strerror(r));
	return r ? -1 : 0;
}

void launch_control_settle(struct launch_control *c)
{
	struct control_client *cl = TAILQ_FIRST(&c->clients), *next;

	for (; cl; cl = next) {
		next = TAILQ_NEXT(cl, link);
		on_control_progress(cl);
	}
}

void launch_control_fini(struct launch_control *c)
{
	struct control_client *cl;

	if (!c->fleet)
		return;
	listener_fini(&c->listener);
	while ((cl = TAILQ_FIRST(&c->clients)))
		control_drop(cl);
	socket_path_fini(&c->socket);
	free(c->path);
	*c = (struct launch_control){ 0 };
}
