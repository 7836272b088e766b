/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is killed, and the next one finds the eventq of its driver: motion
 * reaches the guest once, and what is sent meanwhile as frames.
 */
#include "tests/lib/check.h"

#include <endian.h>
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

/* As the session does with a ring that has been used. */
static void driver_returns(void)
{
	device_suspect_all(w.dev);
	assert_true(device_driver_returned(w.dev, w.eventq));
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
	event_text_device("KEY_A, REL_X, REL_Y", &w.spec);
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

/* Keys are said again: which of them the guest has been told is not known. */
#define RESYNC "KEY_A 0, SYN_REPORT 0"

static void motion_that_was_published_is_not_sent_again(void **state)
{
	inject("REL_X 5");
	device_pump(w.dev);
	kept_device_publish(&w);
	die();
	driver_returns();
	expect(RESYNC);
	inject("REL_X 1");
	expect("REL_X 1, SYN_REPORT 0");
}

static void motion_that_was_not_published_is_sent(void **state)
{
	inject("REL_X 5");
	device_pump(w.dev);
	die();
	driver_returns();
	expect(RESYNC ", REL_X 5, SYN_REPORT 0");
}

/* Of a frame of which the guest got a part, that part is taken back. */
static void a_frame_that_was_cut_moves_as_far_as_it_says(void **state)
{
	w.sink.buffers = 1;
	inject("REL_X 5, REL_Y 2");
	expect("REL_X 5");
	die();
	driver_returns();
	expect("KEY_A 0, REL_X -5, SYN_REPORT 0, "
	       "REL_X 5, REL_Y 2, SYN_REPORT 0");
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
	expect("KEY_A 0, REL_X 11, SYN_REPORT 0");
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
	expect(RESYNC ", KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0, "
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
	expect(RESYNC ", KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
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
	assert_num(w.dev->count.folded, 3);
	driver_returns();
	expect("KEY_A 1, REL_X 3, SYN_REPORT 0");
}

/* Nor are they for another driver. */
static void another_driver_gets_the_state_only(void **state)
{
	inject("REL_X 4");
	device_pump(w.dev);
	die();
	inject("KEY_A 1");
	assert_false(device_driver_returned(w.dev, w.eventq + 9));
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
		T(a_frame_that_was_cut_moves_as_far_as_it_says),
		T(motion_of_a_stall_outlives_the_process),
		T(frames_wait_for_the_driver_of_a_process_that_died),
		T(an_end_in_order_is_as_good),
		T(a_driver_that_had_stopped_is_not_waited_for),
		T(they_do_not_wait_for_long),
		T(another_driver_gets_the_state_only),
		T(a_ledger_of_noise_moves_no_further_than_it_may),
		T(noise_has_the_same_sign_in_the_process_after_the_next),
	};

	return cmocka_run_group_tests_name("device-ledger", tests, NULL, NULL);
}
