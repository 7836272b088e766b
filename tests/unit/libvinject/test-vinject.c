/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each typed call of libvinject says on the wire. The device is the other
 * end of a socketpair; a frame is written without its SYN_REPORT.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

struct fixture {
	struct vinject *v;
	int device;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd[2];

	*state = f;
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	f->v = vinject_new();
	assert_non_null(f->v);
	assert_ok(vinject_open_fd(f->v, fd[0]));
	f->device = fd[1];
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vinject_free(f->v);
	close(f->device);
	free(f);
	return 0;
}

static void assert_nothing_sent(struct fixture *f)
{
	char c;

	assert_num(recv(f->device, &c, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

/* What was said until now goes out as this. */
static void says(struct fixture *f, const char *text)
{
	struct vi_event ev[VINJECT_FRAME_MAX + 1];
	ssize_t len;

	assert_num(vinject_frame(f->v), 0);
	len = recv(f->device, ev, sizeof(ev), MSG_DONTWAIT);
	assert_sys(len);
	assert_num(len % 8, 0);
	const size_t n = (size_t)len / 8;
	assert_true(vi_is_syn_report(&ev[n - 1]));
	assert_events(ev, n - 1, text);
	assert_nothing_sent(f);
}

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

static void contacts_have_any_id_and_get_the_lowest_slots(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, INT64_MIN, 10, 20);
	vinject_touch_down(f->v, INT64_MAX, 30, 40);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 10, "
		"ABS_MT_POSITION_Y 20, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, "
		"ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 40");
	vinject_touch_up(f->v, INT64_MIN);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	vinject_touch_down(f->v, 0, 1, 2);
	vinject_touch_move(f->v, INT64_MAX, 31, 41);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 1, "
		"ABS_MT_POSITION_Y 2, ABS_MT_SLOT 1, ABS_MT_POSITION_X 31, "
		"ABS_MT_POSITION_Y 41");
	assert_num(vinject_touch_count(f->v), 2);
}

static void each_frame_selects_its_slot(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, 7, 1, 2);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 1, "
		"ABS_MT_POSITION_Y 2");
	vinject_touch_move(f->v, 7, 3, 4);
	vinject_touch_pressure(f->v, 7, 5);
	vinject_touch_size(f->v, 7, 6, 7);
	vinject_touch_axis(f->v, 7, ABS_MT_ORIENTATION, -1);
	says(f, "ABS_MT_SLOT 0, ABS_MT_POSITION_X 3, ABS_MT_POSITION_Y 4, "
		"ABS_MT_PRESSURE 5, ABS_MT_TOUCH_MAJOR 6, "
		"ABS_MT_TOUCH_MINOR 7, ABS_MT_ORIENTATION -1");
}

static void a_contact_put_down_twice_is_moved(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, 7, 1, 2);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 1, "
		"ABS_MT_POSITION_Y 2");
	vinject_touch_down(f->v, 7, 3, 4);
	says(f, "ABS_MT_SLOT 0, ABS_MT_POSITION_X 3, ABS_MT_POSITION_Y 4");
}

static void a_slot_left_in_this_frame_is_seen_empty(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, 1, 1, 2);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 1, "
		"ABS_MT_POSITION_Y 2");
	vinject_touch_up(f->v, 1);
	vinject_touch_down(f->v, 2, 3, 4);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0, "
		"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 3, "
		"ABS_MT_POSITION_Y 4");
}

static void cancel_lifts_all_contacts(void **state)
{
	struct fixture *f = *state;

	for (int64_t id = 0; id < 3; id++)
		vinject_touch_down(f->v, id, 1, 1);
	vinject_touch_up(f->v, 1);
	assert_num(vinject_frame(f->v), 0);
	char sink[512];
	assert_sys(recv(f->device, sink, sizeof(sink), 0));
	assert_ok(vinject_touch_cancel(f->v));
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 2, "
		"ABS_MT_TRACKING_ID -1");
	assert_num(vinject_touch_count(f->v), 0);
	assert_rc(vinject_touch_move(f->v, 0, 1, 1), -ENOENT);
}

