/* SPDX-License-Identifier: Apache-2.0 */
/* source.h: from a byte stream, cut anywhere, to whole frames. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/device/source.h"
#include "tests/lib/event-text.h"
#include "tests/lib/random.h"

#define EVENT_LEN sizeof(struct vi_event)

static int new_stream(void **state)
{
	struct source *src = malloc(sizeof(*src));

	*state = src;
	return source_init(src, false);
}

static int new_packets(void **state)
{
	struct source *src = malloc(sizeof(*src));

	*state = src;
	return source_init(src, true);
}

static int drop_source(void **state)
{
	source_fini(*state);
	source_fini(*state);
	free(*state);
	return 0;
}

/* Receive as much of it as there is space for. Return: how much. */
static size_t receive(struct source *src, const void *bytes, size_t n)
{
	size_t len;
	void *space = source_space(src, &len);

	if (len > n)
		len = n;
	memcpy(space, bytes, len);
	assert_int_equal(source_received(src, len), 0);
	return len;
}

static void receive_all(struct source *src, const void *bytes, size_t n)
{
	assert_int_equal(receive(src, bytes, n), n);
}

/* Event number i of a stream of numbered events, frames of `frame_len`. */
static struct vi_event numbered(size_t i, size_t frame_len)
{
	if (i % frame_len == frame_len - 1)
		return vi_event(EV_SYN, SYN_REPORT, (int32_t)i);
	return vi_event(EV_REL, REL_X, (int32_t)i);
}

static void receive_numbered(struct source *src, size_t n, size_t frame_len)
{
	for (size_t i = 0; i < n; i++) {
		const struct vi_event ev = numbered(i, frame_len);

		receive_all(src, &ev, sizeof(ev));
	}
}

static void assert_next(struct source *src, const char *text)
{
	const struct vi_event *ev;
	const size_t n = source_frame(src, &ev);

	assert_int_not_equal(n, 0);
	assert_true(vi_is_syn_report(&ev[n - 1]));
	assert_events(ev, n - 1, text);
	source_consume(src, n);
}

static void assert_no_more(struct source *src)
{
	const struct vi_event *ev;

	assert_int_equal(source_frame(src, &ev), 0);
}

static void frames_come_out_whole_wherever_the_stream_is_cut(void **state)
{
	struct source *src = *state;
	struct vi_event ev[16];
	size_t n = event_text_frame("KEY_A 1", ev, 16);
	const char *bytes = (const char *)ev;

	n += event_text_frame("REL_X 2, REL_Y 3, MSC_SCAN 0", ev + n, 16 - n);
	n += event_text_frame("KEY_A 0", ev + n, 16 - n);
	for (size_t cut = 0; cut <= n * EVENT_LEN; cut++) {
		for (size_t cut2 = cut; cut2 <= n * EVENT_LEN; cut2++) {
			receive_all(src, bytes, cut);
			receive_all(src, bytes + cut, cut2 - cut);
			receive_all(src, bytes + cut2, n * EVENT_LEN - cut2);
			assert_next(src, "KEY_A 1");
			assert_next(src, "REL_X 2, REL_Y 3, MSC_SCAN 0");
			assert_next(src, "KEY_A 0");
			assert_no_more(src);
		}
	}
}

static void a_frame_is_complete_with_its_last_byte(void **state)
{
	struct source *src = *state;
	struct vi_event ev[8];
	const size_t n = event_text_frame("KEY_A 1, KEY_B 1", ev, 8);
	const char *bytes = (const char *)ev;

	for (size_t i = 0; i < n * EVENT_LEN; i++) {
		assert_no_more(src);
		/* Its events are not looked at again. */
		assert_int_equal(src->scanned, i - i % EVENT_LEN);
		assert_int_equal(source_unfinished(src), i);
		receive_all(src, &bytes[i], 1);
	}
	assert_int_equal(source_unfinished(src), 0);
	assert_next(src, "KEY_A 1, KEY_B 1");
	assert_no_more(src);
}

static void a_frame_stays_until_it_is_consumed(void **state)
{
	struct source *src = *state;
	struct vi_event ev[8];
	const struct vi_event *got;
	const size_t n = event_text_frame("KEY_A 1", ev, 8);

	receive_all(src, ev, n * EVENT_LEN);
	assert_int_equal(source_frame(src, &got), 2);
	assert_int_equal(source_frame(src, &got), 2);
	assert_next(src, "KEY_A 1");
}

