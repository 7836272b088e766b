/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random sources do random things to a random device. A model that is slow and
 * simple keeps what is true according to merge.h; a guest (linux-guest.h) takes
 * the frames that come out. After each frame both must be the same. Now and
 * then the guest gets nothing for some frames and the difference (state.h)
 * afterwards, or starts anew.
 *
 * VINPUT_SCENARIOS is the number of scenarios, VINPUT_SEED the first one's
 * seed; a failure prints its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/merge.h"
#include "tests/lib/event-text.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/random.h"

#define N_SOURCES 4
#define N_STEPS	  50
#define N_SLOTS	  4 /* at most */

static const uint16_t touch_keys[] = {
	BTN_TOUCH,	    BTN_TOOL_FINGER,  BTN_TOOL_DOUBLETAP,
	BTN_TOOL_TRIPLETAP, BTN_TOOL_QUADTAP, BTN_TOOL_QUINTTAP,
};

/* A contact of a source, whether the device has a slot for it or not. */
struct m_contact {
	int id;		   /* the source's, -1: none */
	int slot;	   /* the device's, -1: none */
	int axis[ABS_CNT]; /* by ABS_MT_ code */
	int age;
	int guest_id; /* -1: the guest has not seen it yet */
};

struct m_source {
	bool key[KEY_CNT];
	bool known[ABS_CNT];
	int abs[ABS_CNT];
	bool mt, sends_xy;
	int slot;
	struct m_contact contact[N_SLOTS];
	int attached; /* when; 0: not */
};

struct model {
	const struct spec *spec;
	int n_slots;
	struct m_source src[N_SOURCES];
	int time;
	bool key[KEY_CNT]; /* said at last */
	bool sw[SW_CNT];
	int abs[ABS_CNT];
	int abs_owner[ABS_CNT]; /* source, -1: none */
	bool used[ABS_CNT];	/* MT axes that anyone ever sent */
	long rel[REL_CNT];
	unsigned int avoid; /* bits of slots */
	bool touched;
};

struct world {
	struct rnd rnd;
	uint64_t seed;
	unsigned int step;
	struct spec spec;
	struct merge merge;
	struct merge_source held[N_SOURCES];
	struct model model;
	struct state told;
	bool folded;
	struct linux_guest guest;
	struct frame out;
	struct vi_event ev[64];
};

#define CHECK(w, cond, ...)                                        \
	do {                                                       \
		if (cond)                                          \
			break;                                     \
		fprintf(stderr, "VINPUT_SEED=%llu, step %u: ",     \
			(unsigned long long)(w)->seed, (w)->step); \
		fprintf(stderr, __VA_ARGS__);                      \
		fprintf(stderr, "\n");                             \
		fail();                                            \
	} while (0)

/* --- the model --------------------------------------------------------- */

static void model_source_init(struct m_source *s)
{
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < N_SLOTS; i++)
		s->contact[i].id = s->contact[i].slot = -1;
}

static void model_init(struct model *m, const struct spec *spec)
{
	memset(m, 0, sizeof(*m));
	m->spec = spec;
	m->n_slots = (int)spec_slots(spec);
	for (int i = 0; i < N_SOURCES; i++)
		model_source_init(&m->src[i]);
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		m->abs_owner[code] = -1;
		if (spec_has(spec, EV_ABS, code) && spec->abs[code].has_rest)
			m->abs[code] = spec->abs[code].rest;
	}
}

static bool is_touch_key(int code)
{
	for (size_t i = 0; i < 6; i++)
		if (touch_keys[i] == code)
			return true;
	return false;
}

/* Return: the contact in this slot of the device, or NULL. */
static struct m_contact *contact_in(struct model *m, int slot, int *owner)
{
	for (int i = 0; i < N_SOURCES; i++)
		for (int j = 0; j < N_SLOTS; j++)
			if (m->src[i].contact[j].slot == slot) {
				*owner = i;
				return &m->src[i].contact[j];
			}
	return NULL;
}

static int count_contacts(struct model *m)
{
	int n = 0, owner;

	for (int slot = 0; slot < m->n_slots; slot++)
		n += contact_in(m, slot, &owner) != NULL;
	return n;
}

