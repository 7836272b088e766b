/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   source A: slot 0, ID 4711 ──────► device: slot 0, ID 0
 *             slot 1, none                    slot 1, ID 2
 *   source B: slot 0, ID 12 ──────────────────► │
 *
 * A contact gets the lowest free slot of the device and keeps it. The source's
 * ABS_MT_SLOT only selects which of its contacts is meant; the device's slot is
 * selected before the first event that needs it.
 *
 * What single-touch programs use (BTN_TOUCH, BTN_TOOL_*, ABS_X, ABS_Y,
 * ABS_PRESSURE) is computed from all contacts at the end of a frame that
 * changed one. In holders[] the contacts, and the touch keys of MT sources,
 * count as one more holder, so that BTN_TOUCH of a pen or a single-touch source
 * is merged like any other key.
 */
#include "input/device/merge-touch.h"

#define TRACKING_ID (ABS_MT_TRACKING_ID - STATE_MT_FIRST)

static inline uint64_t bit64(int n)
{
	return (uint64_t)1 << n;
}

/* BTN_TOUCH is for any number of contacts, the others for exactly so many. */
static const struct touch_key {
	uint16_t code;
	int contacts;
} touch_key[] = {
	{ BTN_TOUCH, 0 },	   { BTN_TOOL_FINGER, 1 },
	{ BTN_TOOL_DOUBLETAP, 2 }, { BTN_TOOL_TRIPLETAP, 3 },
	{ BTN_TOOL_QUADTAP, 4 },   { BTN_TOOL_QUINTTAP, 5 },
};

#define N_TOUCH_KEYS (sizeof(touch_key) / sizeof(touch_key[0]))

/* Axes of the whole device that merge_follow one of its contacts. */
static const struct follower {
	uint16_t code;
	uint16_t followed;
} follower[] = {
	{ ABS_X, ABS_MT_POSITION_X },
	{ ABS_Y, ABS_MT_POSITION_Y },
	{ ABS_PRESSURE, ABS_MT_PRESSURE },
};

#define N_FOLLOWERS (sizeof(follower) / sizeof(follower[0]))

/* Return: whether the frames of the only source pass as they are. */
static bool merge_is_exact(const struct merge *m)
{
	const struct merge_source *src = LIST_FIRST(&m->sources);

	return m->spec->exact && src && !LIST_NEXT(src, link);
}

static const struct touch_key *find_touch_key(uint16_t code)
{
	for (size_t i = 0; i < N_TOUCH_KEYS; i++)
		if (touch_key[i].code == code)
			return &touch_key[i];
	return NULL;
}

static bool has_contact(const struct merge *m, const struct merge_source *src)
{
	for (uint64_t left = m->live; left; left &= left - 1)
		if (m->slot_owner[__builtin_ctzll(left)] == src)
			return true;
	return false;
}

bool merge_touch_key(struct merge *m, struct merge_source *src, uint16_t code,
		     bool down, struct frame *out)
{
	const struct touch_key *key;

	if (code < BTN_DIGI || code > BTN_TOOL_QUADTAP)
		return false;
	key = find_touch_key(code);
	if (!key)
		return false;
	if (down)
		src->says |=
			key->contacts ? MERGE_SAYS_TOOLS : MERGE_SAYS_TOUCH;
	if (!src->mt)
		return false;
	if (!down && src->says == MERGE_SAYS_TOUCH && m->lifted &&
	    has_contact(m, src))
		src->says = 0;
	bit_assign(src->key, code, down);
	m->touched = m->touch_keys_due = true;
	if (merge_is_exact(m))
		merge_emit_key(m, code, down, out);
	return true;
}

/* Return: the device's slot of the merge_oldest contact, -1 if there is none.
 */
static int merge_oldest(const struct merge *m)
{
	int best = -1;

	for (uint64_t left = m->live; left; left &= left - 1) {
		const int slot = __builtin_ctzll(left);

		if (best < 0 || m->slot_age[slot] < m->slot_age[best])
			best = slot;
	}
	return best;
}

bool merge_touch_drives(const struct merge *m, const struct merge_source *src,
			uint16_t code)
{
	if (!src->mt || !m->live)
		return false;
	if (code != ABS_X && code != ABS_Y && code != ABS_PRESSURE)
		return false;
	return m->slot_owner[merge_oldest(m)] != src;
}

static void merge_select(struct merge *m, int slot, struct frame *out)
{
	if (m->now.slot == slot)
		return;
	m->now.slot = slot;
	frame_add(out, EV_ABS, ABS_MT_SLOT, slot);
}

