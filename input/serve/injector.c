/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events come by the socket, or, once the injector has put one there, by its
 * ring. Both carry the same stream of bytes, which continues where it was:
 *
 *	      ring accepted         first event there          all is taken
 *	socket ──────────► socket, ──────────────────► ring ───────────────┐
 *	  ▲                then ring  socket is empty   │ socket readable   │
 *	  │                                             └► ring, to its ────┤
 *	  │                                                present end      │
 *	  └─────────────────────────────────────────────────────────────────┘
 *
 * So what was sent on the socket before the first event in the ring comes
 * before it, and what is sent on it later, or its end, after all that the ring
 * has by then.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/hot.h"
#include "input/base/loop.h"
#include "input/serve/injector-offer.h"
#include "input/serve/injector-ring.h"
#include "input/serve/injector.h"
#include "input/serve/wrong-door.h"

#define EVENT_LEN sizeof(struct vi_event)

void injector_unwatch(struct injector *in)
{
	ev_io_stop(in->owner->loop, &in->io);
	loop_shortcut_stop(&in->shortcut);
	if (!in->ring)
		return;
	ev_io_stop(in->owner->loop, &in->ring_io);
	loop_shortcut_stop(&in->ring_shortcut);
}

/* Look at the ring once more, as for a kick. */
static void ring_again(struct injector *in)
{
	ev_feed_event(in->owner->loop, &in->ring_io, EV_CUSTOM);
}

/* For what was put before it was watched there may be no kick. */
static void ring_watch(struct injector *in)
{
	struct injectors *inj = in->owner;

	ev_io_start(inj->loop, &in->ring_io);
	if (inj->pass)
		loop_shortcut_start(&in->ring_shortcut);
	ring_again(in);
	inj->changed(inj->arg);
}

void injector_watch(struct injector *in)
{
	struct injectors *inj = in->owner;

	if (in->ring)
		ring_watch(in);
	if (in->ring && in->ring->c.has_end)
		return;
	in->shortcut.level = in->source.src.packets;
	ev_io_start(inj->loop, &in->io);
	/* For what has come meanwhile there is no other edge. */
	if (in->shortcut.edge) {
		ev_feed_event(inj->loop, &in->io, EV_READ);
		inj->changed(inj->arg);
	}
	if (inj->pass && in->socket && !in->source.persistent && !in->ring &&
	    in->offer != OFFER_AWAITED)
		loop_shortcut_start(&in->shortcut);
}

/* Nothing more is read from it; the device still has what it sent. */
static void injector_end(struct injector *in)
{
	struct injectors *inj = in->owner;

	injector_unwatch(in);
	injector_offer_end_ring(in);
	if (in->paused)
		TAILQ_REMOVE(&inj->paused, in, paused_link);
	in->paused = false;
	loop_forget(in->fd);
	in->fd = close_fd(in->fd);
	in->status_fd = -1;
	device_detach(inj->dev, &in->source);
	inj->changed(inj->arg);
}

static void injector_drop(struct injector *in, const char *why)
{
	log_limited(&in->owner->dropped_limit, LOG_WARNING, CULPRIT_INJECTOR,
		    "%s; disconnecting", why);
	in->owner->dropped++;
	injector_end(in);
}

static void injector_ended(struct injector *in)
{
	size_t left = source_unfinished(&in->source.src);

	in->owner->unfinished += left / sizeof(struct vi_event);
	if (left % sizeof(struct vi_event))
		log_limited(&in->owner->dropped_limit, LOG_WARNING,
			    CULPRIT_INJECTOR,
			    "ended in the middle of an event");
	else if (left)
		log_line(LOG_DEBUG, CULPRIT_INJECTOR,
			 "ended in the middle of a frame");
	injector_end(in);
}

static const char *why_dropped(int error)
{
	return error == SOURCE_E_PACKET
		       ? "sent a packet that is not a multiple of 8 bytes"
		       : "sent more than 4096 events without SYN_REPORT";
}

