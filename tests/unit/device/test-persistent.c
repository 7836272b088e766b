/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is killed anywhere, and another resumes from the memory file: what
 * was sent is delivered whole and once, and what was held is still held.
 */
#include "tests/lib/persistent-world.h"

static void what_sources_set_outlives_what_the_spec_starts_with(void **state)
{
	bit_set(w.spec.initial_sw, SW_LID);
	w.spec.abs[ABS_X].has_initial = true;
	w.spec.abs[ABS_X].initial = 5;
	die();
	memset(w.file, 0, persistent_len(PLACES));
	begin();
	expect("SW_LID 1, ABS_X 5, SYN_REPORT 0");
	die();
	begin();
	expect("SW_LID 1, ABS_X 5, SYN_REPORT 0");
	send_frame(0, "SW_LID 0, ABS_X 8");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("SW_LID 0, ABS_X 8, SYN_REPORT 0");
}

static void what_nobody_has_taken_is_still_there(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("KEY_B 1", ev);

	w.dev->overflow = DEVICE_BLOCK;
	send_frame(0, "KEY_A 1");
	send_frame(1, "REL_X 3");
	send_bytes(0, ev, 13); /* cut in the middle of an event */
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	send_bytes(0, (uint8_t *)ev + 13, n - 13);
	expect("KEY_A 1, SYN_REPORT 0, REL_X 3, SYN_REPORT 0, "
	       "KEY_B 1, SYN_REPORT 0");
}

static void bytes_that_were_read_but_not_counted_are_there(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("KEY_A 1", ev);

	kernel_writes(0, ev, 11);
	die();
	begin();
	send_bytes(0, (uint8_t *)ev + 11, n - 11);
	expect("KEY_A 1, SYN_REPORT 0");
}

/* Killed after they were counted, before that was noted. */
static void bytes_that_were_counted_are_not_counted_twice(void **state)
{
	struct vi_event ev[64];
	size_t n = frame("REL_X 1", ev);

	w.dev->overflow = DEVICE_BLOCK;
	send_bytes(0, ev, n);
	w.file->place[0].read_len = (uint32_t)n;
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("REL_X 1, SYN_REPORT 0");
}

static void nothing_read_is_nothing_there(void **state)
{
	size_t len;
	void *to = source_space(&w.src[0].src, &len);

	persistent_source_reading(w.src[0].persistent, to, len);
	die();
	begin();
	send_frame(0, "KEY_A 1");
	expect("KEY_A 1, SYN_REPORT 0");
}