static void unfinished_bytes_are_those_after_the_last_frame(void **state)
{
	struct source *src = *state;
	struct vi_event ev[8];
	size_t n = event_text_frame("KEY_A 1", ev, 8);

	n += event_text_frame("KEY_A 0", ev + n, 8 - n);
	receive_all(src, ev, n * EVENT_LEN);
	receive_all(src, ev, EVENT_LEN + 5);
	assert_int_equal(source_unfinished(src), EVENT_LEN + 5);
	assert_next(src, "KEY_A 1");
	assert_next(src, "KEY_A 0");
	assert_no_more(src);
	assert_int_equal(source_unfinished(src), EVENT_LEN + 5);
}

static void a_bare_syn_report_is_a_frame(void **state)
{
	struct source *src = *state;
	const struct vi_event ev = vi_event(EV_SYN, SYN_REPORT, 0);

	receive_all(src, &ev, sizeof(ev));
	assert_next(src, "-");
}

static void the_longest_frame_passes(void **state)
{
	struct source *src = *state;
	const struct vi_event *ev;

	receive_numbered(src, FRAME_EVENTS_MAX + 1, FRAME_EVENTS_MAX + 1);
	assert_int_equal(source_frame(src, &ev), FRAME_EVENTS_MAX + 1);
}

static void one_event_more_is_refused_and_frames_before_it_are_not(void **state)
{
	struct source *src = *state;
	const struct vi_event syn = vi_event(EV_SYN, SYN_REPORT, 0);
	const struct vi_event rel = vi_event(EV_REL, REL_X, 1);
	size_t len;

	receive_all(src, &rel, sizeof(rel));
	receive_all(src, &syn, sizeof(syn));
	for (size_t i = 0; i < FRAME_EVENTS_MAX; i++)
		receive_all(src, &rel, sizeof(rel));
	memcpy(source_space(src, &len), &rel, sizeof(rel));
	assert_int_equal(source_received(src, sizeof(rel)), SOURCE_E_FRAME);
	assert_next(src, "REL_X 1");
	assert_no_more(src);
	assert_int_equal(source_unfinished(src), 0);
}

static void a_frame_too_long_is_seen_when_its_end_comes_with_it(void **state)
{
	struct source *src = *state;
	size_t len;
	struct vi_event *space = source_space(src, &len);
	const size_t n = FRAME_EVENTS_MAX + 4;

	assert_true(len >= n * EVENT_LEN);
	for (size_t i = 0; i < n; i++)
		space[i] = vi_event(EV_REL, REL_X, 1);
	space[1] = vi_event(EV_SYN, SYN_REPORT, 0);
	space[n - 1] = vi_event(EV_SYN, SYN_REPORT, 0);
	space[n] = vi_event(EV_REL, REL_X, 1);
	space[n + 1] = vi_event(EV_SYN, SYN_REPORT, 0);
	assert_int_equal(source_received(src, (n + 2) * EVENT_LEN),
			 SOURCE_E_FRAME);
	assert_next(src, "REL_X 1");
	assert_no_more(src);
}

static void many_short_frames_are_no_long_one(void **state)
{
	struct source *src = *state;
	const struct vi_event *ev;
	size_t n, events = 0;

	receive_numbered(src, 3 * FRAME_EVENTS_MAX, 2);
	while ((n = source_frame(src, &ev))) {
		source_consume(src, n);
		events += n;
	}
	assert_int_equal(events, 3 * FRAME_EVENTS_MAX);
}

static void a_full_buffer_takes_no_more_until_frames_are_consumed(void **state)
{
	struct source *src = *state;
	const struct vi_event frame[] = { vi_event(EV_REL, REL_X, 1),
					  vi_event(EV_SYN, SYN_REPORT, 0) };
	size_t len, frames = 0;

	while (source_space(src, &len), len >= sizeof(frame)) {
		receive_all(src, frame, sizeof(frame));
		frames++;
	}
	assert_true(frames * 2 >= 2 * FRAME_EVENTS_MAX);
	for (; frames; frames--)
		assert_next(src, "REL_X 1");
	assert_no_more(src);
	source_space(src, &len);
	assert_true(len >= SOURCE_PACKET_MAX);
}

