/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each other typed call of libvinject says on the wire, and what is
 * released: vinject-says.h. Contacts and pens have a test of their own.
 */
#include "tests/lib/vinject-says.h"

static void nothing_is_sent_before_the_frame(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_A, true);
	assert_nothing_sent(f);
	says(f, "KEY_A 1");
}

static void a_frame_without_events_is_not_sent(void **state)
{
	struct fixture *f = *state;

	assert_num(vinject_frame(f->v), 0);
	assert_ok(vinject_motion(f->v, 0, 0));
	assert_ok(vinject_wheel(f->v, 0, 0));
	assert_num(vinject_frame(f->v), 0);
	assert_nothing_sent(f);
}

static void keys_and_switches_are_what_they_are(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_LEFTSHIFT, true);
	vinject_key(f->v, KEY_MAX, true);
	vinject_switch(f->v, SW_LID, true);
	vinject_key(f->v, KEY_LEFTSHIFT, false);
	vinject_switch(f->v, SW_LID, false);
	says(f, "KEY_LEFTSHIFT 1, KEY_MAX 1, SW_LID 1, KEY_LEFTSHIFT 0, "
		"SW_LID 0");
}

static void raw_events_pass_and_syn_report_is_the_frame(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_event(f->v, EV_MSC, MSC_SCAN, 458756));
	assert_ok(vinject_event(f->v, EV_KEY, KEY_A, 2));
	assert_nothing_sent(f);
	assert_num(vinject_event(f->v, EV_SYN, SYN_REPORT, 0), 0);
	says(f, "MSC_SCAN 458756, KEY_A 2");
}

static void codes_that_do_not_exist_are_refused(void **state)
{
	static const struct {
		uint16_t type, code;
		int32_t value;
	} rows[] = {
		{ EV_KEY, KEY_CNT, 1 },
		{ EV_REL, REL_CNT, 1 },
		{ EV_ABS, ABS_CNT, 1 },
		{ EV_SW, SW_CNT, 1 },
		{ EV_CNT, 0, 1 },
		{ EV_SYN, SYN_MT_REPORT, 0 },
		{ EV_SYN, SYN_DROPPED, 0 },
		{ EV_ABS, ABS_MT_SLOT, -1 },
		{ EV_ABS, ABS_MT_SLOT, VINJECT_SLOTS_MAX },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_rc(vinject_event(f->v, rows[i].type, rows[i].code,
					rows[i].value),
			  -EINVAL);
	assert_rc(vinject_button(f->v, 5, true), -EINVAL);
	assert_rc(vinject_pen_button(f->v, 3, true), -EINVAL);
	assert_rc(vinject_pad_button(f->v, VINJECT_PAD_BUTTONS, true), -EINVAL);
	assert_rc(vinject_pad_hat(f->v, 2, 0), -EINVAL);
	assert_rc(vinject_pad_hat(f->v, 0, -2), -EINVAL);
	assert_rc(vinject_pad_hat(f->v, -2, 0), -EINVAL);
	assert_rc(vinject_pad_hat(f->v, 0, 2), -EINVAL);
	assert_num(vinject_frame(f->v), 0);
	assert_nothing_sent(f);
}

static void an_event_beyond_the_largest_frame_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct vi_event ev[VINJECT_FRAME_MAX + 2];

	for (int i = 0; i < VINJECT_FRAME_MAX - 1; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	/* Whole or not at all, and then without a contact. */
	assert_rc(vinject_touch_down(f->v, 1, 2, 3), -EMSGSIZE);
	assert_num(vinject_touch_count(f->v), 0);
	assert_ok(vinject_key(f->v, KEY_A, true));
	assert_rc(vinject_key(f->v, KEY_B, true), -EMSGSIZE);
	assert_num(vinject_frame(f->v), 0);
	assert_num(recv(f->device, ev, sizeof(ev), MSG_DONTWAIT),
		   8 * (VINJECT_FRAME_MAX + 1));
	assert_num(vi_code(&ev[VINJECT_FRAME_MAX - 1]), KEY_A);
	assert_true(vi_is_syn_report(&ev[VINJECT_FRAME_MAX]));
	vinject_key(f->v, KEY_B, true);
	says(f, "KEY_B 1");
}

static void motion_has_only_axes_that_move(void **state)
{
	struct fixture *f = *state;

	vinject_motion(f->v, 3, -4);
	vinject_motion(f->v, 0, 5);
	vinject_motion(f->v, -6, 0);
	says(f, "REL_X 3, REL_Y -4, REL_Y 5, REL_X -6");
}

static void buttons_are_numbered_as_in_a_browser(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 5; i++)
		vinject_button(f->v, i, true);
	vinject_button(f->v, 2, false);
	says(f, "BTN_LEFT 1, BTN_MIDDLE 1, BTN_RIGHT 1, BTN_SIDE 1, "
		"BTN_EXTRA 1, BTN_RIGHT 0");
}