/* recvmmsg() rather than recvmsg(): see persistent.h. */
static ssize_t read_persistent(const struct injector *in, void *to, size_t len)
{
	struct mmsghdr *mm =
		persistent_source_reading(in->source.persistent, to, len);

	if (recvmmsg(in->fd, mm, 1, MSG_DONTWAIT, NULL) < 0)
		return -1;
	if (mm->msg_len && mm->msg_hdr.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return mm->msg_len;
}

/* wait: MSG_DONTWAIT or 0. */
static inline ssize_t read_socket(const struct injector *in, void *to,
				  size_t len, int wait)
{
	/* MSG_TRUNC: recv() returns a packet's length even if it is cut. */
	int flags = in->source.src.packets ? wait | MSG_TRUNC : wait;
	ssize_t n = recv(in->fd, to, len, flags);

	if (n > (ssize_t)len) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

static ssize_t read_bytes(struct injector *in, void *to, size_t len)
{
	if (!in->socket)
		return read(in->fd, to, len);
	if (in->offer == OFFER_AWAITED)
		return injector_offer_recv(in, to, len);
	return in->source.persistent ? read_persistent(in, to, len)
				     : read_socket(in, to, len, MSG_DONTWAIT);
}

static void pause_reading(struct injector *in)
{
	injector_unwatch(in);
	in->paused = true;
	in->owner->any_paused = true;
	TAILQ_INSERT_TAIL(&in->owner->paused, in, paused_link);
}

/* It is fed events, too. */
static bool is_readable(const struct injector *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN | POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

/*
 * recv() returns 0 for an empty packet as well as at the end. At the end no
 * packet can arrive any more, and empty ones that are left do not matter.
 */
static bool is_at_end(const struct injector *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLRDHUP };
	int unread;

	if (!in->source.src.packets)
		return true;
	if (!poll(&p, 1, 0))
		return false;
	return ioctl(in->fd, FIONREAD, &unread) < 0 || !unread;
}

/*
 * A peer that closes without having read its status events resets the
 * connection. Packets report that before what it sent last, and so does
 * recvmmsg(); what follows is in the socket still, and then comes the end.
 */
static void read_failed(struct injector *in, int error)
{
	if (error == EAGAIN || error == EINTR)
		return;
	if (error == EMSGSIZE)
		injector_drop(in, "sent a packet of more than 4096 events");
	else if (error == ECONNRESET && !in->reset)
		in->reset = true;
	else
		injector_ended(in);
}

/* With n bytes more. Return: whether it was a VMM, and was disconnected. */
static bool drop_if_vmm(struct injector *in, size_t n)
{
	const struct source *src = &in->source.src;
	enum wrong_door is = wrong_door_is_vmm(src->buf + src->head,
					       src->tail - src->head + n);

	in->may_be_vmm = is == WRONG_DOOR_UNKNOWN;
	if (is == WRONG_DOOR_YES)
		injector_drop(in, "vhost-user messages: a VMM belongs at the "
				  "socket of --socket-path");
	return is == WRONG_DOOR_YES;
}

static WARM void injector_received(struct injector *in, size_t n)
{
	struct injectors *inj = in->owner;
	int r;

	if (in->may_be_vmm && drop_if_vmm(in, n))
		return;
	r = device_received(inj->dev, &in->source, n);
	if (r)
		injector_drop(in, why_dropped(r));
	inj->changed(inj->arg);
}

/* n: what read_bytes() has returned, with errno. */
static WARM void injector_read(struct injector *in, ssize_t n)
{
	if (n > 0)
		injector_received(in, (size_t)n);
	else if (n < 0)
		read_failed(in, errno);
	else if (is_at_end(in))
		injector_ended(in);
}

/* --- the ring --- */

static void ring_start(struct injector *in);

/* Whether the ring has something, and the socket was not empty since. */
static bool ring_waits(const struct injector *in)
{
	return in->ring && !in->ring->begun &&
	       ring_consumer_has_begun(&in->ring->c);
}

static void ring_begin(struct injector *in)
{
	in->ring->begun = true;
	ring_again(in);
}

/* The socket has something, or has ended: it is read after the ring. */
static void ring_close(struct injector *in)
{
	ring_consumer_close(&in->ring->c);
	ev_io_stop(in->owner->loop, &in->io);
	loop_shortcut_stop(&in->shortcut);
	ring_begin(in);
}

static void ring_over(struct injector *in)
{
	injector_unwatch(in);
	injector_offer_end_ring(in);
	injector_watch(in);
	ev_feed_event(in->owner->loop, &in->io, EV_READ);
}

/* Return: whether it can take nothing, and was dropped or has events later. */
static WARM int ring_take(struct injector *in, void *to, size_t max, size_t *n)
{
	const struct vi_event space =
		vi_event(CONTROL_RING, CONTROL_RING_SPACE, 0);
	bool tell;
	int r = injector_ring_take(in->ring, to, max, n, &tell);

	if (tell)
		injector_send(in, &space, 1);
	return r;
}

static void ring_read(struct injector *in, bool kicked)
{
	size_t len, n;
	void *to = source_space(&in->source.src, &len);

	if (len < EVENT_LEN) {
		pause_reading(in);
		return;
	}
	if (ring_take(in, to, len / EVENT_LEN, &n)) {
		injector_drop(in, "its ring's index is impossible");
		return;
	}
	if (n)
		injector_received(in, n * EVENT_LEN);
	else if (kicked && injector_ring_is_abused(in->ring))
		injector_drop(in, "kicks its ring without events");
	if (!in->ring)
		return;
	if (ring_consumer_is_over(&in->ring->c))
		ring_over(in);
	else if (in->ring->c.has_end || !ring_consumer_rest(&in->ring->c))
		ring_again(in);
}

static void on_ring_kicked(struct ev_loop *loop, ev_io *io, int events)
{
	struct injector *in = container_of(io, struct injector, ring_io);
	const bool kicked = events & EV_READ;

	if (kicked && injector_ring_drain(in->ring))
		injector_drop(in, "its ring's event fd blocks");
	else if (in->ring->begun)
		ring_read(in, kicked);
	else if (kicked && !ring_waits(in) && injector_ring_is_abused(in->ring))
		injector_drop(in, "kicks its ring without events");
	else
		ev_feed_event(loop, &in->io, EV_READ);
}

/* --- the socket --- */

static WARM void on_injector_readable(struct ev_loop *loop, ev_io *io,
				      int events)
{
	struct injector *in = container_of(io, struct injector, io);
	size_t len;
	void *to;
	ssize_t n;
	bool all;

	if (in->ring && in->ring->begun) {
		if (is_readable(in))
			ring_close(in);
		return;
	}
	to = source_space(&in->source.src, &len);
	if (!len) {
		pause_reading(in);
		return;
	}
	n = read_bytes(in, to, len);
	all = n < 0 && errno == EAGAIN;
	if (in->ring && !ev_is_active(&in->ring_io))
		ring_start(in);
	if (n <= 0 && ring_waits(in)) {
		if (all)
			ring_begin(in);
		else
			ring_close(in);
		return;
	}
	injector_read(in, n);
	/* No edge tells that there is more, or that it has ended. */
	if ((in->shortcut.edge || ring_waits(in)) && !all && ev_is_active(io))
		ev_feed_event(loop, io, EV_READ);
}

/* --- shortcuts --- */

/*
 * Read by shortcuts, for all injectors: what passes does not touch the buffers
 * of their sources. It holds a packet, and no frame that is too long.
 */
static struct vi_event passing[FRAME_EVENTS_MAX];

_Static_assert(sizeof(passing) == SOURCE_PACKET_MAX, "a packet fits");

/* Of n bytes done events went to the guest: the rest must wait. */
static __attribute__((noinline)) void keep_rest(struct injector *in, size_t n,
						size_t done)
{
	size_t len;

	n -= done * sizeof(passing[0]);
	/* The source's buffer is empty. */
	memcpy(source_space(&in->source.src, &len), &passing[done], n);
	injector_received(in, n);
}

/* Return: whether all n bytes went to the guest, and no more were there. */
static inline bool pass_bytes(struct injector *in, size_t n)
{
	struct injectors *inj = in->owner;
	size_t done = 0;

	if (!(n % sizeof(passing[0])))
		done = inj->pass(inj->arg, &in->source, passing,
				 n / sizeof(passing[0]), &inj->quiet);
	if (done * sizeof(passing[0]) == n)
		return inj->quiet && n < sizeof(passing);
	keep_rest(in, n, done);
	return false;
}

/* What is not usual is left to the watcher. */
static HOT bool serve_shortcut(struct loop_shortcut *s)
{
	struct injector *in = container_of(s, struct injector, shortcut);
	ssize_t n;

	if (in->may_be_vmm || !device_can_pass(in->owner->dev, &in->source))
		return false;
	n = read_socket(in, passing, sizeof(passing),
			loop_waits() ? 0 : MSG_DONTWAIT);
	if (n > 0)
		return pass_bytes(in, (size_t)n);
	if (n < 0 && loop_waits() && (errno == EINTR || errno == EAGAIN)) {
		/* Who inherited it as well, has set O_NONBLOCK. */
		s->can_wait = errno == EINTR;
		return true;
	}
	injector_read(in, n);
	return false;
}

/* If the loop polls, kicks are for its sleep: see rest_ring(). */
static WARM bool serve_ring_shortcut(struct loop_shortcut *s)
{
	struct injector *in = container_of(s, struct injector, ring_shortcut);
	struct injector_ring *ring = in->ring;
	size_t n;

	if (in->may_be_vmm || !ring->begun || ring->c.has_end ||
	    !device_can_pass(in->owner->dev, &in->source) ||
	    ring_take(in, passing, FRAME_EVENTS_MAX, &n) || !n)
		return false;
	return pass_bytes(in, n * EVENT_LEN) &&
	       (loop_polls() || ring_consumer_rest(&ring->c));
}

/* What is not usual is left to the watcher, as for a kick. */
static bool look_at_ring(struct loop_shortcut *s, bool *served)
{
	struct injector *in = container_of(s, struct injector, ring_shortcut);

	if (!ring_consumer_has_more(&in->ring->c))
		return false;
	*served = true;
	if (serve_ring_shortcut(s))
		return false;
	if (in->ring)
		ring_again(in);
	return true;
}

static bool rest_ring(struct loop_shortcut *s)
{
	struct injector *in = container_of(s, struct injector, ring_shortcut);

	if (ring_consumer_rest(&in->ring->c))
		return false;
	ring_again(in);
	return true;
}

static void ring_start(struct injector *in)
{
	const int fd = in->ring->event_fd;

	ev_io_init(&in->ring_io, on_ring_kicked, fd, EV_READ);
	in->ring_shortcut = (struct loop_shortcut){
		.fd = fd,
		.serve = serve_ring_shortcut,
		.look = look_at_ring,
		.rest = rest_ring,
	};
	ring_watch(in);
}

void injector_init(struct injector *in)
{
	ev_io_init(&in->io, on_injector_readable, in->fd, EV_READ);
	in->shortcut = (struct loop_shortcut){ .fd = in->fd,
					       .serve = serve_shortcut,
					       .can_wait = true };
}
