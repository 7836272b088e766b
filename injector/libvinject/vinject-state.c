/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A difference begins with what ends:
 *
 *	contacts lifted, keys up, | contacts put down and moved, the slot
 *	selected, keys down, switches, axes
 *
 * It is one frame, so that a drag's release belongs to its position. But if a
 * slot has another contact, or a pen another tool, the guest has to see the old
 * one end first: then a SYN_REPORT takes the place of the bar.
 */
#include <string.h>

#include "injector/libvinject/vinject-state.h"

#define TRACKING_ID (ABS_MT_TRACKING_ID - VINJECT_MT_FIRST)

/* BTN_TOOL_PEN..BTN_TOOL_LENS are one byte of the keys. */
#define TOOL_BYTE (BTN_TOOL_PEN / 8)
_Static_assert(BTN_TOOL_PEN % 8 == 0, "the tools are in one byte");

static const struct vinject_slot no_contact = { .id = -1 };

void vinject_state_init(struct vinject_state *st)
{
	memset(st, 0, sizeof(*st));
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		st->slots[i] = no_contact;
}

void vinject_state_set_plain(struct vinject_state *st, bool plain)
{
	if (st->plain == plain)
		return;
	st->plain = plain;
	st->slot = 0;
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		st->slots[i] = no_contact;
	for (uint16_t code = ABS_MT_SLOT; code <= ABS_MT_TOOL_Y; code++)
		st->abs_known &= ~((uint64_t)1 << code);
}

static void assign_bit(uint8_t *bits, unsigned int i, bool on)
{
	if (on)
		bits[i / 8] |= (uint8_t)(1u << i % 8);
	else
		bits[i / 8] &= (uint8_t) ~(1u << i % 8);
}

static void state_set_mt(struct vinject_slot *s, unsigned int axis,
			 int32_t value)
{
	if (axis == TRACKING_ID) {
		if (value == s->id)
			return;
		*s = no_contact;
		s->id = value;
	} else if (s->id >= 0) {
		s->axis[axis] = value;
		s->known |= (uint16_t)(1u << axis);
	}
}

static void state_press(struct vinject_state *st, uint16_t code, bool down)
{
	assign_bit(st->key, code, down);
	if (down)
		assign_bit(st->key_ever, code, true);
}

static void state_set_abs(struct vinject_state *st, uint16_t code,
			  int32_t value)
{
	const bool mt = !st->plain && code <= ABS_MT_TOOL_Y;

	if (mt && code == ABS_MT_SLOT) {
		st->slot = value;
	} else if (mt && code >= VINJECT_MT_FIRST) {
		state_set_mt(&st->slots[st->slot], code - VINJECT_MT_FIRST,
			     value);
		if (st->slots[st->slot].id >= 0)
			st->slot_ever |= (uint64_t)1 << st->slot;
	} else {
		st->abs[code] = value;
		st->abs_known |= (uint64_t)1 << code;
	}
}

void vinject_state_apply(struct vinject_state *st, const struct vi_event *ev)
{
	switch (vi_type(ev)) {
	case EV_KEY:
		state_press(st, vi_code(ev), vi_value(ev));
		return;
	case EV_SW:
		assign_bit(st->sw, vi_code(ev), vi_value(ev));
		return;
	case EV_ABS:
		state_set_abs(st, vi_code(ev), vi_value(ev));
		return;
	}
}

void vinject_state_withdraw(struct vinject_state *from,
			    struct vinject_state *to, uint64_t rest)
{
	memcpy(from->key, from->key_ever, sizeof(from->key));
	memset(to->key, 0, sizeof(to->key));
	if (from->slot_ever)
		from->slot = -1; /* any */
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		from->slots[i] = to->slots[i] = no_contact;
		if (from->slot_ever >> i & 1)
			from->slots[i].id = 0;
	}
	from->abs_known = 0;
	to->abs_known &= rest;
	memset(to->abs, 0, sizeof(to->abs));
}

