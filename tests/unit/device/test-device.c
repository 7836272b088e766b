/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device between injectors' bytes and a guest that is an array with as
 * many buffers as a test gives it.
 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "input/device/device.h"
#include "tests/lib/event-text.h"
#include "tests/lib/guest-sink.h"

#define SOURCES 3

struct world {
	struct spec spec;
	struct device *dev;
	struct device_source src[SOURCES];
	struct guest_sink sink;
};

static struct world w;

static int setup(void **state)
{
	const struct device_sink sink = guest_sink(&w.sink);

	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, KEY_B, KEY_C, REL_X, REL_Y, SW_LID, "
			  "ABS_X 0..100, ABS_MT_SLOT 0..1, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..100",
			  &w.spec);
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++)
		assert_ok(device_attach(w.dev, &w.src[i], false));
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < SOURCES; i++)
		source_fini(&w.src[i].src);
	device_free(w.dev);
	return 0;
}

static void inject(int who, const char *text)
{
	device_inject_text(w.dev, &w.src[who], text);
}

/* The guest makes buffers available, and has been sent this since. */
static void expect(size_t buffers, const char *text)
{
	w.sink.buffers += buffers;
	w.sink.n = 0;
	device_pump(w.dev);
	assert_events(w.sink.got, w.sink.n, text);
}

static void expect_nothing(size_t buffers)
{
	expect(buffers, "-");
}

static void guest_starts(size_t buffers)
{
	device_driver_started(w.dev);
	expect_nothing(buffers);
}

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

#define device_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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

/* --- without the source's buffer --- */

static int setup_plain(void **state)
{
	const struct device_sink sink = guest_sink(&w.sink);

	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, KEY_B, REL_X, ABS_X 0..100", &w.spec);
	w.dev = device_new(&w.spec, &sink);
	assert_non_null(w.dev);
	for (int i = 0; i < SOURCES; i++)
		assert_ok(device_attach(w.dev, &w.src[i], false));
	return 0;
}

/* Return: how many of the frame's events were merged. */
static size_t pass(int who, const char *text)
{
	struct vi_event ev[64];
	size_t n = event_text_frame(text, ev, 64);

	w.sink.n = w.sink.n_shown = 0;
	return device_can_pass(w.dev, &w.src[who])
		       ? device_pass(w.dev, &w.src[who], ev, n)
		       : 0;
}

static void frames_pass_if_nothing_waits(void **state)
{
	guest_starts(99);
	assert_num(pass(0, "KEY_A 1, SYN_REPORT 0, REL_X 3, ABS_X 200"), 5);
	assert_events(w.sink.got, w.sink.n,
		      "KEY_A 1, SYN_REPORT 0, REL_X 3, ABS_X 100, "
		      "SYN_REPORT 0");
	assert_num(w.sink.n_shown, 5);
	assert_num(w.dev->count.frames_in, 2);
	assert_num(w.dev->count.events_in, 5);
	assert_num(w.dev->count.frames_out, 2);
	assert_num(w.dev->count.events_out, 5);
	assert_num(w.dev->count.queue_longest, 5 * sizeof(struct vi_event));
	/* The key is held by both, and released by the last one. */
	inject(1, "KEY_A 1");
	expect_nothing(0);
	assert_num(pass(0, "KEY_A 0"), 2);
	assert_num(w.sink.n, 0);
	inject(1, "KEY_A 0");
	expect(0, "KEY_A 0, SYN_REPORT 0");
}

static void a_frame_without_buffers_passes_in_part(void **state)
{
	guest_starts(1);
	assert_num(pass(0, "KEY_A 1, SYN_REPORT 0, KEY_B 1"), 2);
	assert_events(w.sink.got, w.sink.n, "KEY_A 1");
	assert_num(w.sink.n_shown, 1);
	/* The rest of it comes first. */
	assert_num(pass(0, "KEY_B 1"), 0);
	inject(0, "KEY_B 1");
	expect(9, "SYN_REPORT 0, KEY_B 1, SYN_REPORT 0");
	assert_num(pass(0, "KEY_B 0"), 2);
}

static void frames_pass_together_as_far_as_there_is_room(void **state)
{
	const char *three = "KEY_A 1, SYN_REPORT 0, REL_X 3, KEY_B 1, "
			    "SYN_REPORT 0, KEY_A 0";

	guest_starts(99);
	w.sink.n_puts = 0;
	assert_num(pass(0, three), 7);
	assert_num(w.sink.n_puts, 1);
	assert_num(w.dev->count.frames_out, 3);
	/* The second frame does not fit, and waits for the first. */
	w.sink.buffers = 4;
	w.sink.n_puts = 0;
	assert_num(pass(0, "KEY_A 1, SYN_REPORT 0, REL_X 3, KEY_B 0, "
			   "SYN_REPORT 0, KEY_A 0"),
		   5);
	assert_num(w.sink.n_puts, 2);
	assert_events(w.sink.got, w.sink.n,
		      "KEY_A 1, SYN_REPORT 0, REL_X 3, KEY_B 0");
	assert_num(w.sink.n_shown, 4);
	assert_num(guest_view_left(&w.dev->view), 1);
	assert_num(w.dev->count.frames_out, 4);
}

/* Some frames at once. Return: the number of events. */
static size_t random_burst(struct vi_event ev[64])
{
	const long frames = random() % 8 + 1;
	size_t n = 0;

	for (long i = 0; i < frames; i++) {
		for (long k = random() % 4; k; k--) {
			const long what = random() % 12;
			const int32_t value = (int32_t)(random() % 9);

			/* KEY_C is not declared. */
			ev[n++] = what < 9    ? vi_event(EV_KEY,
							 what ? what % 2 ? KEY_A
									 : KEY_B
							      : KEY_C,
							 value % 3)
				  : what < 11 ? vi_event(EV_REL, REL_X, value)
					      : vi_event(EV_ABS, ABS_X, value);
		}
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, (int32_t)(random() % 2));
	}
	return n;
}

