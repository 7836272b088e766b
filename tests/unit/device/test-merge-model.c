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
#include "input/device/merge.h"
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"

#define N_STEPS 50

struct world {
	struct rnd rnd;
	uint64_t seed;
	unsigned int step;
	struct spec spec;
	struct merge merge;
	struct merge_source held[MODEL_SOURCES];
	struct model model;
	struct state view;
	bool folded;
	struct linux_guest guest;
	struct frame out;
	struct vi_event ev[64 + TYPE_A_EXTRA];
	struct vi_event sent[64];
	struct vi_event control[FRAME_EVENTS_MAX];
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

/* --- the comparison ---------------------------------------------------- */

static void check_contacts(struct world *w)
{
	for (int slot = 0; slot < w->model.n_slots; slot++) {
		int who;
		struct model_contact *c =
			model_contact_in(&w->model, slot, &who);
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
	char why[128];
	CHECK(w, model_guest_is_sane(g, why), "%s", why);
	CHECK(w, !memcmp(&w->view, &w->merge.now, sizeof(w->view)),
	      "the view is not what is now");
}

/* --- what happens ------------------------------------------------------ */

/* A part of what is delivered before the guest is as it should be. */
static void deliver_part(struct world *w)
{
	CHECK(w, w->out.n <= 2 * (64 + TYPE_A_EXTRA) + 200, "%zu events",
	      w->out.n);
	if (w->folded) {
		memset(w->model.rel, 0, sizeof(w->model.rel));
		memset(w->guest.rel, 0, sizeof(w->guest.rel));
		return;
	}
	for (size_t i = 0; i < w->out.n; i++)
		state_apply(&w->view, &w->out.ev[i]);
	linux_guest_take(&w->guest, w->out.ev, w->out.n);
}

static void deliver(struct world *w)
{
	deliver_part(w);
	if (!w->folded)
		check_guest(w);
}

static void tell_difference(struct world *w, enum state_belief belief)
{
	struct state between;

	w->folded = false;
	w->model.avoid = 0;
	w->merge.avoid_slots = 0;
	w->out.n = 0;
	if (merge_lifts_first(&w->merge, &w->view, &between)) {
		state_diff(&w->spec, &w->view, STATE_CERTAIN, &between,
			   &w->out);
		frame_add(&w->out, EV_SYN, SYN_REPORT, 0);
		deliver_part(w);
		w->out.n = 0;
	}
	if (state_diff(&w->spec, &w->view, belief, &w->merge.now, &w->out))
		frame_add(&w->out, EV_SYN, SYN_REPORT, 0);
	deliver(w);
}

static void start_fold(struct world *w)
{
	w->folded = true;
	for (int slot = 0; slot < w->model.n_slots; slot++)
		if (w->view.contact[slot].id >= 0)
			w->model.avoid |= 1u << slot;
	w->merge.avoid_slots = w->model.avoid;
}

/*
 * A part of a source's frame, before it puts the next contact down: without a
 * contact only others hold the touch keys.
 */
static void check_lift_frame(struct world *w, int who)
{
	for (int slot = 0; slot < w->guest.n_slots; slot++)
		if (w->guest.slots[slot].id >= 0)
			return;
	for (int code = BTN_TOOL_FINGER; code <= BTN_TOOL_QUADTAP; code++) {
		bool held = false;

		for (int i = 0; i < MODEL_SOURCES; i++)
			held |= i != who && w->model.src[i].key[code];
		CHECK(w,
		      held || !model_is_touch_key(code) || !w->guest.key[code],
		      "key %x is down without a contact", code);
	}
}

static void some_frame(struct world *w, int who)
{
	size_t n = rnd_below(&w->rnd, rnd_one_in(&w->rnd, 8) ? 60 : 8);
	size_t done = 0;

	for (size_t i = 0; i < n; i++)
		w->sent[i] = model_random_event(&w->rnd, &w->spec, who);
	w->sent[n] = vi_event(EV_SYN, SYN_REPORT, 0);
	n = model_convert(&w->model, who, w->sent, n + 1, w->ev) - 1;
	model_frame(&w->model, who, w->ev, n);
	for (;;) {
		done += merge_frame(&w->merge, &w->held[who], w->ev + done,
				    n + 1 - done, &w->out);
		if (done == n + 1)
			break;
		deliver_part(w);
		if (!w->folded)
			check_lift_frame(w, who);
	}
	deliver(w);
}

static void step(struct world *w)
{
	const int who = (int)rnd_below(&w->rnd, MODEL_SOURCES);
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
			for (int i = 0; i < MODEL_SOURCES * MODEL_SLOTS; i++)
				w->model.src[i / MODEL_SLOTS]
					.contact[i % MODEL_SLOTS]
					.guest_id = -1;
		}
		tell_difference(w, STATE_FORGOTTEN_PERHAPS);
	} else {
		some_frame(w, who);
	}
}

static void run_seed(struct world *w, uint64_t seed)
{
	w->seed = w->rnd.state = seed;
	model_random_device(&w->rnd, &w->spec);
	w->merge.control = w->control;
	merge_init(&w->merge, &w->spec);
	model_init(&w->model, &w->spec);
	for (int i = 0; i < MODEL_SOURCES; i++)
		merge_source_init(&w->held[i]);
	state_init(&w->view, &w->spec);
	linux_guest_boot(&w->guest, &w->spec);
	w->step = 0;
	tell_difference(w, STATE_FORGOTTEN_PERHAPS);
	for (w->step = 1; w->step < N_STEPS; w->step++)
		step(w);
	for (int i = 0; i < MODEL_SOURCES; i++, w->step++) {
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
