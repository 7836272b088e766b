/* SPDX-License-Identifier: Apache-2.0 */
/* state.h: what events make of the state, and the way from one to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/device/state.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/random.h"

struct fixture {
	struct spec spec;
	struct state sent, now;
	struct frame out;
	struct linux_guest guest;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	event_text_device("KEY_A, KEY_B, BTN_TOUCH, KEY_MICMUTE, SW_LID, "
			  "SW_TABLET_MODE, REL_X, ABS_X -9..9, "
			  "ABS_Z -9..9 rest 5, ABS_HAT0X -1..1 rest 0, "
			  "ABS_MISC 0..99, ABS_MT_SLOT 0..4, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_TOUCH_MAJOR 0..9, ABS_MT_POSITION_X 0..9, "
			  "ABS_MT_POSITION_Y 0..9, ABS_MT_TOOL_Y 0..9",
			  &f->spec);
	fill_with_garbage(&f->sent);
	state_init(&f->sent, &f->spec);
	state_init(&f->now, &f->spec);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void apply(struct state *st, const char *text)
{
	struct vi_event ev[64];
	const size_t n = event_text_read(text, ev, 64);

	for (size_t i = 0; i < n; i++)
		state_apply(st, &ev[i]);
}

static void assert_diff(struct fixture *f, enum state_belief belief,
			const char *text)
{
	size_t n;

	f->out.n = 0;
	n = state_diff(&f->spec, &f->sent, belief, &f->now, &f->out);
	assert_int_equal(n, f->out.n);
	assert_events(f->out.ev, f->out.n, text);
}

static void nothing_is_held_at_first_and_axes_rest(void **state)
{
	struct fixture *f = *state;

	for (unsigned int code = 0; code < KEY_CNT; code++)
		assert_false(bit_test(f->now.key, code));
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		assert_int_equal(f->now.contact[i].id, -1);
	assert_int_equal(f->now.slot, -1);
	assert_int_equal(f->now.abs[ABS_Z], 5);
	assert_true(f->now.abs_known == (1u << ABS_Z | 1u << ABS_HAT0X));
}

static void the_last_axis_is_as_any_other(void **state)
{
	struct fixture *f = *state;
	const uint64_t bit = UINT64_C(1) << ABS_MAX;

	event_text_device("ABS_MAX -9..9 rest 5", &f->spec);
	state_init(&f->now, &f->spec);
	assert_int_equal(f->now.abs[ABS_MAX], 5);
	assert_true(f->now.abs_known & bit);
	assert_diff(f, STATE_CERTAIN, "ABS_MAX 5");
	apply(&f->sent, "ABS_MAX 5");
	assert_true(f->sent.abs_known & bit);
	assert_diff(f, STATE_CERTAIN, "-");
	apply(&f->now, "ABS_MAX -5");
	assert_diff(f, STATE_CERTAIN, "ABS_MAX -5");
}

static void repeat_keeps_a_key_down(void **state)
{
	struct fixture *f = *state;

	apply(&f->now, "KEY_A 1, KEY_A 2");
	assert_true(bit_test(f->now.key, KEY_A));
	apply(&f->now, "KEY_A 0");
	assert_false(bit_test(f->now.key, KEY_A));
}

static void a_contact_takes_its_axes_with_it(void **state)
{
	struct fixture *f = *state;
	const struct state_contact *c = &f->now.contact[2];

	apply(&f->now, "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 7, "
		       "ABS_MT_POSITION_X 3");
	assert_int_equal(c->id, 7);
	assert_int_equal(c->axis[ABS_MT_POSITION_X - STATE_MT_FIRST], 3);
	apply(&f->now, "ABS_MT_TRACKING_ID 7");
	assert_int_not_equal(c->known, 0);
	apply(&f->now, "ABS_MT_TRACKING_ID -5, ABS_MT_POSITION_X 4");
	assert_int_equal(c->id, -1);
	assert_int_equal(c->known, 0);
	assert_int_equal(c->axis[ABS_MT_POSITION_X - STATE_MT_FIRST], 0);
}

static void any_event_can_be_applied(void **state)
{
	struct fixture *f = *state;
	struct rnd rnd = { 5 };

	for (unsigned int i = 0; i < 300000; i++) {
		const uint16_t type = (uint16_t)(rnd_next(&rnd) % 0x22);
		const uint16_t code =
			(uint16_t)(rnd_next(&rnd) >> rnd_below(&rnd, 16));
		const struct vi_event ev = vi_event(
			type, rnd_one_in(&rnd, 2) ? code : code % 64,
			(int32_t)rnd_next(&rnd) >> rnd_below(&rnd, 32));

		state_apply(&f->now, &ev);
		assert_in_range(f->now.slot + 1, 0, SPEC_SLOTS_MAX);
	}
}

/* Often a few axes of a contact in a row. */
static struct vi_event random_mt_event(struct rnd *rnd)
{
	static const uint16_t mt[] = {
		ABS_MT_POSITION_X,
		ABS_MT_POSITION_Y,
		ABS_MT_TOOL_Y,
		ABS_MT_TOUCH_MAJOR,
		ABS_MT_SLOT,
		ABS_MT_TRACKING_ID,
		ABS_X,
		ABS_MT_TOOL_Y + 1,
	};
	const uint16_t code = mt[rnd_below(rnd, 8)];

