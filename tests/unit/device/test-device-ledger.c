/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is killed, and the next one finds the eventq of its driver: all
 * that was sent reaches the guest once, and what is sent meanwhile as frames.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/kept-device.h"

static struct kept_device w;

/* What was put and not published is lost. */
static void die(void)
{
	kept_device_end(&w);
	w.sink.n = 0;
	w.sink.buffers = 1000;
	kept_device_begin(&w);
}

static void expect(const char *text)
{
	device_pump(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
	kept_device_publish(&w);
	device_commit(w.dev);
}

static void driver_returns(void)
{
	assert_true(device_driver_returned(w.dev, w.eventq, true));
}

/* As injectors.c reads it: the kernel writes, then we count. */
static void inject(const char *text)
{
	struct vi_event ev[64];
	const size_t n = event_text_frame(text, ev, 64) * sizeof(ev[0]);
	size_t len;
	void *to = source_space(&w.src.src, &len);

	memcpy(to, ev, n);
	persistent_source_reading(w.src.persistent, to, len)->msg_len =
		(unsigned int)n;
	assert_ok(device_received(w.dev, &w.src, n));
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, REL_X, REL_Y, ABS_MT_SLOT 0..3, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..99",
			  &w.spec);
	w.file = calloc(1, persistent_len(1));
	assert_non_null(w.file);
	persistent_begin(w.file, 1, &w.spec);
	w.sink.buffers = 1000;
	kept_device_begin(&w);
	device_driver_started(w.dev);
	expect("-");
	return 0;
}

static int teardown(void **state)
{
	kept_device_end(&w);
	free(w.file);
	return 0;
}

static void motion_that_was_published_is_not_sent_again(void **state)
{
	inject("REL_X 5");
	device_pump(w.dev);
	kept_device_publish(&w);
	die();
	driver_returns();
	expect("-");
	inject("REL_X 1");
	expect("REL_X 1, SYN_REPORT 0");
}

static void motion_that_was_not_published_is_sent(void **state)
{
	inject("REL_X 5");
	device_pump(w.dev);
	die();
	driver_returns();
	expect("REL_X 5, SYN_REPORT 0");
}

static void a_frame_that_was_cut_is_completed(void **state)
{
	w.sink.buffers = 1;
	inject("REL_X 5, REL_Y 2");
	expect("REL_X 5");
	die();
	driver_returns();
	expect("REL_Y 2, SYN_REPORT 0");
}

/* In more than one direction. */
static void motion_of_all_axes_comes_again(void **state)
{
	inject("REL_X 5, REL_Y 2");
	device_pump(w.dev);
	die();
	device_stalled(w.dev);
	driver_returns();
	expect("REL_X 5, REL_Y 2, SYN_REPORT 0");
}

static void a_driver_returns_once_and_to_who_waits_for_it(void **state)
{
	assert_false(device_driver_returned(w.dev, w.eventq, true));
	die();
	assert_true(device_keeps(w.dev));
	driver_returns();
	assert_false(device_driver_returned(w.dev, w.eventq, true));
}

/* Whoever comes instead: nothing is kept for the one that was awaited. */
static void another_driver_ends_the_wait(void **state)
{
	die();
	device_driver_started(w.dev);
	assert_false(device_awaits(w.dev));
	assert_false(device_keeps(w.dev));
	die();
	device_driver_resumed(w.dev);
	assert_false(device_awaits(w.dev));
	assert_false(device_keeps(w.dev));
}

static struct persistent_place_of_ring known; /* of the file */

static size_t look_and_put(void *arg, const struct vi_event *ev, size_t n)
{
	static struct guest_view view;

	guest_view_init(&view, &w.spec);
	persistent_ledger_load(w.persistent, PERSISTENT_LAST, &known, &view);
	return guest_sink_put(arg, ev, n);
}

/* Before it is sent anything, so that a process that dies then knows of it. */
static void a_driver_is_in_the_file_at_once(void **state)
{
	inject("KEY_A 1");
	expect("KEY_A 1, SYN_REPORT 0");
	die();
	w.eventq = 1000;
	device_driver_started(w.dev);
	w.dev->sink.put = look_and_put;
	expect("KEY_A 1, SYN_REPORT 0");
	assert_true(known.ring && known.runs);
	assert_num(known.at, 1000);
}

