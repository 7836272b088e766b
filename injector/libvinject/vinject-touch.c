/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contacts: an id of the caller's is a slot and a tracking ID here (multi-touch
 * protocol B). The lowest free slot is taken, so a device with few slots gets
 * those that it has; a slot that was left in this frame only must be seen empty
 * first, and a SYN_REPORT is put between.
 *
 * Events of a contact begin with its ABS_MT_SLOT wherever the frame's last one
 * was another's, and once in each frame in any case: a socket that was handed
 * down may have had another user, who left another slot selected.
 *
 * A single-touch device has one contact, slot 0 here, and other events for it.
 */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"

#define TRACKING_IDS 65536

static bool single(const struct vinject *v)
{
	return !v->slots;
}

/* Return: the slot, or -ENOENT. */
static int slot_of(const struct vinject *v, int64_t id)
{
	for (int i = 0; i < VINJECT_SLOTS_MAX; i++)
		if (v->contact[i].down && v->contact[i].id == id)
			return i;
	return -ENOENT;
}

static int free_slot(const struct vinject *v)
{
	const int n = single(v) ? 1 : (int)v->slots;

	for (int i = 0; i < n; i++)
		if (!v->contact[i].down)
			return i;
	return -ENOSPC;
}

/* Whether this frame has selected the slot already. */
static bool selected(const struct vinject *v, int slot)
{
	for (size_t i = v->n; i-- && !vi_is_syn_report(&v->frame[i]);)
		if (vi_type(&v->frame[i]) == EV_ABS &&
		    vi_code(&v->frame[i]) == ABS_MT_SLOT)
			return vi_value(&v->frame[i]) == slot;
	return false;
}

static void say(struct vinject *v, int slot, uint16_t code, int32_t value)
{
	if (!selected(v, slot))
		vinject_add(v, EV_ABS, ABS_MT_SLOT, slot);
	vinject_add(v, EV_ABS, code, value);
}

static void say_position(struct vinject *v, int slot, int32_t x, int32_t y)
{
	if (single(v)) {
		vinject_add(v, EV_ABS, ABS_X, x);
		vinject_add(v, EV_ABS, ABS_Y, y);
		return;
	}
	say(v, slot, ABS_MT_POSITION_X, x);
	say(v, slot, ABS_MT_POSITION_Y, y);
}

static int32_t new_tracking_id(struct vinject *v)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		if (v->said.slots[i].id != v->next_id)
			continue;
		v->next_id = (uint16_t)((v->next_id + 1) % TRACKING_IDS);
		i = -1u;
	}
	return v->next_id++;
}

static void put_down(struct vinject *v, int slot)
{
	/* It was lifted in this frame. */
	if (v->now.slots[slot].id >= 0)
		vinject_add(v, EV_SYN, SYN_REPORT, 0);
	say(v, slot, ABS_MT_TRACKING_ID, new_tracking_id(v));
}

static void lift(struct vinject *v, int slot)
{
	v->contact[slot].down = false;
	if (single(v))
		vinject_add(v, EV_KEY, BTN_TOUCH, 0);
	else
		say(v, slot, ABS_MT_TRACKING_ID, -1);
}

int vinject_touch_slots(struct vinject *v, unsigned int slots)
{
	if (slots > VINJECT_SLOTS_MAX)
		return -EINVAL;
	if (vinject_touch_count(v))
		return -EBUSY;
	v->slots = slots;
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
	int slot = slot_of(v, id);
	int r = vinject_room(v, 6);

	if (r)
		return r;
	if (slot >= 0)
		return vinject_touch_move(v, id, x, y);
	slot = free_slot(v);
	if (slot < 0)
		return slot;
	v->contact[slot].id = id;
	v->contact[slot].down = true;
	if (!single(v))
		put_down(v, slot);
	say_position(v, slot, x, y);
	if (single(v))
		vinject_add(v, EV_KEY, BTN_TOUCH, 1);
	return 0;
}

/* Return: the contact's slot when n events can be said of it, else an error. */
static int slot_with_room(const struct vinject *v, int64_t id, size_t n)
{
	const int r = vinject_room(v, n + 1);

	return r ? r : slot_of(v, id);
}

int vinject_touch_move(struct vinject *v, int64_t id, int32_t x, int32_t y)
{
	const int slot = slot_with_room(v, id, 2);

	if (slot < 0)
		return slot;
	say_position(v, slot, x, y);
	return 0;
}

int vinject_touch_up(struct vinject *v, int64_t id)
{
	const int slot = slot_with_room(v, id, 1);

	if (slot < 0)
		return slot;
	lift(v, slot);
	return 0;
}

int vinject_touch_axis(struct vinject *v, int64_t id, uint16_t code,
		       int32_t value)
{
	const int slot = slot_with_room(v, id, 1);

	if (code < VINJECT_MT_FIRST || code > ABS_MT_TOOL_Y ||
	    code == ABS_MT_TRACKING_ID)
		return -EINVAL;
	if (slot < 0)
		return slot;
	if (!single(v))
		say(v, slot, code, value);
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
	const int slot = slot_with_room(v, id, 2);

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
			lift(v, i);
	return 0;
}
