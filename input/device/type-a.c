/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First the contacts of the frame are listed, then each gets a slot: with the
 * same tracking ID, else, nearest pair first, with the nearest contact, else a
 * free one. Then the events are written: what is lifted comes first, the others
 * stay in their order.
 */
#include <stdlib.h>
#include <string.h>
#include "input/device/type-a.h"

/* A contact as a frame has it. */
struct listed {
	size_t first, end; /* its events, end is its SYN_MT_REPORT */
	struct type_a_contact is;
	bool has_id, has_x, has_y;
	int slot;    /* -1: none yet, or none free */
	bool is_new; /* in its slot */
};

struct conversion {
	struct type_a *ta;
	const struct vi_event *ev;
	size_t n;
	struct listed listed[SPEC_SLOTS_MAX];
	unsigned int n_listed;
	uint64_t taken; /* slots that have a contact of this frame */
};

void type_a_init(struct type_a *ta, unsigned int slots)
{
	*ta = (struct type_a){ .slots = slots };
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		ta->contact[i].id = -1;
}

static bool is_mt(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) >= ABS_MT_SLOT &&
	       vi_code(ev) <= ABS_MT_TOOL_Y;
}

static void note_value(struct listed *l, const struct vi_event *ev)
{
	switch (vi_code(ev)) {
	case ABS_MT_TRACKING_ID:
		l->is.id = vi_value(ev);
		l->has_id = true;
		return;
	case ABS_MT_POSITION_X:
		l->is.x = vi_value(ev);
		l->has_x = true;
		return;
	case ABS_MT_POSITION_Y:
		l->is.y = vi_value(ev);
		l->has_y = true;
		return;
	}
}

static bool type_a_is_listed(const struct conversion *c, const struct listed *l)
{
	for (unsigned int i = 0; i < c->n_listed; i++)
		if (l->has_id && c->listed[i].has_id &&
		    c->listed[i].is.id == l->is.id)
			return true;
	return false;
}

static void list_contacts(struct conversion *c)
{
	static const struct listed none = { .is = { .id = -1 }, .slot = -1 };
	struct listed l = none;
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		if (type_a_is_end(&c->ev[i])) {
			l.end = i;
			any &= !l.has_id || l.is.id >= 0;
			if (any && c->n_listed < SPEC_SLOTS_MAX &&
			    !type_a_is_listed(c, &l))
				c->listed[c->n_listed++] = l;
			l = none;
			l.first = i + 1;
			any = false;
		} else if (is_mt(&c->ev[i])) {
			note_value(&l, &c->ev[i]);
			any |= vi_code(&c->ev[i]) != ABS_MT_SLOT;
		}
	}
}

static void assign(struct conversion *c, struct listed *l, unsigned int slot)
{
	l->slot = (int)slot;
	c->taken |= (uint64_t)1 << slot;
}

static void assign_by_id(struct conversion *c)
{
	for (unsigned int i = 0; i < c->n_listed; i++)
		for (unsigned int slot = 0; slot < c->ta->slots; slot++)
			if (c->listed[i].has_id &&
			    c->ta->contact[slot].id == c->listed[i].is.id)
				assign(c, &c->listed[i], slot);
}

/* Return: the distance's square by what was sent, or the largest number. */
static uint64_t type_a_distance(const struct type_a_contact *a,
				const struct listed *b)
{
	uint64_t dx = 0, dy = 0, d;

	if (b->has_x)
		dx = (uint64_t)llabs((int64_t)a->x - b->is.x);
	if (b->has_y)
		dy = (uint64_t)llabs((int64_t)a->y - b->is.y);
	return __builtin_add_overflow(dx * dx, dy * dy, &d) ? UINT64_MAX : d;
}

/* Return: whether there was a pair left. */
static bool assign_nearest_pair(struct conversion *c)
{
	struct listed *best = NULL;
	unsigned int best_slot = 0;
	uint64_t least = 0;

	for (unsigned int i = 0; i < c->n_listed; i++) {
		struct listed *l = &c->listed[i];

		if (l->slot >= 0 || l->has_id)
			continue;
		for (unsigned int slot = 0; slot < c->ta->slots; slot++) {
			const struct type_a_contact *was =
				&c->ta->contact[slot];
			const uint64_t d = type_a_distance(was, l);

			if (was->id < 0 || c->taken >> slot & 1 ||
			    (best && d >= least))
				continue;
			best = l;
			best_slot = slot;
			least = d;
		}
	}
	if (best)
		assign(c, best, best_slot);
	return best;
}

