/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What single-touch programs use (BTN_TOUCH, BTN_TOOL_*, ABS_X, ABS_Y,
 * ABS_PRESSURE) is computed from all contacts at the end of a frame that
 * changed one. In holders[] the contacts, and the touch keys of MT sources,
 * count as one more holder, so that BTN_TOUCH of a pen or a single-touch source
 * is merged like any other key.
 */
#include "input/base/hot.h"
#include "input/device/merge-contact.h"
#include "input/device/merge-settle.h"

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

void merge_touch_keys_join(struct merge *m, struct merge_source *src)
{
	src->mt = true;
	for (size_t i = 0; i < N_TOUCH_KEYS; i++) {
		if (!bit_test(src->key, touch_key[i].code))
			continue;
		m->holders[touch_key[i].code]--;
		m->touched = m->touch_keys_due = true;
	}
}

void merge_touch_keys_leave(struct merge *m, struct merge_source *src)
{
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

/*
 * An axis of the device that follows one of a contact. own: the source that
 * says itself where it is; NULL: the contact does.
 */
static inline void follow(struct merge *m, uint16_t code, int32_t value,
			  struct merge_source *own, struct frame *out)
{
	if (m->now.abs_known >> code & 1 && m->now.abs[code] == value)
		return;
	m->axis_owner[code] = own;
	merge_emit_abs(m, code, value, out);
}

static inline void follow_source(struct merge *m, struct merge_source *src,
				 uint16_t code, struct frame *out)
{
	if (spec_has(m->spec, EV_ABS, code) && src->abs_known >> code & 1)
		follow(m, code, src->abs[code], src, out);
}

static inline void follow_contact(struct merge *m,
				  const struct state_contact *c, uint16_t code,
				  uint16_t followed, struct frame *out)
{
	const int axis = followed - STATE_MT_FIRST;

	if (spec_has(m->spec, EV_ABS, code) && m->mt_axes >> axis & 1)
		follow(m, code, frame_clamp(m->spec, code, c->axis[axis]), NULL,
		       out);
}

/* Without a contact or another source: no pressure. */
static void merge_settle_pressure(struct merge *m, struct frame *out)
{
	const int32_t none = frame_none(m->spec, ABS_PRESSURE);

	if (spec_has(m->spec, EV_ABS, ABS_PRESSURE) &&
	    !m->axis_owner[ABS_PRESSURE] && !merge_is_exact(m) &&
	    m->now.abs[ABS_PRESSURE] != none)
		merge_emit_abs(m, ABS_PRESSURE, none, out);
}

static inline void merge_settle_axes(struct merge *m, struct frame *out)
{
	const int slot = merge_oldest(m);
	const struct state_contact *c;
	struct merge_source *src;

	if (slot < 0) {
		merge_settle_pressure(m, out);
		return;
	}
	src = m->slot_owner[slot];
	c = &m->now.contact[slot];
	if (src->sends_xy || merge_is_exact(m)) {
		follow_source(m, src, ABS_X, out);
		follow_source(m, src, ABS_Y, out);
		follow_source(m, src, ABS_PRESSURE, out);
	} else {
		follow_contact(m, c, ABS_X, ABS_MT_POSITION_X, out);
		follow_contact(m, c, ABS_Y, ABS_MT_POSITION_Y, out);
		follow_contact(m, c, ABS_PRESSURE, ABS_MT_PRESSURE, out);
	}
}

WARM void merge_touch_settle(struct merge *m, struct merge_source *src,
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
		slots |= st->contact[slot].id >= 0 ? merge_bit(slot) : 0;
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
