/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control events (input/device/control.h): receipts and notices of the driver.
 * test-device-lossless.c has frames that wait.
 */
#include "tests/lib/check.h"

#include <string.h>

#include "tests/lib/control-world.h"

/* --- receipts ---------------------------------------------------------- */

static void a_receipt_comes_when_the_driver_has_returned_all(void **state)
{
	guest_starts(99);
	greet(0);
	inject(1, "REL_X 1");
	INJECT(0, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), RECEIPT(5), SYN);
	inject(1, "REL_X 1");
	expect(0, "REL_X 1, SYN_REPORT 0, KEY_A 1, SYN_REPORT 0, "
		  "REL_X 1, SYN_REPORT 0, KEY_B 1, SYN_REPORT 0");
	guest_returns(7);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 5));
	EXPECT_SILENCE(1);
}

static void a_receipt_alone_is_about_what_was_sent_before(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, RECEIPT(1), SYN);
	pump();
	EXPECT_TOLD(0, ANSWER(0, 1));
	INJECT(0, KEY(KEY_A, 1), SYN, RECEIPT(2), SYN, RECEIPT(3), SYN);
	pump();
	guest_returns(1);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 2), ANSWER(0, 3));
}

static void a_receipt_says_what_was_changed_and_what_was_dropped(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, KEY(KEY_D, 1), KEY(KEY_E, 1), vi_event(EV_ABS, ABS_X, 101),
	       vi_event(EV_ABS, ABS_MT_SLOT, 2), RECEIPT(9), SYN);
	expect(0, "ABS_X 100, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	assert_num(w.told[0].n, 5);
	assert_num(vi_value(&w.told[0].ev[3]), EV_KEY);
	EXPECT_TOLD(0, COUNT(UNDECLARED, 2), COUNT(CLAMPED, 1),
		    COUNT(DROPPED, 1), vi_event(CONTROL_UNKNOWN, KEY_E, EV_KEY),
		    ANSWER(BIT(UNDECLARED) | BIT(CLAMPED) | BIT(DROPPED), 9));
	INJECT(0, RECEIPT(10), SYN);
	pump();
	EXPECT_TOLD(0, ANSWER(0, 10));
}

static void without_a_driver_it_is_answered_at_once(void **state)
{
	greet(0);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(FOLDED, 1),
		    ANSWER(BIT(NO_DRIVER) | BIT(FOLDED), 1));
}

static void a_stall_folds_the_frame_on_its_way_and_those_behind(void **state)
{
	guest_starts(2);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	INJECT(0, KEY(KEY_B, 1), RECEIPT(2), RECEIPT(3), SYN);
	INJECT(0, KEY(KEY_C, 1), SYN, KEY(KEY_C, 0), RECEIPT(4), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	device_stalled(w.dev);
	pump();
	EXPECT_SILENCE(0);
	guest_returns(2);
	EXPECT_TOLD(0, ANSWER(0, 1), COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 2),
		    ANSWER(0, 3), COUNT(FOLDED, 2), ANSWER(BIT(FOLDED), 4));
	expect(9, "KEY_B 1, SYN_REPORT 0");
}

static void a_frame_that_is_begun_is_not_folded(void **state)
{
	guest_starts(1);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), KEY(KEY_B, 1), RECEIPT(1), SYN);
	expect(0, "KEY_A 1");
	device_stalled(w.dev);
	INJECT(0, RECEIPT(2), SYN, KEY(KEY_A, 0), RECEIPT(3), SYN);
	pump();
	guest_returns(1);
	EXPECT_SILENCE(0);
	expect(9, "KEY_B 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	guest_returns(1);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 1), ANSWER(0, 2), COUNT(FOLDED, 1),
		    ANSWER(BIT(FOLDED), 3));
}

