/* SPDX-License-Identifier: Apache-2.0 */
/* What libvinject's contacts, pen and tools are on the wire: vinject-says.h. */
#include "tests/lib/vinject-says.h"

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

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
