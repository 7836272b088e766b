/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's orders are carried out one after the other: while one is pending
 * nothing more is read of it. An answer that does not fit into the socket waits
 * here, and nothing is read meanwhile either.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/base/fd.h"
#include "injector/launch/launch-control.h"
#include "injector/launch/launch-order.h"
#include "injector/launch/launch-run.h"

struct launch_client {
	TAILQ_ENTRY(launch_client) link;
	struct launch_control *owner;
	int fd;
	ev_io readable, writable;
	char *in; /* LAUNCH_ORDER_MAX bytes */
	size_t in_len;
	char *out; /* what is still to be sent; NULL: nothing */
	size_t out_len, out_sent;
	bool ended; /* it sends no more, but may wait for an answer */
	struct launch_order order;
};

static void drop(struct launch_client *cl)
{
	struct launch_control *c = cl->owner;

	ev_io_stop(c->launcher->loop, &cl->readable);
	ev_io_stop(c->launcher->loop, &cl->writable);
	launch_order_fini(&cl->order);
	close_fd(cl->fd);
	TAILQ_REMOVE(&c->clients, cl, link);
	c->n--;
	free(cl->in);
	free(cl->out);
	free(cl);
}

/* Return: 0; -1: the client was dropped. */
static int send_some(struct launch_client *cl)
{
	struct ev_loop *loop = cl->owner->launcher->loop;
	ssize_t n =
		send(cl->fd, cl->out + cl->out_sent, cl->out_len - cl->out_sent,
		     MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(cl);
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
static int give_answer(struct launch_client *cl, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	int n = -1;

	json_decref(answer);
	if (text)
		n = asprintf(&cl->out, "%s\n", text);
	free(text);
	if (n < 0) {
		cl->out = NULL;
		drop(cl);
		return -1;
	}
	cl->out_len = (size_t)n;
	cl->out_sent = 0;
	return send_some(cl);
}

/* The next line that has come, if the one before is answered. */
static int take_orders(struct launch_client *cl)
{
	while (!cl->order.row && !cl->out) {
		char *end = memchr(cl->in, '\n', cl->in_len);
		json_t *answer;
		size_t len;

		if (!end)
			break;
		len = (size_t)(end - cl->in);
		answer = launch_order_begin(&cl->order, cl->owner->launcher,
					    cl->in, len);
		cl->in_len -= len + 1;
		memmove(cl->in, end + 1, cl->in_len);
		if (answer && give_answer(cl, answer))
			return -1;
	}
	return 0;
}

/* Only who has room for more is read; who waits for nothing more may go. */
static void update_reading(struct launch_client *cl)
{
	struct ev_loop *loop = cl->owner->launcher->loop;

	if (cl->ended && !cl->order.row && !cl->out)
		drop(cl);
	else if (cl->in_len < LAUNCH_ORDER_MAX && !cl->ended)
		ev_io_start(loop, &cl->readable);
	else
		ev_io_stop(loop, &cl->readable);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_client *cl = io->data;
	ssize_t n = recv(cl->fd, cl->in + cl->in_len,
			 LAUNCH_ORDER_MAX - cl->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		drop(cl);
		return;
	}
	cl->ended = n == 0;
	cl->in_len += (size_t)n;
	if (take_orders(cl))
		return;
	if (cl->in_len == LAUNCH_ORDER_MAX && !cl->order.row && !cl->out) {
		drop(cl); /* a line without end */
		return;
	}
	update_reading(cl);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_client *cl = io->data;

	if (!send_some(cl) && !take_orders(cl))
		update_reading(cl);
}

static void accepted(void *arg, int fd)
{
	struct launch_control *c = arg;
	struct launch_client *cl = NULL;

	if (c->n < LAUNCH_CLIENTS_MAX)
		cl = calloc(1, sizeof(*cl));
	if (cl)
		cl->in = malloc(LAUNCH_ORDER_MAX);
	if (!cl || !cl->in) {
		free(cl);
		close_fd(fd);
		return;
	}
	cl->owner = c;
	cl->fd = fd;
	ev_io_init(&cl->readable, on_readable, fd, EV_READ);
	ev_io_init(&cl->writable, on_writable, fd, EV_WRITE);
	cl->readable.data = cl->writable.data = cl;
	ev_io_start(c->launcher->loop, &cl->readable);
	TAILQ_INSERT_TAIL(&c->clients, cl, link);
	c->n++;
}

int launch_control_start(struct launch_control *c, struct launcher *l,
			 char *why)
{
	const struct socket_access ours = { .mode = 0600, .group = (gid_t)-1 };
	int r;

	c->launcher = l;
	c->socket = SOCKET_PATH_NULL;
	TAILQ_INIT(&c->clients);
	listener_init(&c->listener, l->loop, "an order", accepted, c);
	if (asprintf(&c->path, "%s/control", l->setup.dir) < 0) {
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

void launch_control_step(struct launch_control *c)
{
	struct launch_client *cl = TAILQ_FIRST(&c->clients), *next;

	for (; cl; cl = next) {
		json_t *answer = launch_order_check(&cl->order);

		next = TAILQ_NEXT(cl, link);
		if (answer && !give_answer(cl, answer) && !take_orders(cl))
			update_reading(cl);
	}
}

void launch_control_fini(struct launch_control *c)
{
	struct launch_client *cl;

	if (!c->launcher)
		return;
	listener_fini(&c->listener);
	while ((cl = TAILQ_FIRST(&c->clients)))
		drop(cl);
	socket_path_fini(&c->socket);
	free(c->path);
	*c = (struct launch_control){ 0 };
}