/* Whatever is read and consumed when: in order, complete, never stuck. */
static void any_stream_arrives_as_it_was_sent(void **state)
{
	struct source *src = *state;
	struct rnd rnd = { src->packets };
	size_t sent = 0, taken = 0; /* bytes, events */
	const size_t frame_len = 700, total = 200000;

	while (taken < total) {
		size_t len, n, want = rnd_below(&rnd, 40000);
		uint8_t *space = source_space(src, &len);
		const struct vi_event *ev;

		if (src->packets)
			want -= want % EVENT_LEN;
		if (want > total * EVENT_LEN - sent)
			want = total * EVENT_LEN - sent;
		if (!len)
			assert_true(source_frame(src, &ev));
		if (want > len)
			want = len;
		for (size_t i = 0; i < want; i++, sent++) {
			const struct vi_event e =
				numbered(sent / EVENT_LEN, frame_len);

			space[i] = ((const uint8_t *)&e)[sent % EVENT_LEN];
		}
		assert_int_equal(source_received(src, want), 0);
		for (unsigned int i = rnd_below(&rnd, 8); i; i--) {
			if (!(n = source_frame(src, &ev)))
				break;
			for (size_t j = 0; j < n; j++, taken++)
				assert_int_equal(vi_value(&ev[j]), taken);
			source_consume(src, n);
		}
		if (sent == total * EVENT_LEN && !source_frame(src, &ev))
			break;
	}
	assert_int_equal(taken + source_unfinished(src) / EVENT_LEN, total);
}

static void a_frame_too_long_is_seen_after_others_were_consumed(void **state)
{
	struct source *src = *state;
	const struct vi_event rel = vi_event(EV_REL, REL_X, 1);
	size_t len;

	receive_numbered(src, 2000, 2);
	for (int i = 0; i < 1000; i++) {
		const struct vi_event *ev;

		source_consume(src, source_frame(src, &ev));
	}
	for (int i = 0; i < FRAME_EVENTS_MAX; i++)
		receive_all(src, &rel, sizeof(rel));
	memcpy(source_space(src, &len), &rel, sizeof(rel));
	assert_int_equal(source_received(src, sizeof(rel)), SOURCE_E_FRAME);
}

/* The worst case: as much as can wait waits, and little is taken at a time. */
static void moving_costs_no_more_than_what_was_received(void **state)
{
	struct source *src = *state;
	size_t moved = 0, received = 0, len;

	while (received < 10 * SOURCE_BUF_LEN) {
		const struct vi_event ev = numbered(received / EVENT_LEN, 2);
		const size_t waits = src->tail - src->head;
		const size_t head = src->head;
		const struct vi_event *frame;

		source_space(src, &len);
		if (head && !src->head)
			moved += waits;
		if (len < sizeof(ev)) {
			source_consume(src, source_frame(src, &frame));
			continue;
		}
		receive_all(src, &ev, sizeof(ev));
		received += sizeof(ev);
	}
	assert_in_range(moved, 1, received);
}

static void a_packet_may_hold_any_number_of_frames(void **state)
{
	struct source *src = *state;
	struct vi_event ev[8];
	size_t n = event_text_frame("KEY_A 1", ev, 8);

	n += event_text_frame("KEY_A 0", ev + n, 8 - n);
	receive_all(src, ev, n * EVENT_LEN);
	receive_all(src, ev, EVENT_LEN);
	receive_all(src, ev + 1, EVENT_LEN);
	assert_next(src, "KEY_A 1");
	assert_next(src, "KEY_A 0");
	assert_next(src, "KEY_A 1");
	assert_no_more(src);
}

static void a_packet_with_part_of_an_event_is_refused(void **state)
{
	struct source *src = *state;
	struct vi_event ev[8];
	const size_t n = event_text_frame("KEY_A 1", ev, 8);
	size_t len;

	receive_all(src, ev, n * EVENT_LEN);
	for (size_t odd = 1; odd < EVENT_LEN; odd++) {
		memcpy(source_space(src, &len), ev, 2 * EVENT_LEN);
		assert_int_equal(source_received(src, EVENT_LEN + odd),
				 SOURCE_E_PACKET);
	}
	assert_next(src, "KEY_A 1");
	assert_no_more(src);
	assert_int_equal(source_unfinished(src), 0);
}