static void a_position_is_said_with_both_axes(void **state)
{
	struct fixture *f = *state;

	vinject_position(f->v, 0, 32767);
	says(f, "ABS_X 0, ABS_Y 32767");
}

static void a_notch_turns_both_kinds_of_wheel(void **state)
{
	struct fixture *f = *state;

	vinject_wheel(f->v, VINJECT_NOTCH, -2 * VINJECT_NOTCH);
	says(f, "REL_WHEEL_HI_RES 120, REL_WHEEL 1, REL_HWHEEL_HI_RES -240, "
		"REL_HWHEEL -2");
}

static void parts_of_a_notch_come_together(void **state)
{
	struct fixture *f = *state;

	vinject_wheel(f->v, 50, 0);
	says(f, "REL_WHEEL_HI_RES 50");
	vinject_wheel(f->v, 50, -119);
	says(f, "REL_WHEEL_HI_RES 50, REL_HWHEEL_HI_RES -119");
	vinject_wheel(f->v, 50, -1);
	says(f, "REL_WHEEL_HI_RES 50, REL_WHEEL 1, REL_HWHEEL_HI_RES -1, "
		"REL_HWHEEL -1");
	vinject_wheel(f->v, 90, 0);
	says(f, "REL_WHEEL_HI_RES 90, REL_WHEEL 1");
}

static void a_wheel_that_turns_back_begins_a_new_notch(void **state)
{
	struct fixture *f = *state;

	vinject_wheel(f->v, 119, 0);
	says(f, "REL_WHEEL_HI_RES 119");
	vinject_wheel(f->v, -60, 0);
	says(f, "REL_WHEEL_HI_RES -60");
	vinject_wheel(f->v, -60, 0);
	says(f, "REL_WHEEL_HI_RES -60, REL_WHEEL -1");
}

static void a_wheel_takes_the_largest_turns(void **state)
{
	struct fixture *f = *state;

	vinject_wheel(f->v, 119, 0);
	says(f, "REL_WHEEL_HI_RES 119");
	vinject_wheel(f->v, INT32_MAX, INT32_MIN);
	says(f, "REL_WHEEL_HI_RES 2147483647, REL_WHEEL 17895698, "
		"REL_HWHEEL_HI_RES -2147483648, REL_HWHEEL -17895697");
}

static void a_rotary_is_a_wheel_and_a_dial_has_steps(void **state)
{
	struct fixture *f = *state;

	vinject_turn(f->v, -120);
	vinject_dial(f->v, 3);
	says(f, "REL_WHEEL_HI_RES -120, REL_WHEEL -1, REL_DIAL 3");
}

static void a_pads_buttons_are_those_of_an_xbox_pad(void **state)
{
	/* By index, what pressing it and letting it go says. */
	static const char *const rows[VINJECT_PAD_BUTTONS][2] = {
		{ "BTN_SOUTH 1", "BTN_SOUTH 0" },
		{ "BTN_EAST 1", "BTN_EAST 0" },
		{ "BTN_NORTH 1", "BTN_NORTH 0" },
		{ "BTN_WEST 1", "BTN_WEST 0" },
		{ "BTN_TL 1", "BTN_TL 0" },
		{ "BTN_TR 1", "BTN_TR 0" },
		{ "ABS_Z 255", "ABS_Z 0" },
		{ "ABS_RZ 255", "ABS_RZ 0" },
		{ "BTN_SELECT 1", "BTN_SELECT 0" },
		{ "BTN_START 1", "BTN_START 0" },
		{ "BTN_THUMBL 1", "BTN_THUMBL 0" },
		{ "BTN_THUMBR 1", "BTN_THUMBR 0" },
		{ "ABS_HAT0Y -1", "ABS_HAT0Y 0" },
		{ "ABS_HAT0Y 1", "ABS_HAT0Y 0" },
		{ "ABS_HAT0X -1", "ABS_HAT0X 0" },
		{ "ABS_HAT0X 1", "ABS_HAT0X 0" },
		{ "BTN_MODE 1", "BTN_MODE 0" },
	};
	struct fixture *f = *state;

	for (unsigned int i = 0; i < VINJECT_PAD_BUTTONS; i++) {
		assert_ok(vinject_pad_button(f->v, i, true));
		says(f, rows[i][0]);
		assert_ok(vinject_pad_button(f->v, i, false));
		says(f, rows[i][1]);
	}
}

