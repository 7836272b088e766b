/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on their way into the socket. A frame is sent in one write, or:
 *
 * - The socket takes a part of it, as a stream socket may. The rest is kept and
 *   sent before anything else, or the device would misread what follows. The
 *   frame counts as sent.
 * - The socket takes nothing. The frame is not kept but folded into the state,
 *   so that nothing grows and nothing arrives late. What the device then does
 *   not know is the difference of two states, which becomes a frame when there
 *   is space. Only frames that may wait for the guest (vinject_lossless()) wait
 *   here as well, as many as the largest frame has events.
 *
 * When a connection is lost, so is what the device knew: the same difference
 * then carries everything that is held to the next one.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject-share.h"

/* A difference, motion, a receipt, and two SYN_REPORT. */
_Static_assert(VINJECT_DIFF_MAX + REL_CNT + 1 + 2 <= VINJECT_FRAME_MAX,
	       "what was folded fits into a frame");

void vinject_came_up(struct vinject *v)
{
	v->opened = true;
	v->connection++;
	v->error.text[0] = '\0';
	v->in_len = 0;
	vinject_state_init(&v->sent);
	vinject_control_came_up(&v->control);
	vinject_share_came_up(v);
}

int vinject_lost(struct vinject *v)
{
	vinject_link_down(&v->link);
	v->out_len = 0;
	v->behind = true;
	if (v->reconnect && vinject_link_can_retry(&v->link)) {
		vinject_control_lost(&v->control, false);
		vinject_link_retry(&v->link);
		return -EAGAIN;
	}
	vinject_control_lost(&v->control, true);
	v->opened = false;
	return vinject_error_set(&v->error, -EPIPE,
				 "the device closed the connection");
}

/* Return: 0: there is a connection; -EAGAIN: not yet; -EPIPE. */
static int frame_need_link(struct vinject *v)
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

/* Send the rest of a partly sent frame. */
static int push_rest(struct vinject *v)
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
	return 0;
}

/*
 * Send events as they are. Return: 0: the device has them, or will get the
 * rest; -EAGAIN: none was sent; -EPIPE.
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

static int32_t clamp_rel(int64_t value)
{
	if (value > INT32_MAX)
		return INT32_MAX;
	return value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

/* Send what the server has to be asked, in a frame of its own. */
static int push_requests(struct vinject *v)
{
	struct vi_event ev[VINJECT_REQUESTS_MAX + 1];
	size_t n = vinject_control_due(&v->control, ev);
	int r;

	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	r = send_events(v, ev, n);
	if (!r)
		v->control.due = 0;
	return r ? r : push_rest(v);
}

/* Send what the device does not know. */
static int push_difference(struct vinject *v)
{
	struct vi_event *ev = v->out.ev;
	size_t n = vinject_state_diff(&v->sent, &v->now, ev);
	int r;

	for (uint16_t code = 0; code < REL_CNT; code++)
		if (v->rel[code])
			ev[n++] =
				vi_event(EV_REL, code, clamp_rel(v->rel[code]));
	n += vinject_control_folded(&v->control, ev + n);
	if (n) {
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
		r = send_events(v, ev, n);
		if (r)
			return r;
	}
	v->sent = v->now;
	vinject_owed_sent_last(&v->control.owed);
	v->behind = false;
	for (uint16_t code = 0; code < REL_CNT; code++) {
		v->rel[code] -= clamp_rel(v->rel[code]);
		v->behind |= v->rel[code] != 0;
	}
	v->folded = 0;
	return 0;
}

int vinject_push(struct vinject *v)
{
	int r = frame_need_link(v);

	if (!r)
		r = push_rest(v);
	if (!r && v->control.due)
		r = push_requests(v);
	/* Motion may be too much for one event, a frame be sent in part. */
	while (!r && v->behind) {
		r = push_difference(v);
		if (!r)
			r = push_rest(v);
	}
	return r;
}

void vinject_arm(struct vinject *v)
{
	vinject_link_want_room(&v->link, vinject_pending(v));
}

int vinject_request(struct vinject *v, uint16_t type)
{
	int r;

	vinject_control_request(&v->control, type);
	r = vinject_push(v);
	vinject_arm(v);
	return r == -EAGAIN ? 0 : r;
}

