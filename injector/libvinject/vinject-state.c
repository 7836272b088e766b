/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A diff says what ends before it says what begins:
 *
 *	contacts lifted, keys up, | contacts put down and moved, the slot
 *	selected, keys down, switches, axes
 *
 * all in one frame: a drag's release belongs to where it happened. But a slot
 * with another contact, or another tool of a pen, must be seen to end; then a
 * SYN_REPORT stands at the bar.
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

static void assign_bit(uint8_t *bits, unsigned int i, bool on)
{
	if (on)
		bits[i / 8] |= (uint8_t)(1u << i % 8);
	else
		bits[i / 8] &= (uint8_t) ~(1u << i % 8);
}

static void apply_mt(struct vinject_slot *s, unsigned int axis, int32_t value)
{
	if (axis == TRACKING_ID) {
		if (value < 0)
			value = -1;
		if (value == s->id)
			return;
		*s = no_contact;
		s->id = value;
	} else if (s->id >= 0) {
		s->axis[axis] = value;
		s->known |= (uint16_t)(1u << axis);
	}
}

static void apply_abs(struct vinject_state *st, uint16_t code, int32_t value)
{
	if (code == ABS_MT_SLOT) {
		st->slot = value;
	} else if (code >= VINJECT_MT_FIRST && code <= ABS_MT_TOOL_Y) {
		apply_mt(&st->slots[st->slot], code - VINJECT_MT_FIRST, value);
	} else {
		st->abs[code] = value;
		st->abs_known |= (uint64_t)1 << code;
	}
}

void vinject_state_apply(struct vinject_state *st, const struct vi_event *ev)
{
	switch (vi_type(ev)) {
	case EV_KEY:
		assign_bit(st->key, vi_code(ev), vi_value(ev));
		return;
	case EV_SW:
		assign_bit(st->sw, vi_code(ev), vi_value(ev));
		return;
	case EV_ABS:
		apply_abs(st, vi_code(ev), vi_value(ev));
		return;
	}
}

struct diff {
	const struct vinject_state *told, *now;
	int slot; /* selected by what was said so far */
	struct vi_event *out;
	size_t n;
};

static void say(struct diff *d, uint16_t type, uint16_t code, int32_t value)
{
	d->out[d->n++] = vi_event(type, code, value);
}

static void select_slot(struct diff *d, int slot)
{
	if (d->slot == slot)
		return;
	say(d, EV_ABS, ABS_MT_SLOT, slot);
	d->slot = slot;
}

static bool lifted(const struct diff *d, unsigned int slot)
{
	const int32_t told = d->told->slots[slot].id;

	return told >= 0 && told != d->now->slots[slot].id;
}

static void lift(struct diff *d)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		if (!lifted(d, i))
			continue;
		select_slot(d, (int)i);
		say(d, EV_ABS, ABS_MT_TRACKING_ID, -1);
	}
}

static void put_down_and_move(struct diff *d, unsigned int slot)
{
	const struct vinject_slot *told = &d->told->slots[slot];
	const struct vinject_slot *now = &d->now->slots[slot];
	unsigned int due = now->known;

	if (now->id < 0)
		return;
	if (told->id != now->id) {
		select_slot(d, (int)slot);
		say(d, EV_ABS, ABS_MT_TRACKING_ID, now->id);
	} else {
		for (unsigned int i = 0; i < VINJECT_MT_AXES; i++)
			if (told->known >> i & 1 &&
			    told->axis[i] == now->axis[i])
				due &= ~(1u << i);
	}
	for (; due; due &= due - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(due);

		select_slot(d, (int)slot);
		say(d, EV_ABS, (uint16_t)(VINJECT_MT_FIRST + i), now->axis[i]);
	}
}

/* Say which of the bits became `on`. */
static void say_bits(struct diff *d, uint16_t type, unsigned int on)
{
	const bool keys = type == EV_KEY;
	const uint8_t *told = keys ? d->told->key : d->told->sw;
	const uint8_t *now = keys ? d->now->key : d->now->sw;
	const size_t n = keys ? sizeof(d->now->key) : sizeof(d->now->sw);

	for (size_t i = 0; i < n; i++) {
		unsigned int due = told[i] ^ now[i];

		for (due &= on ? now[i] : told[i]; due; due &= due - 1)
			say(d, type,
			    (uint16_t)(8 * i + (size_t)__builtin_ctz(due)),
			    (int32_t)on);
	}
}

static void say_axes(struct diff *d)
{
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const uint64_t bit = (uint64_t)1 << code;

		if (!(d->now->abs_known & bit))
			continue;
		if (!(d->told->abs_known & bit) ||
		    d->told->abs[code] != d->now->abs[code])
			say(d, EV_ABS, code, d->now->abs[code]);
	}
}

/* Whether something ends whose place is taken by another at once. */
static bool changes_hands(const struct diff *d)
{
	const uint8_t told = d->told->key[TOOL_BYTE];
	const uint8_t now = d->now->key[TOOL_BYTE];

	if (told & ~now && now & ~told)
		return true;
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		if (lifted(d, i) && d->now->slots[i].id >= 0)
			return true;
	return false;
}

size_t vinject_state_diff(const struct vinject_state *told,
			  const struct vinject_state *now, struct vi_event *out)
{
	struct diff d = { told, now, told->slot, out, 0 };

	lift(&d);
	say_bits(&d, EV_KEY, 0);
	if (changes_hands(&d))
		say(&d, EV_SYN, SYN_REPORT, 0);
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		put_down_and_move(&d, i);
	select_slot(&d, now->slot);
	say_bits(&d, EV_KEY, 1);
	say_bits(&d, EV_SW, 0);
	say_bits(&d, EV_SW, 1);
	say_axes(&d);
	return d.n;
}