static void what_is_released_counts_no_more_for_the_hat(void **state)
{
	struct fixture *f = *state;

	vinject_pad_button(f->v, 14, true);
	says(f, "ABS_HAT0X -1");
	assert_ok(vinject_release_all(f->v));
	says(f, "ABS_HAT0X 0");
	vinject_pad_button(f->v, 15, true);
	says(f, "ABS_HAT0X 1");
}

static void opposite_pad_buttons_are_none(void **state)
{
	struct fixture *f = *state;

	vinject_pad_button(f->v, 14, true);
	vinject_pad_button(f->v, 15, true);
	vinject_pad_button(f->v, 14, false);
	vinject_pad_button(f->v, 12, true);
	says(f, "ABS_HAT0X -1, ABS_HAT0X 0, ABS_HAT0X 1, ABS_HAT0Y -1");
	/* The hat is set by another, who knows better. */
	vinject_pad_hat(f->v, 0, 0);
	vinject_pad_button(f->v, 14, true);
	says(f, "ABS_HAT0X 0, ABS_HAT0Y 0, ABS_HAT0X -1");
}

static void limits_are_valid(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_pad_hat(f->v, -1, 1));
	assert_ok(vinject_pad_hat(f->v, 1, -1));
	says(f, "ABS_HAT0X -1, ABS_HAT0Y 1, ABS_HAT0X 1, ABS_HAT0Y -1");
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, 0));
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT,
				VINJECT_SLOTS_MAX - 1));
	says(f, "ABS_MT_SLOT 0, ABS_MT_SLOT 63");
	assert_ok(vinject_touch_slots(f->v, VINJECT_SLOTS_MAX));
	assert_ok(vinject_touch_down(f->v, 1, 2, 3));
	assert_ok(vinject_touch_axis(f->v, 1, ABS_MT_TOOL_Y, 4));
	assert_ok(vinject_touch_axis(f->v, 1, ABS_MT_TOUCH_MAJOR, 5));
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 2, "
		"ABS_MT_POSITION_Y 3, ABS_MT_TOOL_Y 4, ABS_MT_TOUCH_MAJOR 5");
}

static void sticks_and_triggers_have_their_axes(void **state)
{
	struct fixture *f = *state;

	vinject_pad_stick(f->v, VINJECT_LEFT, -32768, 32767);
	vinject_pad_stick(f->v, VINJECT_RIGHT, 1, -1);
	vinject_pad_trigger(f->v, VINJECT_LEFT, 3);
	vinject_pad_trigger(f->v, VINJECT_RIGHT, 4);
	says(f, "ABS_X -32768, ABS_Y 32767, ABS_RX 1, ABS_RY -1, ABS_Z 3, "
		"ABS_RZ 4");
}

static void release_all_releases_what_is_held(void **state)
{
	struct fixture *f = *state;

	vinject_key(f->v, KEY_A, true);
	vinject_key(f->v, KEY_B, true);
	vinject_key(f->v, KEY_B, false);
	vinject_switch(f->v, SW_LID, true);
	vinject_position(f->v, 100, 200);
	vinject_touch_down(f->v, 5, 1, 2);
	vinject_pad_stick(f->v, VINJECT_RIGHT, 100, 0);
	assert_num(vinject_frame(f->v), 0);
	char sink[512];
	assert_sys(recv(f->device, sink, sizeof(sink), 0));
	/* Not sent yet, and released all the same. */
	vinject_key(f->v, KEY_C, true);
	assert_ok(vinject_release_all(f->v));
	says(f, "KEY_C 1, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_RX 0, "
		"KEY_A 0, KEY_C 0");
	assert_ok(vinject_release_all(f->v));
	assert_num(vinject_frame(f->v), 0);
	assert_nothing_sent(f);
	assert_num(vinject_touch_count(f->v), 0);
}

