/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "input/base/fd.h"
#include "input/base/listener.h"

/* Seconds until the next attempt when out of fds or memory. */
#define RETRY_S 1.0
/*
 * A peer that reconnects may do so before the end of its old connection was
 * read. One that has waited for this long is another peer.
 */
#define WAITS_S 0.1

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct listener *l = timer->data;

	ev_io_start(loop, &l->io);
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events)
{
	struct listener *l = io->data;
	int fd = accept4(l->fd, NULL, NULL,
			 SOCK_CLOEXEC | (l->blocks ? 0 : SOCK_NONBLOCK));

	if (fd >= 0) {
		l->accepted(l->arg, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	log_limited(&l->limit, LOG_ERROR, CULPRIT_HOST,
		    "cannot accept %s: %s; retrying", l->what, strerror(errno));
	ev_io_stop(loop, io);
	ev_timer_set(&l->retry, RETRY_S, 0);
	ev_timer_start(loop, &l->retry);
}

/*
 * While paused, the socket stays readable: once is enough. The watcher is that
 * of connections, so that the kernel need not be told of a pause.
 */
static void on_waiting(struct ev_loop *loop, ev_io *io, int events)
{
	struct listener *l = io->data;

	ev_io_stop(loop, io);
	ev_timer_set(&l->waiting, WAITS_S, 0);
	ev_timer_start(loop, &l->waiting);
}

static void on_waits(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct listener *l = timer->data;

	l->waits(l->arg);
}

const char *listener_peer_name(int fd, char name[32])
{
	struct ucred peer;

	name[0] = '\0';
	if (!fd_peer(fd, &peer) && peer.pid)
		snprintf(name, 32, " (process %d)", (int)peer.pid);
	return name;
}

void listener_init(struct listener *l, struct ev_loop *loop, const char *what,
		   void (*accepted)(void *arg, int fd), void *arg)
{
	memset(l, 0, sizeof(*l));
	l->loop = loop;
	l->fd = -1;
	l->what = what;
	l->accepted = accepted;
	l->arg = arg;
	ev_init(&l->io, on_connection);
	l->io.data = l;
	ev_init(&l->retry, on_retry);
	l->retry.data = l;
	ev_init(&l->waiting, on_waits);
	l->waiting.data = l;
}

static void listener_stop_timers(struct listener *l)
{
	ev_timer_stop(l->loop, &l->retry);
	ev_timer_stop(l->loop, &l->waiting);
}

/* It is the same fd in each case. */
static void listener_call(struct listener *l, void (*on)(struct ev_loop *loop,
							 ev_io *io, int events))
{
	listener_stop_timers(l);
	ev_set_cb(&l->io, on);
	if (l->fd >= 0)
		ev_io_start(l->loop, &l->io);
}

void listener_pause(struct listener *l)
{
	l->paused = true;
	if (l->waits) {
		listener_call(l, on_waiting);
		return;
	}
	listener_stop_timers(l);
	ev_io_stop(l->loop, &l->io);
}

void listener_resume(struct listener *l)
{
	l->paused = false;
	listener_call(l, on_connection);
}

int listener_start(struct listener *l, int fd)
{
	int r = fd_set_nonblock(fd);

	if (r)
		return r;
	l->fd = fd;
	ev_io_set(&l->io, fd, EV_READ);
	listener_resume(l);
	return 0;
}

void listener_fini(struct listener *l)
{
	listener_stop_timers(l);
	ev_io_stop(l->loop, &l->io);
	l->fd = -1;
}