/* As vinject_push(), but wait until then. */
static int push_until(struct vinject *v, int64_t until_ms)
{
	int r;

	do
		r = vinject_push(v);
	while (r == -EAGAIN && !vinject_link_wait(&v->link, until_ms));
	vinject_arm(v);
	return r;
}

static void apply_frame(struct vinject_state *st, const struct vi_event *ev,
			size_t n)
{
	for (size_t i = 0; i < n; i++)
		vinject_state_apply(st, &ev[i]);
}

/* Whether the finished frame has more than receipts and its SYN_REPORT. */
static bool frame_has_input(const struct vinject *v)
{
	const struct vinject_owed *o = &v->control.owed;

	return v->n > 1 + (size_t)(o->next - o->framed);
}

static void fold_frame(struct vinject *v)
{
	v->behind = true;
	if (!frame_has_input(v))
		return;
	for (size_t i = 0; i < v->n; i++)
		if (vi_type(&v->frame[i]) == EV_REL)
			v->rel[vi_code(&v->frame[i])] += vi_value(&v->frame[i]);
	v->folded += v->folded < INT_MAX;
	v->folded_ever++;
}

int vinject_send(struct vinject *v, const struct vi_event *ev, size_t n,
		 int64_t until_ms)
{
	int r;

	do {
		r = push_until(v, until_ms);
		if (!r)
			r = send_events(v, ev, n);
	} while (r == -EAGAIN && !vinject_link_wait(&v->link, until_ms));
	return r;
}

/* What becomes of the receipts in the frame. r: of sending it. */
static void finish_receipts(struct vinject *v, int r, uint64_t now_ns)
{
	struct vinject_owed *o = &v->control.owed;

	vinject_owed_finish(o, r && frame_has_input(v), now_ns);
	if (!r)
		vinject_owed_sent(o);
}

/*
 * The finished frame is one that may wait for a guest, and nothing goes before
 * it but frames: let it wait here, with the rest of a partly sent one.
 * Return: whether it does.
 */
static bool frame_waits(struct vinject *v)
{
	const size_t len = v->n * sizeof(v->frame[0]);

	if (!v->control.lossless_ms || v->behind || v->control.due ||
	    !vinject_connected(v) ||
	    v->out_len + len > VINJECT_FRAME_MAX * sizeof(v->frame[0]))
		return false;
	memmove(v->out.bytes, v->out.bytes + v->out_head, v->out_len);
	memcpy(v->out.bytes + v->out_len, v->frame, len);
	v->out_head = 0;
	v->out_len += len;
	return true;
}

int vinject_frame(struct vinject *v)
{
	const int64_t until_ms = vinject_clock_until(v->timeout_ms);
	uint64_t now_ns = 0;
	int r;

	if (!v->n)
		return vinject_flush(v);
	v->frame[v->n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	if (vinject_owed_in_frame(&v->control.owed))
		now_ns = vinject_clock_ns();
	r = vinject_send(v, v->frame, v->n, until_ms);
	if (r == -EAGAIN && frame_waits(v))
		r = 0;
	if (r)
		fold_frame(v);
	else
		apply_frame(&v->sent, v->frame, v->n);
	apply_frame(&v->now, v->frame, v->n);
	finish_receipts(v, r, now_ns);
	v->n = 0;
	if (!r && v->out_len)
		r = push_until(v, until_ms);
	if (!r && !v->out_len && vinject_share_is_due(v))
		vinject_share_sent(v);
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
	return v->behind || v->out_len || v->control.due;
}

uint64_t vinject_folded(const struct vinject *v)
{
	return v->folded_ever;
}

/* When a device disconnects, what it did not read is no longer counted. */
static bool is_disconnected(const struct vinject *v)
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
		if (vinject_link_is_drained(&v->link))
			break;
		if (vinject_clock_past(until_ms))
			return -ETIMEDOUT;
		/* The kernel gives no notification of this. */
		poll(NULL, 0, 1);
	}
	if (!is_disconnected(v))
		return 0;
	vinject_lost(v);
	return -EPIPE;
}
