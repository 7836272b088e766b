/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames that wait for a guest that takes nothing (LOSSLESS), and those that
 * are withdrawn (CANCEL).
 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/control-world.h"

#define FIRST_MS 1000 /* of the clock */

/* --- LOSSLESS ---------------------------------------------------------- */

static void settings_act_when_they_are_received(void **state)
{
	greet(0);
	INJECT(0, KEY(KEY_A, 1), SYN, LOSSLESS(-1));
	pump();
	assert_true(w.src[0].waiting);
	/* In the middle of an event. */
	for (size_t i = 0; i < 8; i++) {
		const struct vi_event off = LOSSLESS(0);
		size_t len;
		void *to;

		assert_true(w.src[0].waiting);
		to = source_space(&w.src[0].src, &len);
		memcpy(to, (const uint8_t *)&off + i, 1);
		assert_ok(device_received(w.dev, &w.src[0], 1));
		pump();
	}
	assert_false(w.src[0].waiting);
}

static void lossless_frames_wait_while_others_are_folded(void **state)
{
	guest_starts(2);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_A, 1),
	       RECEIPT(1), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	device_stalled(w.dev);
	inject(1, "KEY_B 1");
	inject(1, "KEY_B 0, KEY_C 1");
	pump();
	assert_false(w.src[1].waiting);
	guest_returns(EVERYTHING);
	EXPECT_SILENCE(0);
	expect(99, "KEY_A 0, SYN_REPORT 0, KEY_C 1, SYN_REPORT 0, "
		   "KEY_A 1, SYN_REPORT 0");
	guest_returns(5);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 1));
}

static void several_lossless_sources_keep_their_turns(void **state)
{
	guest_starts(0);
	for (int i = 0; i < WORLD_SOURCES; i++)
		greet_lossless(i, -1);
	for (int i = 0; i < WORLD_SOURCES; i++)
		INJECT(i, KEY(KEY_A, 1), RECEIPT(i), SYN, KEY(KEY_A, 0), SYN);
	pump();
	device_stalled(w.dev);
	pump();
	for (int i = 1; i < WORLD_SOURCES; i++)
		assert_true(w.src[i].waiting);
	/* The one frame that came last is shared: KEY_A is down once. */
	expect(99, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 0));
	EXPECT_TOLD(1, ANSWER(0, 1));
	EXPECT_TOLD(2, ANSWER(0, 2));
}

static void without_a_driver_frames_wait_for_one(void **state)
{
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), RECEIPT(1), SYN);
	pump();
	EXPECT_SILENCE(0);
	device_driver_started(w.dev);
	expect(99, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1));
}

static void a_suspended_guest_gets_the_frame_that_was_on_its_way(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0), RECEIPT(2),
	       SYN);
	pump();
	guest_suspends();
	inject(1, "KEY_B 1, REL_X 3");
	inject(1, "KEY_B 0, REL_X 1");
	pump();
	guest_resumes(99);
	expect(0, "KEY_A 1, SYN_REPORT 0, REL_X 4, SYN_REPORT 0, "
		  "KEY_A 0, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1), ANSWER(0, 2));
}

/* It may have been shown to the driver before: only its state is. */
static void a_new_driver_gets_the_frame_on_its_way_as_state(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_B, 1), RECEIPT(2),
	       SYN);
	pump();
	guest_suspends();
	device_driver_started(w.dev);
	expect(99, "KEY_A 1, SYN_REPORT 0, KEY_B 1, SYN_REPORT 0");
	EXPECT_TOLD(0, COUNT(FOLDED, 1),
		    ANSWER(BIT(NO_DRIVER) | BIT(FOLDED), 1));
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 2));
}

static void a_frame_is_folded_if_its_source_waits_no_longer(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	device_stalled(w.dev);
	pump();
	EXPECT_SILENCE(0);
	INJECT(0, LOSSLESS(0), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 1));
	inject(1, "KEY_A 1, KEY_B 1");
	pump();
	expect(99, "KEY_A 1, KEY_B 1, SYN_REPORT 0");
}