static void unknown_contacts_and_axes_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_rc(vinject_touch_move(f->v, 1, 1, 1), -ENOENT);
	assert_rc(vinject_touch_up(f->v, 1), -ENOENT);
	assert_rc(vinject_touch_pressure(f->v, 1, 1), -ENOENT);
	assert_rc(vinject_touch_size(f->v, 1, 1, 1), -ENOENT);
	vinject_touch_down(f->v, 1, 1, 1);
	assert_rc(vinject_touch_axis(f->v, 1, ABS_X, 1), -EINVAL);
	assert_rc(vinject_touch_axis(f->v, 1, ABS_MT_SLOT, 1), -EINVAL);
	assert_rc(vinject_touch_axis(f->v, 1, ABS_MT_TRACKING_ID, 1), -EINVAL);
	assert_rc(vinject_touch_axis(f->v, 1, ABS_MT_TOOL_Y + 1, 1), -EINVAL);
}

static void contacts_beyond_the_slots_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_rc(vinject_touch_slots(f->v, VINJECT_SLOTS_MAX + 1), -EINVAL);
	assert_ok(vinject_touch_slots(f->v, 2));
	assert_ok(vinject_touch_down(f->v, 1, 1, 1));
	assert_rc(vinject_touch_slots(f->v, 3), -EBUSY);
	assert_ok(vinject_touch_down(f->v, 2, 1, 1));
	assert_rc(vinject_touch_down(f->v, 3, 1, 1), -ENOSPC);
	assert_ok(vinject_touch_up(f->v, 1));
	assert_ok(vinject_touch_down(f->v, 3, 1, 1));
}

/* Wraps around past the ID of a contact that was down all the time. */
static void tracking_ids_are_16_bits_and_unique(void **state)
{
	struct fixture *f = *state;
	struct vi_event ev[8];

	assert_ok(vinject_touch_down(f->v, -1, 1, 1));
	assert_num(vinject_frame(f->v), 0);
	assert_sys(recv(f->device, ev, sizeof(ev), 0));
	for (int i = 1; i <= 65536; i++) {
		vinject_touch_down(f->v, i, 1, 1);
		assert_num(vinject_frame(f->v), 0);
		assert_sys(recv(f->device, ev, sizeof(ev), 0));
		assert_num(vi_code(&ev[1]), ABS_MT_TRACKING_ID);
		assert_num(vi_value(&ev[1]), i < 65536 ? i : 1);
		vinject_touch_up(f->v, i);
		assert_num(vinject_frame(f->v), 0);
		assert_sys(recv(f->device, ev, sizeof(ev), 0));
	}
}

/* In a slot before it, too. */
static void a_tracking_id_is_none_of_a_contact_that_is_down(void **state)
{
	struct fixture *f = *state;
	char sink[512];

	vinject_touch_down(f->v, 1, 0, 0);
	vinject_touch_down(f->v, 2, 0, 0);
	vinject_touch_up(f->v, 1);
	assert_num(vinject_frame(f->v), 0);
	vinject_touch_down(f->v, 3, 0, 0);
	assert_num(vinject_frame(f->v), 0);
	assert_sys(recv(f->device, sink, sizeof(sink), 0));
	/* 2 and 1 are taken, in this order. */
	f->v->next_id = 1;
	vinject_touch_down(f->v, 4, 5, 6);
	says(f, "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 3, ABS_MT_POSITION_X 5, "
		"ABS_MT_POSITION_Y 6");
}