/* The frame before it has no receipt of its own. */
static void a_folded_frame_does_not_overtake_one_that_is_begun(void **state)
{
	guest_starts(1);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	expect(0, "KEY_A 1");
	device_stalled(w.dev);
	INJECT(0, RECEIPT(2), SYN);
	pump();
	guest_returns(1);
	EXPECT_SILENCE(0);
	expect(9, "KEY_B 1, SYN_REPORT 0");
	guest_returns(2);
	EXPECT_TOLD(0, ANSWER(0, 2));
}

/* The contact changes twice, so the guest gets two frames. */
#define TWO_PARTS                                        \
	vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),        \
		vi_event(EV_ABS, ABS_MT_TRACKING_ID, 8), \
		vi_event(EV_ABS, ABS_MT_POSITION_X, 6)
#define PART_1 "ABS_MT_TRACKING_ID -1, SYN_REPORT 0"
#define PART_2 \
	"ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 6, ABS_X 6, SYN_REPORT 0"

static void touch(int who)
{
	INJECT(who, vi_event(EV_ABS, ABS_MT_SLOT, 0),
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 7),
	       vi_event(EV_ABS, ABS_MT_POSITION_X, 5), SYN);
	pump();
	guest_returns(EVERYTHING);
	w.sink.buffers = 0;
}

static void a_frame_in_two_parts_is_taken_with_its_second(void **state)
{
	guest_starts(99);
	greet(0);
	touch(0);
	INJECT(0, RECEIPT(1), TWO_PARTS, RECEIPT(2), SYN);
	expect(99, PART_1 ", " PART_2);
	guest_returns(5);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 1), ANSWER(0, 2));
}

static void the_second_part_may_be_folded(void **state)
{
	guest_starts(99);
	greet_lossless(0, -1);
	touch(0);
	INJECT(0, RECEIPT(1), TWO_PARTS, RECEIPT(2), SYN);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(3), SYN);
	inject(1, "KEY_B 1");
	expect(1, "ABS_MT_TRACKING_ID -1");
	device_stalled(w.dev);
	pump();
	/* Others do not wait for it, and it waits for its next frame. */
	assert_false(w.src[1].waiting);
	assert_true(w.src[0].waiting);
	expect(1, "SYN_REPORT 0");
	guest_returns(2);
	EXPECT_TOLD(0, COUNT(FOLDED, 1), ANSWER(BIT(FOLDED), 1), ANSWER(0, 2));
	w.sink.buffers = 99;
	pump();
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 3));
}

static void contacts_without_slots_are_receipted_alike(void **state)
{
	const struct vi_event end = vi_event(EV_SYN, SYN_MT_REPORT, 0);

	guest_starts(99);
	greet_lossless(0, -1);
	INJECT(0, RECEIPT(1), vi_event(EV_ABS, ABS_MT_TRACKING_ID, 1),
	       vi_event(EV_ABS, ABS_MT_POSITION_X, 5), end,
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 2),
	       vi_event(EV_ABS, ABS_MT_POSITION_X, 6), end, SYN);
	pump();
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1));
	w.sink.buffers = 0;
	/* The second contact is replaced: two parts. */
	INJECT(0, RECEIPT(2), vi_event(EV_ABS, ABS_MT_TRACKING_ID, 1),
	       vi_event(EV_ABS, ABS_MT_POSITION_X, 5), end,
	       vi_event(EV_ABS, ABS_MT_TRACKING_ID, 3),
	       vi_event(EV_ABS, ABS_MT_POSITION_X, 7), end, RECEIPT(3), SYN);
	w.sink.buffers = 99;
	pump();
	EXPECT_SILENCE(0);
	guest_returns(w.held - 1);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 2), ANSWER(0, 3));
	assert_num(w.dev->merge.count.undeclared, 0);
}

