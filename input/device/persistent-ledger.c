/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/hot.h"
#include "input/device/merge.h"
#include "input/device/persistent-ledger.h"
#include "input/device/persistent-store.h"

/* --- writing --- */

static void put_device(struct persistent_ledger *to, const struct merge *m)
{
	memcpy(to->sw, m->now.sw, sizeof(m->now.sw));
	memcpy(to->sw_said, m->sw_said, sizeof(m->sw_said));
	persistent_put_i32s(to->abs_le, m->now.abs, m->now.abs_known);
	to->abs_known_le = htole64(m->now.abs_known);
	to->abs_said_le = htole64(m->abs_said);
	to->next_id_le = htole16(m->next_id);
	to->mt_axes_le = htole16(m->mt_axes);
}

static void put_motion(struct persistent_ledger *to, const int64_t *rel)
{
	uint64_t known = 0;

	for (unsigned int code = 0; code < REL_CNT; code++) {
		if (!rel[code])
			continue;
		to->owed_le[code] = htole64((uint64_t)rel[code]);
		known |= (uint64_t)1 << code;
	}
	to->known_le = htole64(known);
}

static void put_seen(struct persistent_seen *to,
		     const struct state_contact *from)
{
	to->id_le = htole32((uint32_t)from->id);
	to->known_le = htole16(from->known);
	persistent_put_i32s(to->axis_le, from->axis, from->known);
}

static void put_state(struct persistent_ledger *to, const struct state *st,
		      unsigned int slots)
{
	memcpy(to->seen_sw, st->sw, sizeof(st->sw));
	memcpy(to->seen_key, st->key, sizeof(st->key));
	persistent_put_i32s(to->seen_abs_le, st->abs, st->abs_known);
	to->seen_abs_known_le = htole64(st->abs_known);
	to->seen_slot_le = htole32((uint32_t)st->slot);
	to->seen_slots_le = htole32(slots);
	for (unsigned int i = 0; i < slots; i++)
		put_seen(&to->seen[i], &st->contact[i]);
}

static uint32_t flags_of(const struct persistent_place_of_ring *at,
			 const struct guest_view *view)
{
	return (at->ring ? PERSISTENT_RING : 0) |
	       (at->runs ? PERSISTENT_RUNS : 0) |
	       (view->belief == STATE_CERTAIN ? PERSISTENT_CERTAIN : 0) |
	       (view->resync ? PERSISTENT_RESYNC : 0) |
	       (view->cut ? PERSISTENT_CUT : 0) |
	       (view->cut_contact ? PERSISTENT_CUT_CONTACT : 0);
}

WARM void persistent_ledger_save(struct persistent *p,
				 const struct persistent_place_of_ring *at,
				 const struct merge *m,
				 const struct guest_view *view)
{
	const uint8_t next = !persistent_ledger_at(p->head);
	struct persistent_ledger *to = &p->head->ledger[next];
	const size_t left = guest_view_left(view);

	to->flags_le = htole32(flags_of(at, view));
	to->at_le = htole32(at->at);
	put_device(to, m);
	put_motion(to, view->rel);
	put_state(to, &view->state, spec_slots(view->spec));
	to->rest_le = htole32((uint32_t)left);
	if (left)
		memcpy(to->rest, guest_view_next(view),
		       left * sizeof(to->rest[0]));
	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			persistent_source_save(&p->source[i], m, next);
	STORE(&p->head->ledger_at_le, htole64(next));
}

void persistent_source_shown(const struct persistent *p,
			     struct persistent_source *ps)
{
	ps->ledger = persistent_ledger_at(p->head);
	persistent_source_commit(ps);
}

void persistent_ledger_roll_back(struct persistent *p)
{
	STORE(&p->head->ledger_at_le, htole64(!persistent_ledger_at(p->head)));
}

/* --- reading --- */

#define AXES ((1u << STATE_MT_AXES) - 1)

/* Any sums: what is added to them MUST NOT overflow. */
static void get_motion(int64_t *rel, const struct persistent_ledger *from,
		       const struct spec *spec)
{
	const uint64_t known = le64toh(LOAD(&from->known_le));

	for (uint16_t code = 0; code < REL_CNT; code++)
		if (known >> code & 1 && spec_has(spec, EV_REL, code))
			rel[code] = guest_view_limit(
				(int64_t)le64toh(LOAD(&from->owed_le[code])));
}