/* A slot may have to be selected, too. */
static void a_contact_changes_where_there_is_room(void **state)
{
	struct fixture *f = *state;

	vinject_touch_down(f->v, 1, 0, 0);
	assert_num(vinject_frame(f->v), 0);
	for (int i = 0; i < VINJECT_FRAME_MAX - 3; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_ok(vinject_motion(f->v, 1, 0));
	assert_rc(vinject_touch_move(f->v, 1, 2, 3), -EMSGSIZE);
	assert_rc(vinject_touch_size(f->v, 1, 2, 3), -EMSGSIZE);
	assert_ok(vinject_touch_up(f->v, 1));
	assert_num(vinject_frame(f->v), 0);
	vinject_touch_down(f->v, 1, 0, 0);
	assert_num(vinject_frame(f->v), 0);
	for (int i = 0; i < VINJECT_FRAME_MAX - 3; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_ok(vinject_touch_move(f->v, 1, 2, 3));
	assert_rc(vinject_touch_up(f->v, 1), -EMSGSIZE);
	assert_num(vinject_frame(f->v), 0);
	for (int i = 0; i < VINJECT_FRAME_MAX - 1; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_rc(vinject_touch_up(f->v, 1), -EMSGSIZE);
	assert_rc(vinject_touch_pressure(f->v, 1, 1), -EMSGSIZE);
}

static void other_input_is_no_contact(void **state)
{
	struct fixture *f = *state;

	vinject_wheel(f->v, 1, 1);
	assert_num(vinject_touch_count(f->v), 0);
	assert_ok(vinject_touch_cancel(f->v));
	says(f, "REL_WHEEL_HI_RES 1, REL_HWHEEL_HI_RES 1");
	/* Nor does an axis end one. */
	vinject_touch_down(f->v, 1, 2, 3);
	vinject_event(f->v, EV_ABS, ABS_X, 4);
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 2, "
		"ABS_MT_POSITION_Y 3, ABS_X 4");
	assert_ok(vinject_release_all(f->v));
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
}

/* What a device with dozens of axes has is forgotten. */
static void contacts_make_a_device_one_of_contacts(void **state)
{
	struct fixture *f = *state;

	vinject_event(f->v, EV_ABS, ABS_MT_SLOT - 1, 3);
	vinject_touch_down(f->v, 1, 2, 3);
	says(f, "ABS_RESERVED 3, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
		"ABS_MT_POSITION_X 2, ABS_MT_POSITION_Y 3");
	assert_ok(vinject_release_all(f->v));
	says(f, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	vinject_event(f->v, EV_ABS, ABS_MT_SLOT - 1, 3);
	assert_ok(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, -5));
	assert_ok(vinject_touch_slots(f->v, 2));
	assert_rc(vinject_event(f->v, EV_ABS, ABS_MT_SLOT, -5), -EINVAL);
}

static void a_single_touch_device_has_one_contact(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_touch_slots(f->v, 0));
	assert_ok(vinject_touch_down(f->v, 9, 10, 20));
	assert_rc(vinject_touch_down(f->v, 8, 30, 40), -ENOSPC);
	says(f, "ABS_X 10, ABS_Y 20, BTN_TOUCH 1");
	vinject_touch_move(f->v, 9, 11, 21);
	vinject_touch_pressure(f->v, 9, 50);
	vinject_touch_axis(f->v, 9, ABS_MT_ORIENTATION, 1);
	says(f, "ABS_X 11, ABS_Y 21, ABS_PRESSURE 50");
	vinject_touch_up(f->v, 9);
	says(f, "ABS_PRESSURE 0, BTN_TOUCH 0");
}

static void a_pen_comes_touches_and_goes(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_pen_in(f->v, VINJECT_PEN));
	vinject_pen_move(f->v, 1, 2);
	vinject_pen_tilt(f->v, -30, 45);
	says(f, "BTN_TOOL_PEN 1, ABS_X 1, ABS_Y 2, ABS_TILT_X -30, "
		"ABS_TILT_Y 45");
	vinject_pen_pressure(f->v, 100);
	says(f, "ABS_PRESSURE 100, BTN_TOUCH 1");
	vinject_pen_pressure(f->v, 90);
	vinject_pen_button(f->v, 0, true);
	vinject_pen_button(f->v, 1, true);
	vinject_pen_button(f->v, 1, false);
	vinject_pen_button(f->v, 2, true);
	says(f, "ABS_PRESSURE 90, BTN_STYLUS 1, BTN_STYLUS2 1, BTN_STYLUS2 0, "
		"BTN_STYLUS3 1");
	assert_ok(vinject_pen_out(f->v));
	says(f, "ABS_PRESSURE 0, BTN_TOUCH 0, BTN_STYLUS 0, BTN_STYLUS3 0, "
		"BTN_TOOL_PEN 0");
	assert_ok(vinject_pen_out(f->v));
	assert_num(vinject_frame(f->v), 0);
	assert_nothing_sent(f);
	assert_ok(vinject_pen_in(f->v, VINJECT_PEN));
	says(f, "BTN_TOOL_PEN 1");
}