/* To a guest that often lacks buffers for all. Return: what it has got. */
static size_t pass_random_bursts(struct vi_event *got)
{
	struct vi_event other[] = { vi_event(EV_KEY, KEY_A, 1),
				    vi_event(EV_SYN, SYN_REPORT, 0) };
	struct vi_event ev[64];
	size_t n_got = 0;

	srandom(1);
	guest_starts(0);
	for (int i = 0; i < 1000; i++) {
		const size_t n = random_burst(ev);
		size_t done = 0;

		w.sink.n = 0;
		w.sink.buffers += (size_t)(i % 8 ? random() % 16 : 200);
		/* Another source holds a key for some time. */
		if (i % 200 == 100) {
			other[0].value_le = htole32(i % 400 == 100);
			device_inject(w.dev, &w.src[1], other, 2);
		}
		if (device_can_pass(w.dev, &w.src[0]))
			done = device_pass(w.dev, &w.src[0], ev, n);
		if (done < n)
			device_inject(w.dev, &w.src[0], &ev[done], n - done);
		device_pump(w.dev);
		memcpy(&got[n_got], w.sink.got, w.sink.n * sizeof(*got));
		n_got += w.sink.n;
	}
	return n_got;
}

static void frames_pass_together_as_one_by_one(void **state)
{
	static struct vi_event got[2][GUEST_SINK_EVENTS];
	struct device_counters count;
	unsigned int puts;
	size_t n[2];

	w.dev->sink.room = NULL;
	n[0] = pass_random_bursts(got[0]);
	count = w.dev->count;
	puts = w.sink.n_puts;
	teardown(state);
	setup_plain(state);
	n[1] = pass_random_bursts(got[1]);
	assert_true(w.sink.n_puts < puts);
	assert_num(n[1], n[0]);
	assert_memory_equal(got[1], got[0], n[0] * sizeof(got[0][0]));
	assert_memory_equal(&w.dev->count, &count, sizeof(count));
}

static void nothing_passes_what_waits(void **state)
{
	assert_num(pass(0, "KEY_A 1"), 0);
	guest_starts(99);
	inject(1, "KEY_B 1");
	assert_num(pass(0, "KEY_A 1"), 0);
	expect(0, "KEY_B 1, SYN_REPORT 0");
	assert_num(pass(0, "KEY_A 1"), 2);
	device_driver_stopped(w.dev);
	assert_num(pass(0, "KEY_A 0"), 0);
}

static void an_unfinished_frame_does_not_pass(void **state)
{
	struct vi_event ev[8];
	size_t n = event_text_frame("KEY_A 1, SYN_REPORT 0, KEY_B 1", ev, 8);

	guest_starts(99);
	w.sink.n = w.sink.n_shown = 0;
	assert_num(device_pass(w.dev, &w.src[0], ev, n - 1), 2);
	assert_events(w.sink.got, w.sink.n, "KEY_A 1, SYN_REPORT 0");
	assert_num(w.sink.n_shown, 2);
	assert_num(device_pass(w.dev, &w.src[0], ev, 1), 0);
	assert_num(w.dev->count.events_in, 2);
}

static void a_request_does_not_pass(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_KEY, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	guest_starts(99);
	assert_num(device_pass(w.dev, &w.src[0], ev, 4), 2);
}

static void contacts_pass_if_they_have_slots(void **state)
{
	guest_starts(99);
	assert_num(pass(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, "
			   "ABS_MT_POSITION_X 5"),
		   4);
	assert_events(w.sink.got, w.sink.n,
		      "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
		      "ABS_MT_POSITION_X 5, ABS_X 5, SYN_REPORT 0");
	/* Each by itself: one may become longer than it was. */
	w.sink.n_puts = 0;
	assert_num(pass(0, "ABS_MT_POSITION_X 6, SYN_REPORT 0, "
			   "ABS_MT_POSITION_X 7"),
		   4);
	assert_num(w.sink.n_puts, 2);
	assert_num(pass(1, "ABS_MT_POSITION_X 5, SYN_MT_REPORT 0"), 0);
}

/* A contact that follows another in its slot: two frames. */
static void of_a_frame_that_becomes_two_the_first_passes(void **state)
{
	guest_starts(99);
	pass(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X 5");
	const size_t done = pass(0, "ABS_MT_TRACKING_ID -1, "
				    "ABS_MT_TRACKING_ID 8, "
				    "ABS_MT_POSITION_X 6");
	assert_num(done, 1);
	assert_events(w.sink.got, w.sink.n,
		      "ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	assert_num(w.sink.n_shown, w.sink.n);
	inject(0, "ABS_MT_TRACKING_ID 8, ABS_MT_POSITION_X 6");
	expect(0, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 6, ABS_X 6, "
		  "SYN_REPORT 0");
	assert_num(w.dev->count.frames_in, 2);
}

#define plain_test(test) \
	cmocka_unit_test_setup_teardown(test, setup_plain, teardown)

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
		plain_test(frames_pass_if_nothing_waits),
		plain_test(a_frame_without_buffers_passes_in_part),
		plain_test(frames_pass_together_as_far_as_there_is_room),
		plain_test(frames_pass_together_as_one_by_one),
		plain_test(nothing_passes_what_waits),
		device_test(an_unfinished_frame_does_not_pass),
		device_test(a_request_does_not_pass),
		device_test(contacts_pass_if_they_have_slots),
		device_test(of_a_frame_that_becomes_two_the_first_passes),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