/* Return: a free slot, rather one that nothing is lifted from; -1: none. */
static int find_free_slot(const struct conversion *c)
{
	int other = -1;

	for (unsigned int slot = 0; slot < c->ta->slots; slot++) {
		if (c->taken >> slot & 1)
			continue;
		if (c->ta->contact[slot].id < 0)
			return (int)slot;
		if (other < 0)
			other = (int)slot;
	}
	return other;
}

/* Return: whether a contact of the last frame or of this one has the ID. */
static bool has_id(const struct conversion *c, int32_t id)
{
	for (unsigned int slot = 0; slot < c->ta->slots; slot++)
		if (c->ta->contact[slot].id == id)
			return true;
	for (unsigned int i = 0; i < c->n_listed; i++)
		if (c->listed[i].is.id == id)
			return true;
	return false;
}

static int32_t find_free_id(const struct conversion *c)
{
	struct type_a *ta = c->ta;

	do
		ta->next_id = (ta->next_id + 1) & 0xffff;
	while (has_id(c, ta->first_id + ta->next_id));
	return ta->first_id + ta->next_id;
}

static void assign_free_slots(struct conversion *c)
{
	for (unsigned int i = 0; i < c->n_listed; i++) {
		struct listed *l = &c->listed[i];
		const int slot = l->slot < 0 ? find_free_slot(c) : -1;

		if (slot < 0)
			continue;
		assign(c, l, (unsigned int)slot);
		l->is_new = true;
		if (!l->has_id)
			l->is.id = find_free_id(c);
	}
}

static size_t put_abs(struct vi_event *out, uint16_t code, int32_t value)
{
	*out = vi_event(EV_ABS, code, value);
	return 1;
}

static size_t put_lifted(struct conversion *c, struct vi_event *out)
{
	size_t n = 0;

	for (unsigned int slot = 0; slot < c->ta->slots; slot++) {
		if (c->ta->contact[slot].id < 0 || c->taken >> slot & 1)
			continue;
		n += put_abs(&out[n], ABS_MT_SLOT, (int32_t)slot);
		n += put_abs(&out[n], ABS_MT_TRACKING_ID, -1);
		c->ta->contact[slot].id = -1;
	}
	return n;
}

/* Its slot, its ID if it is new, and its axes. */
static size_t put_contact(struct conversion *c, struct listed *l,
			  struct vi_event *out)
{
	struct type_a_contact *now = &c->ta->contact[l->slot];
	size_t n = put_abs(out, ABS_MT_SLOT, l->slot);

	if (l->is_new) {
		/* The last contact in this slot is lifted by the new ID. */
		n += put_abs(&out[n], ABS_MT_TRACKING_ID, l->is.id);
		now->id = l->is.id;
	}
	for (size_t i = l->first; i < l->end; i++)
		if (is_mt(&c->ev[i]) && vi_code(&c->ev[i]) != ABS_MT_SLOT &&
		    vi_code(&c->ev[i]) != ABS_MT_TRACKING_ID)
			out[n++] = c->ev[i];
	if (l->has_x)
		now->x = l->is.x;
	if (l->has_y)
		now->y = l->is.y;
	return n;
}

static size_t put_events(struct conversion *c, struct vi_event *out)
{
	struct listed *l = c->listed;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (l < c->listed + c->n_listed && i == l->end) {
			if (l->slot >= 0)
				n += put_contact(c, l, &out[n]);
			l++;
		} else if (!is_mt(&c->ev[i]) && !type_a_is_end(&c->ev[i])) {
			out[n++] = c->ev[i];
		}
	}
	return n;
}

static bool has_end(const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (type_a_is_end(&ev[i]))
			return true;
	return false;
}

size_t type_a_convert(struct type_a *ta, const struct vi_event *ev, size_t n,
		      struct vi_event *out)
{
	struct conversion c = { .ta = ta, .ev = ev, .n = n };
	size_t lifted;

	if (!has_end(ev, n)) {
		memcpy(out, ev, n * sizeof(*ev));
		return n;
	}
	list_contacts(&c);
	assign_by_id(&c);
	while (assign_nearest_pair(&c))
		;
	assign_free_slots(&c);
	lifted = put_lifted(&c, out);
	return lifted + put_events(&c, out + lifted);
}
