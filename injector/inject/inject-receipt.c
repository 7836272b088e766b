/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include "injector/inject/inject-receipt.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/base/clock.h"

/* For an answer that a server that knows the question gives at once. */
#define ANSWER_MS 500

struct inject_receipt_note *inject_receipt_note(struct inject_receipt *x,
						uint32_t number)
{
	return &x->note[number % (sizeof(x->note) / sizeof(x->note[0]))];
}

bool inject_event_is_optional(uint16_t type, uint16_t code)
{
	return type == EV_MSC ||
	       (type == EV_REL &&
		(code == REL_WHEEL_HI_RES || code == REL_HWHEEL_HI_RES));
}

static bool receipt_is_optional(const struct inject_receipt *x, uint16_t type,
				uint16_t code)
{
	if (x->rules->pressure && type == EV_ABS &&
	    (code == ABS_MT_PRESSURE || code == ABS_PRESSURE))
		return true;
	return inject_event_is_optional(type, code);
}

/* --- answers --- */

static void receipt_name_undeclared(struct inject_receipt *x, uint32_t event)
{
	for (size_t i = 0; i < x->n_undeclared; i++)
		if (x->undeclared[i] == event)
			return;
	if (x->n_undeclared < INJECT_NAMED_MAX)
		x->undeclared[x->n_undeclared++] = event;
	else
		x->undeclared_more = true;
}

static void receipt_take_undeclared(struct inject_receipt *x,
				    const struct vinject_receipt *r,
				    unsigned int optional)
{
	const uint16_t type = r->unknown_type, code = r->unknown_code;

	if (!receipt_is_optional(x, type, code))
		receipt_name_undeclared(x, (uint32_t)type << 16 | code);
	else if (r->undeclared > optional)
		x->undeclared_more = true;
}

/* What the device could not do as it was sent. */
static void receipt_take_losses(struct inject_receipt *x,
				const struct vinject_receipt *r)
{
	if (x->rules->now_lenient)
		return;
	x->clamped += r->clamped;
	x->dropped += r->dropped;
	if (r->undeclared)
		receipt_take_undeclared(
			x, r, inject_receipt_note(x, r->number)->optional);
}

static void receipt_take(void *arg, const struct vinject_receipt *r)
{
	struct inject_receipt *x = arg;

	x->since_ns = clock_ns();
	x->unknown |= r->result & VINJECT_UNKNOWN;
	/* An answer that was lost is made up for by the next. */
	if (!r->latency_ns || x->gone)
		return;
	x->answered = r->number;
	receipt_take_losses(x, r);
	if (r->result & VINJECT_NO_DRIVER && !x->rules->lasting) {
		x->gone = true;
		return;
	}
	x->taken = inject_receipt_note(x, r->number)->sent;
	if (r->result & VINJECT_NO_DRIVER) {
		x->kept = !x->rules->now_lenient;
		return;
	}
	x->folded += r->folded;
	if (x->rules->measure)
		inject_latency_add(&x->latency,
				   (struct inject_latency_sample){
					   .sent_ns = (uint64_t)x->since_ns -
						      r->latency_ns,
					   .ns = r->latency_ns });
}

/* --- beginning --- */

/*
 * A server that reads nothing is not one without receipts: it has until read_ms
 * to read the question. Return: as vinject_hello(), or -ETIMEDOUT.
 */
static int receipt_hello(struct vinject *v, int read_ms)
{
	int r = vinject_hello(v, 0);

	if (r != -EOPNOTSUPP)
		return r;
	r = vinject_drain(v, read_ms);
	return r ? r : vinject_hello(v, ANSWER_MS);
}

int inject_receipt_begin(struct inject_receipt *x, struct vinject *v,
			 const struct inject_rules *rules)
{
	int r;

	*x = (struct inject_receipt){ .v = v, .rules = rules };
	if (rules->off)
		return 0;
	r = receipt_hello(v, rules->read_ms);
	x->missing = r == -EOPNOTSUPP;
	if (r)
		return x->missing ? 0 : r;
	x->on = true;
	vinject_set_receipt(v, receipt_take, x);
	return 0;
}

