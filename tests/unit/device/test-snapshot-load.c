/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest that has moved believes, and what it is sent, at the other side.
 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/snapshot-world.h"

static void a_frame_begun_there_is_finished_here(void **state)
{
	save_something();
	load(&w.b);
	device_driver_resumed(w.b.dev);
	assert_num(w.guest.in_frame, 2);
	pump(&w.b, 2);
	assert_num(w.guest.in_frame, 0);
	assert_true(w.guest.key[KEY_B]);
	assert_false(w.guest.key[KEY_A]);
}

static void what_was_held_there_is_released_here(void **state)
{
	save_something();
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_false(w.guest.key[KEY_B]);
	assert_num(w.guest.slots[0].id, -1);
	assert_num(w.guest.rel[REL_X], 7);
	/* Switches and axes without a rest are held by no source. */
	assert_true(w.guest.sw[SW_LID]);
	assert_num(w.guest.abs[ABS_Z], 7);
}

static void axes_and_switches_that_injectors_here_set_count(void **state)
{
	save_something();
	inject(&w.b, "ABS_Z 9, SW_LID 0");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 9);
	assert_false(w.guest.sw[SW_LID]);
}

/* Nobody here has touched them, nor there, and then they move on. */
static void axes_and_switches_survive_a_second_move(void **state)
{
	save_something();
	load(&w.b);
	save(&w.b);
	side_fini(&w.a);
	side_init(&w.a);
	load(&w.a);
	device_driver_started(w.a.dev);
	linux_guest_boot(&w.guest, &w.spec);
	pump(&w.a, 99);
	assert_num(w.guest.abs[ABS_Z], 7);
	assert_true(w.guest.sw[SW_LID]);
}

/* Its source is not here. */
static void all_axes_and_switches_are_carried(void **state)
{
	const struct state *now = &w.b.dev->merge.now;

	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_Z 7, ABS_WHEEL 3, SW_LID 1, SW_CAMERA_LENS_COVER 1");
	pump(&w.a, 99);
	save(&w.a);
	load(&w.b);
	assert_true(now->abs_known >> ABS_Z & 1);
	assert_true(now->abs_known >> ABS_WHEEL & 1);
	assert_num(now->abs[ABS_Z], 7);
	assert_num(now->abs[ABS_WHEEL], 3);
	assert_true(bit_test(now->sw, SW_LID));
	assert_true(bit_test(now->sw, SW_CAMERA_LENS_COVER));
}

static void a_stick_that_was_held_there_is_at_rest_here(void **state)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_RX 5");
	pump(&w.a, 99);
	assert_num(w.guest.abs[ABS_RX], 5);
	save(&w.a);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_RX], 0);
}

/* Any frame was taken for all switches to be known. */
static void switches_that_injectors_here_did_not_set_are_as_saved(void **state)
{
	save_something();
	inject(&w.b, "KEY_A 1");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_true(w.guest.sw[SW_LID]);
}

static void what_the_spec_starts_with_is_as_saved(void **state)
{
	save_something();
	w.spec.abs[ABS_Z].has_initial = true;
	w.spec.abs[ABS_Z].initial = 2;
	side_fini(&w.b);
	side_init(&w.b);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 7);
	w.spec.abs[ABS_Z].has_initial = false;
}

/* The file of a process that crashed is newer than a snapshot. */
static void what_was_set_before_a_crash_is_not_as_saved(void **state)
{
	struct persistent_head *file = calloc(1, persistent_len(0));
	struct persistent *p;

	assert_non_null(file);
	persistent_begin(file, 0, &w.spec);
	p = persistent_new(file, 0);
	assert_non_null(p);
	save_something();
	device_set_persistent(w.b.dev, p);
	inject(&w.b, "ABS_Z 9, SW_LID 0");
	pump(&w.b, 0);
	side_fini(&w.b);
	side_init(&w.b);
	device_set_persistent(w.b.dev, p);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	assert_num(w.guest.abs[ABS_Z], 9);
	assert_false(w.guest.sw[SW_LID]);
	persistent_free(p);
	w.b.dev->persistent = NULL;
	free(file);
}

static void a_contact_held_here_is_another_than_the_one_there(void **state)
{
	save_something();
	inject(&w.b, "ABS_MT_TRACKING_ID 8, ABS_MT_POSITION_X 50");
	pump(&w.b, 0);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	w.sink.buffers = 2; /* the rest of the frame */
	pump(&w.b, 0);
	w.sink.buffers = 2;
	pump(&w.b, 0);
	assert_num(w.guest.slots[0].id, -1);
	pump(&w.b, 99);
	/* Nor has it an ID that the guest has seen. */
	assert_num(w.guest.slots[0].id, w.st.next_id);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 50);
	assert_num(w.guest.id_over_id, 0);
	assert_num(w.guest.id_twice, 0);
}

/* A kernel's slot keeps the axes that a contact left in it. */
static void a_contact_here_inherits_no_axis_from_there(void **state)
{
	device_driver_started(w.a.dev);
	inject(&w.a, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_Y 70");
	pump(&w.a, 99);
	device_driver_stopped(w.a.dev);
	save(&w.a);
	load(&w.b);
	device_driver_resumed(w.b.dev);
	pump(&w.b, 99);
	inject(&w.b, "ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 5");
	pump(&w.b, 99);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_X], 5);
	assert_num(w.guest.slots[0].axis[ABS_MT_POSITION_Y], 0);
}

static void a_driver_that_starts_anew_gets_none_of_it(void **state)
{
	save_something();
	load(&w.b);
	device_driver_started(w.b.dev);
	linux_guest_boot(&w.guest, &w.spec);
	pump(&w.b, 99);
	assert_num(w.guest.rel[REL_X], 0);
	assert_false(w.guest.key[KEY_B]);
	assert_true(w.guest.sw[SW_LID]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		snapshot_test(a_frame_begun_there_is_finished_here),
		snapshot_test(what_was_held_there_is_released_here),
		snapshot_test(axes_and_switches_that_injectors_here_set_count),
		snapshot_test(axes_and_switches_survive_a_second_move),
		snapshot_test(all_axes_and_switches_are_carried),
		snapshot_test(a_stick_that_was_held_there_is_at_rest_here),
		snapshot_test(
			switches_that_injectors_here_did_not_set_are_as_saved),
		snapshot_test(what_the_spec_starts_with_is_as_saved),
		snapshot_test(what_was_set_before_a_crash_is_not_as_saved),
		snapshot_test(
			a_contact_held_here_is_another_than_the_one_there),
		snapshot_test(a_contact_here_inherits_no_axis_from_there),
		snapshot_test(a_driver_that_starts_anew_gets_none_of_it),
	};

	return cmocka_run_group_tests_name("snapshot-load", tests, NULL, NULL);
}