static void receipts_that_find_no_space_are_told_by_the_next(void **state)
{
	guest_starts(9999);
	greet(0);
	w.told[0].full = true;
	INJECT(0, KEY(KEY_D, 1), RECEIPT(1), SYN, RECEIPT(2), SYN);
	pump();
	EXPECT_SILENCE(0);
	assert_num(w.dev->owed, 0);
	assert_num(w.dev->count.receipts, 2);
	assert_num(w.dev->count.receipts_lost, 2);
	w.told[0].full = false;
	INJECT(0, RECEIPT(3), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(UNDECLARED, 1), COUNT(LOST, 2),
		    vi_event(CONTROL_UNKNOWN, KEY_D, EV_KEY),
		    ANSWER(BIT(UNDECLARED) | BIT(LOST), 3));
}

static void at_most_1024_are_owed_and_no_event_is_lost(void **state)
{
	const int n = CONTROL_OWED_MAX + 10;

	guest_starts(99999);
	greet(0);
	for (int i = 0; i < n; i++) {
		INJECT(0, KEY(KEY_A, i & 1), RECEIPT(i), SYN);
		pump();
	}
	assert_num(w.dev->count.events_out, 2 * n);
	assert_num(w.dev->owed, CONTROL_OWED_MAX);
	assert_num(w.dev->count.receipts_lost, 10);
	guest_returns(EVERYTHING);
	assert_num(w.told[0].n, CONTROL_OWED_MAX);
	w.told[0].n = 0;
	INJECT(0, RECEIPT(n), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(LOST, 10), ANSWER(BIT(LOST), n));
}

/* A ring of before has more on its way than was ever sent to this one. */
static void more_that_is_out_than_was_sent_takes_nothing(void **state)
{
	guest_starts(99);
	greet(0);
	device_answer(w.dev, 5);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	EXPECT_SILENCE(0);
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1));
}

static void what_was_taken_stays_so(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), SYN);
	pump();
	guest_returns(EVERYTHING);
	w.held = 1;
	INJECT(0, RECEIPT(1), SYN);
	pump();
	EXPECT_TOLD(0, ANSWER(0, 1));
}

/* --- the driver -------------------------------------------------------- */

static void a_suspended_driver_owes_receipts_still(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	guest_suspends();
	device_set_driver(w.dev, CONTROL_DRIVER_NONE);
	EXPECT_SILENCE(0);
	guest_resumes(99);
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	pump();
	EXPECT_SILENCE(0);
	guest_returns(2);
	EXPECT_TOLD(0, ANSWER(0, 1));
}

static void a_new_driver_has_taken_nothing_of_what_was_owed(void **state)
{
	guest_starts(3);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	INJECT(0, KEY(KEY_B, 1), RECEIPT(2), SYN);
	pump();
	EXPECT_SILENCE(0);
	device_driver_stopped(w.dev);
	device_driver_started(w.dev);
	w.held = 0;
	w.sink.buffers = 99;
	pump();
	EXPECT_TOLD(0, ANSWER(BIT(NO_DRIVER), 1), COUNT(FOLDED, 1),
		    ANSWER(BIT(NO_DRIVER) | BIT(FOLDED), 2));
	assert_num(w.dev->owed, 0);
}

static void another_driver_is_told_even_if_nobody_saw_the_change(void **state)
{
	guest_starts(99);
	greet(0);
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	INJECT(0, WATCH(1), KEY(KEY_A, 1), RECEIPT(1), SYN);
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_TOLD(0, DRIVER(RUNNING));
	pump();
	device_driver_stopped(w.dev);
	device_driver_started(w.dev);
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_TOLD(0, DRIVER(RUNNING));
	device_answer(w.dev, 0);
	EXPECT_TOLD(0, ANSWER(BIT(NO_DRIVER), 1));
}

/* Who is answered that there was none knows then that there is another. */
static void a_new_driver_is_told_before_it_is_answered_for(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, WATCH(1), KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	device_driver_stopped(w.dev);
	device_set_driver(w.dev, CONTROL_DRIVER_NONE);
	EXPECT_TOLD(0, DRIVER(NONE));
	device_driver_started(w.dev);
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_TOLD(0, DRIVER(RUNNING));
	device_answer(w.dev, 0);
	EXPECT_TOLD(0, ANSWER(BIT(NO_DRIVER), 1));
}