	return vi_event(rnd_one_in(rnd, 9) ? EV_KEY : EV_ABS, code,
			rnd_between(rnd, -1, 3));
}

static void events_together_do_what_each_does(void **state)
{
	struct fixture *f = *state;
	struct rnd rnd = { 6 };
	struct vi_event ev[8];

	for (unsigned int i = 0; i < 20000; i++) {
		const size_t n = rnd_below(&rnd, 8);

		for (size_t k = 0; k < 8; k++)
			ev[k] = random_mt_event(&rnd);
		for (size_t k = 0; k < n; k++) {
			/* Nothing follows it. */
			const struct vi_event one[2] = { ev[k] };

			state_apply(&f->sent, one);
		}
		state_apply_all(&f->now, ev, n);
		assert_memory_equal(&f->now, &f->sent, sizeof(f->now));
	}
}

static void without_a_known_slot_mt_events_are_ignored(void **state)
{
	struct fixture *f = *state;

	apply(&f->now, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 1, "
		       "ABS_MT_SLOT 64, ABS_MT_SLOT -1, ABS_MT_TRACKING_ID 1");
	assert_memory_equal(&f->now, &f->sent, sizeof(f->now));
}

static void equal_states_differ_in_nothing(void **state)
{
	struct fixture *f = *state;
	const char *text = "KEY_A 1, SW_LID 1, ABS_X 3, ABS_MT_SLOT 1, "
			   "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 1";

	assert_diff(f, STATE_CERTAIN, "-");
	apply(&f->sent, text);
	apply(&f->now, text);
	assert_diff(f, STATE_CERTAIN, "-");
}

static void keys_go_up_before_others_go_down(void **state)
{
	struct fixture *f = *state;

	apply(&f->sent, "KEY_B 1, KEY_MICMUTE 1");
	apply(&f->now, "KEY_A 1, KEY_MICMUTE 1, SW_TABLET_MODE 1, ABS_X 2");
	assert_diff(f, STATE_CERTAIN,
		    "KEY_B 0, KEY_A 1, SW_TABLET_MODE 1, ABS_X 2");
}

static void an_axis_is_said_once_it_is_known(void **state)
{
	struct fixture *f = *state;

	apply(&f->now, "ABS_X 0, ABS_MISC 0, ABS_Z 5");
	assert_diff(f, STATE_CERTAIN, "ABS_X 0, ABS_MISC 0");
}

static void contacts_are_lifted_before_others_come(void **state)
{
	struct fixture *f = *state;

	apply(&f->sent, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 11, "
			"ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 12, "
			"ABS_MT_POSITION_X 5, ABS_MT_POSITION_Y 6, "
			"ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 13");
	apply(&f->now, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 10, "
		       "ABS_MT_POSITION_X 1, "
		       "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 14, "
		       "ABS_MT_POSITION_Y 3, "
		       "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 12, "
		       "ABS_MT_POSITION_X 5, ABS_MT_POSITION_Y 7");
	assert_diff(f, STATE_CERTAIN,
		    "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		    "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID -1, "
		    "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 10, "
		    "ABS_MT_POSITION_X 1, "
		    "ABS_MT_SLOT 2, ABS_MT_POSITION_Y 7, "
		    "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 14, "
		    "ABS_MT_POSITION_Y 3, "
		    "ABS_MT_SLOT 2");
}

static void the_slot_is_left_where_the_stream_continues(void **state)
{
	struct fixture *f = *state;

	apply(&f->sent, "ABS_MT_SLOT 1");
	apply(&f->now, "ABS_MT_SLOT 3");
	assert_diff(f, STATE_CERTAIN, "ABS_MT_SLOT 3");
	apply(&f->sent, "ABS_MT_SLOT 3");
	assert_diff(f, STATE_CERTAIN, "-");
	assert_diff(f, STATE_FORGOTTEN_PERHAPS, "ABS_MT_SLOT 3, ABS_Z 5");
}

