/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that reach the guest without the source's buffer: device_pass(). */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/brink.h"
#include "tests/lib/device-world.h"

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

/* Where memory ends. text: its SYN_REPORT is left out. */
static size_t pass_unfinished(const char *text)
{
	struct vi_event ev[8];
	const size_t n = event_text_frame(text, ev, 8) - 1;

	return device_pass(
		w.dev, &w.src[0],
		(const void *)text_at_brink((const char *)ev, n * sizeof(*ev)),
		n);
}

static void nothing_is_read_behind_an_unfinished_frame(void **state)
{
	guest_starts(99);
	assert_num(pass_unfinished("KEY_A 1, KEY_B 1"), 0);
	assert_num(pass_unfinished("KEY_A 1, SYN_REPORT 0, KEY_A 0"), 2);
	assert_num(pass_unfinished("REL_X 1, SYN_REPORT 0, REL_X 1"), 2);
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

static unsigned int shows;

static void count_show(void *arg)
{
	shows++;
}

static void motion_passes_from_any_source(void **state)
{
	guest_starts(99);
	/* The first frame of a source makes it one that is released. */
	assert_num(pass(0, "REL_X 3"), 2);
	assert_true(w.src[0].src.held.attached);
	assert_num(pass(0, "REL_X 3, REL_Y -4"), 3);
	assert_num(pass(1, "KEY_A 1"), 2);
	assert_num(pass(0, "REL_X 5"), 2);
	assert_events(w.sink.got, w.sink.n, "REL_X 5, SYN_REPORT 0");
	assert_num(w.dev->count.frames_out, 4);
	assert_num(w.dev->count.events_out, 9);
	/* What is not declared does not. */
	assert_num(pass(0, "REL_X 5, REL_WHEEL 1"), 3);
	assert_events(w.sink.got, w.sink.n, "REL_X 5, SYN_REPORT 0");
	assert_num(w.dev->merge.count.undeclared, 1);
}

static void motion_passes_only_with_its_end(void **state)
{
	struct vi_event ev[] = { vi_event(EV_REL, REL_X, 1),
				 vi_event(EV_SYN, SYN_REPORT, 1) };

	guest_starts(99);
	pass(0, "REL_X 1");
	w.sink.n = 0;
	assert_num(device_pass(w.dev, &w.src[0], ev, 2), 2);
	assert_events(w.sink.got, w.sink.n, "REL_X 1, SYN_REPORT 0");
	ev[1] = vi_event(EV_SYN, SYN_DROPPED, 0);
	assert_num(device_pass(w.dev, &w.src[0], ev, 2), 0);
	assert_num(device_pass(w.dev, &w.src[0], ev, 1), 0);
}

static void motion_without_buffers_passes_in_part(void **state)
{
	guest_starts(99);
	pass(0, "REL_X 1");
	w.sink.buffers = 1;
	assert_num(pass(0, "REL_X 3, REL_Y 4"), 3);
	assert_events(w.sink.got, w.sink.n, "REL_X 3");
	assert_num(w.sink.n_shown, 1);
	expect(9, "REL_Y 4, SYN_REPORT 0");
	/* Nothing of it was taken: it can be folded. */
	w.sink.buffers = 0;
	assert_num(pass(0, "REL_X 3, REL_Y 4"), 3);
	device_stalled(w.dev);
	inject(0, "REL_X 2");
	expect_nothing(0);
	expect(9, "REL_X 5, REL_Y 4, SYN_REPORT 0");
}

/* Nor is a frame without an effect in the way of the next. */
static void what_passes_is_shown_at_the_end(void **state)
{
	guest_starts(99);
	pass(1, "KEY_A 1");
	w.dev->sink.show = count_show;
	shows = 0;
	assert_num(pass(0, "KEY_A 1, SYN_REPORT 0, KEY_B 1, SYN_REPORT 0, "
			   "KEY_A 0, SYN_REPORT 0, KEY_B 0"),
		   8);
	assert_events(w.sink.got, w.sink.n,
		      "KEY_B 1, SYN_REPORT 0, KEY_B 0, SYN_REPORT 0");
	assert_num(shows, 1);
	assert_num(w.dev->merge.count.empty, 2);
	assert_num(w.dev->count.events_in, 10);
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

/* The device's keys are far apart; KEY_C and KEY_MAX are not among them. */
#define KEYS_SPEC "KEY_A, KEY_B, KEY_RIGHT, BTN_LEFT, REL_X"

static int setup_keys(void **state)
{
	device_world_begin(KEYS_SPEC);
	return 0;
}

#define keys_test(name) \
	cmocka_unit_test_setup_teardown(name, setup_keys, teardown)

/* Usually a key of these, or motion; sometimes what ends a run. */
static struct vi_event random_key(void)
{
	static const uint16_t key[] = { KEY_A, KEY_B, KEY_RIGHT, BTN_LEFT };
	const struct vi_event other[] = {
		vi_event(EV_KEY, KEY_A, 2),
		vi_event(EV_KEY, KEY_C, 1),
		vi_event(EV_KEY, KEY_MAX, 1),
		vi_event(EV_KEY, KEY_CNT, 1),
		vi_event(EV_KEY, UINT16_MAX, 1),
		vi_event(EV_KEY, KEY_B, -1),
		vi_event(EV_REL, REL_Y, 1),
		vi_event(EV_REL, UINT16_MAX, 1),
		vi_event(EV_SYN, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
		vi_event(EV_SYN, SYN_REPORT, 1),
	};
	const long what = random() % 300;

	if (what < 11)
		return other[what];
	return what < 60 ? vi_event(EV_REL, REL_X, (int32_t)what - 30)
			 : vi_event(EV_KEY, key[what % 4], what / 4 % 2);
}

static size_t random_run(struct vi_event ev[64])
{
	size_t n = 0;

	for (long frames = random() % 12 + 1; frames; frames--) {
		for (long keys = random() % 4 + 1; keys; keys--)
			ev[n++] = random_key();
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	}
	/* Sometimes without the last end. */
	return random() % 16 ? n : n - 1;
}

/* Whoever merged them, all agree about which keys are down. */
static void check_keys(void)
{
	for (unsigned int key = 0; key < KEY_CNT; key++) {
		unsigned int holders = 0;

		for (int i = 0; i < SOURCES; i++)
			holders += bit_test(w.src[i].src.held.key, key);
		assert_num(w.dev->merge.holders[key], holders);
		assert_num(bit_test(w.dev->merge.now.key, key), holders > 0);
		if (!w.dev->view.folded && !guest_view_left(&w.dev->view))
			assert_num(bit_test(w.dev->view.state.key, key),
				   holders > 0);
	}
}

/* For half of the time, another source is there. */
static void inject_other(int i)
{
	if (i % 500 == 250)
		inject(1, "KEY_A 1");
	if (i % 500 == 350)
		inject(1, "KEY_A 0, KEY_RIGHT 1");
	if (i % 500 != 499)
		return;
	device_detach(w.dev, &w.src[1]);
	device_pump(w.dev);
	assert_ok(device_attach(w.dev, &w.src[1], false));
}

/* Whether what can pass does; else all is merged. */
static bool can_pass;

static void pass_random_run(int i, size_t buffers)
{
	struct vi_event ev[64];
	const size_t n = random_run(ev);
	size_t done = 0;

	w.sink.n = w.sink.n_shown = 0;
	w.sink.buffers += buffers;
	device_pump(w.dev);
	if (can_pass && device_can_pass(w.dev, &w.src[0])) {
		done = device_pass(w.dev, &w.src[0], ev, n);
		assert_num(w.sink.n_shown, w.sink.n);
		check_keys();
	}
	if (done < n)
		device_inject(w.dev, &w.src[0], &ev[done], n - done);
	device_pump(w.dev);
	inject_other(i);
	device_pump(w.dev);
	check_keys();
}

/* Return: the number of events. */
static size_t pass_random_runs(struct vi_event *got)
{
	size_t n = 0;

	srandom(2);
	guest_starts(0);
	for (int i = 0; i < 2000; i++) {
		pass_random_run(i, (size_t)(i % 8 ? random() % 24 : 200));
		memcpy(&got[n], w.sink.got, w.sink.n * sizeof(*got));
		n += w.sink.n;
	}
	return n;
}

static void runs_pass_as_frames_one_by_one(void **state)
{
	static struct vi_event got[2][2000 * 64];
	struct device_counters count;
	struct merge_counters merged;
	size_t n[2];

	w.dev->sink.room = NULL;
	can_pass = false;
	n[0] = pass_random_runs(got[0]);
	count = w.dev->count;
	merged = w.dev->merge.count;
	teardown(state);
	setup_keys(state);
	can_pass = true;
	n[1] = pass_random_runs(got[1]);
	assert_num(n[1], n[0]);
	assert_memory_equal(got[1], got[0], n[0] * sizeof(got[0][0]));
	assert_memory_equal(&w.dev->count, &count, sizeof(count));
	assert_memory_equal(&w.dev->merge.count, &merged, sizeof(merged));
}

static struct device_sink whole_sink;

static size_t put_one(void *arg, const struct vi_event *ev, size_t n)
{
	return whole_sink.put(arg, ev, 1);
}

/* Of a guest that breaks its ring. */
static void of_a_run_that_is_not_taken_the_rest_is_kept(void **state)
{
	guest_starts(99);
	pass(0, "BTN_LEFT 1");
	whole_sink = w.dev->sink;
	w.dev->sink.put = put_one;
	assert_num(pass(0, "KEY_A 1, BTN_LEFT 0, SYN_REPORT 0, KEY_A 0"), 5);
	assert_events(w.sink.got, w.sink.n, "KEY_A 1");
	assert_num(w.sink.n_shown, 1);
	assert_true(bit_test(w.dev->view.state.key, KEY_A));
	assert_true(bit_test(w.dev->view.state.key, BTN_LEFT));
	w.dev->sink = whole_sink;
	expect(9, "BTN_LEFT 0, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	check_keys();
}

static void of_a_run_whole_frames_pass(void **state)
{
	guest_starts(99);
	pass(0, "BTN_LEFT 1");
	assert_num(pass_unfinished("KEY_A 1, KEY_B 1, SYN_REPORT 0, KEY_A 0"),
		   3);
	check_keys();
	assert_num(pass(0, "KEY_A 0, SYN_REPORT 0, BTN_LEFT 0, KEY_C 1"), 5);
	assert_events(w.sink.got, w.sink.n,
		      "KEY_A 0, SYN_REPORT 0, BTN_LEFT 0, SYN_REPORT 0");
	assert_num(w.dev->merge.count.undeclared, 1);
	assert_num(w.sink.n_shown, 4);
	check_keys();
}

static void expect_passed(struct vi_event key, int32_t end, const char *text)
{
	const struct vi_event ev[] = { key, vi_event(EV_SYN, SYN_REPORT, end) };

	w.sink.n = 0;
	assert_num(device_pass(w.dev, &w.src[0], ev, 2), 2);
	assert_events(w.sink.got, w.sink.n, text);
}

/* As the guest has to get it. */
static void an_unusual_key_does_not_pass_as_it_is(void **state)
{
	guest_starts(99);
	pass(0, "KEY_B 1");
	expect_passed(vi_event(EV_KEY, KEY_A, 2), 0, "KEY_A 1, SYN_REPORT 0");
	expect_passed(vi_event(EV_KEY, KEY_A, 2), 1, "KEY_A 2, SYN_REPORT 0");
	expect_passed(vi_event(EV_KEY, KEY_A, -1), 0, "KEY_A 1, SYN_REPORT 0");
	expect_passed(vi_event(EV_KEY, KEY_A, 0), 1, "KEY_A 0, SYN_REPORT 0");
	expect_passed(vi_event(EV_KEY, KEY_C, 1), 0, "-");
	check_keys();
}

/* Neither hides another's, nor is it let go of. */
static void a_key_passes_beside_other_sources(void **state)
{
	guest_starts(99);
	pass(1, "KEY_A 1");
	pass(0, "BTN_LEFT 1");
	w.sink.n_puts = 0;
	assert_num(pass(0, "KEY_B 1"), 2);
	assert_num(pass(0, "KEY_A 1"), 2);
	assert_num(pass(0, "KEY_A 0"), 2);
	assert_num(w.sink.n_puts, 1);
	assert_num(pass(0, "KEY_A 0, KEY_B 0"), 3);
	assert_events(w.sink.got, w.sink.n, "KEY_B 0, SYN_REPORT 0");
	check_keys();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		plain_test(frames_pass_if_nothing_waits),
		plain_test(a_frame_without_buffers_passes_in_part),
		plain_test(frames_pass_together_as_far_as_there_is_room),
		plain_test(frames_pass_together_as_one_by_one),
		plain_test(nothing_passes_what_waits),
		device_test(an_unfinished_frame_does_not_pass),
		device_test(nothing_is_read_behind_an_unfinished_frame),
		plain_test(nothing_is_read_behind_an_unfinished_frame),
		device_test(a_request_does_not_pass),
		device_test(motion_passes_from_any_source),
		device_test(motion_passes_only_with_its_end),
		device_test(motion_without_buffers_passes_in_part),
		device_test(what_passes_is_shown_at_the_end),
		plain_test(what_passes_is_shown_at_the_end),
		device_test(contacts_pass_if_they_have_slots),
		device_test(of_a_frame_that_becomes_two_the_first_passes),
		keys_test(runs_pass_as_frames_one_by_one),
		keys_test(of_a_run_that_is_not_taken_the_rest_is_kept),
		keys_test(of_a_run_whole_frames_pass),
		keys_test(an_unusual_key_does_not_pass_as_it_is),
		keys_test(a_key_passes_beside_other_sources),
	};

	return cmocka_run_group_tests_name("device-pass", tests, NULL, NULL);
}
