/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A diff goes slot by slot and key by key: first all that ends, then all that
 * begins, so that a guest never sees more contacts or keys than there are.
 *
 * With STATE_FORGOTTEN_PERHAPS the guest is in one of two states: seen, or that
 * of a new kernel (nothing pressed, all axes 0, slot 0). Everything that
 * differs from either is sent. A guest that knows it ignores it: kernels filter
 * keys and axes that do not change.
 */
#include <string.h>

#include "input/base/hot.h"
#include "input/device/state.h"

#define TRACKING_ID (ABS_MT_TRACKING_ID - STATE_MT_FIRST)

static const struct state_contact no_contact = { .id = -1 };

void state_init(struct state *st, const struct spec *spec)
{
	memset(st, 0, sizeof(*st));
	st->slot = -1;
	st->plain = spec && !spec_slots(spec);
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		st->contact[i] = no_contact;
	for (uint16_t code = 0; spec && code < ABS_CNT; code++) {
		const struct spec_abs *abs = &spec->abs[code];

		if (!spec_has(spec, EV_ABS, code) || spec_is_mt(spec, code) ||
		    !(abs->has_rest || abs->has_initial))
			continue;
		st->abs[code] = abs->has_initial ? abs->initial : abs->rest;
		st->abs_known |= (uint64_t)1 << code;
	}
	if (spec)
		memcpy(st->sw, spec->initial_sw, sizeof(st->sw));
}

static inline bool is_axis(uint32_t axis)
{
	return axis < STATE_MT_AXES && axis != TRACKING_ID;
}

/*
 * A contact's axis, and those of it that follow. Return: the event that is
 * different, or end.
 */
static inline const struct vi_event *apply_axes(struct state_contact *c,
						const struct vi_event *ev,
						const struct vi_event *end)
{
	uint32_t axis = state_mt_axis(ev);

	do {
		c->axis[axis] = vi_value(ev);
		c->known |= (uint16_t)(1u << axis);
		axis = ++ev < end ? state_mt_axis(ev) : STATE_MT_AXES;
	} while (is_axis(axis));
	return ev;
}

static inline const struct vi_event *apply_mt(struct state *st,
					      const struct vi_event *ev,
					      const struct vi_event *end)
{
	const int32_t id = vi_value(ev) < 0 ? -1 : vi_value(ev);
	struct state_contact *c;

	if (st->slot < 0)
		return ev + 1;
	c = &st->contact[st->slot];
	if (vi_code(ev) == ABS_MT_TRACKING_ID) {
		if (c->id == id)
			return ev + 1;
		*c = no_contact;
		c->id = id;
	} else if (c->id >= 0) {
		return apply_axes(c, ev, end);
	}
	return ev + 1;
}

/* An axis of the device, or a contact's and what follows of it. */
static inline const struct vi_event *apply_abs(struct state *st,
					       const struct vi_event *ev,
					       const struct vi_event *end)
{
	const uint16_t code = vi_code(ev);

	if (st->plain || code < ABS_MT_SLOT || code > ABS_MT_TOOL_Y) {
		if (code < ABS_CNT) {
			st->abs[code] = vi_value(ev);
			st->abs_known |= (uint64_t)1 << code;
		}
		return ev + 1;
	}
	if (code != ABS_MT_SLOT)
		return apply_mt(st, ev, end);
	if (vi_value(ev) >= 0 && vi_value(ev) < SPEC_SLOTS_MAX)
		st->slot = vi_value(ev);
	return ev + 1;
}

/* Return: the event that follows. */
static inline const struct vi_event *apply(struct state *st,
					   const struct vi_event *ev,
					   const struct vi_event *end)
{
	const uint16_t code = vi_code(ev);

	switch (vi_type(ev)) {
	case EV_ABS:
		return apply_abs(st, ev, end);
	case EV_KEY:
		if (code < KEY_CNT)
			bit_assign(st->key, code, vi_value(ev));
		break;
	case EV_SW:
		if (code < SW_CNT)
			bit_assign(st->sw, code, vi_value(ev));
		break;
	}
	return ev + 1;
}