static void a_source_that_leaves_is_folded_and_released(void **state)
{
	guest_starts(2);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), RECEIPT(1), SYN,
	       KEY(KEY_C, 1), RECEIPT(2), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	device_stalled(w.dev);
	pump();
	assert_num(w.dev->owed, 1);
	device_detach(w.dev, &w.src[0]);
	pump();
	assert_num(w.sink.n_released, 1);
	assert_num(w.dev->owed, 0);
	assert_true(LIST_EMPTY(&w.dev->askers));
	EXPECT_SILENCE(0);
	expect(99, "KEY_A 0, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	assert_ok(device_attach(w.dev, &w.src[0], false));
	INJECT(0, RECEIPT(3), SYN);
	pump();
	EXPECT_SILENCE(0);
}

static void a_source_that_leaves_a_guest_that_takes_events_is_delivered(
	void **state)
{
	guest_starts(99);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	device_detach(w.dev, &w.src[0]);
	expect(0, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(w.sink.n_released, 1);
}

/* --- the limit --------------------------------------------------------- */

static void frames_wait_for_as_long_as_the_limit(void **state)
{
	guest_starts(2);
	greet_lossless(0, 200);
	assert_num(device_limits(w.dev, FIRST_MS), -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), RECEIPT(1), SYN,
	       KEY(KEY_B, 0), RECEIPT(2), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	assert_num(device_limits(w.dev, FIRST_MS), -1);
	device_stalled(w.dev);
	pump();
	guest_returns(EVERYTHING);
	assert_num(device_limits(w.dev, FIRST_MS + 50), 200);
	assert_num(device_limits(w.dev, FIRST_MS + 51), 199);
	assert_num(device_limits(w.dev, FIRST_MS + 249), 1);
	pump();
	EXPECT_SILENCE(0);
	assert_num(device_limits(w.dev, FIRST_MS + 250), 0);
	pump();
	/* The one on its way, too. */
	EXPECT_TOLD(0, COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 1),
		    COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 2));
	assert_num(device_limits(w.dev, FIRST_MS + 260), -1);
	/* Until the guest takes something, what follows does not wait. */
	INJECT(0, KEY(KEY_C, 1), RECEIPT(3), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 3));
	expect(2, "KEY_C 1, SYN_REPORT 0");
	assert_num(device_limits(w.dev, FIRST_MS + 300), -1);
	INJECT(0, KEY(KEY_C, 0), SYN, KEY(KEY_A, 0), SYN);
	pump();
	device_stalled(w.dev);
	pump();
	assert_true(w.src[0].waiting);
	assert_num(device_limits(w.dev, FIRST_MS + 400), 200);
}

static void the_limit_is_about_a_frame_on_its_way_alone(void **state)
{
	guest_starts(0);
	greet_lossless(0, 100);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	device_stalled(w.dev);
	pump();
	assert_false(w.src[0].waiting);
	assert_num(device_limits(w.dev, FIRST_MS), 100);
	assert_num(device_limits(w.dev, FIRST_MS + 100), 0);
	pump();
	EXPECT_TOLD(0, COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 1));
	assert_num(device_limits(w.dev, FIRST_MS + 101), -1);
	expect(99, "KEY_A 1, SYN_REPORT 0");
}

static void the_earliest_limit_counts(void **state)
{
	greet_lossless(0, 300);
	greet_lossless(1, 100);
	greet_lossless(2, -1);
	for (int i = 0; i < WORLD_SOURCES; i++)
		inject(i, "KEY_A 1");
	pump();
	assert_num(device_limits(w.dev, FIRST_MS), 100);
	assert_num(device_limits(w.dev, FIRST_MS + 100), 0);
	pump();
	assert_true(w.src[0].waiting);
	assert_false(w.src[1].waiting);
	assert_num(device_limits(w.dev, FIRST_MS + 100), 200);
	assert_num(device_limits(w.dev, FIRST_MS + 999), 0);
	pump();
	assert_true(w.src[2].waiting);
	assert_num(device_limits(w.dev, FIRST_MS + 999), -1);
}