struct delta {
	const struct vinject_state *from, *to;
	int slot; /* selected by the events so far */
	struct vi_event *out;
	size_t n;
};

static void delta_add(struct delta *d, uint16_t type, uint16_t code,
		      int32_t value)
{
	d->out[d->n++] = vi_event(type, code, value);
}

static void delta_select(struct delta *d, int slot)
{
	if (d->slot == slot)
		return;
	delta_add(d, EV_ABS, ABS_MT_SLOT, slot);
	d->slot = slot;
}

static bool delta_is_lifted(const struct delta *d, unsigned int slot)
{
	const int32_t from = d->from->slots[slot].id;

	return from >= 0 && from != d->to->slots[slot].id;
}

static void delta_lifts(struct delta *d)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		if (!delta_is_lifted(d, i))
			continue;
		delta_select(d, (int)i);
		delta_add(d, EV_ABS, ABS_MT_TRACKING_ID, -1);
	}
}

static void delta_contact(struct delta *d, unsigned int slot)
{
	const struct vinject_slot *from = &d->from->slots[slot];
	const struct vinject_slot *to = &d->to->slots[slot];
	unsigned int due = to->known;

	if (to->id < 0)
		return;
	if (from->id != to->id) {
		delta_select(d, (int)slot);
		delta_add(d, EV_ABS, ABS_MT_TRACKING_ID, to->id);
	} else {
		for (unsigned int i = 0; i < VINJECT_MT_AXES; i++)
			if (from->known >> i & 1 &&
			    from->axis[i] == to->axis[i])
				due &= ~(1u << i);
	}
	for (; due; due &= due - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(due);

		delta_select(d, (int)slot);
		delta_add(d, EV_ABS, (uint16_t)(VINJECT_MT_FIRST + i),
			  to->axis[i]);
	}
}

/* The bits that became `on`, 1 or 0. */
static void delta_bits(struct delta *d, uint16_t type, unsigned int on)
{
	const bool keys = type == EV_KEY;
	const uint8_t *from = keys ? d->from->key : d->from->sw;
	const uint8_t *to = keys ? d->to->key : d->to->sw;
	const size_t n = keys ? sizeof(d->to->key) : sizeof(d->to->sw);

	for (size_t i = 0; i < n; i++) {
		unsigned int due = from[i] ^ to[i];

		for (due &= on ? to[i] : from[i]; due; due &= due - 1)
			delta_add(
				d, type,
				(uint16_t)(8 * i + (size_t)__builtin_ctz(due)),
				(int32_t)on);
	}
}

static void delta_axes(struct delta *d)
{
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const uint64_t bit = (uint64_t)1 << code;

		if (!(d->to->abs_known & bit))
			continue;
		if (!(d->from->abs_known & bit) ||
		    d->from->abs[code] != d->to->abs[code])
			delta_add(d, EV_ABS, code, d->to->abs[code]);
	}
}

/* Whether something ends and is replaced at once. */
static bool delta_needs_two_frames(const struct delta *d)
{
	const uint8_t from = d->from->key[TOOL_BYTE];
	const uint8_t to = d->to->key[TOOL_BYTE];

	if (from & ~to && to & ~from)
		return true;
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		if (delta_is_lifted(d, i) && d->to->slots[i].id >= 0)
			return true;
	return false;
}

size_t vinject_state_diff(const struct vinject_state *from,
			  const struct vinject_state *to, struct vi_event *out)
{
	struct delta d = { from, to, from->slot, out, 0 };

	delta_lifts(&d);
	delta_bits(&d, EV_KEY, 0);
	if (delta_needs_two_frames(&d))
		delta_add(&d, EV_SYN, SYN_REPORT, 0);
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		delta_contact(&d, i);
	delta_select(&d, to->slot);
	delta_bits(&d, EV_KEY, 1);
	delta_bits(&d, EV_SW, 0);
	delta_bits(&d, EV_SW, 1);
	delta_axes(&d);
	return d.n;
}
