/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HELLO opens the conversation; all else is sent once the server has answered,
 * and again to each server after it. A second HELLO comes from a server that
 * has replaced another one behind the same socket: what that one owed is
 * reported as unknown, and should it be answered after all, ignored.
 *
 * A socket that was passed down can have had another user, to whom the server
 * still owes receipts: the numbers on the wire begin at one of our own.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "injector/libvinject/vinject-control.h"
#include "injector/libvinject/vinject-link.h"

_Static_assert(VINJECT_OWED_MAX == CONTROL_OWED_MAX, "as in vinject.h");
_Static_assert(VINJECT_NO_DRIVER == 1 << CONTROL_NO_DRIVER &&
		       VINJECT_FOLDED == 1 << CONTROL_FOLDED &&
		       VINJECT_UNDECLARED == 1 << CONTROL_UNDECLARED &&
		       VINJECT_CLAMPED == 1 << CONTROL_CLAMPED &&
		       VINJECT_DROPPED == 1 << CONTROL_DROPPED &&
		       VINJECT_LOST == 1 << CONTROL_LOST &&
		       VINJECT_CANCELLED == 1 << CONTROL_CANCELLED,
	       "a RECEIPT's bits are passed on");
_Static_assert(VINJECT_LEFT_CTRL == 1 << CONTROL_LEFT_CTRL &&
		       VINJECT_LEFT_SHIFT == 1 << CONTROL_LEFT_SHIFT &&
		       VINJECT_LEFT_ALT == 1 << CONTROL_LEFT_ALT &&
		       VINJECT_LEFT_META == 1 << CONTROL_LEFT_META &&
		       VINJECT_RIGHT_CTRL == 1 << CONTROL_RIGHT_CTRL &&
		       VINJECT_RIGHT_SHIFT == 1 << CONTROL_RIGHT_SHIFT &&
		       VINJECT_RIGHT_ALT == 1 << CONTROL_RIGHT_ALT &&
		       VINJECT_RIGHT_META == 1 << CONTROL_RIGHT_META,
	       "so are HELD's");

static unsigned int control_bit(uint16_t type)
{
	return 1u << (type - CONTROL_FIRST);
}

void vinject_control_init(struct vinject_control *c)
{
	vinject_owed_init(&c->owed);
	c->base = (uint32_t)vinject_clock_ns() ^ (uint32_t)getpid() << 16;
}

/* Return: the request as the end of the connection leaves it. */
static enum vinject_request control_fail(enum vinject_request r)
{
	return r == VINJECT_ASKED ? VINJECT_FAILED : r;
}

void vinject_control_lost(struct vinject_control *c, bool for_good)
{
	struct vinject_owed *o = &c->owed;

	if (for_good)
		vinject_owed_close(o);
	vinject_owed_sent(o);
	vinject_owed_mark(o, o->oldest, o->sent, VINJECT_UNKNOWN);
	c->cancel = control_fail(c->cancel);
	c->driver = VINJECT_DRIVER_UNKNOWN;
}

void vinject_control_reset(struct vinject_control *c)
{
	vinject_control_lost(c, true);
	c->said = c->known = c->watching = false;
	c->lossless_ms = 0;
	c->name_asked = c->held_asked = VINJECT_IDLE;
	c->due = 0;
}

/* A server that has been told nothing yet. */
static void control_set_again(struct vinject_control *c)
{
	c->coming = (struct vinject_receipt){ 0 };
	c->probing = false;
	c->probe_end = 0;
	c->driver = VINJECT_DRIVER_UNKNOWN;
	c->first = c->owed.sent;
	if (c->lossless_ms)
		c->due |= control_bit(CONTROL_LOSSLESS);
	if (c->watching)
		c->due |= control_bit(CONTROL_WATCH);
	if (c->name_asked == VINJECT_ASKED)
		c->due |= control_bit(CONTROL_NAME);
	if (c->held_asked == VINJECT_ASKED)
		c->due |= control_bit(CONTROL_HELD);
}

void vinject_control_came_up(struct vinject_control *c)
{
	c->heard = false;
	c->due = c->said ? control_bit(CONTROL_HELLO) : 0;
	control_set_again(c);
}

void vinject_control_request(struct vinject_control *c, uint16_t type)
{
	c->due |= control_bit(type);
}

size_t vinject_control_due(const struct vinject_control *c,
			   struct vi_event *out)
{
	size_t n = 0;