static void merge_emit_mt(struct merge *m, int slot, uint16_t code,
			  int32_t value, struct frame *out)
{
	struct state_contact *c = &m->now.contact[slot];
	const unsigned int axis = code - STATE_MT_FIRST;

	merge_select(m, slot, out);
	if (axis == TRACKING_ID) {
		*c = (struct state_contact){ .id = value };
		m->changed |= bit64(slot);
		m->touch_keys_due = true;
	} else {
		c->axis[axis] = value;
		c->known |= (uint16_t)(1u << axis);
	}
	frame_add(out, EV_ABS, code, value);
	m->touched = true;
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
	m->live &= ~bit64(slot);
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
	const uint64_t all = n < 64 ? bit64((int)n) - 1 : UINT64_MAX;
	const uint64_t free = all & ~m->live;
	const uint64_t good = free & ~m->avoid_slots;
	const uint64_t calm = good & ~m->changed;

	if (left >= 0 && (good & bit64(left) || !good))
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
	return slot >= 0 && m->changed & bit64(slot);
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
	if (has_changed(m, left) && !(m->live & bit64(left)))
		return free_slot(m, left);
	return free_slot(m, -1);
}

static int32_t exact_id(struct merge *m, int slot, int32_t id)
{
	if (id > UINT16_MAX || id_is_live(m, id) ||
	    m->avoid_slots & bit64(slot))
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
	m->live |= bit64(slot);
	m->slot_owner[slot] = src;
	m->slot_age[slot] = m->next_age++;
	m->fresh |= bit64(from);
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
	     (src->slot_of[slot] >= 0 || m->live & bit64(slot))))
		return false;
	src->contact[slot].id = id;
	put_in_slot(m, src, slot, exact_id(m, slot, id), out);
	return true;
}

