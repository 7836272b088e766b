/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A diff is said slot by slot, key by key: first all that ends, then all that
 * begins, so that a guest never sees more contacts or keys than there are.
 *
 * With STATE_FORGOTTEN_PERHAPS the guest is in one of two states: what it was
 * told, or that of a fresh kernel (nothing pressed, all axes 0, slot 0). What
 * is said then is what differs from either. A guest that knows it already
 * ignores it: kernels filter a key or an axis that does not change.
 */
#include <string.h>

#include "input/device/state.h"

#define TRACKING_ID (ABS_MT_TRACKING_ID - STATE_MT_FIRST)

static const struct state_contact no_contact = { .id = -1 };

void state_init(struct state *st, const struct spec *spec)
{
	memset(st, 0, sizeof(*st));
	st->slot = -1;
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		st->contact[i] = no_contact;
	for (uint16_t code = 0; spec && code < ABS_MT_SLOT; code++) {
		if (!spec_has(spec, EV_ABS, code) || !spec->abs[code].has_rest)
			continue;
		st->abs[code] = spec->abs[code].rest;
		st->abs_known |= (uint64_t)1 << code;
	}
}

static void apply_mt(struct state *st, unsigned int axis, int32_t value)
{
	struct state_contact *c;

	if (st->slot < 0)
		return;
	c = &st->contact[st->slot];
	if (axis == TRACKING_ID) {
		if (value < 0)
			value = -1;
		if (value == c->id)
			return;
		*c = no_contact;
		c->id = value;
	} else if (c->id >= 0) {
		c->axis[axis] = value;
		c->known |= (uint16_t)(1u << axis);
	}
}

static void apply_abs(struct state *st, uint16_t code, int32_t value)
{
	if (code == ABS_MT_SLOT) {
		if (value >= 0 && value < SPEC_SLOTS_MAX)
			st->slot = value;
	} else if (code >= STATE_MT_FIRST && code <= ABS_MT_TOOL_Y) {
		apply_mt(st, code - STATE_MT_FIRST, value);
	} else if (code < ABS_CNT) {
		st->abs[code] = value;
		st->abs_known |= (uint64_t)1 << code;
	}
}

void state_apply(struct state *st, const struct vi_event *ev)
{
	const uint16_t code = vi_code(ev);

	switch (vi_type(ev)) {
	case EV_KEY:
		if (code < KEY_CNT)
			bit_assign(st->key, code, vi_value(ev));
		return;
	case EV_ABS:
		apply_abs(st, code, vi_value(ev));
		return;
	case EV_SW:
		if (code < SW_CNT)
			bit_assign(st->sw, code, vi_value(ev));
		return;
	}
}

struct diff {
	const struct spec *spec;
	const struct state *told, *now;
	bool certain;
	int slot; /* the guest's, -1: none that it has for sure */
	struct frame *out;
};

static void say_mt(struct diff *d, unsigned int slot, uint16_t code,
		   int32_t value)
{
	if (d->slot != (int)slot) {
		frame_add(d->out, EV_ABS, ABS_MT_SLOT, (int32_t)slot);
		d->slot = (int)slot;
	}
	frame_add(d->out, EV_ABS, code, value);
}

static void diff_lift(struct diff *d, unsigned int slot)
{
	const int32_t told = d->told->contact[slot].id;

	if (told >= 0 && told != d->now->contact[slot].id)
		say_mt(d, slot, ABS_MT_TRACKING_ID, -1);
}

static void diff_contact(struct diff *d, unsigned int slot)
{
	const struct state_contact *told = &d->told->contact[slot];
	const struct state_contact *now = &d->now->contact[slot];
	unsigned int say = now->known;

	if (now->id < 0)
		return;
	if (!d->certain || told->id != now->id)
		say_mt(d, slot, ABS_MT_TRACKING_ID, now->id);
	else
		for (unsigned int i = 0; i < STATE_MT_AXES; i++)
			if (told->known >> i & 1 &&
			    told->axis[i] == now->axis[i])
				say &= ~(1u << i);
	for (; say; say &= say - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(say);

		say_mt(d, slot, (uint16_t)(STATE_MT_FIRST + i), now->axis[i]);
	}
}

static void diff_slots(struct diff *d)
{
	const unsigned int n = spec_slots(d->spec);
	const int now = d->now->slot;
	bool stale;

	for (unsigned int slot = 0; slot < n; slot++)
		diff_lift(d, slot);
	for (unsigned int slot = 0; slot < n; slot++)
		diff_contact(d, slot);
	/* The events that come after the diff count on it. */
	if (d->slot >= 0 || d->certain)
		stale = (d->slot >= 0 ? d->slot : d->told->slot) != now;
	else
		stale = d->told->slot != now || now != 0;
	if (n && now >= 0 && stale)
		frame_add(d->out, EV_ABS, ABS_MT_SLOT, now);
}

/* Say those of the n bits that changed to `on`, or are so for sure. */
static void diff_bits(struct diff *d, uint16_t type, const uint8_t *told,
		      const uint8_t *now, bool on)
{
	const size_t n_bytes =
		type == EV_KEY ? sizeof(d->now->key) : sizeof(d->now->sw);

	for (size_t i = 0; i < n_bytes; i++) {
		unsigned int say = told[i] ^ now[i];

		if (!d->certain)
			say |= now[i];
		say &= on ? now[i] : ~now[i];
		say &= d->spec->bits[type][i];
		for (; say; say &= say - 1)
			frame_add(d->out, type,
				  (uint16_t)(8 * i + __builtin_ctz(say)), on);
	}
}

static void diff_axes(struct diff *d)
{
	const struct state *told = d->told, *now = d->now;

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const bool learn = now->abs_known >> code & 1 &&
				   !(told->abs_known >> code & 1);
		bool say = learn || told->abs[code] != now->abs[code];

		if (!d->certain)
			say |= now->abs[code] != 0;
		if (say && spec_has(d->spec, EV_ABS, code))
			frame_add(d->out, EV_ABS, code, now->abs[code]);
	}
}

size_t state_diff(const struct spec *spec, const struct state *told,
		  enum state_belief belief, const struct state *now,
		  struct frame *out)
{
	const size_t before = out->n;
	struct diff d = { spec, told, now, belief == STATE_CERTAIN, -1, out };

	diff_slots(&d);
	diff_bits(&d, EV_KEY, told->key, now->key, false);
	diff_bits(&d, EV_KEY, told->key, now->key, true);
	diff_bits(&d, EV_SW, told->sw, now->sw, false);
	diff_bits(&d, EV_SW, told->sw, now->sw, true);
	diff_axes(&d);
	return out->n - before;
}
