/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on their way into the socket. A frame goes out in one write or:
 *
 * - the socket took a piece of it (a stream socket may). The rest is kept and
 *   goes first: without it all that follows would be read in the wrong place.
 *   As the device is sure to get it, it counts as told.
 * - the socket took nothing. The frame is not kept but folded into the state,
 *   so that nothing can grow and nothing old is told late. What the device does
 *   not know then is the difference of two states, made into a frame when there
 *   is room.
 *
 * When a connection is lost what the device knew is forgotten, and the same
 * difference tells the next one all that is held.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"

/* A diff, motion, and two SYN_REPORT. */
_Static_assert(VINJECT_DIFF_MAX + REL_CNT + 2 <= VINJECT_FRAME_MAX,
	       "what was folded fits a frame");

void vinject_came_up(struct vinject *v)
{
	v->opened = true;
	v->connection++;
	v->error.text[0] = '\0';
	v->out_head = v->out_len = 0;
	v->in_len = 0;
	vinject_state_init(&v->told);
}

int vinject_lost(struct vinject *v)
{
	vinject_link_down(&v->link);
	v->out_head = v->out_len = 0;
	v->behind = true;
	if (v->reconnect && vinject_link_can_retry(&v->link)) {
		vinject_link_retry(&v->link);
		return -EAGAIN;
	}
	v->opened = false;
	return vinject_error_set(&v->error, -EPIPE,
				 "the device has closed the connection");
}

/* Return: 0: there is a connection; -EAGAIN: not now; -EPIPE. */
static int have_link(struct vinject *v)
{
	int r;

	if (v->link.state == VINJECT_LINK_UP)
		return 0;
	if (!v->opened)
		return -EPIPE;
	r = vinject_link_step(&v->link);
	if (r == VINJECT_LINK_CAME_UP) {
		vinject_came_up(v);
		return 0;
	}
	return r < 0 ? vinject_lost(v) : -EAGAIN;
}

/* The rest of a frame. */
static int push_out(struct vinject *v)
{
	ssize_t sent;

	while (v->out_len) {
		sent = vinject_link_send(&v->link, v->out.bytes + v->out_head,
					 v->out_len);
		if (sent == -EPIPE)
			return vinject_lost(v);
		if (sent < 0)
			return -EAGAIN;
		v->out_head += (size_t)sent;
		v->out_len -= (size_t)sent;
	}
	v->out_head = 0;
	return 0;
}

/*
 * Events as they are. Return: 0: the device has them or gets them for sure;
 * -EAGAIN: nothing of them was sent; -EPIPE.
 */
static int send_events(struct vinject *v, const struct vi_event *ev, size_t n)
{
	const size_t len = n * sizeof(*ev);
	const ssize_t sent = vinject_link_send(&v->link, ev, len);

	if (sent == -EPIPE)
		return vinject_lost(v);
	if (sent < 0)
		return -EAGAIN;
	v->out_head = 0;
	v->out_len = len - (size_t)sent;
	memmove(v->out.bytes, (const uint8_t *)ev + sent, v->out_len);
	return 0;
}

static int32_t clamp(int64_t value)
{
	if (value > INT32_MAX)
		return INT32_MAX;
	return value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* The difference of what is and what the device was told. */
static int push_difference(struct vinject *v)
{
	struct vi_event *ev = v->out.ev;
	size_t n = vinject_state_diff(&v->told, &v->now, ev);
	int r;

	for (uint16_t code = 0; code < REL_CNT; code++)
		if (v->rel[code])
			ev[n++] = vi_event(EV_REL, code, clamp(v->rel[code]));
	if (n) {
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
		r = send_events(v, ev, n);
		if (r)
			return r;
	}
	v->told = v->now;
	memset(v->rel, 0, sizeof(v->rel));
	v->behind = false;
	v->folded = 0;
	return 0;
}

int vinject_push(struct vinject *v)
{
	int r = have_link(v);

	if (!r)
		r = push_out(v);
	if (!r && v->behind)
		r = push_difference(v);
	/* That may have left a rest. */
	return r ? r : push_out(v);
}

void vinject_arm(struct vinject *v)
{
	vinject_link_want_room(&v->link, v->behind || v->out_len);
}

/* As vinject_push(), waiting until then. */
static int push_until(struct vinject *v, int64_t until_ms)
{
	int r;

	do
		r = vinject_push(v);
	while (r == -EAGAIN && !vinject_link_wait(&v->link, until_ms));
	vinject_arm(v);
	return r;
}

static void apply(struct vinject_state *st, const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vinject_state_apply(st, &ev[i]);
}

static void fold(struct vinject *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (vi_type(&v->frame[i]) == EV_REL)
			v->rel[vi_code(&v->frame[i])] += vi_value(&v->frame[i]);
	v->behind = true;
	v->folded += v->folded < INT_MAX;
	v->folded_ever++;
}

/* As send_events(), when all before is told, waiting until then. */
static int send_frame(struct vinject *v, int64_t until_ms)
{
	int r;

	do {
		r = push_until(v, until_ms);
		if (!r)
			r = send_events(v, v->frame, v->n);
	} while (r == -EAGAIN && !vinject_link_wait(&v->link, until_ms));
	return r;
}

int vinject_frame(struct vinject *v)
{
	const int64_t until_ms = vinject_clock_until(v->timeout_ms);
	int r;

	if (!v->n)
		return vinject_flush(v);
	v->frame[v->n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	r = send_frame(v, until_ms);
	if (r)
		fold(v);
	else
		apply(&v->told, v->frame, v->n);
	apply(&v->now, v->frame, v->n);
	v->n = 0;
	if (!r && v->out_len)
		r = push_until(v, until_ms);
	vinject_arm(v);
	return r == -EPIPE ? r : (int)vinject_pending(v);
}

int vinject_flush(struct vinject *v)
{
	const int r = push_until(v, vinject_clock_until(v->timeout_ms));

	return r == -EPIPE ? r : (int)vinject_pending(v);
}

unsigned int vinject_pending(const struct vinject *v)
{
	if (v->folded)
		return v->folded;
	return v->behind || v->out_len;
}

uint64_t vinject_folded(const struct vinject *v)
{
	return v->folded_ever;
}

/* Return: whether the other side has read all, as far as one can know. */
static bool is_read(const struct vinject *v)
{
	int unread;

	return ioctl(v->link.fd, SIOCOUTQ, &unread) < 0 || !unread;
}

/* What a device did not read is gone with it, and then nothing is unread. */
static bool is_gone(const struct vinject *v)
{
	struct pollfd p = { .fd = v->link.fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP);
}

int vinject_drain(struct vinject *v, int ms)
{
	const int64_t until_ms = vinject_clock_until(ms);
	int r;

	for (;;) {
		r = push_until(v, until_ms);
		if (r)
			return r == -EAGAIN ? -ETIMEDOUT : r;
		if (is_read(v))
			break;
		if (vinject_clock_past(until_ms))
			return -ETIMEDOUT;
		/* Nothing tells of this. */
		poll(NULL, 0, 1);
	}
	if (!is_gone(v))
		return 0;
	vinject_lost(v);
	return -EPIPE;
}