static void there_is_space_for_the_largest_packet_or_none(void **state)
{
	struct source *src = *state;
	const struct vi_event frame[] = { vi_event(EV_REL, REL_X, 1),
					  vi_event(EV_SYN, SYN_REPORT, 0) };
	const struct vi_event *ev;
	struct rnd rnd = { 1 };
	size_t len;

	for (unsigned int i = 0; i < 100000; i++) {
		source_space(src, &len);
		if (!len) {
			const size_t n = source_frame(src, &ev);

			assert_int_not_equal(n, 0);
			source_consume(src, n);
			continue;
		}
		assert_true(len >= SOURCE_PACKET_MAX);
		receive_all(src, frame, sizeof(frame));
		if (rnd_one_in(&rnd, 4))
			assert_next(src, "REL_X 1");
	}
}

/* The buffer is too large for malloc()'s caches. */
static size_t memory_in_use(void)
{
	return mallinfo2().uordblks;
}

static void a_buffer_is_freed_by_its_owner(void **state)
{
	static uint8_t buf[SOURCE_BUF_LEN];
	const size_t before = memory_in_use();
	struct source src;

	assert_int_equal(source_init(&src, false), 0);
	source_fini(&src);
	assert_int_equal(memory_in_use(), before);
	source_init_in(&src, buf, false);
	source_fini(&src);
	assert_null(src.buf);
}

/* Whatever follows in the frame. */
static void an_end_of_a_contact_is_noticed(void **state)
{
	const struct vi_event ev[] = { vi_event(EV_SYN, SYN_MT_REPORT, 0),
				       vi_event(EV_SYN, SYN_CONFIG, 0),
				       vi_event(EV_SYN, SYN_REPORT, 0) };
	struct source *src = *state;
	const struct vi_event *first;

	assert_false(src->type_a);
	receive_all(src, ev, sizeof(ev));
	assert_int_equal(source_frame(src, &first), 3);
	assert_true(src->type_a);
}

static void what_ended_has_no_frame(void **state)
{
	const struct vi_event *ev;

	receive_numbered(*state, 3, 3);
	assert_int_equal(source_frame(*state, &ev), 3);
	source_fini(*state);
	assert_int_equal(source_frame(*state, &ev), 0);
	assert_int_equal(source_unfinished(*state), 0);
}

int main(void)
{
#define TEST(f)	   cmocka_unit_test_setup_teardown(f, new_stream, drop_source)
#define PACKETS(f) cmocka_unit_test_setup_teardown(f, new_packets, drop_source)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_is_freed_by_its_owner),
		TEST(frames_come_out_whole_wherever_the_stream_is_cut),
		TEST(a_frame_is_complete_with_its_last_byte),
		TEST(a_frame_stays_until_it_is_consumed),
		TEST(unfinished_bytes_are_those_after_the_last_frame),
		TEST(a_bare_syn_report_is_a_frame),
		TEST(the_longest_frame_passes),
		TEST(one_event_more_is_refused_and_frames_before_it_are_not),
		TEST(a_frame_too_long_is_seen_when_its_end_comes_with_it),
		TEST(many_short_frames_are_no_long_one),
		TEST(a_full_buffer_takes_no_more_until_frames_are_consumed),
		TEST(any_stream_arrives_as_it_was_sent),
		TEST(a_frame_too_long_is_seen_after_others_were_consumed),
		TEST(an_end_of_a_contact_is_noticed),
		TEST(what_ended_has_no_frame),
		TEST(moving_costs_no_more_than_what_was_received),
		PACKETS(moving_costs_no_more_than_what_was_received),
		PACKETS(any_stream_arrives_as_it_was_sent),
		PACKETS(the_longest_frame_passes),
		PACKETS(a_packet_may_hold_any_number_of_frames),
		PACKETS(a_packet_with_part_of_an_event_is_refused),
		PACKETS(there_is_space_for_the_largest_packet_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