static struct m_contact *oldest_contact(struct model *m, int *owner)
{
	struct m_contact *best = NULL;

	for (int slot = 0, who; slot < m->n_slots; slot++) {
		struct m_contact *c = contact_in(m, slot, &who);

		if (!c || (best && best->age < c->age))
			continue;
		best = c;
		*owner = who;
	}
	return best;
}

/* Slots to be avoided come last. */
static int model_free_slot(struct model *m, int was_in)
{
	int owner, last_resort = -1;
	const bool stay_is_good = was_in >= 0 && !(m->avoid >> was_in & 1);

	if (stay_is_good)
		return was_in;
	for (int slot = 0; slot < m->n_slots; slot++) {
		if (contact_in(m, slot, &owner))
			continue;
		if (!(m->avoid >> slot & 1))
			return slot;
		if (last_resort < 0)
			last_resort = slot;
	}
	return was_in >= 0 ? was_in : last_resort;
}

static void model_tracking_id(struct model *m, struct m_source *s, int id)
{
	struct m_contact *c = &s->contact[s->slot];
	const int was_in = c->slot;

	if (id < 0)
		id = -1;
	if (c->id == id)
		return;
	c->id = id;
	c->slot = -1;
	if (id >= 0)
		c->slot = model_free_slot(m, was_in);
	c->age = ++m->time;
	c->guest_id = -1;
	if (was_in >= 0 || c->slot >= 0)
		m->touched = true;
}

static int clamped(const struct spec *spec, int code, int value)
{
	const struct spec_abs *abs = &spec->abs[code];

	return value < abs->min	  ? abs->min
	       : value > abs->max ? abs->max
				  : value;
}

static void model_mt(struct model *m, struct m_source *s, int code, int value)
{
	for (size_t i = 0; !s->mt && i < 6; i++) {
		m->touched |= s->key[touch_keys[i]];
		s->key[touch_keys[i]] = false;
	}
	s->mt = true;
	if (code == ABS_MT_SLOT) {
		s->slot = value >= 0 && value < m->n_slots ? value : -1;
	} else if (s->slot < 0) {
		return;
	} else if (code == ABS_MT_TRACKING_ID) {
		model_tracking_id(m, s, value);
	} else {
		struct m_contact *c = &s->contact[s->slot];

		c->axis[code] = clamped(m->spec, code, value);
		m->used[code] = true;
		m->touched |= c->slot >= 0;
	}
}

static bool is_pointer(int code)
{
	return code == ABS_X || code == ABS_Y || code == ABS_PRESSURE;
}

static void model_abs(struct model *m, struct m_source *s, int code, int value)
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

static void model_event(struct model *m, struct m_source *s,
			const struct vi_event *ev)
{
	const int code = vi_code(ev), value = vi_value(ev);

	if (!spec_has(m->spec, vi_type(ev), vi_code(ev)))
		return;
	if (vi_type(ev) == EV_SW)
		m->sw[code] = value;
	else if (vi_type(ev) == EV_REL)
		m->rel[code] += value;
	else if (vi_type(ev) == EV_KEY && !(s->mt && is_touch_key(code)))
		s->key[code] = value;
	else if (vi_type(ev) == EV_ABS && code < ABS_MT_SLOT)
		model_abs(m, s, code, value);
	else if (vi_type(ev) == EV_ABS && m->n_slots)
		model_mt(m, s, code, value);
}