/* What is held needs no event. */
static void a_key_and_a_contact_are_held_over_a_death(void **state)
{
	inject("KEY_A 1, ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 77, "
	       "ABS_MT_POSITION_X 5");
	expect("KEY_A 1, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
	       "ABS_MT_POSITION_X 5, SYN_REPORT 0");
	die();
	driver_returns();
	expect("-");
	inject("ABS_MT_POSITION_X 6");
	expect("ABS_MT_SLOT 0, ABS_MT_POSITION_X 6, SYN_REPORT 0");
	die();
	inject("KEY_A 0, ABS_MT_TRACKING_ID -1");
	driver_returns();
	expect("KEY_A 0, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

/* The one that is left is not in the first slot. */
static void a_contact_stays_in_its_slot(void **state)
{
	inject("ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 5, ABS_MT_SLOT 1, "
	       "ABS_MT_TRACKING_ID 8, ABS_MT_POSITION_X 6");
	device_pump(w.dev);
	kept_device_publish(&w);
	device_commit(w.dev);
	inject("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	die();
	driver_returns();
	expect("-");
	inject("ABS_MT_SLOT 1, ABS_MT_POSITION_X 7");
	expect("ABS_MT_SLOT 1, ABS_MT_POSITION_X 7, SYN_REPORT 0");
	inject("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 9");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 2, ABS_MT_POSITION_X 5, "
	       "SYN_REPORT 0");
}

#define STROKE "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0"
#define TAP                                                          \
	"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 3, " \
	"SYN_REPORT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0"

static void inject_stroke_and_tap(void)
{
	inject("KEY_A 1");
	inject("KEY_A 0");
	inject("ABS_MT_TRACKING_ID 4, ABS_MT_POSITION_X 3");
	inject("ABS_MT_TRACKING_ID -1");
}

/* As if they were taken for the first time, with the same tracking ID. */
static void a_batch_that_was_not_published_is_taken_again(void **state)
{
	inject_stroke_and_tap();
	device_pump(w.dev);
	die();
	driver_returns();
	expect(STROKE ", " TAP);
}

static void a_batch_that_was_published_is_not_taken_again(void **state)
{
	inject_stroke_and_tap();
	device_pump(w.dev);
	kept_device_publish(&w);
	die();
	driver_returns();
	expect("-");
}

static struct vi_event seen[64];
static size_t n_seen;

/* There is one slot, which may be selected again. */
static void publish_seen(void)
{
	for (size_t i = 0; i < w.sink.n; i++)
		if (vi_code(&w.sink.got[i]) != ABS_MT_SLOT)
			seen[n_seen++] = w.sink.got[i];
	kept_device_publish(&w);
}

/* ... whichever part of it the guest had buffers for. */
static void a_stroke_is_cut_anywhere_and_completed(void **state)
{
	char text[200];

	for (unsigned int n = 0; n <= 10; n++) {
		n_seen = 0;
		w.sink.buffers = n;
		inject_stroke_and_tap();
		device_pump(w.dev);
		publish_seen();
		die();
		w.sink.buffers = 0;
		driver_returns();
		device_pump(w.dev);
		device_commit(w.dev);
		/* And once more, with nothing delivered. */
		die();
		driver_returns();
		device_pump(w.dev);
		publish_seen();
		device_commit(w.dev);
		snprintf(text, sizeof(text),
			 STROKE ", ABS_MT_TRACKING_ID %u, ABS_MT_POSITION_X 3, "
				"SYN_REPORT 0, ABS_MT_TRACKING_ID -1, "
				"SYN_REPORT 0",
			 n);
		assert_events(seen, n_seen, text);
	}
}

static void motion_of_a_stall_outlives_the_process(void **state)
{
	w.sink.buffers = 0;
	inject("REL_X 5");
	expect("-");
	device_stalled(w.dev);
	expect("-");
	inject("REL_X 6");
	expect("-");
	die();
	driver_returns();
	expect("REL_X 11, SYN_REPORT 0");
}

/* The process may die again before the driver is back. */
static void frames_wait_for_the_driver_of_a_process_that_died(void **state)
{
	die();
	inject("KEY_A 1");
	inject("KEY_A 0");
	inject("REL_X 2");
	expect("-");
	assert_true(device_awaits(w.dev));
	die();
	driver_returns();
	expect("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0, "
	       "REL_X 2, SYN_REPORT 0");
}

static void an_end_in_order_is_as_good(void **state)
{
	inject("REL_X 4");
	expect("REL_X 4, SYN_REPORT 0");
	device_leave(w.dev);
	device_driver_stopped(w.dev);
	die();
	inject("KEY_A 1");
	inject("KEY_A 0");
	expect("-");
	driver_returns();
	expect("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

/* The driver was suspended, or the VMM has gone, before that. */
static void a_driver_that_had_stopped_is_not_waited_for(void **state)
{
	device_driver_stopped(w.dev);
	device_leave(w.dev);
	die();
	assert_false(device_awaits(w.dev));
}

static void they_do_not_wait_for_long(void **state)
{
	inject("REL_X 4");
	device_pump(w.dev);
	kept_device_publish(&w);
	die();
	inject("KEY_A 1");
	inject("REL_X 3");
	device_stalled(w.dev);
	assert_false(device_awaits(w.dev));
	expect("-");
	assert_num(w.dev->count.folded, 2);
	driver_returns();
	expect("KEY_A 1, REL_X 3, SYN_REPORT 0");
}

/* A guest that has booted meanwhile, whose ring begins where ours did. */
static void a_new_ring_at_an_old_position_is_not_the_same(void **state)
{
	inject("KEY_A 1");
	expect("KEY_A 1, SYN_REPORT 0");
	die();
	assert_false(device_driver_returned(w.dev, 0, false));
	device_driver_started(w.dev);
	expect("KEY_A 1, SYN_REPORT 0");
}

static void a_driver_that_was_sent_nothing_gets_what_is_sent_meanwhile(
	void **state)
{
	die();
	inject("KEY_A 1");
	inject("KEY_A 0");
	assert_true(device_driver_returned(w.dev, 0, false));
	expect("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

/* Nor are they for another driver. */
static void another_driver_gets_the_state_only(void **state)
{
	inject("REL_X 4");
	device_pump(w.dev);
	die();
	inject("KEY_A 1");
	assert_false(device_driver_returned(w.dev, w.eventq + 9, true));
	device_driver_started(w.dev);
	expect("KEY_A 1, SYN_REPORT 0");
	inject("REL_X 1");
	expect("REL_X 1, SYN_REPORT 0");
}

static void a_ledger_of_noise_moves_no_further_than_it_may(void **state)
{
	die();
	kept_device_end(&w);
	w.file->ledger[w.file->ledger_at_le].known_le = UINT64_MAX;
	memset(w.file->ledger[w.file->ledger_at_le].owed_le, 0x7f,
	       sizeof(w.file->ledger[0].owed_le));
	kept_device_begin(&w);
	driver_returns();
	for (uint16_t code = 0; code < REL_CNT; code++)
		assert_num(w.dev->view.rel[code],
			   code > REL_Y ? 0 : GUEST_VIEW_MOTION_MAX);
}

/* What is added to it does not make it move the other way. */
static void noise_has_the_same_sign_in_the_process_after_the_next(void **state)
{
	uint64_t *owed = w.file->ledger[w.file->ledger_at_le].owed_le;

	die();
	kept_device_end(&w);
	w.file->ledger[w.file->ledger_at_le].known_le = UINT64_MAX;
	owed[REL_X] = htole64(INT64_MAX);
	kept_device_begin(&w);
	device_stalled(w.dev);
	inject("REL_X 5");
	device_pump(w.dev);
	die();
	driver_returns();
	assert_num(w.dev->view.rel[REL_X], GUEST_VIEW_MOTION_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(motion_that_was_published_is_not_sent_again),
		T(motion_that_was_not_published_is_sent),
		T(a_frame_that_was_cut_is_completed),
		T(motion_of_all_axes_comes_again),
		T(a_driver_returns_once_and_to_who_waits_for_it),
		T(another_driver_ends_the_wait),
		T(a_driver_is_in_the_file_at_once),
		T(a_key_and_a_contact_are_held_over_a_death),
		T(a_contact_stays_in_its_slot),
		T(a_batch_that_was_not_published_is_taken_again),
		T(a_batch_that_was_published_is_not_taken_again),
		T(a_stroke_is_cut_anywhere_and_completed),
		T(motion_of_a_stall_outlives_the_process),
		T(frames_wait_for_the_driver_of_a_process_that_died),
		T(an_end_in_order_is_as_good),
		T(a_driver_that_had_stopped_is_not_waited_for),
		T(they_do_not_wait_for_long),
		T(a_new_ring_at_an_old_position_is_not_the_same),
		T(a_driver_that_was_sent_nothing_gets_what_is_sent_meanwhile),
		T(another_driver_gets_the_state_only),
		T(a_ledger_of_noise_moves_no_further_than_it_may),
		T(noise_has_the_same_sign_in_the_process_after_the_next),
	};

	return cmocka_run_group_tests_name("device-ledger", tests, NULL, NULL);
}
