/* SPDX-License-Identifier: Apache-2.0 */
/* The device: frames of several sources, stalls and drivers. */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/device-world.h"

static void a_frame_longer_than_the_ring_arrives_piece_by_piece(void **state)
{
	guest_starts(2);
	inject(0, "KEY_A 1, KEY_B 1, KEY_C 1");
	inject(1, "REL_X 1");
	expect(0, "KEY_A 1, KEY_B 1");
	expect(1, "KEY_C 1");
	expect(9, "SYN_REPORT 0, REL_X 1, SYN_REPORT 0");
}

static void sources_take_turns_frame_by_frame(void **state)
{
	guest_starts(0);
	for (int i = 1; i <= 3; i++)
		inject(0, "REL_X 1");
	inject(1, "KEY_A 1");
	expect(99, "REL_X 1, SYN_REPORT 0, KEY_A 1, SYN_REPORT 0, "
		   "REL_X 1, SYN_REPORT 0, REL_X 1, SYN_REPORT 0");
	assert_num(w.dev->count.events_in, 8);
	assert_num(w.dev->count.frames_in, 4);
}

static void a_driver_that_starts_is_sent_the_current_state(void **state)
{
	inject(0, "KEY_A 1");
	inject(0, "KEY_B 1, SW_LID 1, ABS_X 7, REL_X 5");
	inject(0, "KEY_A 0");
	device_pump(w.dev);
	device_driver_started(w.dev);
	expect(99, "KEY_B 1, SW_LID 1, ABS_X 7, SYN_REPORT 0");
	expect_nothing(0);
}

static void a_stalled_guest_gets_one_frame_of_differences(void **state)
{
	guest_starts(2);
	inject(0, "KEY_A 1");
	expect(0, "KEY_A 1, SYN_REPORT 0");
	inject(0, "KEY_A 0");
	inject(0, "KEY_B 1, REL_X 3");
	inject(1, "REL_X 4, REL_Y -1, ABS_X 50");
	expect_nothing(0);
	device_stalled(w.dev);
	expect_nothing(0);
	inject(1, "ABS_X 51, REL_X -2");
	inject(0, "KEY_C 1");
	inject(0, "KEY_C 0");
	expect_nothing(0);
	expect(99, "KEY_A 0, KEY_B 1, ABS_X 51, REL_X 5, REL_Y -1, "
		   "SYN_REPORT 0");
	inject(0, "KEY_B 0");
	expect(0, "KEY_B 0, SYN_REPORT 0");
	assert_num(w.dev->count.resyncs, 1);
	assert_num(w.dev->count.stalls, 1);
}

