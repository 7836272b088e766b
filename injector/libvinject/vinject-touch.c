/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contacts: an ID of the caller's maps to a slot and a tracking ID (multi-touch
 * protocol B). The lowest free slot is assigned, so that a device with few
 * slots gets those that it has. A slot that was freed in this frame has to be
 * seen empty first: a SYN_REPORT is put in between.
 *
 * A contact's events follow its ABS_MT_SLOT, which is added where the frame's
 * last one differs, and once in each frame in any case: a socket that was
 * passed down may have had another user, who left another slot selected.
 *
 * A single-touch device has one contact, slot 0 here, and other events for it.
 */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"

#define TRACKING_IDS 65536

static bool touch_is_single(const struct vinject *v)
{
	return !v->slots;
}

/* Return: the slot, or -ENOENT. */
static int touch_slot(const struct vinject *v, int64_t id)
{
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++)
		if (v->contact[i].down && v->contact[i].id == id)
			return i;
	return -ENOENT;
}

static int touch_free_slot(const struct vinject *v)
{
	const int n = touch_is_single(v) ? 1 : (int)v->slots;

	for (int i = 0; i < n; i++)
		if (!v->contact[i].down)
			return i;
	return -ENOSPC;
}

/* Whether this frame has already selected the slot. */
static bool touch_is_selected(const struct vinject *v, int slot)
{
	for (size_t i = v->n; i-- && !vi_is_syn_report(&v->frame[i]);)
		if (vi_type(&v->frame[i]) == EV_ABS &&
		    vi_code(&v->frame[i]) == ABS_MT_SLOT)
			return vi_value(&v->frame[i]) == slot;
	return false;
}

static void touch_add(struct vinject *v, int slot, uint16_t code, int32_t value)
{
	if (!touch_is_selected(v, slot))
		vinject_add(v, EV_ABS, ABS_MT_SLOT, slot);
	vinject_add(v, EV_ABS, code, value);
}

static void touch_add_position(struct vinject *v, int slot, int32_t x,
			       int32_t y)
{
	if (touch_is_single(v)) {
		vinject_add(v, EV_ABS, ABS_X, x);
		vinject_add(v, EV_ABS, ABS_Y, y);
		return;
	}
	touch_add(v, slot, ABS_MT_POSITION_X, x);
	touch_add(v, slot, ABS_MT_POSITION_Y, y);
}

static int32_t touch_new_id(struct vinject *v)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		if (v->draft.slots[i].id != v->next_id)
			continue;
		v->next_id = (uint16_t)((v->next_id + 1) % TRACKING_IDS);
		i = -1u;
	}
	return v->next_id++;
}

static void touch_put_down(struct vinject *v, int slot)
{
	vinject_set_plain(v, false);
	/* Its last contact was lifted in this frame. */
	if (v->now.slots[slot].id >= 0)
		vinject_add(v, EV_SYN, SYN_REPORT, 0);
	touch_add(v, slot, ABS_MT_TRACKING_ID, touch_new_id(v));
}

static void touch_lift(struct vinject *v, int slot)
{
	v->contact[slot].down = false;
	if (!touch_is_single(v)) {
		touch_add(v, slot, ABS_MT_TRACKING_ID, -1);
		return;
	}
	if (v->draft.abs[ABS_PRESSURE])
		vinject_add(v, EV_ABS, ABS_PRESSURE, 0);
	vinject_add(v, EV_KEY, BTN_TOUCH, 0);
}

int vinject_touch_slots(struct vinject *v, unsigned int slots)
{
	if (slots > VINJECT_SLOTS_MAX)
		return -EINVAL;
	if (vinject_touch_count(v))
		return -EBUSY;
	v->slots = slots;
	vinject_set_plain(v, false);
	return 0;
}

unsigned int vinject_touch_count(const struct vinject *v)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		n += v->contact[i].down;
	return n;
}

int vinject_touch_down(struct vinject *v, int64_t id, int32_t x, int32_t y)
{
	int slot = touch_slot(v, id);
	int r = vinject_room(v, 6);

	if (r)
		return r;
	if (slot >= 0)
		return vinject_touch_move(v, id, x, y);
	slot = touch_free_slot(v);
	if (slot < 0)
		return slot;
	v->contact[slot].id = id;
	v->contact[slot].down = true;
	if (!touch_is_single(v))
		touch_put_down(v, slot);
	touch_add_position(v, slot, x, y);
	if (touch_is_single(v))
		vinject_add(v, EV_KEY, BTN_TOUCH, 1);
	return 0;
}

/* Return: the contact's slot if n events can be added for it, or an error. */
static int touch_slot_with_room(const struct vinject *v, int64_t id, size_t n)
{
	const int r = vinject_room(v, n + 1);

	return r ? r : touch_slot(v, id);
}

int vinject_touch_move(struct vinject *v, int64_t id, int32_t x, int32_t y)
{
	const int slot = touch_slot_with_room(v, id, 2);

	if (slot < 0)
		return slot;
	touch_add_position(v, slot, x, y);
	return 0;
}

int vinject_touch_up(struct vinject *v, int64_t id)
{
	const int slot = touch_slot_with_room(v, id, 1);

	if (slot < 0)
		return slot;
	touch_lift(v, slot);
	return 0;
}

int vinject_touch_axis(struct vinject *v, int64_t id, uint16_t code,
		       int32_t value)
{
	const int slot = touch_slot_with_room(v, id, 1);

	if (code < VINJECT_MT_FIRST || code > ABS_MT_TOOL_Y ||
	    code == ABS_MT_TRACKING_ID)
		return -EINVAL;
	if (slot < 0)
		return slot;
	if (!touch_is_single(v))
		touch_add(v, slot, code, value);
	else if (code == ABS_MT_PRESSURE)
		vinject_add(v, EV_ABS, ABS_PRESSURE, value);
	return 0;
}

int vinject_touch_pressure(struct vinject *v, int64_t id, int32_t pressure)
{
	return vinject_touch_axis(v, id, ABS_MT_PRESSURE, pressure);
}

int vinject_touch_size(struct vinject *v, int64_t id, int32_t major,
		       int32_t minor)
{
	const int slot = touch_slot_with_room(v, id, 2);

	if (slot < 0)
		return slot;
	vinject_touch_axis(v, id, ABS_MT_TOUCH_MAJOR, major);
	return vinject_touch_axis(v, id, ABS_MT_TOUCH_MINOR, minor);
}

int vinject_touch_cancel(struct vinject *v)
{
	const int r = vinject_room(v, 2 * (size_t)vinject_touch_count(v));

	if (r)
		return r;
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++)
		if (v->contact[i].down)
			touch_lift(v, i);
	return 0;
}
