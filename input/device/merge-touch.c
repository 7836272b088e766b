/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   source A: slot 0, ID 4711 ──────► device: slot 0, ID 0
 *             slot 1, none                    slot 1, ID 2
 *   source B: slot 0, ID 12 ──────────────────► │
 *
 * A contact gets the lowest free slot of the device and keeps it. The source's
 * ABS_MT_SLOT only selects which of its contacts is meant; the device's slot is
 * selected before the first event that needs it.
 */
#include "input/base/hot.h"
#include "input/device/merge-contact.h"
#include "input/device/merge-settle.h"
#include "input/device/merge-touch.h"

bool merge_touch_drives(const struct merge *m, const struct merge_source *src,
			uint16_t code)
{
	if (!src->mt || !m->live)
		return false;
	if (code != ABS_X && code != ABS_Y && code != ABS_PRESSURE)
		return false;
	return m->slot_owner[merge_oldest(m)] != src;
}

static void merge_lift(struct merge *m, struct merge_source *src, int from,
		       struct frame *out)
{
	const int slot = src->slot_of[from];

	src->contact[from].id = -1;
	src->slot_of[from] = -1;
	if (slot < 0)
		return;
	merge_emit_mt(m, slot, ABS_MT_TRACKING_ID, -1, out);
	src->left[from] = (int8_t)slot;
	m->lifted = true;
	m->live &= ~merge_bit(slot);
	m->slot_owner[slot] = NULL;
}

/*
 * left: the slot that a contact has just left, or -1.
 * Return: a free slot, -1 if there is none: left if it is good, else the lowest
 * good one that did not change in this frame, else the lowest good one, else
 * any. Good is a slot in which the guest has no older contact.
 */
static int free_slot(const struct merge *m, int left)
{
	const unsigned int n = spec_slots(m->spec);
	const uint64_t all = n < 64 ? merge_bit((int)n) - 1 : UINT64_MAX;
	const uint64_t free = all & ~m->live;
	const uint64_t good = free & ~m->avoid_slots;
	const uint64_t calm = good & ~m->changed;

	if (left >= 0 && (good & merge_bit(left) || !good))
		return left;
	if (!free)
		return -1;
	return __builtin_ctzll(calm ? calm : good ? good : free);
}

static bool id_is_live(const struct merge *m, int32_t id)
{
	for (uint64_t left = m->live; left; left &= left - 1)
		if (m->now.contact[__builtin_ctzll(left)].id == id)
			return true;
	return false;
}

/*
 * IDs count up and wrap, so that a lifted one is not reused soon, and stay
 * small because Windows' driver needs that.
 */
static int32_t free_id(struct merge *m)
{
	while (id_is_live(m, m->next_id))
		m->next_id++;
	return m->next_id++;
}

static bool has_seen_id(const struct state *guest, int32_t id)
{
	for (unsigned int slot = 0; slot < SPEC_SLOTS_MAX; slot++)
		if (guest->contact[slot].id == id)
			return true;
	return false;
}

void merge_touch_continue_ids(struct merge *m, uint16_t next,
			      const struct state *seen)
{
	m->next_id = next;
	for (uint64_t left = m->live; left; left &= left - 1) {
		int32_t *id = &m->now.contact[__builtin_ctzll(left)].id;

		do
			*id = free_id(m);
		while (has_seen_id(seen, *id));
	}
}

/* Return: whether this frame to the guest has changed the slot already. */
static bool has_changed(const struct merge *m, int slot)
{
	return slot >= 0 && m->changed & merge_bit(slot);
}

/*
 * Return: the slot for a contact in this slot of the source, -1 if there is
 * none: the one of the contact that it replaces, if that is good.
 */
static int slot_for(const struct merge *m, const struct merge_source *src,
		    int from)
{
	const int left = src->left[from];

	if (m->again)
		return m->again - 1;
	if (has_changed(m, left) && !(m->live & merge_bit(left)))
		return free_slot(m, left);
	return free_slot(m, -1);
}