static void what_may_be_forgotten_is_said_if_it_was_or_is_on(void **state)
{
	struct fixture *f = *state;

	apply(&f->sent, "KEY_A 1, KEY_B 1, SW_LID 1, ABS_X 3, ABS_HAT0X 1, "
			"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			"ABS_MT_POSITION_X 1, ABS_MT_SLOT 1, "
			"ABS_MT_TRACKING_ID 2");
	apply(&f->now, "KEY_A 1, SW_LID 1, ABS_X 3, ABS_HAT0X 0, "
		       "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
		       "ABS_MT_POSITION_X 1");
	assert_diff(f, STATE_FORGOTTEN_PERHAPS,
		    "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		    "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
		    "ABS_MT_POSITION_X 1, KEY_B 0, KEY_A 1, SW_LID 1, "
		    "ABS_X 3, ABS_Z 5, ABS_HAT0X 0");
}

static void what_the_device_does_not_have_is_not_said(void **state)
{
	struct fixture *f = *state;

	apply(&f->now, "KEY_C 1, SW_DOCK 1, ABS_Y 1");
	assert_diff(f, STATE_CERTAIN, "-");
	assert_diff(f, STATE_FORGOTTEN_PERHAPS, "ABS_Z 5");
}

static void random_contacts(struct fixture *f, struct state *st,
			    struct rnd *rnd)
{
	static const uint16_t axes[] = { ABS_MT_TOUCH_MAJOR, ABS_MT_POSITION_X,
					 ABS_MT_POSITION_Y, ABS_MT_TOOL_Y };

	for (unsigned int slot = 0; slot < spec_slots(&f->spec); slot++) {
		struct state_contact *c = &st->contact[slot];

		if (rnd_one_in(rnd, 2))
			continue;
		c->id = rnd_between(rnd, 0, 3);
		for (unsigned int i = 0; i < 4; i++) {
			const unsigned int axis = axes[i] - STATE_MT_FIRST;

			c->axis[axis] = rnd_between(rnd, 0, 2);
			c->known |= (uint16_t)(1u << axis);
		}
	}
	st->slot = rnd_between(rnd, -1, (int)spec_slots(&f->spec) - 1);
}

static void random_state(struct fixture *f, struct state *st, struct rnd *rnd)
{
	state_init(st, rnd_one_in(rnd, 3) ? NULL : &f->spec);
	for (unsigned int code = 0; code < KEY_CNT; code++)
		if (spec_has(&f->spec, EV_KEY, (uint16_t)code))
			bit_assign(st->key, code, rnd_one_in(rnd, 2));
	for (unsigned int code = 0; code < SW_CNT; code++)
		if (spec_has(&f->spec, EV_SW, (uint16_t)code))
			bit_assign(st->sw, code, rnd_one_in(rnd, 2));
	for (unsigned int code = 0; code < ABS_MT_SLOT; code++) {
		if (!spec_has(&f->spec, EV_ABS, (uint16_t)code) ||
		    rnd_one_in(rnd, 3))
			continue;
		st->abs[code] = rnd_between(rnd, -1, 1);
		st->abs_known |= (uint64_t)1 << code;
	}
	random_contacts(f, st, rnd);
}

/* All that comes to be known stays known. */
static void also_known(struct state *st, const struct state *before)
{
	st->abs_known |= before->abs_known;
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		if (st->contact[i].id == before->contact[i].id)
			st->contact[i].known |= before->contact[i].known;
	if (st->slot < 0)
		st->slot = before->slot;
}

static void assert_guest_is(const struct linux_guest *g, const struct state *st)
{
	for (unsigned int code = 0; code < KEY_CNT; code++)
		assert_int_equal(g->key[code], bit_test(st->key, code));
	for (unsigned int code = 0; code < SW_CNT; code++)
		assert_int_equal(g->sw[code], bit_test(st->sw, code));
	for (unsigned int code = 0; code < ABS_CNT; code++)
		assert_int_equal(g->abs[code], st->abs[code]);
	for (int slot = 0; slot < g->n_slots; slot++) {
		const struct state_contact *c = &st->contact[slot];

		assert_int_equal(g->slots[slot].id, c->id);
		for (unsigned int i = 0; i < STATE_MT_AXES; i++)
			if (c->known >> i & 1)
				assert_int_equal(
					g->slots[slot].axis[STATE_MT_FIRST + i],
					c->axis[i]);
	}
	assert_int_equal(g->id_over_id, 0);
	assert_int_equal(g->undeclared, 0);
	if (st->slot >= 0)
		assert_int_equal(g->slot, st->slot);
}

/* A guest that is as `st` says, from a frame that says all of it. */
static void make_guest(struct fixture *f, const struct state *st)
{
	struct state fresh;

	state_init(&fresh, NULL);
	linux_guest_boot(&f->guest, &f->spec);
	f->out.n = 0;
	state_diff(&f->spec, &fresh, STATE_FORGOTTEN_PERHAPS, st, &f->out);
	linux_guest_take(&f->guest, f->out.ev, f->out.n);
	assert_guest_is(&f->guest, st);
}

