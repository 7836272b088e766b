/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "input/device/frame.h"
#include "tests/lib/input-model.h"

static const uint16_t touch_keys[] = {
	BTN_TOUCH,	    BTN_TOOL_FINGER,  BTN_TOOL_DOUBLETAP,
	BTN_TOOL_TRIPLETAP, BTN_TOOL_QUADTAP, BTN_TOOL_QUINTTAP,
};

static void model_source_init(struct model_source *s)
{
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < MODEL_SLOTS; i++)
		s->contact[i].id = s->contact[i].slot = s->contact[i].left = -1;
}

void model_init(struct model *m, const struct spec *spec)
{
	memset(m, 0, sizeof(*m));
	m->spec = spec;
	m->n_slots = (int)spec_slots(spec);
	for (int i = 0; i < MODEL_SOURCES; i++)
		model_source_init(&m->src[i]);
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		m->abs_owner[code] = -1;
		if (spec_has(spec, EV_ABS, code) && spec->abs[code].has_rest)
			m->abs[code] = spec->abs[code].rest;
		if (spec->abs[code].has_initial)
			m->abs[code] = spec->abs[code].initial;
	}
	for (uint16_t code = 0; code < SW_CNT; code++)
		m->sw[code] = bit_test(spec->initial_sw, code);
}

bool model_is_touch_key(int code)
{
	for (size_t i = 0; i < 6; i++)
		if (touch_keys[i] == code)
			return true;
	return false;
}

/* Return: the contact in this slot of the device, or NULL. */
struct model_contact *model_contact_in(struct model *m, int slot, int *who)
{
	for (int i = 0; i < MODEL_SOURCES; i++)
		for (int j = 0; j < MODEL_SLOTS; j++)
			if (m->src[i].contact[j].slot == slot) {
				*who = i;
				return &m->src[i].contact[j];
			}
	return NULL;
}

static int count_contacts(struct model *m)
{
	int n = 0, owner;

	for (int slot = 0; slot < m->n_slots; slot++)
		n += model_contact_in(m, slot, &owner) != NULL;
	return n;
}

static struct model_contact *oldest_contact(struct model *m, int *owner)
{
	struct model_contact *best = NULL;

	for (int slot = 0, who; slot < m->n_slots; slot++) {
		struct model_contact *c = model_contact_in(m, slot, &who);

		if (!c || (best && best->age < c->age))
			continue;
		best = c;
		*owner = who;
	}
	return best;
}

/* Slots to be avoided come last, those that changed before them. */
static int model_free_slot(struct model *m, int was_in)
{
	int owner, best = -1, best_rank = 3;

	if (was_in >= 0 && !(m->avoid >> was_in & 1))
		return was_in;
	for (int slot = 0; slot < m->n_slots; slot++) {
		const int rank = m->avoid >> slot & 1	  ? 2
				 : m->changed >> slot & 1 ? 1
							  : 0;

		if (rank >= best_rank || model_contact_in(m, slot, &owner))
			continue;
		best = slot;
		best_rank = rank;
	}
	return was_in >= 0 && best_rank == 2 ? was_in : best;
}

static void model_end(struct model *m);

/* A slot changes once in a frame of the guest: the next one begins. */
static void model_change(struct model *m, int slot)
{
	if (m->changed >> slot & 1)
		model_end(m);
	m->changed |= 1u << slot;
	m->touched = true;
}

/* What of it is for the frame to the guest that has the lift; or all. */
static void model_replace(struct model *m, struct model_source *s, int id,
			  bool lift_only)
{
	struct model_contact *c = &s->contact[s->slot];
	const int was_in = c->slot;
	int slot = -1, owner;

	if (id < 0)
		id = -1;
	if (c->id == id)
		return;
	if (was_in >= 0) {
		model_change(m, was_in);
		c->left = was_in;
		m->lifted = true;
	}
	c->id = c->slot = -1;
	if (m->again) {
		slot = m->again - 1;
	} else if (id >= 0) {
		const bool replaces = c->left >= 0 &&
				      m->changed >> c->left & 1 &&
				      !model_contact_in(m, c->left, &owner);

		slot = model_free_slot(m, replaces ? c->left : -1);
	}
	m->again = 0;
	if (lift_only) {
		m->again = slot + 1;
		return;
	}
	if (slot >= 0)
		model_change(m, slot);
	c->id = id;
	c->slot = slot;
	c->age = ++m->time;
	c->guest_id = -1;
}

static int clamped(const struct spec *spec, int code, int value)
{
	const struct spec_abs *abs = &spec->abs[code];

	return value < abs->min	  ? abs->min
	       : value > abs->max ? abs->max
				  : value;
}