static int32_t exact_id(struct merge *m, int slot, int32_t id)
{
	if (id > UINT16_MAX || id_is_live(m, id) ||
	    m->avoid_slots & merge_bit(slot))
		return free_id(m);
	m->next_id = (uint16_t)(id + 1);
	return id;
}

static void put_in_slot(struct merge *m, struct merge_source *src, int slot,
			int32_t id, struct frame *out)
{
	const int from = src->slot;

	merge_emit_mt(m, slot, ABS_MT_TRACKING_ID, id, out);
	src->slot_of[from] = (int8_t)slot;
	m->live |= merge_bit(slot);
	m->slot_owner[slot] = src;
	m->slot_age[slot] = m->next_age++;
	m->fresh |= merge_bit(from);
}

/*
 * Put a contact into the slot that it has in its source, with the same ID, also
 * in place of another. Return: whether that was possible.
 */
static bool put_down_exactly(struct merge *m, struct merge_source *src,
			     int32_t id, struct frame *out)
{
	const int slot = src->slot;

	if (!merge_is_exact(m) ||
	    (src->slot_of[slot] != slot &&
	     (src->slot_of[slot] >= 0 || m->live & merge_bit(slot))))
		return false;
	src->contact[slot].id = id;
	put_in_slot(m, src, slot, exact_id(m, slot, id), out);
	return true;
}

/*
 * Put a contact that another process had into its slot, with its tracking ID
 * and age; or into none. Return: whether that was possible.
 */
static bool put_back(struct merge *m, struct merge_source *src, int32_t id,
		     struct frame *out)
{
	const struct merge_slots *was = m->was;
	const int from = src->slot, slot = was->slot[from];

	if (slot >= (int)spec_slots(m->spec) ||
	    (slot >= 0 &&
	     (m->live & merge_bit(slot) || id_is_live(m, was->id[from]))))
		return false;
	src->contact[from].id = id;
	if (slot < 0)
		return true;
	put_in_slot(m, src, slot, was->id[from], out);
	m->slot_age[slot] = was->age[from];
	if (m->next_age <= was->age[from])
		m->next_age = was->age[from] + UINT64_C(1);
	return true;
}

/* Return: as merge_touch_event(), below. The old contact may have been lifted.
 */
static bool merge_put_down(struct merge *m, struct merge_source *src,
			   int32_t id, struct frame *out)
{
	const int from = src->slot;
	int slot;

	if (src->contact[from].id == id ||
	    (m->was && put_back(m, src, id, out)) ||
	    put_down_exactly(m, src, id, out))
		return true;
	if (has_changed(m, src->slot_of[from]))
		return false;
	merge_lift(m, src, from, out);
	slot = slot_for(m, src, from);
	m->again = 0;
	if (has_changed(m, slot)) {
		m->again = slot + 1;
		return false;
	}
	src->contact[from].id = id;
	if (slot < 0) {
		m->count.no_slot++;
		return true;
	}
	put_in_slot(m, src, slot, free_id(m), out);
	return true;
}

/* An axis of a slot without a contact, which the next one there will have. */
static void merge_move_none(struct merge *m, const struct merge_source *src,
			    uint16_t code, int32_t value, struct frame *out)
{
	if (!merge_is_exact(m) || m->live & merge_bit(src->slot)) {
		m->count.no_contact++;
		return;
	}
	merge_select(m, src->slot, out);
	frame_add(out, EV_ABS, code, value);
}

static void merge_move(struct merge *m, struct merge_source *src, uint16_t code,
		       int32_t value, struct frame *out)
{
	struct state_contact *c = &src->contact[src->slot];
	const uint16_t bit = (uint16_t)(1u << (code - STATE_MT_FIRST));

	c->axis[code - STATE_MT_FIRST] = value;
	c->known |= bit;
	m->mt_axes |= bit;
	if (c->id < 0)
		merge_move_none(m, src, code, value, out);
	else if (src->slot_of[src->slot] >= 0)
		merge_emit_mt(m, src->slot_of[src->slot], code, value, out);
}