static void get_bits(uint8_t *bits, const uint8_t *from, const uint8_t *has,
		     size_t len)
{
	for (size_t i = 0; i < len; i++)
		bits[i] = from[i] & has[i];
}

static void get_seen(struct state_contact *to,
		     const struct persistent_seen *from)
{
	to->id = (int32_t)le32toh(from->id_le);
	if (to->id < 0)
		to->id = -1;
	to->known = to->id < 0 ? 0 : le16toh(from->known_le) & AXES;
	persistent_get_i32s(to->axis, from->axis_le, STATE_MT_AXES);
}

static void get_state(struct state *st, const struct persistent_ledger *from,
		      const struct spec *spec)
{
	const uint32_t slots = le32toh(LOAD(&from->seen_slots_le));
	const int32_t slot = (int32_t)le32toh(LOAD(&from->seen_slot_le));

	get_bits(st->sw, from->seen_sw, spec->bits[EV_SW], sizeof(st->sw));
	get_bits(st->key, from->seen_key, spec->bits[EV_KEY], sizeof(st->key));
	persistent_get_i32s(st->abs, from->seen_abs_le, ABS_CNT);
	st->abs_known = le64toh(LOAD(&from->seen_abs_known_le));
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (!(st->abs_known >> code & 1))
			st->abs[code] = 0;
	st->slot = slot < (int32_t)spec_slots(spec) ? slot : -1;
	for (unsigned int i = 0; i < slots && i < spec_slots(spec); i++)
		get_seen(&st->contact[i], &from->seen[i]);
}

/* It is left out if it is not of the device: the difference is then sent. */
static void get_rest(struct guest_view *view,
		     const struct persistent_ledger *from)
{
	const uint32_t n = le32toh(LOAD(&from->rest_le));

	if (!n || n >= FRAME_OUT_MAX)
		return;
	memcpy(&view->out.ev[1], from->rest, n * sizeof(from->rest[0]));
	guest_view_set_rest(view, n);
}

void persistent_ledger_load(const struct persistent *p,
			    enum persistent_which which,
			    struct persistent_place_of_ring *at,
			    struct guest_view *view)
{
	const uint8_t active = persistent_ledger_at(p->head);
	const struct persistent_ledger *from =
		&p->head->ledger[which == PERSISTENT_LAST ? active : !active];
	const uint32_t flags = le32toh(LOAD(&from->flags_le));

	at->ring = flags & PERSISTENT_RING;
	at->runs = flags & PERSISTENT_RUNS;
	at->at = le32toh(LOAD(&from->at_le));
	if (!at->ring)
		return;
	view->belief = flags & PERSISTENT_CERTAIN ? STATE_CERTAIN
						  : STATE_FORGOTTEN_PERHAPS;
	view->resync = flags & PERSISTENT_RESYNC;
	view->cut = flags & PERSISTENT_CUT;
	view->cut_contact = flags & PERSISTENT_CUT_CONTACT;
	get_state(&view->state, from, view->spec);
	get_motion(view->rel, from, view->spec);
	get_rest(view, from);
}

void persistent_state_load(const struct persistent *p, const struct spec *spec,
			   struct state *now)
{
	const struct persistent_ledger *from =
		&p->head->ledger[persistent_ledger_at(p->head)];
	const uint64_t known = le64toh(LOAD(&from->abs_known_le));

	for (uint16_t code = 0; code < SW_CNT; code++)
		if (spec_has(spec, EV_SW, code))
			bit_assign(now->sw, code, bit_test(from->sw, code));
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const uint64_t bit = (uint64_t)1 << code;
		const int32_t value = (int32_t)le32toh(from->abs_le[code]);

		if (!spec_has(spec, EV_ABS, code) || spec_is_mt(spec, code) ||
		    spec->abs[code].has_rest)
			continue;
		now->abs[code] = 0;
		now->abs_known &= ~bit;
		if (!(known & bit))
			continue;
		now->abs[code] = frame_clamp(spec, code, value);
		now->abs_known |= bit;
	}
}

void persistent_merge_load(const struct persistent *p, struct merge *m)
{
	const struct persistent_ledger *from =
		&p->head->ledger[persistent_ledger_at(p->head)];

	merge_know_mt_axes(m, le16toh(from->mt_axes_le));
	m->next_id = le16toh(from->next_id_le);
	m->abs_said = le64toh(from->abs_said_le);
	memcpy(m->sw_said, from->sw_said, sizeof(m->sw_said));
}
