/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts: asked for in a frame, reported in order, waited for, withdrawn.
 *
 * A program that reads only when it waits can have lost answers, and it is the
 * next one that says so: a wait for the last one asks for one more.
 */
#include <errno.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject-status.h"

void vinject_set_receipt(struct vinject *v, vinject_receipt_fn receipt,
			 void *arg)
{
	v->control.receipt = receipt;
	v->control.receipt_arg = arg;
}

unsigned int vinject_owed(const struct vinject *v)
{
	return v->control.owed.next - v->control.owed.oldest;
}

int vinject_ask_receipt(struct vinject *v, uint32_t *number)
{
	struct vinject_control *c = &v->control;
	struct vi_event ev;
	uint32_t n;
	int r = vinject_need_hello(v);

	if (!r)
		r = vinject_room(v, 1);
	if (r)
		return r;
	if (!vinject_owed_ask(&c->owed, &n))
		return -EAGAIN;
	ev = vinject_control_receipt(c, n);
	vinject_add(v, vi_type(&ev), vi_code(&ev), vi_value(&ev));
	if (number)
		*number = n;
	return 0;
}

/* When an answer that has not come is asked for anew: it may be lost. */
#define PROBE_MS 100

static bool receipt_is_reported(const struct vinject *v, uint32_t number)
{
	return vinject_owed_before(number, v->control.owed.oldest);
}

/* If there is space; the answer may be lost no more than those before it. */
static void receipt_probe(struct vinject *v)
{
	struct vi_event ev[2] = { [1] = vi_event(EV_SYN, SYN_REPORT, 0) };
	struct vinject_control *c = &v->control;

	if (vinject_connected(v) && vinject_control_probe(c, ev) &&
	    !vinject_send(v, ev, 2, vinject_clock_until(0)))
		vinject_control_probed(c);
}

/* Ask anew after half of the time, or PROBE_MS. */
static int receipt_wait(struct vinject *v, uint32_t number, int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	const int probe_ms = timeout_ms < 0 || timeout_ms > 2 * PROBE_MS
				     ? PROBE_MS
				     : timeout_ms / 2;
	int r = vinject_dispatch_until(v, receipt_is_reported, number,
				       vinject_clock_until(probe_ms));

	if (r != -ETIMEDOUT)
		return r;
	if (timeout_ms)
		receipt_probe(v);
	return vinject_dispatch_until(v, receipt_is_reported, number, until_ms);
}

int vinject_wait_receipt(struct vinject *v, uint32_t number, int timeout_ms,
			 struct vinject_receipt *sum)
{
	struct vinject_control *c = &v->control;
	int r;

	if (v->dispatching)
		return -EBUSY;
	if (!vinject_owed_before(number, c->owed.framed))
		return -EINVAL;
	r = receipt_wait(v, number, timeout_ms);
	if (!r && c->sum.result & VINJECT_UNKNOWN)
		r = -ECONNRESET;
	if (sum)
		*sum = c->sum;
	c->sum = (struct vinject_receipt){ .number = c->sum.number };
	return r;
}

static bool cancel_is_answered(const struct vinject *v, uint32_t what)
{
	(void)what;
	return v->control.cancel != VINJECT_ASKED;
}

/* Return: 0: the request is sent; -ETIMEDOUT, -EPIPE. */
static int cancel_ask(struct vinject *v, int64_t until_ms)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_CANCEL, 0, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	struct vinject_control *c = &v->control;
	const int r = vinject_send(v, ev, 2, until_ms);

	if (r)
		return r == -EAGAIN ? -ETIMEDOUT : r;
	vinject_owed_close(&c->owed);
	c->cancel = VINJECT_ASKED;
	c->cancel_end = c->owed.sent;
	vinject_withdraw(v);
	return 0;
}

int vinject_cancel(struct vinject *v, uint32_t *last, int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	struct vinject_control *c = &v->control;
	int r = vinject_need_hello_to_wait(v);

	if (!r && c->cancel == VINJECT_IDLE)
		r = cancel_ask(v, until_ms);
	if (!r)
		r = vinject_dispatch_until(v, cancel_is_answered, 0, until_ms);
	if (r)
		return r;
	r = c->cancel == VINJECT_FAILED ? -ECONNRESET
	    : c->cancel_has_last	? 0
					: -ENODATA;
	c->cancel = VINJECT_IDLE;
	if (!r && last)
		*last = c->cancel_last;
	return r;
}
