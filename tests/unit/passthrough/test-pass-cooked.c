/* SPDX-License-Identifier: Apache-2.0 */
/* pass-cooked.h: fractions, notches, touches; and a guest's device as it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-cooked.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

struct world {
	struct spec spec;
	struct pass_cooked cooked;
};

static struct world *make(const char *device)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	event_text_device(device, &w->spec);
	pass_cooked_init(&w->cooked, &w->spec);
	return w;
}

static int mouse(void **state)
{
	*state = make("BTN_LEFT, REL_X, REL_Y, REL_WHEEL, REL_WHEEL_HI_RES, "
		      "REL_HWHEEL, REL_HWHEEL_HI_RES");
	return 0;
}

static int zooming_mouse(void **state)
{
	*state = make("KEY_LEFTCTRL, BTN_LEFT, REL_WHEEL, REL_WHEEL_HI_RES");
	return 0;
}

static int screen(void **state)
{
	*state = make("ABS_X 0..1919, ABS_Y 0..1079, ABS_MT_SLOT 0..9, "
		      "ABS_MT_TRACKING_ID 0..65535, ABS_MT_POSITION_X 0..1919, "
		      "ABS_MT_POSITION_Y 0..1079");
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* The frame so far, "-" for none. */
static void expect_frame(struct world *w, const char *text)
{
	struct vi_event ev[PASS_COOKED_MAX];
	const size_t n = pass_cooked_end(&w->cooked);
	const struct input_event *in = w->cooked.ev;

	for (size_t i = 0; i < n; i++)
		ev[i] = vi_event(in[i].type, in[i].code, in[i].value);
	if (n) {
		assert_true(vi_is_syn_report(&ev[n - 1]));
		assert_num(vi_value(&ev[n - 1]), 0);
	}
	assert_events(ev, n ? n - 1 : 0, text);
}

static void fractions_of_motion_are_kept(void **state)
{
	struct world *w = *state;
	struct pass_cooked *c = &w->cooked;

	pass_cooked_motion(c, 0.6, -0.6);
	expect_frame(w, "-");
	pass_cooked_motion(c, 0.6, -0.6);
	expect_frame(w, "REL_X 1, REL_Y -1");
	pass_cooked_motion(c, 2.9, 0);
	expect_frame(w, "REL_X 3");
	pass_cooked_motion(c, -0.3, 0.3);
	expect_frame(w, "-");
}

static void slow_motion_adds_up(void **state)
{
	struct world *w = *state;
	int sum = 0;

	for (int i = 0; i < 1000; i++) {
		pass_cooked_motion(&w->cooked, 0.125, 0);
		if (pass_cooked_end(&w->cooked))
			sum += w->cooked.ev[0].value;
	}
	assert_num(sum, 125);
}

/* A wheel away from the user: up. */
static void notch_is_a_notch(void **state)
{
	struct world *w = *state;

	pass_cooked_wheel(&w->cooked, PASS_Y, -120);
	expect_frame(w, "REL_WHEEL_HI_RES 120, REL_WHEEL 1");
	pass_cooked_wheel(&w->cooked, PASS_X, 240);
	expect_frame(w, "REL_HWHEEL_HI_RES 240, REL_HWHEEL 2");
}

static void fine_wheel_adds_up_to_notches(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++) {
		pass_cooked_wheel(&w->cooked, PASS_Y, 30);
		expect_frame(w, "REL_WHEEL_HI_RES -30");
	}
	pass_cooked_wheel(&w->cooked, PASS_Y, 30);
	expect_frame(w, "REL_WHEEL_HI_RES -30, REL_WHEEL -1");
	pass_cooked_wheel(&w->cooked, PASS_Y, 90);
	expect_frame(w, "REL_WHEEL_HI_RES -90");
	/* The other direction begins anew. */
	pass_cooked_wheel(&w->cooked, PASS_Y, -90);
	expect_frame(w, "REL_WHEEL_HI_RES 90");
	pass_cooked_wheel(&w->cooked, PASS_Y, -30);
	expect_frame(w, "REL_WHEEL_HI_RES 30, REL_WHEEL 1");
}