static void model_mt(struct model *m, struct model_source *s, int code,
		     int value)
{
	for (size_t i = 0; !s->mt && i < 6; i++)
		m->touched |= s->key[touch_keys[i]];
	s->mt = true;
	if (code == ABS_MT_SLOT) {
		s->slot = value >= 0 && value < m->n_slots ? value : -1;
	} else if (s->slot < 0) {
		return;
	} else if (code == ABS_MT_TRACKING_ID) {
		model_replace(m, s, value, false);
	} else {
		struct model_contact *c = &s->contact[s->slot];

		c->axis[code] = clamped(m->spec, code, value);
		c->known[code] = true;
		m->used[code] = true;
		m->touched |= c->slot >= 0;
	}
}

static bool is_pointer(int code)
{
	return code == ABS_X || code == ABS_Y || code == ABS_PRESSURE;
}

static void model_abs(struct model *m, struct model_source *s, int code,
		      int value)
{
	int owner = -1;

	s->abs[code] = clamped(m->spec, code, value);
	s->known[code] = true;
	if (code == ABS_X || code == ABS_Y)
		s->sends_xy = true;
	oldest_contact(m, &owner);
	if (s->mt && is_pointer(code) && owner >= 0 && &m->src[owner] != s)
		return;
	m->abs[code] = s->abs[code];
	m->abs_owner[code] = (int)(s - m->src);
}

static void model_touch_key(struct model *m, struct model_source *s, int code,
			    bool down)
{
	bool touches = false;

	for (int i = 0; i < MODEL_SLOTS; i++)
		touches |= s->contact[i].slot >= 0;
	if (down && code == BTN_TOUCH)
		s->says_touch = true;
	else if (down)
		s->says_tools = true;
	else if (s->mt && m->lifted && touches && !s->says_tools)
		s->says_touch = false;
	m->touched |= s->mt;
}

static void model_event(struct model *m, struct model_source *s,
			const struct vi_event *ev)
{
	const int code = vi_code(ev), value = vi_value(ev);

	if (!spec_has(m->spec, vi_type(ev), vi_code(ev)))
		return;
	if (vi_type(ev) == EV_SW)
		m->sw[code] = value;
	else if (vi_type(ev) == EV_REL)
		m->rel[code] += value;
	else if (vi_type(ev) == EV_KEY) {
		s->key[code] = value;
		if (m->n_slots && model_is_touch_key(code))
			model_touch_key(m, s, code, value);
	} else if (vi_type(ev) == EV_ABS && spec_is_mt(m->spec, vi_code(ev)))
		model_mt(m, s, code, value);
	else if (vi_type(ev) == EV_ABS)
		model_abs(m, s, code, value);
}

static void model_follow(struct model *m)
{
	static const int of[][2] = { { ABS_X, ABS_MT_POSITION_X },
				     { ABS_Y, ABS_MT_POSITION_Y },
				     { ABS_PRESSURE, ABS_MT_PRESSURE } };
	int who = -1;
	struct model_contact *c = oldest_contact(m, &who);

	for (int i = 0; c && i < 3; i++) {
		const int code = of[i][0], mt = of[i][1];
		const bool own = m->src[who].sends_xy;
		int value;

		if (!spec_has(m->spec, EV_ABS, (uint16_t)code) ||
		    !(own ? m->src[who].known[code] : m->used[mt]))
			continue;
		value = own ? m->src[who].abs[code]
			    : clamped(m->spec, code, c->axis[mt]);
		if (value != m->abs[code])
			m->abs_owner[code] = own ? who : -1;
		m->abs[code] = value;
	}
	if (!c && m->abs_owner[ABS_PRESSURE] < 0 &&
	    spec_has(m->spec, EV_ABS, ABS_PRESSURE))
		m->abs[ABS_PRESSURE] = clamped(m->spec, ABS_PRESSURE, 0);
}

/* With several sources that touch, nobody's own keys count. */
static bool model_touch_key_is_down(struct model *m, int i)
{
	const int code = touch_keys[i], n = count_contacts(m);
	bool own = false, several = false, touches = false;
	const struct model_source *s = NULL;
	int who;

	for (int slot = 0; slot < m->n_slots; slot++) {
		const struct model_contact *c = model_contact_in(m, slot, &who);

		if (!c)
			continue;
		touches |= !c->axis[ABS_MT_DISTANCE];
		several |= s && s != &m->src[who];
		s = &m->src[who];
	}
	if (s && !several && (s->says_tools || (!i && s->says_touch)))
		return s->key[code];
	if (n)
		return i ? n == i : touches;
	for (int j = 0; j < MODEL_SOURCES; j++)
		own |= m->src[j].mt && !m->src[j].midway && m->src[j].key[code];
	return own;
}