static void a_driver_that_goes_away_is_answered_for(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, KEY(KEY_A, 1), RECEIPT(1), SYN);
	pump();
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	device_driver_stopped(w.dev);
	device_set_driver(w.dev, CONTROL_DRIVER_NO_VMM);
	EXPECT_TOLD(0, ANSWER(BIT(NO_DRIVER), 1));
}

static void what_a_driver_took_with_it_is_told_by_a_later_receipt(void **state)
{
	guest_starts(99);
	greet(0);
	greet(1);
	INJECT(0, KEY(KEY_A, 1), SYN);
	pump();
	guest_returns(EVERYTHING);
	INJECT(1, KEY(KEY_B, 1), SYN);
	pump();
	guest_returns(1);
	device_driver_stopped(w.dev);
	device_driver_started(w.dev);
	w.held = 0;
	pump();
	INJECT(0, RECEIPT(1), SYN);
	INJECT(1, RECEIPT(2), SYN);
	pump();
	guest_returns(EVERYTHING);
	EXPECT_TOLD(0, ANSWER(0, 1));
	EXPECT_TOLD(1, ANSWER(BIT(NO_DRIVER), 2));
}

static void the_driver_is_told_to_those_that_watch(void **state)
{
	greet(0);
	greet(1);
	INJECT(0, WATCH(1));
	device_set_driver(w.dev, CONTROL_DRIVER_NO_VMM);
	EXPECT_TOLD(0, DRIVER(NO_VMM));
	device_set_driver(w.dev, CONTROL_DRIVER_NO_VMM);
	EXPECT_SILENCE(0);
	device_set_driver(w.dev, CONTROL_DRIVER_NONE);
	EXPECT_TOLD(0, DRIVER(NONE));
	/* One that finds no space is sent later. */
	w.told[0].full = true;
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	w.told[0].full = false;
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_TOLD(0, DRIVER(RUNNING));
	INJECT(0, WATCH(1));
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_TOLD(0, DRIVER(RUNNING));
	INJECT(0, WATCH(0));
	device_set_driver(w.dev, CONTROL_DRIVER_NONE);
	EXPECT_SILENCE(0);
	EXPECT_SILENCE(1);
	/* No other request asks for it. */
	INJECT(0, LOSSLESS(1));
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	EXPECT_SILENCE(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(a_receipt_comes_when_the_driver_has_returned_all),
		control_test(a_receipt_alone_is_about_what_was_sent_before),
		control_test(
			a_receipt_says_what_was_changed_and_what_was_dropped),
		control_test(without_a_driver_it_is_answered_at_once),
		control_test(
			a_stall_folds_the_frame_on_its_way_and_those_behind),
		control_test(a_frame_that_is_begun_is_not_folded),
		control_test(
			a_folded_frame_does_not_overtake_one_that_is_begun),
		control_test(a_frame_in_two_parts_is_taken_with_its_second),
		control_test(the_second_part_may_be_folded),
		control_test(contacts_without_slots_are_receipted_alike),
		control_test(receipts_that_find_no_space_are_told_by_the_next),
		control_test(at_most_1024_are_owed_and_no_event_is_lost),
		control_test(more_that_is_out_than_was_sent_takes_nothing),
		control_test(what_was_taken_stays_so),
		control_test(a_suspended_driver_owes_receipts_still),
		control_test(a_new_driver_has_taken_nothing_of_what_was_owed),
		control_test(
			another_driver_is_told_even_if_nobody_saw_the_change),
		control_test(a_new_driver_is_told_before_it_is_answered_for),
		control_test(a_driver_that_goes_away_is_answered_for),
		control_test(
			what_a_driver_took_with_it_is_told_by_a_later_receipt),
		control_test(the_driver_is_told_to_those_that_watch),
	};

	return cmocka_run_group_tests_name("device-control", tests, NULL, NULL);
}