/* Return: as merge_touch_event(). The old contact may have been lifted. */
static bool merge_put_down(struct merge *m, struct merge_source *src,
			   int32_t id, struct frame *out)
{
	const int from = src->slot;
	int slot;

	if (src->contact[from].id == id || put_down_exactly(m, src, id, out))
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
	if (!merge_is_exact(m) || m->live & bit64(src->slot)) {
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
 * From now on the source's touch keys are settled with the contacts. Often
 * BTN_TOUCH came before the contact in this very frame.
 */
static void become_mt(struct merge *m, struct merge_source *src)
{
	src->mt = true;
	for (size_t i = 0; i < N_TOUCH_KEYS; i++) {
		if (!bit_test(src->key, touch_key[i].code))
			continue;
		m->holders[touch_key[i].code]--;
		m->touched = m->touch_keys_due = true;
	}
}

bool merge_touch_event(struct merge *m, struct merge_source *src, uint16_t code,
		       int32_t value, struct frame *out)
{
	if (!src->mt)
		become_mt(m, src);
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

void merge_touch_leave(struct merge *m, struct merge_source *src,
		       struct frame *out)
{
	for (int from = 0; from < (int)spec_slots(m->spec); from++)
		merge_lift(m, src, from, out);
	for (size_t i = 0; src->mt && i < N_TOUCH_KEYS; i++) {
		m->touched |= bit_test(src->key, touch_key[i].code);
		bit_clear(src->key, touch_key[i].code);
	}
	m->touch_keys_due |= m->touched;
}

/*
 * Send the axes that the contact has in its source and that were not sent since
 * it was put down; and those that only other sources use, of which the guest's
 * slot may have an old value.
 */
static void merge_complete(struct merge *m, const struct merge_source *src,
			   int from, struct frame *out)
{
	const struct state_contact *c = &src->contact[from];
	const int slot = src->slot_of[from];
	unsigned int left;

	if (slot < 0)
		return;
	left = m->mt_axes & ~(unsigned int)m->now.contact[slot].known;
	if (merge_is_exact(m))
		left &= c->known;
	for (; left; left &= left - 1) {
		const int axis = __builtin_ctz(left);
		const uint16_t code = (uint16_t)(STATE_MT_FIRST + axis);

		merge_emit_mt(m, slot, code,
			      c->known >> axis & 1 ? c->axis[axis]
						   : frame_none(m->spec, code),
			      out);
	}
}

/* Return: the only source with contacts, NULL if there is none or several. */
static const struct merge_source *sole_toucher(const struct merge *m)
{
	const struct merge_source *sole = NULL;

	for (uint64_t left = m->live; left; left &= left - 1) {
		const struct merge_source *src =
			m->slot_owner[__builtin_ctzll(left)];

		if (sole && src != sole)
			return NULL;
		sole = src;
	}
	return sole;
}

static bool says_key(const struct merge *m, const struct merge_source *src,
		     const struct touch_key *key)
{
	if (merge_is_exact(m))
		return true;
	return key->contacts ? src->says & MERGE_SAYS_TOOLS : src->says;
}

/*
 * Return: whether any source holds the key of which none has a contact, and
 * none is about to have one.
 */
static bool hovers(const struct merge *m, uint16_t code)
{
	const struct merge_source *src;

	LIST_FOREACH (src, &m->sources, link)
		if (src->mt && !src->midway && bit_test(src->key, code))
			return true;
	return false;
}

static bool have_distances(const struct merge *m)
{
	return m->mt_axes >> (ABS_MT_DISTANCE - STATE_MT_FIRST) & 1;
}

/* Contacts, and how many of them touch: those without a distance. */
struct contacts {
	int all, touching;
};

static struct contacts count_contacts(const struct merge *m,
				      const struct state *st, uint64_t slots)
{
	const unsigned int axis = ABS_MT_DISTANCE - STATE_MT_FIRST;
	const int all = __builtin_popcountll(slots);
	struct contacts n = { all, all };

	if (!have_distances(m))
		return n;
	for (; slots; slots &= slots - 1) {
		const struct state_contact *c =
			&st->contact[__builtin_ctzll(slots)];

		n.touching -=
			c->known >> axis & 1 &&
			c->axis[axis] > frame_none(m->spec, ABS_MT_DISTANCE);
	}
	return n;
}

static bool follows_contacts(const struct touch_key *key, struct contacts n)
{
	return key->contacts ? n.all == key->contacts : n.touching > 0;
}

static void merge_settle_keys(struct merge *m, struct frame *out)
{
	const struct merge_source *sole = sole_toucher(m);
	const struct contacts n = count_contacts(m, &m->now, m->live);

	for (size_t i = 0; i < N_TOUCH_KEYS; i++) {
		const struct touch_key *key = &touch_key[i];
		bool down;

		if (!spec_has(m->spec, EV_KEY, key->code))
			continue;
		if (!n.all)
			down = hovers(m, key->code);
		else if (sole && says_key(m, sole, key))
			down = bit_test(sole->key, key->code);
		else
			down = follows_contacts(key, n);
		if (down != (m->touch_keys >> i & 1)) {
			m->touch_keys ^= (uint8_t)(1u << i);
			if (down)
				m->holders[key->code]++;
			else
				m->holders[key->code]--;
		}
		if (bit_test(m->now.key, key->code) != !!m->holders[key->code])
			merge_emit_key(m, key->code, !!m->holders[key->code],
				       out);
	}
}

static void merge_follow(struct merge *m, int slot, const struct follower *f,
			 struct frame *out)
{
	struct merge_source *src = m->slot_owner[slot];
	const struct state_contact *c = &m->now.contact[slot];
	const unsigned int axis = f->followed - STATE_MT_FIRST;
	const bool own = src->sends_xy || merge_is_exact(m);
	int32_t value;

	if (own ? !(src->abs_known >> f->code & 1) : !(m->mt_axes >> axis & 1))
		return;
	value = own ? src->abs[f->code]
		    : frame_clamp(m->spec, f->code, c->axis[axis]);
	if (m->now.abs_known >> f->code & 1 && m->now.abs[f->code] == value)
		return;
	m->axis_owner[f->code] = own ? src : NULL;
	merge_emit_abs(m, f->code, value, out);
}

static void merge_settle_axes(struct merge *m, struct frame *out)
{
	const int slot = merge_oldest(m);

	for (size_t i = 0; slot >= 0 && i < N_FOLLOWERS; i++)
		if (spec_has(m->spec, EV_ABS, follower[i].code))
			merge_follow(m, slot, &follower[i], out);
	/* Without a contact or another source: no pressure. */
	if (slot < 0 && spec_has(m->spec, EV_ABS, ABS_PRESSURE) &&
	    !m->axis_owner[ABS_PRESSURE] && !merge_is_exact(m)) {
		const int32_t none = frame_none(m->spec, ABS_PRESSURE);

		if (m->now.abs[ABS_PRESSURE] != none)
			merge_emit_abs(m, ABS_PRESSURE, none, out);
	}
}

void merge_touch_settle(struct merge *m, struct merge_source *src,
			struct frame *out)
{
	for (uint64_t left = m->fresh; left; left &= left - 1)
		merge_complete(m, src, __builtin_ctzll(left), out);
	m->fresh = 0;
	m->changed = 0;
	m->lifted = false;
	if (m->touch_keys_due || have_distances(m))
		merge_settle_keys(m, out);
	merge_settle_axes(m, out);
	m->touched = m->touch_keys_due = false;
}

void merge_touch_keys(const struct merge *m, struct state *st)
{
	const struct merge_source *sole = sole_toucher(m);
	uint64_t slots = 0;
	struct contacts n;

	for (int slot = 0; slot < (int)spec_slots(m->spec); slot++)
		slots |= st->contact[slot].id >= 0 ? bit64(slot) : 0;
	n = count_contacts(m, st, slots);

	for (size_t i = 0; i < N_TOUCH_KEYS; i++) {
		const struct touch_key *key = &touch_key[i];
		const unsigned int ours = m->touch_keys >> i & 1;

		if (!spec_has(m->spec, EV_KEY, key->code) ||
		    m->holders[key->code] != ours)
			continue;
		if (!sole || !says_key(m, sole, key))
			bit_assign(st->key, key->code,
				   follows_contacts(key, n));
		else if (!n.all || !ours)
			bit_clear(st->key, key->code);
	}
}