	if (c->due & control_bit(CONTROL_HELLO))
		out[n++] =
			vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	if (c->due & control_bit(CONTROL_LOSSLESS))
		out[n++] = vi_event(CONTROL_LOSSLESS, 0, c->lossless_ms);
	if (c->due & control_bit(CONTROL_WATCH))
		out[n++] = vi_event(CONTROL_WATCH, 0, c->watching);
	if (c->due & control_bit(CONTROL_NAME))
		out[n++] = vi_event(CONTROL_NAME, 0, 0);
	if (c->due & control_bit(CONTROL_HELD))
		out[n++] = vi_event(CONTROL_HELD, 0, 0);
	return n;
}

size_t vinject_control_leave(const struct vinject_control *c,
			     struct vi_event *out)
{
	size_t n = 0;

	if (c->heard && c->lossless_ms)
		out[n++] = vi_event(CONTROL_LOSSLESS, 0, 0);
	if (c->heard && c->watching)
		out[n++] = vi_event(CONTROL_WATCH, 0, 0);
	return n;
}

struct vi_event vinject_control_receipt(const struct vinject_control *c,
					uint32_t number)
{
	return vi_event(CONTROL_RECEIPT, 0, (int32_t)(c->base + number));
}

bool vinject_control_probe(const struct vinject_control *c, struct vi_event *ev)
{
	const struct vinject_owed *o = &c->owed;

	/* The server owes no more than that either. */
	if (c->probing || o->sent == o->oldest ||
	    o->sent - o->oldest >= CONTROL_OWED_MAX)
		return false;
	*ev = vinject_control_receipt(c, 0);
	return true;
}

void vinject_control_probed(struct vinject_control *c)
{
	c->probing = true;
	c->probe_end = c->owed.sent;
}

bool vinject_control_folded(struct vinject_control *c, struct vi_event *ev)
{
	struct vinject_owed *o = &c->owed;

	if (o->sent == o->framed)
		return false;
	*ev = vinject_control_receipt(c, o->framed - 1);
	return true;
}

static void add(unsigned int *sum, unsigned int n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT_MAX;
}

/* Add what happened, but not what r is called. */
static void control_add(struct vinject_receipt *sum,
			const struct vinject_receipt *r)
{
	if (!sum->undeclared) {
		sum->unknown_type = r->unknown_type;
		sum->unknown_code = r->unknown_code;
	}
	sum->result |= r->result;
	add(&sum->folded, r->folded);
	add(&sum->undeclared, r->undeclared);
	add(&sum->clamped, r->clamped);
	add(&sum->dropped, r->dropped);
	add(&sum->lost, r->lost);
	add(&sum->cancelled, r->cancelled);
}

static void control_report(struct vinject_control *c,
			   const struct vinject_receipt *r)
{
	control_add(&c->sum, r);
	c->sum.number = r->number;
	c->sum.latency_ns = r->latency_ns;
	if (c->receipt)
		c->receipt(c->receipt_arg, r);
}

void vinject_control_settle(struct vinject_control *c)
{
	struct vinject_receipt r;

	while (vinject_owed_is_settled(&c->owed)) {
		vinject_owed_pop(&c->owed, &r);
		control_report(c, &r);
	}
}

static void control_take_receipt(struct vinject_control *c,
				 const struct vi_event *ev)
{
	const bool probe = c->probing && (uint32_t)vi_value(ev) == c->base;
	const struct vinject_receipt coming = c->coming;
	const uint64_t now_ns = vinject_clock_ns();
	uint32_t number = (uint32_t)vi_value(ev) - c->base;
	struct vinject_owed *o = &c->owed;
	struct vinject_receipt r;

	c->coming = (struct vinject_receipt){ 0 };
	c->probing &= !probe;
	if (probe && !vinject_owed_last(o, c->probe_end, &number))
		return;
	if (!vinject_owed_has(o, number))
		return;
	vinject_owed_skip(o, number, vi_code(ev));
	vinject_control_settle(c);
	/* A callback may have lost the connection. */
	if (!vinject_owed_has(o, number))
		return;
	const uint64_t sent_ns = vinject_owed_pop(o, &r);
	control_add(&r, &coming);
	r.result |= vi_code(ev);
	r.latency_ns = probe ? 0 : now_ns - sent_ns;
	control_report(c, &r);
	vinject_control_settle(c);
}