/* The old tool's release, a SYN_REPORT and the new one are whole, or not. */
static void a_pen_may_be_near_without_pressure(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_pen_pressure(f->v, 0));
	says(f, "ABS_PRESSURE 0");
	assert_ok(vinject_pen_pressure(f->v, 1));
	says(f, "ABS_PRESSURE 1, BTN_TOUCH 1");
	assert_ok(vinject_pen_pressure(f->v, 0));
	says(f, "ABS_PRESSURE 0, BTN_TOUCH 0");
}

static void a_tool_changes_where_there_is_room(void **state)
{
	struct fixture *f = *state;

	assert_ok(vinject_pen_in(f->v, VINJECT_PEN));
	for (int i = 0; i < VINJECT_FRAME_MAX - 8; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_rc(vinject_pen_in(f->v, VINJECT_ERASER), -EMSGSIZE);
	assert_ok(vinject_frame(f->v));
	for (int i = 0; i < VINJECT_FRAME_MAX - 8; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_ok(vinject_pen_in(f->v, VINJECT_ERASER));
	for (int i = 0; i < 5; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_rc(vinject_pen_out(f->v), -EMSGSIZE);
}

static void an_eraser_comes_when_the_pen_is_gone(void **state)
{
	struct fixture *f = *state;

	vinject_pen_in(f->v, VINJECT_PEN);
	vinject_pen_pressure(f->v, 10);
	vinject_pen_in(f->v, VINJECT_PEN);
	says(f, "BTN_TOOL_PEN 1, ABS_PRESSURE 10, BTN_TOUCH 1");
	vinject_pen_in(f->v, VINJECT_ERASER);
	vinject_pen_pressure(f->v, 20);
	says(f, "ABS_PRESSURE 0, BTN_TOUCH 0, BTN_TOOL_PEN 0, SYN_REPORT 0, "
		"BTN_TOOL_RUBBER 1, ABS_PRESSURE 20, BTN_TOUCH 1");
	assert_rc(vinject_pen_in(f->v, (enum vinject_pen)BTN_TOOL_MOUSE),
		  -EINVAL);
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
		T(a_tracking_id_is_none_of_a_contact_that_is_down),
		T(a_contact_changes_where_there_is_room),
		T(other_input_is_no_contact),
		T(contacts_make_a_device_one_of_contacts),
		T(contacts_have_any_id_and_get_the_lowest_slots),
		T(each_frame_selects_its_slot),
		T(a_contact_put_down_twice_is_moved),
		T(a_slot_left_in_this_frame_is_seen_empty),
		T(cancel_lifts_all_contacts),
		T(unknown_contacts_and_axes_are_refused),
		T(contacts_beyond_the_slots_are_refused),
		T(tracking_ids_are_16_bits_and_unique),
		T(a_single_touch_device_has_one_contact),
		T(a_pen_comes_touches_and_goes),
		T(a_pen_may_be_near_without_pressure),
		T(a_tool_changes_where_there_is_room),
		T(an_eraser_comes_when_the_pen_is_gone),
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