/* Room for a key, two events of each contact, and each axis. */
static void release_all_is_whole_or_not_at_all(void **state)
{
	const int most = VINJECT_FRAME_MAX - (1 + 2 * 2 + ABS_CNT);
	struct fixture *f = *state;

	vinject_key(f->v, KEY_A, true);
	vinject_switch(f->v, 0, true);
	vinject_touch_down(f->v, 5, 1, 2);
	vinject_touch_down(f->v, 6, 1, 2);
	assert_ok(vinject_frame(f->v));
	for (int i = 0; i < most + 1; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_rc(vinject_release_all(f->v), -EMSGSIZE);
	assert_num(vinject_touch_count(f->v), 2);
	assert_ok(vinject_frame(f->v));
	for (int i = 0; i < most; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_ok(vinject_release_all(f->v));
	assert_num(vinject_touch_count(f->v), 0);
}

static void an_axis_that_is_none_is_not_released(void **state)
{
	struct fixture *f = *state;

	vinject_event(f->v, EV_ABS, ABS_MT_SLOT - 1, 3);
	vinject_pad_stick(f->v, VINJECT_LEFT, 5, 0);
	says(f, "ABS_RESERVED 3, ABS_X 5, ABS_Y 0");
	assert_ok(vinject_release_all(f->v));
	says(f, "ABS_X 0");
}

static void what_was_withdrawn_is_not_held(void **state)
{
	struct fixture *f = *state;
	char sink[1024];

	vinject_key(f->v, KEY_A, true);
	vinject_pen_in(f->v, VINJECT_PEN);
	vinject_pad_button(f->v, 14, true);
	vinject_touch_down(f->v, 1, 2, 3);
	vinject_wheel(f->v, 119, 0);
	assert_num(vinject_frame(f->v), 0);
	vinject_key(f->v, KEY_B, true); /* unfinished */
	vinject_withdraw(f->v);
	assert_num(vinject_flush(f->v), 0);
	assert_sys(recv(f->device, sink, sizeof(sink), 0));
	assert_num(vinject_touch_count(f->v), 0);
	assert_ok(vinject_release_all(f->v));
	assert_num(vinject_frame(f->v), 0);
	assert_nothing_sent(f);
	vinject_pen_in(f->v, VINJECT_PEN);
	vinject_pad_button(f->v, 15, true);
	vinject_wheel(f->v, 1, 0);
	says(f, "BTN_TOOL_PEN 1, ABS_HAT0X 1, REL_WHEEL_HI_RES 1");
}

static void release_all_takes_the_pen_away(void **state)
{
	struct fixture *f = *state;

	vinject_pen_in(f->v, VINJECT_ERASER);
	vinject_pen_pressure(f->v, 7);
	says(f, "BTN_TOOL_RUBBER 1, ABS_PRESSURE 7, BTN_TOUCH 1");
	vinject_release_all(f->v);
	says(f, "ABS_PRESSURE 0, BTN_TOOL_RUBBER 0, BTN_TOUCH 0");
	vinject_pen_in(f->v, VINJECT_ERASER);
	says(f, "BTN_TOOL_RUBBER 1");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(nothing_is_sent_before_the_frame),
		T(a_frame_without_events_is_not_sent),
		T(keys_and_switches_are_what_they_are),
		T(raw_events_pass_and_syn_report_is_the_frame),
		T(codes_that_do_not_exist_are_refused),
		T(an_event_beyond_the_largest_frame_is_left_out),
		T(motion_has_only_axes_that_move),
		T(buttons_are_numbered_as_in_a_browser),
		T(a_position_is_said_with_both_axes),
		T(a_notch_turns_both_kinds_of_wheel),
		T(parts_of_a_notch_come_together),
		T(a_wheel_that_turns_back_begins_a_new_notch),
		T(a_wheel_takes_the_largest_turns),
		T(a_rotary_is_a_wheel_and_a_dial_has_steps),
		T(limits_are_valid),
		T(a_pads_buttons_are_those_of_an_xbox_pad),
		T(what_is_released_counts_no_more_for_the_hat),
		T(opposite_pad_buttons_are_none),
		T(sticks_and_triggers_have_their_axes),
		T(release_all_releases_what_is_held),
		T(release_all_is_whole_or_not_at_all),
		T(an_axis_that_is_none_is_not_released),
		T(what_was_withdrawn_is_not_held),
		T(release_all_takes_the_pen_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