static void control_take_count(struct vinject_control *c,
			       const struct vi_event *ev)
{
	const unsigned int n =
		vi_value(ev) > 0 ? (unsigned int)vi_value(ev) : 0;

	switch (vi_code(ev)) {
	case CONTROL_FOLDED:
		add(&c->coming.folded, n);
		return;
	case CONTROL_UNDECLARED:
		add(&c->coming.undeclared, n);
		return;
	case CONTROL_CLAMPED:
		add(&c->coming.clamped, n);
		return;
	case CONTROL_DROPPED:
		add(&c->coming.dropped, n);
		return;
	case CONTROL_LOST:
		add(&c->coming.lost, n);
		return;
	case CONTROL_CANCELLED:
		add(&c->coming.cancelled, n);
		return;
	}
}

static void control_take_unknown(struct vinject_control *c,
				 const struct vi_event *ev)
{
	c->coming.unknown_type = (uint16_t)vi_value(ev);
	c->coming.unknown_code = vi_code(ev);
}

static void control_take_hello(struct vinject_control *c,
			       const struct vi_event *ev)
{
	if (vi_value(ev) != CONTROL_MAGIC || !vi_code(ev))
		return;
	if (!c->heard) {
		c->known = c->heard = true;
		return;
	}
	vinject_owed_mark(&c->owed, c->owed.oldest, c->owed.sent,
			  VINJECT_UNKNOWN);
	c->cancel = control_fail(c->cancel);
	control_set_again(c);
	vinject_control_settle(c);
}

static void control_take_driver(struct vinject_control *c,
				const struct vi_event *ev)
{
	static const enum vinject_driver state[] = {
		[CONTROL_DRIVER_NO_VMM] = VINJECT_DRIVER_NO_VMM,
		[CONTROL_DRIVER_NONE] = VINJECT_DRIVER_NONE,
		[CONTROL_DRIVER_RUNNING] = VINJECT_DRIVER_RUNNING,
	};
	const uint32_t i = (uint32_t)vi_value(ev);

	if (!c->watching || i >= sizeof(state) / sizeof(*state) ||
	    c->driver == state[i])
		return;
	c->driver = state[i];
	if (c->driver_fn)
		c->driver_fn(c->driver_arg, c->driver);
}

static void control_take_name(struct vinject_control *c,
			      const struct vi_event *ev)
{
	const uint32_t part = ev->value_le;

	if (c->name_asked != VINJECT_ASKED ||
	    vi_code(ev) > sizeof(c->name) - sizeof(part))
		return;
	memcpy(c->name + vi_code(ev), &part, sizeof(part));
	if (memchr(&part, 0, sizeof(part)))
		c->name_asked = VINJECT_ANSWERED;
}

static void control_take_held(struct vinject_control *c,
			      const struct vi_event *ev)
{
	if (c->held_asked != VINJECT_ASKED)
		return;
	c->held = (uint8_t)vi_value(ev);
	c->held_asked = VINJECT_ANSWERED;
}

static void control_take_cancel(struct vinject_control *c,
				const struct vi_event *ev)
{
	uint32_t last = (uint32_t)vi_value(ev) - c->base;
	const bool probe = !last && c->probe_end;
	struct vinject_owed *o = &c->owed;
	uint32_t from = o->oldest;

	if (c->cancel != VINJECT_ASKED)
		return;
	c->cancel = VINJECT_ANSWERED;
	if (probe)
		last = c->probe_end - 1;
	/* It can be one that an earlier user of the socket asked for. */
	c->cancel_has_last =
		vi_code(ev) && last - c->first < c->cancel_end - c->first;
	c->cancel_last = last;
	/* Or it was withdrawn, too. */
	c->probing &= probe || (c->cancel_has_last &&
				!vinject_owed_before(last, c->probe_end));
	if (c->cancel_has_last && !vinject_owed_before(last, from))
		from = last + 1;
	if (vinject_owed_before(from, c->cancel_end))
		vinject_owed_mark(o, from, c->cancel_end, VINJECT_CANCELLED);
	vinject_control_settle(c);
}

void vinject_control_take(struct vinject_control *c, const struct vi_event *ev)
{
	const uint16_t type = vi_type(ev);

	if (type == CONTROL_HELLO && c->said)
		control_take_hello(c, ev);
	if (!c->heard)
		return;
	switch (type) {
	case CONTROL_RECEIPT:
		control_take_receipt(c, ev);
		return;
	case CONTROL_COUNT:
		control_take_count(c, ev);
		return;
	case CONTROL_UNKNOWN:
		control_take_unknown(c, ev);
		return;
	case CONTROL_DRIVER:
		control_take_driver(c, ev);
		return;
	case CONTROL_NAME:
		control_take_name(c, ev);
		return;
	case CONTROL_CANCEL:
		control_take_cancel(c, ev);
		return;
	case CONTROL_HELD:
		control_take_held(c, ev);
		return;
	}
}