static void model_follow(struct model *m)
{
	static const int of[][2] = { { ABS_X, ABS_MT_POSITION_X },
				     { ABS_Y, ABS_MT_POSITION_Y },
				     { ABS_PRESSURE, ABS_MT_PRESSURE } };
	int who = -1;
	struct m_contact *c = oldest_contact(m, &who);

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

static void model_keys(struct model *m)
{
	const int n = count_contacts(m);

	memset(m->key, 0, sizeof(m->key));
	for (int i = 0; i < N_SOURCES; i++)
		for (int code = 0; code < KEY_CNT; code++)
			m->key[code] |= m->src[i].key[code];
	for (int i = 0; i < 6; i++)
		if (spec_has(m->spec, EV_KEY, touch_keys[i]) &&
		    (i ? n == i : n > 0))
			m->key[touch_keys[i]] = true;
}

static void model_end(struct model *m)
{
	if (m->touched)
		model_follow(m);
	m->touched = false;
	model_keys(m);
}

static void model_frame(struct model *m, int who, const struct vi_event *ev,
			size_t n)
{
	if (!m->src[who].attached)
		m->src[who].attached = ++m->time;
	for (size_t i = 0; i < n; i++)
		model_event(m, &m->src[who], &ev[i]);
	model_end(m);
}

/* Of those who hold the axis off its rest the last to come inherits it. */
static void model_rest(struct model *m, int code)
{
	const int rest = m->spec->abs[code].rest;
	int heir = -1;

	for (int i = 0; i < N_SOURCES; i++)
		if (m->src[i].known[code] && m->src[i].abs[code] != rest &&
		    (heir < 0 || m->src[heir].attached < m->src[i].attached))
			heir = i;
	m->abs_owner[code] = heir;
	m->abs[code] = heir < 0 ? rest : m->src[heir].abs[code];
}

static void model_gone(struct model *m, int who)
{
	for (int i = 0; i < N_SLOTS; i++)
		m->touched |= m->src[who].contact[i].slot >= 0;
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

/* --- the comparison ---------------------------------------------------- */

static void check_contacts(struct world *w)
{
	for (int slot = 0; slot < w->model.n_slots; slot++) {
		int who;
		struct m_contact *c = contact_in(&w->model, slot, &who);
		const int id = w->guest.slots[slot].id;

		if (!c) {
			CHECK(w, id < 0, "contact %d left in slot %d", id,
			      slot);
			continue;
		}
		CHECK(w, id >= 0 && id <= 0xffff, "ID %d in slot %d", id, slot);
		CHECK(w, c->guest_id < 0 || c->guest_id == id,
		      "slot %d: ID %d became %d", slot, c->guest_id, id);
		c->guest_id = id;
		for (int i = 0; i < slot; i++)
			CHECK(w, w->guest.slots[i].id != id, "ID %d twice", id);
		for (int code = ABS_MT_TOUCH_MAJOR; code <= ABS_MT_TOOL_Y;
		     code++)
			CHECK(w,
			      w->guest.slots[slot].axis[code] == c->axis[code],
			      "slot %d axis %x: %d, should be %d", slot, code,
			      w->guest.slots[slot].axis[code], c->axis[code]);
	}
}

static void check_guest(struct world *w)
{
	const struct linux_guest *g = &w->guest;
	const struct model *m = &w->model;

	for (int i = 0; i < KEY_CNT; i++)
		CHECK(w, g->key[i] == m->key[i], "key %x is %d", i, g->key[i]);
	for (int i = 0; i < SW_CNT; i++)
		CHECK(w, g->sw[i] == m->sw[i], "switch %d is %d", i, g->sw[i]);
	for (int i = 0; i < ABS_CNT; i++)
		CHECK(w, g->abs[i] == m->abs[i], "axis %x is %d, should be %d",
		      i, g->abs[i], m->abs[i]);
	for (int i = 0; i < REL_CNT; i++)
		CHECK(w, g->rel[i] == m->rel[i], "motion %x is %ld", i,
		      g->rel[i]);
	check_contacts(w);
	CHECK(w, !g->in_frame, "SYN_REPORT is missing");
	CHECK(w, !g->empty, "a frame is empty");
	CHECK(w, !g->undeclared, "an undeclared event came through");
	CHECK(w, !g->id_over_id, "a contact came without the last lifted");
	CHECK(w, !memcmp(&w->told, &w->merge.now, sizeof(w->told)),
	      "what was told is not what is now");
}

/* --- what happens ------------------------------------------------------ */

static void deliver(struct world *w)
{
	CHECK(w, w->out.n <= 2 * 64 + 200, "%zu events", w->out.n);
	if (w->folded) {
		memset(w->model.rel, 0, sizeof(w->model.rel));
		memset(w->guest.rel, 0, sizeof(w->guest.rel));
		return;
	}
	for (size_t i = 0; i < w->out.n; i++)
		state_apply(&w->told, &w->out.ev[i]);
	linux_guest_take(&w->guest, w->out.ev, w->out.n);
	check_guest(w);
}

static void tell_difference(struct world *w, enum state_belief belief)
{
	w->folded = false;
	w->model.avoid = 0;
	w->merge.avoid_slots = 0;
	w->out.n = 0;
	if (state_diff(&w->spec, &w->told, belief, &w->merge.now, &w->out))
		frame_add(&w->out, EV_SYN, SYN_REPORT, 0);
	deliver(w);
}

static void start_fold(struct world *w)
{
	w->folded = true;
	for (int slot = 0; slot < w->model.n_slots; slot++)
		if (w->told.contact[slot].id >= 0)
			w->model.avoid |= 1u << slot;
	w->merge.avoid_slots = w->model.avoid;
}

static uint16_t any_declared(struct world *w, uint16_t type)
{
	uint16_t code;

	do
		code = (uint16_t)rnd_below(&w->rnd, 0x300);
	while (!spec_has(&w->spec, type, code));
	return code;
}

static struct vi_event random_mt(struct world *w)
{
	const int r = rnd_between(&w->rnd, 0, 9);
	uint16_t code = ABS_MT_POSITION_X;

	if (r < 2)
		return vi_event(EV_ABS, ABS_MT_SLOT,
				rnd_between(&w->rnd, 0, w->model.n_slots - 1));
	if (r < 3 && rnd_one_in(&w->rnd, 8))
		return vi_event(EV_ABS, ABS_MT_SLOT,
				rnd_one_in(&w->rnd, 2) ? -1 : w->model.n_slots);
	if (r < 4)
		return vi_event(EV_ABS, ABS_MT_TRACKING_ID,
				rnd_between(&w->rnd, 0, 4));
	if (r < 5)
		return vi_event(EV_ABS, ABS_MT_TRACKING_ID,
				rnd_between(&w->rnd, -2, -1));
	do
		code = (uint16_t)rnd_between(&w->rnd, ABS_MT_TOUCH_MAJOR,
					     ABS_MT_TOOL_Y);
	while (!spec_has(&w->spec, EV_ABS, code) || code == ABS_MT_TRACKING_ID);
	return vi_event(EV_ABS, code, rnd_between(&w->rnd, -1, 4));
}

static struct vi_event random_event(struct world *w, int who)
{
	const unsigned int r = rnd_below(&w->rnd, 20);

	/* Sources with an odd number never touch. */
	if (w->model.n_slots && who % 2 == 0 && r < 12)
		return random_mt(w);
	if (r < 15)
		return vi_event(EV_KEY, any_declared(w, EV_KEY),
				rnd_between(&w->rnd, 0, 2));
	if (r < 16)
		return vi_event(EV_REL, REL_X, rnd_between(&w->rnd, -9, 9));
	if (r < 17)
		return vi_event(EV_SW, SW_LID, rnd_between(&w->rnd, 0, 1));
	if (r < 18)
		return vi_event(rnd_below(&w->rnd, EV_CNT) & 0x1e,
				(uint16_t)rnd_between(&w->rnd, 1, 0x2e), 1);
	return vi_event(EV_ABS, (uint16_t)rnd_below(&w->rnd, ABS_MT_SLOT),
			rnd_between(&w->rnd, -9, 9));
}

static void some_frame(struct world *w, int who)
{
	const size_t n = rnd_below(&w->rnd, rnd_one_in(&w->rnd, 8) ? 60 : 8);

	for (size_t i = 0; i < n; i++)
		w->ev[i] = random_event(w, who);
	w->ev[n] = vi_event(EV_SYN, SYN_REPORT, 0);
	model_frame(&w->model, who, w->ev, n);
	merge_frame(&w->merge, &w->held[who], w->ev, n + 1, &w->out);
	deliver(w);
}

static void step(struct world *w)
{
	const int who = (int)rnd_below(&w->rnd, N_SOURCES);
	const unsigned int r = rnd_below(&w->rnd, 40);

	if (r < 2) {
		model_gone(&w->model, who);
		merge_release(&w->merge, &w->held[who], &w->out);
		deliver(w);
	} else if (r < 3) {
		start_fold(w);
	} else if (r < 6 && w->folded) {
		tell_difference(w, STATE_CERTAIN);
	} else if (r < 7) {
		if (rnd_one_in(&w->rnd, 2)) {
			linux_guest_boot(&w->guest, &w->spec);
			memset(w->model.rel, 0, sizeof(w->model.rel));
			for (int i = 0; i < N_SOURCES * N_SLOTS; i++)
				w->model.src[i / N_SLOTS]
					.contact[i % N_SLOTS]
					.guest_id = -1;
		}
		tell_difference(w, STATE_FORGOTTEN_PERHAPS);
	} else {
		some_frame(w, who);
	}
}

/* Each of the listed things with some chance. */
static void random_device(struct world *w)
{
	static const char *const may_have[] = {
		"BTN_TOUCH",
		"BTN_TOOL_FINGER",
		"BTN_TOOL_DOUBLETAP",
		"BTN_TOOL_TRIPLETAP",
		"BTN_TOOL_QUADTAP",
		"KEY_B, BTN_STYLUS, KEY_MICMUTE",
		"REL_X",
		"SW_LID",
		"ABS_X -9..9 rest 2",
		"ABS_X 0..3",
		"ABS_Y 0..2, ABS_PRESSURE 0..3",
		"ABS_Z 0..5 rest 0, ABS_HAT0X -1..1 rest 0",
		"ABS_MT_POSITION_Y 0..3, ABS_MT_TOUCH_MAJOR 0..2",
		"ABS_MT_PRESSURE 0..3, ABS_MT_ORIENTATION -1..1",
	};
	char slots[64];

	memset(&w->spec, 0, sizeof(w->spec));
	event_text_device("KEY_A", &w->spec);
	for (size_t i = 0; i < sizeof(may_have) / sizeof(may_have[0]); i++)
		if (rnd_one_in(&w->rnd, 2))
			event_text_device(may_have[i], &w->spec);
	if (rnd_one_in(&w->rnd, 4))
		return;
	snprintf(slots, sizeof(slots), "ABS_MT_SLOT 0..%d",
		 rnd_between(&w->rnd, 0, N_SLOTS - 1));
	event_text_device(slots, &w->spec);
	event_text_device("ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..3",
			  &w->spec);
}

static void run_seed(struct world *w, uint64_t seed)
{
	w->seed = w->rnd.state = seed;
	random_device(w);
	merge_init(&w->merge, &w->spec);
	model_init(&w->model, &w->spec);
	for (int i = 0; i < N_SOURCES; i++)
		merge_source_init(&w->held[i]);
	state_init(&w->told, &w->spec);
	linux_guest_boot(&w->guest, &w->spec);
	w->step = 0;
	tell_difference(w, STATE_FORGOTTEN_PERHAPS);
	for (w->step = 1; w->step < N_STEPS; w->step++)
		step(w);
	for (int i = 0; i < N_SOURCES; i++, w->step++) {
		model_gone(&w->model, i);
		merge_release(&w->merge, &w->held[i], &w->out);
		deliver(w);
	}
	tell_difference(w, STATE_CERTAIN);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Seeds that have failed. */
static void the_guest_is_as_the_sources_say_where_it_was_not(void **state)
{
	static const uint64_t seeds[] = { 15 };
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		run_seed(w, seeds[i]);
	free(w);
}

static void the_guest_is_as_the_sources_say_in_random_scenarios(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const uint64_t first = number_from("VINPUT_SEED", 1);
	const uint64_t n = number_from("VINPUT_SCENARIOS", 5000);

	assert_non_null(w);
	for (uint64_t i = 0; i < n; i++)
		run_seed(w, first + i);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_guest_is_as_the_sources_say_where_it_was_not),
		cmocka_unit_test(
			the_guest_is_as_the_sources_say_in_random_scenarios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