static void model_keys(struct model *m)
{
	memset(m->key, 0, sizeof(m->key));
	for (int i = 0; i < MODEL_SOURCES; i++)
		for (int code = 0; code < KEY_CNT; code++)
			m->key[code] |=
				m->src[i].key[code] &&
				!(m->src[i].mt && model_is_touch_key(code));
	for (int i = 0; i < 6; i++)
		if (m->n_slots && spec_has(m->spec, EV_KEY, touch_keys[i]))
			m->key[touch_keys[i]] |= model_touch_key_is_down(m, i);
}

static void model_end(struct model *m)
{
	if (m->touched)
		model_follow(m);
	m->touched = false;
	m->changed = 0;
	model_keys(m);
}

size_t model_convert(struct model *m, int who, const struct vi_event *ev,
		     size_t n, struct vi_event *out)
{
	m->type_a.slots = (unsigned int)m->n_slots;
	m->type_a.first_id = TYPE_A_OWN_IDS;
	for (int slot = 0; slot < m->n_slots; slot++) {
		const struct model_contact *c = &m->src[who].contact[slot];

		m->type_a.contact[slot] = (struct type_a_contact){
			.id = c->id,
			.x = c->axis[ABS_MT_POSITION_X],
			.y = c->axis[ABS_MT_POSITION_Y],
		};
	}
	return type_a_convert(&m->type_a, ev, n, out);
}

/*
 * Touch keys of a source that is in the middle of a frame do not count. Such a
 * frame lifts a contact.
 */
static void model_begin(struct model *m, int who)
{
	m->touched |= m->src[who].midway;
	m->lifted = m->src[who].midway;
	m->src[who].midway = false;
}

static void model_events(struct model *m, int who, const struct vi_event *ev,
			 size_t n)
{
	if (!m->src[who].attached)
		m->src[who].attached = ++m->time;
	for (size_t i = 0; i < n; i++)
		model_event(m, &m->src[who], &ev[i]);
}

void model_part(struct model *m, int who, const struct vi_event *ev, size_t n)
{
	model_begin(m, who);
	model_events(m, who, ev, n);
	m->src[who].midway = true;
	model_end(m);
}

void model_part_and_lift(struct model *m, int who, const struct vi_event *ev,
			 size_t n)
{
	model_begin(m, who);
	model_events(m, who, ev, n);
	model_replace(m, &m->src[who], vi_value(&ev[n]), true);
	m->src[who].midway = true;
	model_end(m);
}

static bool has_contacts(const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (type_a_is_end(&ev[i]))
			return true;
	return false;
}

void model_frame(struct model *m, int who, const struct vi_event *ev, size_t n)
{
	static struct vi_event converted[FRAME_EVENTS_MAX + TYPE_A_EXTRA];
	const int slot = m->src[who].slot;
	const bool convert = m->n_slots && has_contacts(ev, n);

	if (convert) {
		n = model_convert(m, who, ev, n, converted);
		ev = converted;
	}
	model_begin(m, who);
	model_events(m, who, ev, n);
	if (convert)
		m->src[who].slot = slot;
	model_end(m);
}

/* Of those that hold the axis off its rest, the most recent inherits it. */
static void model_rest(struct model *m, int code)
{
	const int rest = m->spec->abs[code].rest;
	int heir = -1;

	for (int i = 0; i < MODEL_SOURCES; i++)
		if (m->src[i].known[code] && m->src[i].abs[code] != rest &&
		    (heir < 0 || m->src[heir].attached < m->src[i].attached))
			heir = i;
	m->abs_owner[code] = heir;
	m->abs[code] = heir < 0 ? rest : m->src[heir].abs[code];
}

void model_gone(struct model *m, int who)
{
	for (int i = 0; i < MODEL_SLOTS; i++)
		m->touched |= m->src[who].contact[i].slot >= 0;
	for (int i = 0; m->src[who].mt && i < 6; i++)
		m->touched |= m->src[who].key[touch_keys[i]];
	model_source_init(&m->src[who]);
	for (int code = 0; code < ABS_CNT; code++) {
		if (m->abs_owner[code] != who)
			continue;
		m->abs_owner[code] = -1;
		if (m->spec->abs[code].has_rest)
			model_rest(m, code);
	}
	model_end(m);
}

/* Room for everything a source can hold. */
#define HELD_MAX (KEY_CNT + ABS_CNT + MODEL_SLOTS * ABS_CNT)