static void a_diff_leads_from_any_state_to_any_other(void **state)
{
	struct fixture *f = *state;
	struct rnd rnd = { 1 };

	for (unsigned int i = 0; i < 20000; i++) {
		struct state got;

		random_state(f, &f->sent, &rnd);
		random_state(f, &f->now, &rnd);
		make_guest(f, &f->sent);
		got = f->sent;
		f->out.n = 0;
		state_diff(&f->spec, &f->sent, STATE_CERTAIN, &f->now, &f->out);
		for (size_t j = 0; j < f->out.n; j++)
			state_apply(&got, &f->out.ev[j]);
		linux_guest_take(&f->guest, f->out.ev, f->out.n);
		also_known(&f->now, &got);
		assert_memory_equal(&got, &f->now, sizeof(got));
		assert_guest_is(&f->guest, &f->now);
	}
}

static void what_may_be_forgotten_comes_out_right_both_ways(void **state)
{
	struct fixture *f = *state;
	struct rnd rnd = { 2 };

	for (unsigned int i = 0; i < 20000; i++) {
		random_state(f, &f->sent, &rnd);
		random_state(f, &f->now, &rnd);
		make_guest(f, &f->sent);
		f->out.n = 0;
		state_diff(&f->spec, &f->sent, STATE_FORGOTTEN_PERHAPS, &f->now,
			   &f->out);
		linux_guest_take(&f->guest, f->out.ev, f->out.n);
		assert_guest_is(&f->guest, &f->now);
		linux_guest_boot(&f->guest, &f->spec);
		linux_guest_take(&f->guest, f->out.ev, f->out.n);
		assert_guest_is(&f->guest, &f->now);
	}
}

/* Everything a device can have, on; then everything different. */
static void the_largest_diff_fits_a_frame(void **state)
{
	struct fixture *f = *state;

	memset(f->spec.bits[EV_KEY], 0xff, KEY_CNT / 8);
	memset(f->spec.bits[EV_ABS], 0xff, ABS_CNT / 8);
	bit_clear(f->spec.bits[EV_ABS], ABS_MT_SLOT - 1);
	for (unsigned int code = 0; code < SW_CNT; code++)
		bit_set(f->spec.bits[EV_SW], code);
	f->spec.abs[ABS_MT_SLOT].max = SPEC_SLOTS_MAX - 1;
	memset(f->now.key, 0xff, sizeof(f->now.key));
	for (uint16_t code = 0; code < ABS_MT_SLOT; code++)
		f->now.abs[code] = 1;
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++) {
		f->sent.contact[i].id = 1;
		f->now.contact[i].id = 2;
		f->now.contact[i].known = 0x3dff;
	}
	f->now.slot = 0;
	f->out.n = 0;
	state_diff(&f->spec, &f->sent, STATE_FORGOTTEN_PERHAPS, &f->now,
		   &f->out);
	assert_in_range(f->out.n, KEY_CNT + 64 * 17, FRAME_OUT_MAX / 2);
}

static void codes_behind_the_last_one_change_nothing(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { vi_event(EV_KEY, KEY_CNT, 1),
				       vi_event(EV_ABS, ABS_CNT, 1),
				       vi_event(EV_SW, SW_CNT, 1) };
	const struct state before = f->now;

	for (size_t i = 0; i < sizeof(ev) / sizeof(ev[0]); i++) {
		state_apply(&f->now, &ev[i]);
		assert_memory_equal(&f->now, &before, sizeof(before));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_held_at_first_and_axes_rest),
		TEST(the_last_axis_is_as_any_other),
		TEST(codes_behind_the_last_one_change_nothing),
		TEST(repeat_keeps_a_key_down),
		TEST(a_contact_takes_its_axes_with_it),
		TEST(any_event_can_be_applied),
		TEST(events_together_do_what_each_does),
		TEST(without_a_known_slot_mt_events_are_ignored),
		TEST(equal_states_differ_in_nothing),
		TEST(keys_go_up_before_others_go_down),
		TEST(an_axis_is_said_once_it_is_known),
		TEST(contacts_are_lifted_before_others_come),
		TEST(the_slot_is_left_where_the_stream_continues),
		TEST(what_may_be_forgotten_is_said_if_it_was_or_is_on),
		TEST(what_the_device_does_not_have_is_not_said),
		TEST(a_diff_leads_from_any_state_to_any_other),
		TEST(what_may_be_forgotten_comes_out_right_both_ways),
		TEST(the_largest_diff_fits_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