static void a_new_limit_begins_anew(void **state)
{
	greet_lossless(0, 100);
	inject(0, "KEY_A 1");
	pump();
	assert_num(device_limits(w.dev, FIRST_MS), 100);
	INJECT(0, LOSSLESS(500), SYN);
	pump();
	assert_num(device_limits(w.dev, FIRST_MS + 99), 500);
	INJECT(0, LOSSLESS(INT32_MIN), SYN);
	pump();
	assert_num(device_limits(w.dev, FIRST_MS + 9999), -1);
	assert_true(w.src[0].waiting);
}

static void a_limit_that_is_over_can_be_set_anew(void **state)
{
	greet_lossless(0, 100);
	inject(0, "KEY_A 1");
	pump();
	assert_num(device_limits(w.dev, FIRST_MS), 100);
	assert_num(device_limits(w.dev, FIRST_MS + 100), 0);
	INJECT(0, LOSSLESS(50), KEY(KEY_A, 0), SYN);
	assert_num(device_limits(w.dev, FIRST_MS + 100), 50);
}

/* What the guest has taken waits for nothing, whoever else does. */
static void without_a_frame_there_is_no_limit(void **state)
{
	guest_starts(2);
	greet_lossless(0, 100);
	greet(1);
	INJECT(0, KEY(KEY_A, 1), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	device_stalled(w.dev);
	inject(1, "KEY_B 1");
	assert_true(w.src[1].waiting);
	assert_num(device_limits(w.dev, FIRST_MS), -1);
}

/* --- CANCEL ------------------------------------------------------------ */

static void cancelled_frames_are_dropped_and_counted(void **state)
{
	guest_starts(2);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0), RECEIPT(2),
	       SYN, KEY(KEY_B, 1), RECEIPT(3), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	INJECT(0, RECEIPT(4), SYN, CANCEL, SYN, RECEIPT(5), SYN);
	/* The second frame is on its way. */
	EXPECT_TOLD(0, CANCELLED(1, 2));
	expect(99, "KEY_A 0, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1), ANSWER(0, 2), COUNT(CANCELLED, 1),
		    ANSWER(BIT(CANCELLED), 5));
	assert_num(w.dev->owed, 0);
}

static void cancel_with_nothing_sent_names_no_receipt(void **state)
{
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN, CANCEL, SYN);
	EXPECT_TOLD(0, CANCELLED(0, 0));
	pump();
	assert_true(w.src[0].waiting); /* CANCEL's own frame */
	device_driver_started(w.dev);
	expect(99, "-");
	INJECT(0, RECEIPT(2), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(CANCELLED, 1), ANSWER(BIT(CANCELLED), 2));
}

/* Its frame is not before it. */
static void the_frame_of_cancel_is_delivered(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	inject(1, "REL_X 1");
	pump();
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), CANCEL, RECEIPT(6), SYN,
	       KEY(KEY_C, 1), SYN);
	EXPECT_TOLD(0, CANCELLED(0, 0));
	expect(99, "REL_X 1, SYN_REPORT 0, KEY_B 1, SYN_REPORT 0, "
		   "KEY_C 1, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, COUNT(CANCELLED, 1), ANSWER(BIT(CANCELLED), 6));
}

static void cancelled_frames_do_not_hold_up_their_successors(void **state)
{
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, CANCEL, SYN);
	pump();
	INJECT(0, KEY(KEY_B, 1), SYN);
	device_driver_started(w.dev);
	expect(99, "KEY_B 1, SYN_REPORT 0");
}

static void a_frame_of_which_a_part_was_sent_is_not_cancelled(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, vi_event(EV_ABS, ABS_MT_SLOT, 0),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 7), SYN);
	pump();
	guest_returns(EVERYTHING);
	w.sink.buffers = 1;
	INJECT(0, RECEIPT(1), vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 8), RECEIPT(2), SYN,
	       KEY(KEY_A, 1), RECEIPT(3), SYN);
	pump();
	assert_true(w.src[0].partial);
	INJECT(0, CANCEL, SYN);
	EXPECT_TOLD(0, CANCELLED(1, 2));
	expect(99, "SYN_REPORT 0, ABS_MT_TRACKING_ID 1, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1), ANSWER(0, 2));
}