/* Return: the number of events that express what the source holds. */
static size_t held_by(const struct model_source *s, struct vi_event *ev)
{
	size_t n = 0;

	for (uint16_t code = 0; code < KEY_CNT; code++)
		if (s->key[code])
			ev[n++] = vi_event(EV_KEY, code, 1);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (s->known[code])
			ev[n++] = vi_event(EV_ABS, code, s->abs[code]);
	for (int i = 0; s->mt && i < MODEL_SLOTS; i++) {
		const struct model_contact *c = &s->contact[i];

		ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, i);
		if (c->id >= 0)
			ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, c->id);
		for (uint16_t code = 0; code < ABS_CNT; code++)
			if (c->known[code])
				ev[n++] = vi_event(EV_ABS, code, c->axis[code]);
	}
	if (s->mt)
		ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, s->slot);
	return n;
}

/* An axis with a rest is where the sources that hold it put it. */
static void copy_axes(struct model *to, const struct model *from)
{
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (!spec_is_mt(to->spec, code) &&
		    !to->spec->abs[code].has_rest)
			to->abs[code] = from->abs[code];
}

/* Contacts are where they were. */
static void copy_contacts(struct model_source *to,
			  const struct model_source *from)
{
	for (int i = 0; i < MODEL_SLOTS; i++) {
		to->contact[i].slot = from->contact[i].slot;
		to->contact[i].age = from->contact[i].age;
	}
}

void model_reborn(struct model *m, unsigned int lost)
{
	static struct vi_event ev[HELD_MAX];
	static struct model before;

	before = *m;
	model_init(m, before.spec);
	memcpy(m->sw, before.sw, sizeof(m->sw));
	memcpy(m->used, before.used, sizeof(m->used));
	copy_axes(m, &before);
	for (int i = 0; i < MODEL_SOURCES; i++) {
		if (lost >> i & 1)
			continue;
		m->src[i].says_touch = before.src[i].says_touch;
		m->src[i].says_tools = before.src[i].says_tools;
		m->src[i].midway = before.src[i].midway;
		model_events(m, i, ev, held_by(&before.src[i], ev));
		copy_contacts(&m->src[i], &before.src[i]);
		model_end(m);
		copy_axes(m, &before);
	}
	m->time = before.time;
}

/* --- the comparison ---------------------------------------------------- */

static bool axes_are(const struct model_contact *c, const int *axis)
{
	return !memcmp(&c->axis[ABS_MT_TOUCH_MAJOR], &axis[ABS_MT_TOUCH_MAJOR],
		       (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1) * sizeof(int));
}

/* Each contact of the guest is one of the model's, and no two the same. */
static bool contacts_match(struct model *m, const struct linux_guest *g,
			   char why[128])
{
	unsigned int left = 0;
	int slot, i, who;

	for (slot = 0; slot < m->n_slots; slot++)
		if (model_contact_in(m, slot, &who))
			left |= 1u << slot;
	for (slot = 0; slot < m->n_slots; slot++) {
		if (g->slots[slot].id < 0)
			continue;
		for (i = 0; i < m->n_slots; i++)
			if (left >> i & 1 &&
			    axes_are(model_contact_in(m, i, &who),
				     g->slots[slot].axis))
				break;
		if (i == m->n_slots) {
			snprintf(why, 128, "contact in slot %d is nobody's",
				 slot);
			return false;
		}
		left &= ~(1u << i);
	}
	if (left)
		snprintf(why, 128, "contacts are missing: %x", left);
	return !left;
}

bool model_matches(struct model *m, const struct linux_guest *g, char why[128])
{
	for (int i = 0; i < KEY_CNT; i++)
		if (g->key[i] != m->key[i]) {
			snprintf(why, 128, "key %#x is %d", i, g->key[i]);
			return false;
		}
	for (int i = 0; i < SW_CNT; i++)
		if (g->sw[i] != m->sw[i]) {
			snprintf(why, 128, "switch %d is %d", i, g->sw[i]);
			return false;
		}
	for (int i = 0; i < ABS_CNT; i++)
		if (g->abs[i] != m->abs[i]) {
			snprintf(why, 128, "axis %#x is %d, should be %d", i,
				 g->abs[i], m->abs[i]);
			return false;
		}
	for (int i = 0; i < REL_CNT; i++)
		if (g->rel[i] != m->rel[i]) {
			snprintf(why, 128, "motion %#x is %ld, should be %ld",
				 i, g->rel[i], m->rel[i]);
			return false;
		}
	return contacts_match(m, g, why);
}

bool model_guest_is_sane(const struct linux_guest *g, char why[128])
{
	const char *what =
		g->in_frame	? "SYN_REPORT is missing"
		: g->empty	? "a frame is empty"
		: g->undeclared ? "an undeclared event came through"
		: g->id_over_id ? "a contact came without the last lifted"
		: g->id_twice	? "a slot's contact changed twice in a frame"
				: NULL;

	if (what)
		snprintf(why, 128, "%s", what);
	return !what;
}