static void fingers_scroll_a_notch_per_15_units(void **state)
{
	struct world *w = *state;

	pass_cooked_finger(&w->cooked, PASS_Y, 7.5);
	expect_frame(w, "REL_WHEEL_HI_RES -60");
	pass_cooked_finger(&w->cooked, PASS_Y, 7.5);
	expect_frame(w, "REL_WHEEL_HI_RES -60, REL_WHEEL -1");
	pass_cooked_finger(&w->cooked, PASS_Y, 0.0625);
	expect_frame(w, "-");
	pass_cooked_finger(&w->cooked, PASS_Y, 0.0625);
	expect_frame(w, "REL_WHEEL_HI_RES -1");
	/* A new gesture has no part of the last one. */
	pass_cooked_finger(&w->cooked, PASS_Y, 14);
	expect_frame(w, "REL_WHEEL_HI_RES -112");
	pass_cooked_finger(&w->cooked, PASS_Y, 0);
	expect_frame(w, "-");
	pass_cooked_finger(&w->cooked, PASS_Y, 1);
	expect_frame(w, "REL_WHEEL_HI_RES -8");
}

static void only_what_the_guests_device_has_is_sent(void **state)
{
	struct world *w = *state;

	pass_cooked_button(&w->cooked, BTN_LEFT, true);
	expect_frame(w, "BTN_LEFT 1");
	pass_cooked_button(&w->cooked, BTN_TASK, true);
	pass_cooked_button(&w->cooked, KEY_CNT, true);
	pass_cooked_button(&w->cooked, UINT32_MAX, true);
	pass_cooked_position(&w->cooked, 0.5, 0.5);
	pass_cooked_down(&w->cooked, 0);
	pass_cooked_move(&w->cooked, 0, 0.5, 0.5);
	pass_cooked_up(&w->cooked, 0);
	expect_frame(w, "-");
	assert_true(bit_test(w->cooked.now.key, BTN_LEFT));
}

static void wild_numbers_are_limited(void **state)
{
	struct world *w = *state;

	pass_cooked_motion(&w->cooked, NAN, INFINITY);
	expect_frame(w, "-");
	pass_cooked_motion(&w->cooked, 1e12, -1e12);
	expect_frame(w, "REL_X 2147483647, REL_Y -2147483647");
	/* Nothing is left of them. */
	pass_cooked_motion(&w->cooked, 0, 0);
	expect_frame(w, "-");
	pass_cooked_wheel(&w->cooked, PASS_Y, NAN);
	expect_frame(w, "-");
}

