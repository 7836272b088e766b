/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "input/base/clock.h"
#include "input/base/loop.h"
#include "input/serve/kicks.h"
#include "input/serve/pump.h"

/* How often a queue is polled whose driver does not kick. */
#define POLL_NS INT64_C(2000000)
/* Kicks of a queue in that time; further ones wait for its end. */
#define KICKS_MAX 16
/* Kicks without a buffer: QEMU sends one when it starts a queue. */
#define EMPTY_KICKS 2

static void kicks_pause(struct kicks *k, unsigned int i)
{
	ev_io_stop(k->loop, &k->queue[i].io);
	k->queue[i].put_off = false;
}

/* The VMM and the kernel go on to have the fd's file. */
void kicks_stop(struct kicks *k, unsigned int i)
{
	ev_io *const io = &k->queue[i].io;

	kicks_pause(k, i);
	loop_forget(io->fd);
	ev_io_set(io, -1, EV_READ);
}

static void update_poll(struct kicks *k)
{
	bool needed = false;

	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++)
		needed |= k->queue[i].put_off || vu_backend_polled(k->be, i);
	if (!needed)
		ev_timer_stop(k->loop, &k->poll);
	else if (!ev_is_active(&k->poll))
		ev_timer_again(k->loop, &k->poll);
}

/*
 * An eventfd that counts down from 2^64 - 2 one by one, or a timer, would keep
 * us busy for ever at no cost to the front-end: kicks that come too fast are
 * put off until the next on_poll(). Those that come with buffers are not
 * counted: they cost the guest something, and a small ring needs many of them.
 */
static void throttle(struct kicks *k, unsigned int i)
{
	uint32_t position = vring_position(vu_backend_ring(k->be, i));
	int64_t now;

	if (position != k->queue[i].at) {
		k->queue[i].at = position;
		k->queue[i].n = 0;
		return;
	}
	now = clock_ns();
	if (now - k->queue[i].since_ns >= POLL_NS) {
		k->queue[i].since_ns = now;
		k->queue[i].n = 0;
	}
	if (++k->queue[i].n < KICKS_MAX)
		return;
	kicks_pause(k, i);
	k->queue[i].put_off = true;
	update_poll(k);
}

static unsigned int kicks_queue_of(const struct kicks *k, const ev_io *io)
{
	unsigned int i = 0;

	while (io != &k->queue[i].io)
		i++;
	return i;
}

/*
 * A driver fills the eventq first of all. If it kicks, and there has never been
 * a buffer, then its memory is not what the front-end shared: a private mapping
 * of the same file, in which only the VMM sees what the guest writes.
 */
static void look_for_buffers(struct kicks *k, unsigned int i, uint64_t kicked)
{
	struct vring *ring = vu_backend_ring(k->be, i);

	if (!ring || !vring_is_blank(ring) || vring_ready(ring) ||
	    vring_has_history(ring)) {
		k->queue[i].filled = true;
		return;
	}
	if (kicked > EMPTY_KICKS)
		kicked = EMPTY_KICKS;
	k->queue[i].empty += (unsigned int)kicked;
	if (k->queue[i].empty < EMPTY_KICKS)
		return;
	k->queue[i].filled = true;
	log_limited(&k->limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "the guest kicks its eventq, in which there is "
		    "nothing" VU_SHARE);
}

/* Reads as much as it can; a dead eventfd MUST NOT wake us for ever. */
static void on_kick(struct ev_loop *loop, ev_io *io, int events)
{
	struct kicks *k = io->data;
	unsigned int i = kicks_queue_of(k, io);
	uint64_t count[8];
	const ssize_t n = read(io->fd, count, sizeof(count));
	const int error = n < 0 ? errno : 0;

	k->kicked(k->arg, i);
	if (error == EINTR)
		vu_backend_set_blocked(k->be);
	if (!k->queue[i].filled && n == sizeof(count[0]))
		look_for_buffers(k, i, count[0]);
	if (n > 0 || error == EAGAIN || error == EINTR) {
		throttle(k, i);
		return;
	}
	log_limited(&k->limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "kick fd of queue %u: %s; ignoring it", i,
		    error ? strerror(error) : "closed");
	kicks_pause(k, i);
}

static void on_poll(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct kicks *k = timer->data;

	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		if (vu_backend_polled(k->be, i))
			k->kicked(k->arg, i);
		if (k->queue[i].put_off)
			ev_io_start(loop, &k->queue[i].io);
		k->queue[i].put_off = false;
	}
	update_poll(k);
}

void kicks_start(struct kicks *k, unsigned int i)
{
	k->queue[i].filled = i != EVENTQ;
	k->queue[i].empty = 0;
	kicks_watch(k, i);
}

void kicks_watch(struct kicks *k, unsigned int i)
{
	int fd = vu_backend_kick_fd(k->be, i);

	kicks_stop(k, i);
	if (fd >= 0) {
		ev_io_set(&k->queue[i].io, fd, EV_READ);
		ev_io_start(k->loop, &k->queue[i].io);
	}
	update_poll(k);
}

void kicks_init(struct kicks *k, struct ev_loop *loop, struct vu_backend *be,
		void (*kicked)(void *arg, unsigned int queue), void *arg)
{
	memset(k, 0, sizeof(*k));
	k->loop = loop;
	k->be = be;
	k->kicked = kicked;
	k->arg = arg;
	ev_timer_init(&k->poll, on_poll, 0, POLL_NS / 1e9);
	k->poll.data = k;
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		ev_io_init(&k->queue[i].io, on_kick, -1, EV_READ);
		k->queue[i].io.data = k;
	}
}

void kicks_fini(struct kicks *k)
{
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++)
		kicks_stop(k, i);
	ev_timer_stop(k->loop, &k->poll);
}