static void cancelling_tells_the_last_receipt_of_the_part(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, vi_event(EV_ABS, ABS_MT_SLOT, 0),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 7), SYN);
	pump();
	w.sink.buffers = 1;
	INJECT(0, RECEIPT(1), RECEIPT(2), RECEIPT(3),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 8), SYN);
	pump();
	INJECT(0, CANCEL, SYN);
	EXPECT_TOLD(0, CANCELLED(1, 3));
}

/* What waits moves to the front of the buffer, before it is dropped. */
static void cancel_survives_a_move_of_what_waits(void **state)
{
	static struct vi_event many[FRAME_EVENTS_MAX * 3 / 2];
	size_t head;

	guest_starts(0);
	greet_lossless(0, -1);
	inject(1, "REL_X 1");
	pump();
	/* Half of the buffer will be consumed, and the rest waits. */
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = SYN;
	device_inject(w.dev, &w.src[0], many, ARRAY_LEN(many));
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), SYN);
	w.sink.buffers = 2;
	pump();
	/* KEY_A is on its way. */
	assert_num(guest_view_left(&w.dev->view), 2);
	INJECT(0, KEY(KEY_B, 0), SYN, CANCEL, SYN, KEY(KEY_C, 1), SYN);
	EXPECT_TOLD(0, CANCELLED(0, 0));
	head = w.src[0].src.head;
	assert_true(head > sizeof(many));
	w.sink.n = 0;
	for (size_t i = 0; w.src[0].src.head == head; i++) {
		assert_true(i < ARRAY_LEN(many));
		INJECT(0, SYN);
	}
	assert_num(w.src[0].src.head, 0);
	expect(99, "KEY_A 1, SYN_REPORT 0, KEY_C 1, SYN_REPORT 0");
}

static void cancel_finds_the_begin_of_a_frame_that_came_before(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	inject(1, "REL_X 1");
	pump();
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1));
	INJECT(0, KEY(KEY_C, 1));
	INJECT(0, CANCEL);
	EXPECT_TOLD(0, CANCELLED(0, 0));
	INJECT(0, SYN);
	expect(99, "REL_X 1, SYN_REPORT 0, KEY_B 1, KEY_C 1, SYN_REPORT 0");
}

/* --- persistent sources ------------------------------------------------ */

static struct persistent *persistent;

static int setup_persistent(void **state)
{
	struct persistent_head *file = calloc(1, persistent_len(1));

	control_setup(state);
	assert_non_null(file);
	persistent_begin(file, 1, &w.spec);
	persistent = persistent_new(file, 1);
	assert_non_null(persistent);
	device_set_persistent(w.dev, persistent);
	source_fini(&w.src[0].src);
	device_attach_persistent(w.dev, &w.src[0], false, 0);
	return 0;
}

static int teardown_persistent(void **state)
{
	control_teardown(state);
	free(persistent->head);
	persistent_free(persistent);
	return 0;
}

/* As if the process had been killed. */
static void next_process(void)
{
	control_teardown(NULL);
	control_begin_process();
	device_set_persistent(w.dev, persistent);
	device_attach_persistent(w.dev, &w.src[0], false, 0);
	for (int i = 1; i < WORLD_SOURCES; i++)
		assert_ok(device_attach(w.dev, &w.src[i], false));
	w.held = 0;
	device_suspect_all(w.dev);
}

static void the_next_process_says_hello_to_who_did(void **state)
{
	guest_starts(2);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0), RECEIPT(2),
	       SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	next_process();
	EXPECT_TOLD(0, HELLO);
	device_driver_started(w.dev);
	w.sink.buffers = 99;
	pump();
	guest_returns(EVERYTHING);
	/* Those of frames that it had merged are lost. */
	EXPECT_SILENCE(0);
	INJECT(0, RECEIPT(3), SYN);
	pump();
	EXPECT_TOLD(0, ANSWER(0, 3));
	/* LOSSLESS is off. */
	device_driver_stopped(w.dev);
	INJECT(0, KEY(KEY_B, 1), SYN);
	pump();
	assert_false(w.src[0].waiting);
}