static void a_frame_begun_is_finished_before_the_differences(void **state)
{
	guest_starts(1);
	inject(0, "KEY_A 1, REL_X 1, KEY_B 1");
	inject(0, "KEY_A 0");
	expect(0, "KEY_A 1");
	device_stalled(w.dev);
	expect_nothing(0);
	expect(99, "REL_X 1, KEY_B 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

static void motion_of_a_frame_that_was_not_begun_is_summed_up(void **state)
{
	guest_starts(0);
	inject(0, "REL_X 1");
	expect_nothing(0);
	inject(0, "REL_X 2");
	device_stalled(w.dev);
	expect_nothing(0);
	expect(99, "REL_X 3, SYN_REPORT 0");
}

static void a_resync_frame_that_is_not_begun_can_be_folded_again(void **state)
{
	guest_starts(0);
	inject(0, "KEY_A 1, REL_X 1");
	device_stalled(w.dev);
	w.sink.buffers = 1;
	/* Composed, and one event of it is taken: it has begun. */
	expect(0, "KEY_A 1");
	device_stalled(w.dev);
	inject(0, "KEY_A 0, REL_X 1");
	expect(99, "REL_X 1, SYN_REPORT 0, KEY_A 0, REL_X 1, SYN_REPORT 0");
}

static void a_contact_lifted_in_a_stall_does_not_share_its_slot(void **state)
{
	guest_starts(99);
	inject(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 5");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 5, "
		  "ABS_X 5, SYN_REPORT 0");
	w.sink.buffers = 0;
	inject(0, "REL_X 1");
	expect_nothing(0);
	device_stalled(w.dev);
	inject(0, "ABS_MT_TRACKING_ID -1");
	inject(0, "ABS_MT_TRACKING_ID 8, ABS_MT_POSITION_X 6");
	expect_nothing(0);
	expect(99, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		   "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 6, ABS_X 6, "
		   "REL_X 1, SYN_REPORT 0");
}

static void a_resumed_driver_continues_where_it_was(void **state)
{
	guest_starts(1);
	inject(0, "KEY_A 1");
	expect(0, "KEY_A 1");
	device_driver_stopped(w.dev);
	inject(0, "KEY_B 1, REL_X 2");
	expect_nothing(9);
	device_driver_resumed(w.dev);
	expect(0, "SYN_REPORT 0, KEY_B 1, REL_X 2, SYN_REPORT 0");
}

static void a_new_driver_is_sent_what_either_may_believe(void **state)
{
	guest_starts(99);
	inject(0, "KEY_A 1, SW_LID 1");
	expect(0, "KEY_A 1, SW_LID 1, SYN_REPORT 0");
	device_driver_stopped(w.dev);
	inject(0, "KEY_A 0, KEY_B 1, REL_X 1");
	expect_nothing(0);
	device_driver_started(w.dev);
	expect(0, "KEY_A 0, KEY_B 1, SW_LID 1, SYN_REPORT 0");
}

static void a_source_that_left_is_released_after_its_last_frame(void **state)
{
	guest_starts(99);
	inject(0, "KEY_A 1");
	inject(1, "KEY_B 1");
	inject(0, "KEY_B 1");
	device_detach(w.dev, &w.src[0]);
	expect(0, "KEY_A 1, SYN_REPORT 0, KEY_B 1, SYN_REPORT 0, "
		  "KEY_A 0, SYN_REPORT 0");
	assert_num(w.sink.n_released, 1);
	assert_ptr_equal(w.sink.released, &w.src[0]);
}

static void a_source_that_leaves_in_a_stall_is_released(void **state)
{
	guest_starts(2);
	inject(0, "KEY_A 1");
	expect(0, "KEY_A 1, SYN_REPORT 0");
	inject(0, "REL_X 1");
	expect_nothing(0);
	device_detach(w.dev, &w.src[0]);
	device_stalled(w.dev);
	expect_nothing(0);
	assert_num(w.sink.n_released, 1);
	assert_ptr_equal(w.sink.released, &w.src[0]);
	expect(99, "KEY_A 0, REL_X 1, SYN_REPORT 0");
}

static void blocking_keeps_every_frame_for_the_guest(void **state)
{
	w.dev->overflow = DEVICE_BLOCK;
	inject(0, "KEY_A 1");
	inject(0, "KEY_A 0");
	expect_nothing(0);
	device_stalled(w.dev);
	device_driver_started(w.dev);
	expect(2, "KEY_A 1, SYN_REPORT 0");
	device_stalled(w.dev);
	expect(2, "KEY_A 0, SYN_REPORT 0");
}

static void key_repeat_is_set_when_the_driver_starts(void **state)
{
	w.spec.has_repeat = true;
	w.spec.repeat_delay_ms = 300;
	w.spec.repeat_period_ms = 40;
	device_driver_started(w.dev);
	expect(99, "REP_DELAY 300, REP_PERIOD 40, SYN_REPORT 0");
	device_driver_stopped(w.dev);
	device_driver_resumed(w.dev);
	expect_nothing(0);
}

/* Of one source at a time, not of all, and not what was delivered before. */
static void the_most_that_waited_is_counted(void **state)
{
	const uint64_t *longest = &w.dev->count.queue_longest;

	guest_starts(0);
	assert_int_equal(*longest, 0);
	inject(0, "KEY_A 1");
	assert_int_equal(*longest, 2 * 8);
	inject(1, "KEY_A 1, KEY_B 1");
	assert_int_equal(*longest, 3 * 8);
	inject(0, "KEY_A 0");
	assert_int_equal(*longest, 4 * 8);
	w.sink.buffers = 2;
	device_pump(w.dev);
	inject(0, "KEY_A 1");
	assert_int_equal(*longest, 4 * 8);
	w.sink.buffers = 99;
	device_pump(w.dev);
	inject(0, "REL_X 1");
	assert_int_equal(*longest, 4 * 8);
}

/* As drivers without slots send them. */
static void contacts_without_slots_get_them(void **state)
{
	guest_starts(99);
	inject(0, "ABS_MT_POSITION_X 10, SYN_MT_REPORT 0, "
		  "ABS_MT_POSITION_X 90, SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 10, "
		  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 90, "
		  "ABS_X 10, SYN_REPORT 0");
	inject(0, "ABS_MT_POSITION_X 80, SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		  "ABS_MT_POSITION_X 80, ABS_X 80, SYN_REPORT 0");
	inject(0, "KEY_A 1");
	expect(0, "KEY_A 1, SYN_REPORT 0");
	inject(0, "SYN_MT_REPORT 0");
	expect(0, "ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	assert_int_equal(w.dev->merge.count.undeclared, 0);
}

/* One source's frame of contacts says nothing about another's. */
static void sources_without_slots_do_not_mix(void **state)
{
	guest_starts(99);
	inject(0, "ABS_MT_POSITION_X 10, SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 10, "
		  "ABS_X 10, SYN_REPORT 0");
	inject(1, "ABS_MT_POSITION_X 10, SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 10, "
		  "SYN_REPORT 0");
	inject(0, "SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	device_detach(w.dev, &w.src[1]);
	expect(0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

/* What follows the lift in the slot is for a second frame to the guest. */
static void a_contact_without_slot_may_follow_another(void **state)
{
	guest_starts(99);
	inject(0,
	       "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 10, SYN_MT_REPORT 0, "
	       "ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 90, "
	       "SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 10, "
		  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 90, "
		  "ABS_X 10, SYN_REPORT 0");
	inject(0,
	       "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 20, SYN_MT_REPORT 0, "
	       "ABS_MT_TRACKING_ID 3, ABS_MT_POSITION_X 50, "
	       "SYN_MT_REPORT 0, KEY_A 1");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_POSITION_X 20, ABS_MT_SLOT 1, "
		  "ABS_MT_TRACKING_ID -1, ABS_X 20, SYN_REPORT 0, "
		  "ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 50, KEY_A 1, "
		  "SYN_REPORT 0");
	inject(1, "SYN_MT_REPORT 0, KEY_A 1");
	inject(0, "SYN_MT_REPORT 0");
	expect(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		  "ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		device_test(
			a_frame_longer_than_the_ring_arrives_piece_by_piece),
		device_test(sources_take_turns_frame_by_frame),
		device_test(a_driver_that_starts_is_sent_the_current_state),
		device_test(a_stalled_guest_gets_one_frame_of_differences),
		device_test(a_frame_begun_is_finished_before_the_differences),
		device_test(motion_of_a_frame_that_was_not_begun_is_summed_up),
		device_test(
			a_resync_frame_that_is_not_begun_can_be_folded_again),
		device_test(
			a_contact_lifted_in_a_stall_does_not_share_its_slot),
		device_test(a_resumed_driver_continues_where_it_was),
		device_test(a_new_driver_is_sent_what_either_may_believe),
		device_test(
			a_source_that_left_is_released_after_its_last_frame),
		device_test(a_source_that_leaves_in_a_stall_is_released),
		device_test(blocking_keeps_every_frame_for_the_guest),
		device_test(key_repeat_is_set_when_the_driver_starts),
		device_test(the_most_that_waited_is_counted),
		device_test(contacts_without_slots_get_them),
		device_test(sources_without_slots_do_not_mix),
		device_test(a_contact_without_slot_may_follow_another),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