static void touches_are_scaled_to_the_screen(void **state)
{
	struct world *w = *state;
	struct pass_cooked *c = &w->cooked;

	pass_cooked_down(c, 0);
	pass_cooked_move(c, 0, 0.5, 0);
	pass_cooked_down(c, 3);
	pass_cooked_move(c, 3, 0.9999, 1);
	expect_frame(w, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			"ABS_MT_POSITION_X 960, ABS_MT_POSITION_Y 0, "
			"ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 1, "
			"ABS_MT_POSITION_X 1919, ABS_MT_POSITION_Y 1079");
	assert_num(c->now.contact[3].id, 1);
	pass_cooked_up(c, 0);
	pass_cooked_up(c, 0);
	expect_frame(w, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	pass_cooked_down(c, 10);
	pass_cooked_move(c, -1, 0, 0);
	expect_frame(w, "-");
}

static void a_contact_that_is_not_down_is_not_lifted(void **state)
{
	struct world *w = *state;

	pass_cooked_up(&w->cooked, 0);
	expect_frame(w, "ABS_MT_SLOT 0");
}

static void position_is_scaled_to_the_device(void **state)
{
	struct world *w = *state;

	w->spec.abs[ABS_Y].min = 80;
	pass_cooked_position(&w->cooked, 0.25, 0.5);
	expect_frame(w, "ABS_X 480, ABS_Y 580");
	w->spec.abs[ABS_Y].min = 0;

	pass_cooked_position(&w->cooked, 0.25, -3);
	expect_frame(w, "ABS_X 480, ABS_Y 0");
	pass_cooked_position(&w->cooked, NAN, 7);
	expect_frame(w, "ABS_X 0, ABS_Y 1079");
}

/* Ctrl is down from the first motion to the end, whatever the scale was. */
static void pinch_is_the_wheel_with_ctrl(void **state)
{
	struct world *w = *state;

	pass_cooked_pinch(&w->cooked, 1.2);
	expect_frame(w, "KEY_LEFTCTRL 1, REL_WHEEL_HI_RES 120, REL_WHEEL 1");
	pass_cooked_pinch(&w->cooked, 1.0);
	expect_frame(w, "REL_WHEEL_HI_RES -120, REL_WHEEL -1");
	pass_cooked_pinch(&w->cooked, 0);
	expect_frame(w, "-");
	pass_cooked_pinch_end(&w->cooked);
	expect_frame(w, "KEY_LEFTCTRL 0");
	pass_cooked_pinch_end(&w->cooked);
	expect_frame(w, "-");
}

/* What was scrolled before and after has no part of it. */
static void pinch_begins_with_a_whole_notch(void **state)
{
	struct world *w = *state;

	pass_cooked_wheel(&w->cooked, PASS_Y, -90);
	pass_cooked_pinch(&w->cooked, pow(1.2, 0.755));
	expect_frame(w, "REL_WHEEL_HI_RES 90, KEY_LEFTCTRL 1, "
			"REL_WHEEL_HI_RES 90");
	pass_cooked_pinch_end(&w->cooked);
	pass_cooked_wheel(&w->cooked, PASS_Y, -90);
	expect_frame(w, "KEY_LEFTCTRL 0, REL_WHEEL_HI_RES 90");
}

static void a_frame_is_of_one_time_and_limited(void **state)
{
	struct world *w = *state;
	const struct input_event *ev = w->cooked.ev;

	w->cooked.time_us = 3500001;
	for (int i = 0; i < PASS_COOKED_MAX; i++)
		pass_cooked_motion(&w->cooked, 1, 0);
	assert_num(pass_cooked_end(&w->cooked), PASS_COOKED_MAX);
	assert_num(ev[PASS_COOKED_MAX - 1].type, EV_SYN);
	assert_num(ev[PASS_COOKED_MAX - 1].input_event_sec, 3);
	assert_num(ev[PASS_COOKED_MAX - 1].input_event_usec, 500001);
}

/* It would scroll. */
/* Of any size, also at once. */
static void pinch_is_as_far_as_it_is(void **state)
{
	struct world *w = *state;

	pass_cooked_pinch(&w->cooked, pow(1.2, 20.25));
	expect_frame(w, "KEY_LEFTCTRL 1, REL_WHEEL_HI_RES 2430, REL_WHEEL 20");
	pass_cooked_pinch(&w->cooked, pow(1.2, -10.755));
	expect_frame(w, "REL_WHEEL_HI_RES -3720, REL_WHEEL -31");
	pass_cooked_pinch(&w->cooked, INFINITY);
	expect_frame(w, "-");
}

static void pinch_without_ctrl_is_nothing(void **state)
{
	struct world *w = *state;

	pass_cooked_pinch(&w->cooked, 2);
	pass_cooked_pinch_end(&w->cooked);
	expect_frame(w, "-");
}

#define ZOOMING(f) cmocka_unit_test_setup_teardown(f, zooming_mouse, teardown)
#define MOUSE(f)   cmocka_unit_test_setup_teardown(f, mouse, teardown)
#define SCREEN(f)  cmocka_unit_test_setup_teardown(f, screen, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MOUSE(fractions_of_motion_are_kept),
		MOUSE(slow_motion_adds_up),
		MOUSE(notch_is_a_notch),
		MOUSE(fine_wheel_adds_up_to_notches),
		MOUSE(fingers_scroll_a_notch_per_15_units),
		MOUSE(only_what_the_guests_device_has_is_sent),
		MOUSE(wild_numbers_are_limited),
		ZOOMING(pinch_is_the_wheel_with_ctrl),
		ZOOMING(pinch_is_as_far_as_it_is),
		MOUSE(pinch_without_ctrl_is_nothing),
		ZOOMING(pinch_begins_with_a_whole_notch),
		MOUSE(a_frame_is_of_one_time_and_limited),
		SCREEN(touches_are_scaled_to_the_screen),
		SCREEN(a_contact_that_is_not_down_is_not_lifted),
		SCREEN(position_is_scaled_to_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