HOT void state_apply_all(struct state *st, const struct vi_event *ev, size_t n)
{
	const struct vi_event *const end = ev + n;

	while (ev < end)
		ev = apply(st, ev, end);
}

void state_apply(struct state *st, const struct vi_event *ev)
{
	state_apply_all(st, ev, 1);
}

struct diff {
	const struct spec *spec;
	const struct state *seen, *now;
	bool certain;
	int slot; /* the guest's, -1: not certain */
	struct frame *out;
};

static void diff_emit_mt(struct diff *d, unsigned int slot, uint16_t code,
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
	const int32_t seen = d->seen->contact[slot].id;

	if (seen >= 0 && seen != d->now->contact[slot].id)
		diff_emit_mt(d, slot, ABS_MT_TRACKING_ID, -1);
}

static void diff_contact(struct diff *d, unsigned int slot)
{
	const struct state_contact *seen = &d->seen->contact[slot];
	const struct state_contact *now = &d->now->contact[slot];
	unsigned int send = now->known;

	if (now->id < 0)
		return;
	if (!d->certain || seen->id != now->id)
		diff_emit_mt(d, slot, ABS_MT_TRACKING_ID, now->id);
	else
		for (unsigned int i = 0; i < STATE_MT_AXES; i++)
			if (seen->known >> i & 1 &&
			    seen->axis[i] == now->axis[i])
				send &= ~(1u << i);
	for (; send; send &= send - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(send);

		diff_emit_mt(d, slot, (uint16_t)(STATE_MT_FIRST + i),
			     now->axis[i]);
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
	/* The events after the diff rely on it. */
	if (d->slot >= 0 || d->certain)
		stale = (d->slot >= 0 ? d->slot : d->seen->slot) != now;
	else
		stale = d->seen->slot != now || now != 0;
	if (n && now >= 0 && stale)
		frame_add(d->out, EV_ABS, ABS_MT_SLOT, now);
}

/* Those bits that changed to on; if the guest is not certain, all that are on.
 */
static void diff_bits(struct diff *d, uint16_t type, const uint8_t *seen,
		      const uint8_t *now, bool on)
{
	const size_t n_bytes =
		type == EV_KEY ? sizeof(d->now->key) : sizeof(d->now->sw);

	for (size_t i = 0; i < n_bytes; i++) {
		unsigned int send = seen[i] ^ now[i];

		if (!d->certain)
			send |= now[i];
		send &= on ? now[i] : ~now[i];
		send &= d->spec->bits[type][i];
		for (; send; send &= send - 1)
			frame_add(d->out, type,
				  (uint16_t)(8 * i + __builtin_ctz(send)), on);
	}
}

static void diff_axes(struct diff *d)
{
	const struct state *seen = d->seen, *now = d->now;

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const bool learn = now->abs_known >> code & 1 &&
				   !(seen->abs_known >> code & 1);
		bool send = learn || seen->abs[code] != now->abs[code];

		if (!d->certain)
			send |= now->abs[code] != 0;
		if (send && spec_has(d->spec, EV_ABS, code))
			frame_add(d->out, EV_ABS, code, now->abs[code]);
	}
}

size_t state_diff(const struct spec *spec, const struct state *seen,
		  enum state_belief belief, const struct state *now,
		  struct frame *out)
{
	const size_t before = out->n;
	struct diff d = { spec, seen, now, belief == STATE_CERTAIN, -1, out };

	diff_slots(&d);
	diff_bits(&d, EV_KEY, seen->key, now->key, false);
	diff_bits(&d, EV_KEY, seen->key, now->key, true);
	diff_bits(&d, EV_SW, seen->sw, now->sw, false);
	diff_bits(&d, EV_SW, seen->sw, now->sw, true);
	diff_axes(&d);
	return out->n - before;
}