/* The guest has not been shown it yet. */
static void what_was_not_committed_is_delivered_by_the_next(void **state)
{
	device_driver_started(w.dev);
	device_pump(w.dev);
	device_commit(w.dev);
	send_frame(0, "KEY_A 1, REL_X 5");
	send_frame(0, "KEY_A 0");
	device_pump(w.dev);
	assert_num(w.sink.n, 5);
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("KEY_A 1, REL_X 5, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

static void what_was_committed_is_not_delivered_again(void **state)
{
	expect("-");
	send_frame(0, "KEY_A 1, REL_X 5");
	expect_more("KEY_A 1, REL_X 5, SYN_REPORT 0");
	die();
	begin();
	w.dev->overflow = DEVICE_BLOCK;
	expect("KEY_A 1, SYN_REPORT 0");
}

/* With a rest it is the source's, without it is the device's. */
static void the_last_axis_is_kept(void **state)
{
	event_text_device("ABS_MAX 0..9", &w.spec);
	for (int rest = 0; rest < 2; rest++) {
		w.spec.abs[ABS_MAX].has_rest = rest;
		teardown(state);
		w.file = calloc(1, persistent_len(PLACES));
		assert_non_null(w.file);
		begin();
		send_frame(0, "ABS_MAX 7");
		device_pump(w.dev);
		device_commit(w.dev);
		die();
		begin();
		expect("ABS_MAX 7, SYN_REPORT 0");
		w.file->place[0].use_le = htole32(PERSISTENT_FREE);
		die();
		begin();
		expect(rest ? "-" : "ABS_MAX 7, SYN_REPORT 0");
	}
}

static void what_was_held_is_sent_again(void **state)
{
	send_frame(0, "KEY_A 1, ABS_X 7, ABS_Z 3, SW_LID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 9, ABS_MT_POSITION_Y 4");
	send_frame(1, "KEY_A 1, KEY_B 1");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 4, "
	       "KEY_A 1, KEY_B 1, SW_LID 1, ABS_X 7, ABS_Z 3, SYN_REPORT 0");
	/* And is still held by the same sources. */
	send_frame(0, "KEY_A 0, ABS_MT_TRACKING_ID -1");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
	send_frame(1, "KEY_A 0");
	expect_more("KEY_A 0, SYN_REPORT 0");
}

/* A frame cut off in the merging is merged again with the slot it began in. */
static void the_slot_is_the_one_at_the_next_frame(void **state)
{
	send_frame(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_SLOT 1, "
		      "ABS_MT_TRACKING_ID 2, ABS_MT_SLOT 0");
	device_pump(w.dev);
	device_commit(w.dev);
	send_frame(0, "ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		      "ABS_MT_POSITION_Y 3");
	device_pump(w.dev);
	die();
	begin();
	expect("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 3, "
	       "SYN_REPORT 0, ABS_MT_SLOT 1, ABS_MT_POSITION_Y 3, "
	       "SYN_REPORT 0");
}

/* The first of its frames was sent in part; BTN_TOUCH is for the second. */
static void a_contact_may_follow_another_over_a_death(void **state)
{
	event_text_device("BTN_TOUCH", &w.spec);
	send_frame(0, "ABS_MT_TRACKING_ID 5, BTN_TOUCH 1");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, BTN_TOUCH 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 6");
	w.sink.buffers = 2;
	expect_more("ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, BTN_TOUCH 1, "
	       "SYN_REPORT 0");
}

/* As drivers without slots send them: the next process knows which they are. */
static void contacts_without_slots_survive_a_death(void **state)
{
	send_frame(0, "ABS_MT_POSITION_Y 1, SYN_MT_REPORT 0, "
		      "ABS_MT_POSITION_Y 9, SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 9, "
	       "SYN_REPORT 0");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 9, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_POSITION_Y 8, SYN_MT_REPORT 0");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		    "ABS_MT_POSITION_Y 8, SYN_REPORT 0");
	die();
	begin();
	expect("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 8, "
	       "SYN_REPORT 0");
	send_frame(0, "SYN_MT_REPORT 0");
	expect_more("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

/* Of the two frames to the guest the first was sent in part. */
static void a_contact_without_slot_may_follow_another_over_a_death(void **state)
{
	w.spec.abs[ABS_MT_SLOT].max = 0;
	send_frame(0, "ABS_MT_TRACKING_ID 5, ABS_MT_POSITION_Y 1, "
		      "SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_Y 2, "
		      "SYN_MT_REPORT 0, KEY_A 1");
	w.sink.buffers = 1;
	expect_more("ABS_MT_TRACKING_ID -1");
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 2, "
	       "KEY_A 1, SYN_REPORT 0");
}

/*
 * The successor finds nothing left to lift: what the source has selected must
 * not depend on that.
 */
static void a_frame_without_slots_selects_none_over_a_death(void **state)
{
	send_frame(0, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 5, ABS_MT_SLOT 3, "
		      "ABS_MT_TRACKING_ID 6, ABS_MT_SLOT 1");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_SLOT 1, "
	       "ABS_MT_TRACKING_ID 1, SYN_REPORT 0");
	send_frame(0, "SYN_MT_REPORT 0, REL_X 1");
	device_pump(w.dev);
	die();
	begin();
	expect("REL_X 1, SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_Y 7, "
		      "ABS_MT_SLOT 1, ABS_MT_POSITION_Y 8");
	expect_more("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 2, "
		    "ABS_MT_POSITION_Y 7, ABS_MT_POSITION_Y 8, SYN_REPORT 0");
}

/* The next process counts its IDs from the beginning. */
static void an_id_that_we_gave_is_not_one_of_the_source(void **state)
{
	send_frame(0, "ABS_MT_POSITION_Y 1, SYN_MT_REPORT 0");
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 1, "
	       "SYN_REPORT 0");
	send_frame(0, "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 1, "
		      "SYN_MT_REPORT 0");
	expect_more("ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 1, "
		    "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_Y 1, SYN_REPORT 0");
}

static void a_process_that_dies_while_it_starts_loses_nothing(void **state)
{
	static struct vi_event ev[FRAME_EVENTS_MAX + 1];
	static struct source src;
	size_t n;

	send_frame(0, "KEY_A 1");
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	for (int i = 0; i < 3; i++) {
		open_file();
		n = persistent_source_start(w.persistent,
					    &w.persistent->source[0], &src,
					    false, ev);
		assert_events(ev, n, "KEY_A 1, SYN_REPORT 0");
		persistent_free(w.persistent);
	}
	begin();
	expect("KEY_A 1, SYN_REPORT 0");
}

static void a_source_that_was_released_does_not_come_back(void **state)
{
	send_frame(0, "KEY_A 1");
	device_detach(w.dev, &w.src[0]);
	device_pump(w.dev);
	device_commit(w.dev);
	die();
	begin();
	expect("-");
	send_frame(0, "KEY_B 1");
	expect_more("KEY_B 1, SYN_REPORT 0");
}

/* Both accounts of what is held are the earlier source's. */
static void a_source_in_the_place_of_another_holds_nothing(void **state)
{
	static const char *const frames[] = { "KEY_A 1", "KEY_B 1", "REL_X 1" };

	for (size_t i = 0; i < 3; i++) {
		send_frame(0, frames[i]);
		device_pump(w.dev);
		device_commit(w.dev);
	}
	device_detach(w.dev, &w.src[0]);
	device_pump(w.dev);
	device_commit(w.dev);
	device_attach_persistent(w.dev, &w.src[0], false, 0);
	persistent_source_commit(w.src[0].persistent);
	die();
	begin();
	expect("-");
}

/*
 * Two of the longest frames, of which the guest takes the first and half of the
 * second: the rest needs no space in the source's buffer.
 */
static void an_injector_does_not_wait_for_a_stalled_guest_to_end_a_frame(
	void **state)
{
	const size_t first = FRAME_EVENTS_MAX, both = 2 * first + 1;
	struct vi_event *ev = calloc(both, sizeof(*ev));
	size_t len;

	assert_non_null(ev);
	for (size_t i = 0; i < both; i++)
		ev[i] = vi_event(EV_REL, REL_X, 1);
	ev[first - 1] = ev[both - 1] = vi_event(EV_SYN, SYN_REPORT, 0);
	expect("-");
	w.sink.buffers = first + first / 2;
	send_bytes(0, ev, both * sizeof(*ev));
	device_pump(w.dev);
	device_commit(w.dev);
	assert_num(w.sink.n, first + first / 2);
	source_space(&w.src[0].src, &len);
	assert_num(len, SOURCE_BUF_LEN);
	free(ev);
}

/* A launcher that gives another kind of socket: its packets are its own. */
static void a_source_of_another_kind_does_not_continue(void **state)
{
	static struct source src;
	struct vi_event ev[64];

	send_frame(0, "KEY_A 1");
	device_pump(w.dev);
	device_commit(w.dev);
	assert_num(persistent_source_start(w.persistent,
					   &w.persistent->source[0], &src, true,
					   ev),
		   0);
}

/* The buffer is moved to its front again and again while it waits. */
static void a_long_stream_survives_a_death_at_every_frame(void **state)
{
	struct vi_event ev[64];
	const size_t n =
		frame("REL_X 1, REL_X 1, REL_X 1, REL_X 1, REL_X 1", ev);
	long sum = 0;

	for (int i = 0; i < 5000; i++) {
		w.dev->overflow = DEVICE_BLOCK;
		send_bytes(0, (uint8_t *)ev + 3 * (i > 0), n - 3 * (i > 0));
		if (i < 4999)
			send_bytes(0, ev, 3);
		if (i % 100 == 0) {
			die();
			begin();
			w.dev->overflow = DEVICE_BLOCK;
			device_driver_started(w.dev);
		}
		device_pump(w.dev);
		device_commit(w.dev);
		for (size_t e = 0; e < w.sink.n; e++)
			sum += vi_type(&w.sink.got[e]) == EV_REL
				       ? vi_value(&w.sink.got[e])
				       : 0;
		forget();
	}
	assert_num(sum, 25000);
}

static void no_read_is_longer_than_the_space_for_it(void **state)
{
	struct vi_event ev[64];
	const size_t n = frame("KEY_A 1", ev);
	size_t len;

	send_frame(0, "KEY_B 1");
	device_pump(w.dev);
	device_commit(w.dev);
	source_space(&w.src[0].src, &len);
	kernel_writes(0, ev, n);
	w.file->place[0].read_len = (uint32_t)len + 1;
	die();
	begin();
	expect("KEY_B 1, SYN_REPORT 0");
}

static void axes_that_the_device_lacks_are_not_sent(void **state)
{
	send_frame(0, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7");
	w.file->ledger[w.file->ledger_at_le].mt_axes_le = UINT16_MAX;
	die();
	begin();
	expect("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_Y 0, "
	       "SYN_REPORT 0");
}

/* Only to the injector that has asked for something before. */
static void an_injector_that_asks_learns_that_the_process_is_new(void **state)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	send_bytes(1, ev, sizeof(ev));
	assert_num(w.answers, 1);
	assert_memory_equal(w.answer, ev, sizeof(ev[0]));
	for (int lives = 0; lives < 2; lives++) {
		die();
		begin();
		assert_num(w.answers, 1);
		assert_memory_equal(w.answer, ev, sizeof(ev[0]));
		assert_null(w.src[0].receipts);
		assert_non_null(w.src[1].receipts);
	}
	device_detach(w.dev, &w.src[1]);
	device_pump(w.dev);
	die();
	begin();
	assert_num(w.answers, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_sources_set_outlives_what_the_spec_starts_with),
		T(what_nobody_has_taken_is_still_there),
		T(bytes_that_were_read_but_not_counted_are_there),
		T(bytes_that_were_counted_are_not_counted_twice),
		T(nothing_read_is_nothing_there),
		T(what_was_not_committed_is_delivered_by_the_next),
		T(what_was_committed_is_not_delivered_again),
		T(the_last_axis_is_kept),
		T(what_was_held_is_sent_again),
		T(the_slot_is_the_one_at_the_next_frame),
		T(a_contact_may_follow_another_over_a_death),
		T(contacts_without_slots_survive_a_death),
		T(a_contact_without_slot_may_follow_another_over_a_death),
		T(a_frame_without_slots_selects_none_over_a_death),
		T(an_id_that_we_gave_is_not_one_of_the_source),
		T(a_process_that_dies_while_it_starts_loses_nothing),
		T(a_source_in_the_place_of_another_holds_nothing),
		T(a_source_that_was_released_does_not_come_back),
		T(an_injector_does_not_wait_for_a_stalled_guest_to_end_a_frame),
		T(a_source_of_another_kind_does_not_continue),
		T(a_long_stream_survives_a_death_at_every_frame),
		T(no_read_is_longer_than_the_space_for_it),
		T(axes_that_the_device_lacks_are_not_sent),
		T(an_injector_that_asks_learns_that_the_process_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