/*
 * An event that was judged and clamped. Return: whether it was merged; if not,
 * the frame to the guest must end before it.
 */
static bool merge_touch_event(struct merge *m, struct merge_source *src,
			      uint16_t code, int32_t value, struct frame *out)
{
	if (!src->mt)
		merge_touch_keys_join(m, src);
	if (code == ABS_MT_SLOT)
		src->slot = value;
	else if (src->slot < 0)
		m->count.bad_slot++;
	else if (code != ABS_MT_TRACKING_ID)
		merge_move(m, src, code, value, out);
	else if (value >= 0)
		return merge_put_down(m, src, value, out);
	else if (has_changed(m, src->slot_of[src->slot]) && !merge_is_exact(m))
		return false;
	else
		merge_lift(m, src, src->slot, out);
	return true;
}

/*
 * Return: whether the event moves a contact that has these axes already, so
 * that the spec declares them.
 */
static inline bool moves(const struct spec *spec, unsigned int axes,
			 const struct vi_event *ev)
{
	const uint32_t axis = state_mt_axis(ev);

	return axis < STATE_MT_AXES && axes >> axis & 1 &&
	       spec_in_range(spec, vi_code(ev), vi_value(ev));
}

/*
 * As merge_move(), of the contact that is selected, which the device has.
 * Return: the event that is different.
 */
static inline const struct vi_event *move_contact(struct merge *m,
						  struct merge_source *src,
						  const struct vi_event *ev,
						  struct frame *out)
{
	const int slot = src->slot_of[src->slot];
	struct state_contact *its = &src->contact[src->slot];
	struct state_contact *ours = &m->now.contact[slot];
	const unsigned int axes = its->known & ours->known;
	const struct spec *spec = m->spec;
	const struct vi_event *const first = ev;
	struct vi_event *to = &out->ev[out->n];

	*to = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	to += m->now.slot != slot;
	for (; moves(spec, axes, ev); ev++) {
		const uint32_t axis = state_mt_axis(ev);

		its->axis[axis] = ours->axis[axis] = vi_value(ev);
		*to++ = *ev;
	}
	if (ev == first)
		return ev;
	m->now.slot = slot;
	m->touched = true;
	out->n = (size_t)(to - out->ev);
	return ev;
}

static inline bool selects(const struct merge *m, const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) == ABS_MT_SLOT &&
	       vi_value(ev) >= 0 &&
	       vi_value(ev) <= m->spec->abs[ABS_MT_SLOT].max;
}

/*
 * What most events are: a slot is selected, and its contact moves in the usual
 * way. The same as by merge_touch_event(). Return: how many of them there are.
 */
static inline size_t merge_moves(struct merge *m, struct merge_source *src,
				 const struct vi_event *ev, struct frame *out)
{
	const struct vi_event *at = ev;
	bool selected = selects(m, at);

	if (!src->mt)
		return 0;
	do {
		if (selected)
			src->slot = vi_value(at++);
		if (src->slot >= 0 && src->slot_of[src->slot] >= 0)
			at = move_contact(m, src, at, out);
		selected = selects(m, at);
	} while (selected);
	return (size_t)(at - ev);
}

WARM size_t merge_touch(struct merge *m, struct merge_source *src,
			const struct vi_event *ev, struct frame *out)
{
	const size_t n = merge_moves(m, src, ev, out);

	if (n)
		return n;
	return merge_touch_event(m, src, vi_code(ev), merge_admit(m, ev), out);
}

void merge_touch_leave(struct merge *m, struct merge_source *src,
		       struct frame *out)
{
	for (int from = 0; from < (int)spec_slots(m->spec); from++)
		merge_lift(m, src, from, out);
	merge_touch_keys_leave(m, src);
}