void inject_receipt_fini(struct inject_receipt *x)
{
	inject_latency_fini(&x->latency);
}

/* --- the guest --- */

/* A server reports the driver's state as soon as it is asked. */
static int receipt_learn_driver(struct vinject *v)
{
	const int64_t until = clock_ns() + ANSWER_MS * INT64_C(1000000);
	int r = vinject_wait_driver(v, 0);

	while (r == -ETIMEDOUT && vinject_driver(v) == VINJECT_DRIVER_UNKNOWN) {
		const int64_t left = until - clock_ns();
		struct pollfd p = { .fd = vinject_fd(v), .events = POLLIN };

		/* Then the receipts will tell. */
		if (left <= 0)
			return 0;
		poll(&p, 1, (int)(left / 1000000) + 1);
		r = vinject_wait_driver(v, 0);
	}
	return r == -ETIMEDOUT ? -ENODEV : r;
}

/*
 * Without a driver, frames would wait for one: not those that set what lasts,
 * which the device keeps.
 */
static int receipt_let_wait(struct inject_receipt *x, bool waits)
{
	if (x->waits == waits)
		return 0;
	x->waits = waits;
	return vinject_lossless(x->v, waits ? -1 : 0);
}

int inject_receipt_need_guest(struct inject_receipt *x)
{
	int r;

	if (!x->on)
		return 0;
	r = receipt_learn_driver(x->v);
	if (r == -ENODEV && x->rules->wait_guest_ms)
		r = vinject_wait_driver(x->v, x->rules->wait_guest_ms);
	if (r == -ENODEV && x->rules->lasting)
		return receipt_let_wait(x, false);
	return r ? r : receipt_let_wait(x, true);
}

/* --- frames --- */

void inject_receipt_command(struct inject_receipt *x)
{
	x->sent = x->taken = (struct inject_progress){ 0 };
	x->chars = 0;
	x->typing = 0;
}

void inject_receipt_text(struct inject_receipt *x, uint64_t chars)
{
	x->chars = chars;
}

void inject_receipt_typing(struct inject_receipt *x, uint32_t ch)
{
	x->typing = ch;
}

bool inject_receipt_owed(const struct inject_receipt *x)
{
	return x->on && vinject_owed(x->v);
}

bool inject_receipt_has_room(const struct inject_receipt *x)
{
	if (!inject_receipt_owed(x))
		return true;
	return vinject_owed(x->v) < INJECT_WINDOW &&
	       x->sent.events - x->taken.events + x->v->n <=
		       INJECT_WINDOW_EVENTS;
}

static void receipt_count(struct inject_receipt *x)
{
	const struct vinject *v = x->v;

	x->sent.frames++;
	x->sent.events += v->n;
	for (size_t i = 0; i < v->n; i++)
		x->due += receipt_is_optional(x, vi_type(&v->frame[i]),
					      vi_code(&v->frame[i]));
	if (!x->typing)
		return;
	x->sent.chars++;
	x->sent.ch = x->typing;
	x->typing = 0;
}

int inject_receipt_ask(struct inject_receipt *x)
{
	uint32_t number;
	int r;

	if (!x->on)
		return 0;
	if (!vinject_owed(x->v))
		x->since_ns = clock_ns();
	if (x->v->n)
		receipt_count(x);
	r = vinject_ask_receipt(x->v, &number);
	x->unasked = r == -EMSGSIZE;
	if (r)
		return x->unasked ? 0 : r;
	*inject_receipt_note(x, number) = (struct inject_receipt_note){
		.sent = x->sent,
		.optional = x->due,
	};
	x->due = 0;
	return 0;
}

bool inject_receipt_guest_is_gone(const struct inject_receipt *x)
{
	return x->gone || (x->waits && inject_receipt_owed(x) &&
			   vinject_driver(x->v) == VINJECT_DRIVER_NO_VMM);
}

int64_t inject_receipt_deadline_ns(const struct inject_receipt *x)
{
	if (!inject_receipt_owed(x) || x->rules->guest_ms < 0)
		return INT64_MAX;
	return x->since_ns + x->rules->guest_ms * INT64_C(1000000);
}