static void the_next_process_says_nothing_to_who_did_not(void **state)
{
	guest_starts(99);
	inject(0, "KEY_A 1");
	pump();
	next_process();
	EXPECT_SILENCE(0);
	INJECT(0, RECEIPT(1), SYN);
	pump();
	EXPECT_SILENCE(0);
}

/* The bytes were received, and the process died before it looked at them. */
static void a_hello_that_nobody_looked_at_is_found(void **state)
{
	const struct vi_event ev[] = { HELLO, RECEIPT(4), SYN };
	size_t len;
	void *to = source_space(&w.src[0].src, &len);

	memcpy(to, ev, sizeof(ev));
	persistent_source_reading(w.src[0].persistent, to, len)->msg_len =
		sizeof(ev);
	next_process();
	pump();
	EXPECT_TOLD(0, HELLO, ANSWER(BIT(NO_DRIVER), 4));
}

static void a_persistent_source_s_frame_waits_and_is_released(void **state)
{
	guest_starts(0);
	greet_lossless(0, -1);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	device_stalled(w.dev);
	inject(1, "KEY_B 1");
	pump();
	assert_true(guest_view_left(&w.dev->view));
	/* Killed now, what is owed is not answered; the state is kept. */
	next_process();
	EXPECT_TOLD(0, HELLO);
	device_driver_started(w.dev);
	w.sink.buffers = 99;
	pump();
	assert_true(bit_test(w.dev->view.state.key, KEY_A));
	guest_returns(EVERYTHING);
	EXPECT_SILENCE(0);
	device_detach(w.dev, &w.src[0]);
	pump();
	assert_num(w.sink.n_released, 1);
}

#define persistent_test(name)                                   \
	cmocka_unit_test_setup_teardown(name, setup_persistent, \
					teardown_persistent)

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(settings_act_when_they_are_received),
		control_test(lossless_frames_wait_while_others_are_folded),
		control_test(several_lossless_sources_keep_their_turns),
		control_test(without_a_driver_frames_wait_for_one),
		control_test(
			a_suspended_guest_gets_the_frame_that_was_on_its_way),
		control_test(a_new_driver_gets_the_frame_on_its_way_as_state),
		control_test(a_frame_is_folded_if_its_source_waits_no_longer),
		control_test(a_source_that_leaves_is_folded_and_released),
		control_test(
			a_source_that_leaves_a_guest_that_takes_events_is_delivered),
		control_test(frames_wait_for_as_long_as_the_limit),
		control_test(the_limit_is_about_a_frame_on_its_way_alone),
		control_test(the_earliest_limit_counts),
		control_test(a_new_limit_begins_anew),
		control_test(a_limit_that_is_over_can_be_set_anew),
		control_test(without_a_frame_there_is_no_limit),
		control_test(cancelling_tells_the_last_receipt_of_the_part),
		control_test(cancelled_frames_are_dropped_and_counted),
		control_test(cancel_with_nothing_sent_names_no_receipt),
		control_test(the_frame_of_cancel_is_delivered),
		control_test(cancelled_frames_do_not_hold_up_their_successors),
		control_test(a_frame_of_which_a_part_was_sent_is_not_cancelled),
		control_test(cancel_survives_a_move_of_what_waits),
		control_test(
			cancel_finds_the_begin_of_a_frame_that_came_before),
		persistent_test(the_next_process_says_hello_to_who_did),
		persistent_test(the_next_process_says_nothing_to_who_did_not),
		persistent_test(a_hello_that_nobody_looked_at_is_found),
		persistent_test(
			a_persistent_source_s_frame_waits_and_is_released),
	};

	return cmocka_run_group_tests_name("device-lossless", tests, NULL,
					   NULL);
}
