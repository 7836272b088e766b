/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-receipt.h, inject-report.h, inject-latency.h, with a server of the
 * test's own: how much may be on its way, what answers mean, and what is said
 * about them.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/inject/inject-report.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/base/clock.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"

struct both {
	struct fake_server *s;
	struct inject_rules rules;
	struct inject_receipt x;
};

static int setup(void **state)
{
	static struct both b;

	b = (struct both){ .s = fake_server_new(SOCK_STREAM),
			   .rules = { .guest_ms = 10000, .read_ms = 1000 } };
	fake_server_greet(b.s);
	assert_ok(inject_receipt_begin(&b.x, b.s->v, &b.rules));
	fake_server_says(b.s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	assert_ok(inject_receipt_need_guest(&b.x));
	inject_receipt_command(&b.x);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	inject_receipt_fini(&b->x);
	fake_server_free(b->s);
	return 0;
}

/* A frame of n events. */
static void send_events(struct both *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	assert_ok(inject_receipt_ask(&b->x));
	for (int r = vinject_frame(b->s->v); r; r = vinject_flush(b->s->v)) {
		assert_true(r > 0);
		fake_server_drains(b->s);
	}
}

/* A frame that types a character. */
static void type(struct both *b, char ch)
{
	inject_receipt_typing(&b->x, (uint32_t)ch);
	send_events(b, 1);
}

static void answer(struct both *b, uint16_t bits, uint32_t number)
{
	fake_server_reads(b->s, NULL);
	fake_server_says(b->s, CONTROL_RECEIPT, bits,
			 fake_server_wire(b->s, number));
	assert_true(vinject_dispatch(b->s->v) >= 0);
}

static void undeclared(struct both *b, uint16_t type, uint16_t code, int n)
{
	fake_server_says(b->s, CONTROL_COUNT, CONTROL_UNDECLARED, n);
	fake_server_says(b->s, CONTROL_UNKNOWN, code, type);
}

static void expect_note(struct both *b, const char *text)
{
	struct fault line = { "" };

	assert_num(inject_report_note(&b->x, "kbd", &line),
		   text ? INJECT_NOTE_FAILURE : INJECT_NOTE_NONE);
	assert_string_equal(line.text, text ? text : "");
}

/* --- on their way --- */

static void only_some_frames_are_on_their_way(void **state)
{
	struct both *b = *state;

	for (unsigned int i = 0; i < INJECT_WINDOW; i++) {
		assert_true(inject_receipt_has_room(&b->x));
		send_events(b, 1);
	}
	assert_false(inject_receipt_has_room(&b->x));
	answer(b, 0, 1);
	assert_true(inject_receipt_has_room(&b->x));
	assert_num(b->x.taken.frames, 1);
}

static void only_some_events_are_on_their_way(void **state)
{
	struct both *b = *state;

	send_events(b, INJECT_WINDOW_EVENTS / 2);
	assert_true(inject_receipt_has_room(&b->x));
	for (int i = 0; i < INJECT_WINDOW_EVENTS / 2 + 1; i++)
		assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	assert_false(inject_receipt_has_room(&b->x));
	answer(b, 0, 1);
	assert_true(inject_receipt_has_room(&b->x));
}

static void what_was_taken_before_is_not_on_its_way(void **state)
{
	struct both *b = *state;

	for (uint32_t i = 1; i <= 4; i++) {
		send_events(b, INJECT_WINDOW_EVENTS / 2);
		answer(b, 0, i);
	}
	send_events(b, 1);
	assert_true(inject_receipt_has_room(&b->x));
}

static void a_full_frame_is_asked_for_afterwards(void **state)
{
	struct both *b = *state;

	send_events(b, VINJECT_FRAME_MAX);
	assert_true(b->x.unasked);
	assert_false(inject_receipt_owed(&b->x));
	send_events(b, 0);
	assert_false(b->x.unasked);
	answer(b, 0, 1);
	assert_num(b->x.taken.frames, 1);
	assert_num(b->x.taken.events, VINJECT_FRAME_MAX);
}

static void time_counts_from_the_last_progress(void **state)
{
	struct both *b = *state;
	const int64_t limit = b->rules.guest_ms * INT64_C(1000000);
	int64_t first;

	assert_true(inject_receipt_deadline_ns(&b->x) == INT64_MAX);
	send_events(b, 1);
	first = inject_receipt_deadline_ns(&b->x);
	assert_true(first <= clock_ns() + limit);
	send_events(b, 1);
	assert_true(inject_receipt_deadline_ns(&b->x) == first);
	answer(b, 0, 1);
	assert_true(inject_receipt_deadline_ns(&b->x) > first);
	answer(b, 0, 2);
	assert_true(inject_receipt_deadline_ns(&b->x) == INT64_MAX);
	b->rules.guest_ms = -1;
	send_events(b, 1);
	assert_true(inject_receipt_deadline_ns(&b->x) == INT64_MAX);
}

/* --- the end of it --- */

/* What is in the guest's queue counts, by the answer to CANCEL. */
static void what_the_guest_finds_in_its_queue_is_named(void **state)
{
	struct both *b = *state;
	struct fault f = { "" };

	inject_receipt_text(&b->x, 9);
	for (const char *at = "abcde"; *at; at++)
		type(b, *at);
	answer(b, 0, 1);
	answer(b, 0, 2);
	assert_ok(inject_report_check(&b->x, "kbd", &f));
	b->rules.guest_ms = 0;
	fake_server_says(b->s, CONTROL_CANCEL, 1, fake_server_wire(b->s, 4));
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_string_equal(f.text,
			    "kbd: the guest's driver took 4 of 9 characters, "
			    "the last 'd'; it took nothing for 0 ms, and the "
			    "rest was withdrawn");
}

static void everything_may_be_in_the_guests_queue(void **state)
{
	struct both *b = *state;
	struct fault f;

	send_events(b, 1);
	send_events(b, 1);
	answer(b, 0, 1);
	b->rules.guest_ms = 0;
	fake_server_says(b->s, CONTROL_CANCEL, 1, fake_server_wire(b->s, 2));
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_string_equal(f.text,
			    "kbd: all that was sent is in the queue of the "
			    "guest's driver, but it took nothing for 0 ms");
}

/* A server may name a receipt that it has answered. */
static void an_earlier_command_does_not_count(void **state)
{
	struct both *b = *state;
	struct fault f;

	for (uint32_t i = 1; i <= 3; i++) {
		send_events(b, 1);
		answer(b, 0, i);
	}
	inject_receipt_command(&b->x);
	send_events(b, 1);
	fake_server_reads(b->s, NULL);
	b->rules.guest_ms = 0;
	fake_server_says(b->s, CONTROL_CANCEL, 1, fake_server_wire(b->s, 3));
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_non_null(strstr(f.text, " took none of 1 frames; "));
}

static void nothing_may_be_in_the_guests_queue(void **state)
{
	struct both *b = *state;
	struct fault f;

	send_events(b, 1);
	send_events(b, 1);
	fake_server_reads(b->s, NULL);
	b->rules.guest_ms = 0;
	fake_server_says(b->s, CONTROL_CANCEL, 0, 0);
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_non_null(strstr(f.text, " took none of 2 frames; "));
}

static void a_driver_that_is_gone_takes_no_more(void **state)
{
	struct both *b = *state;
	struct fault f;

	inject_receipt_text(&b->x, 3);
	for (const char *at = "abc"; *at; at++)
		type(b, *at);
	answer(b, 0, 1);
	answer(b, 1 << CONTROL_NO_DRIVER, 2);
	/* By another one. */
	answer(b, 0, 3);
	fake_server_says(b->s, CONTROL_CANCEL, 0, 0);
	assert_num(inject_report_check(&b->x, "kbd", &f), -ENODEV);
	assert_string_equal(f.text,
			    "kbd: the guest's driver took 1 of 3 characters, "
			    "the last 'a'; then another one started");
}

static void a_server_that_was_replaced_leaves_it_unknown(void **state)
{
	struct both *b = *state;
	struct fault f;

	inject_receipt_text(&b->x, 2);
	type(b, '\n');
	type(b, 'b');
	answer(b, 0, 1);
	fake_server_says(b->s, CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	assert_true(vinject_dispatch(b->s->v) >= 0);
	assert_num(inject_report_check(&b->x, "kbd", &f), -ECONNRESET);
	assert_string_equal(f.text,
			    "kbd: the server ended before it gave a receipt; "
			    "the guest's driver took 1 of 2 characters, the "
			    "last U+000A, and whether it has more is not "
			    "known");
}

/* --- what arrived otherwise --- */

static void an_answer_that_was_lost_is_made_up_for(void **state)
{
	struct both *b = *state;

	send_events(b, 1);
	send_events(b, 1);
	fake_server_reads(b->s, NULL);
	fake_server_says(b->s, CONTROL_COUNT, CONTROL_LOST, 1);
	answer(b, 1 << CONTROL_LOST, 2);
	assert_false(inject_receipt_owed(&b->x));
	assert_num(b->x.taken.frames, 2);
	expect_note(b, NULL);
}

static void only_what_accompanies_is_optional(void **state)
{
	assert_true(inject_event_is_optional(EV_MSC, MSC_SCAN));
	assert_true(inject_event_is_optional(EV_REL, REL_WHEEL_HI_RES));
	assert_true(inject_event_is_optional(EV_REL, REL_HWHEEL_HI_RES));
	assert_false(inject_event_is_optional(EV_REL, REL_WHEEL));
	assert_false(inject_event_is_optional(EV_KEY, REL_WHEEL_HI_RES));
	assert_false(inject_event_is_optional(EV_ABS, REL_HWHEEL_HI_RES));
}

static void an_undeclared_event_is_named_once(void **state)
{
	struct both *b = *state;
	const uint16_t bit = 1 << CONTROL_UNDECLARED;

	for (uint32_t i = 1; i <= 3; i++) {
		send_events(b, 1);
		undeclared(b, EV_KEY, i == 3 ? KEY_C : KEY_B, 1);
		answer(b, bit, i);
	}
	fake_server_says(b->s, CONTROL_NAME, 0, 'x');
	expect_note(b, "kbd: the device \"x\" lacks KEY_B, KEY_C; --lenient "
		       "accepts that");
	expect_note(b, NULL);
	send_events(b, 1);
	undeclared(b, EV_KEY, KEY_B, 1);
	answer(b, bit, 4);
	expect_note(b, NULL);
}

static void what_only_accompanies_is_not_named(void **state)
{
	struct both *b = *state;
	const uint16_t bit = 1 << CONTROL_UNDECLARED;

	assert_ok(vinject_event(b->s->v, EV_MSC, MSC_SCAN, 1));
	send_events(b, 1);
	undeclared(b, EV_MSC, MSC_SCAN, 1);
	answer(b, bit, 1);
	expect_note(b, NULL);
	/* One of two can only be another one. */
	assert_ok(vinject_event(b->s->v, EV_MSC, MSC_SCAN, 1));
	send_events(b, 1);
	undeclared(b, EV_MSC, MSC_SCAN, 2);
	answer(b, bit, 2);
	/* The terminal gets no control characters: "x\x1f\x7f". */
	fake_server_says(b->s, CONTROL_NAME, 0, 0x7f1f78);
	expect_note(b, "kbd: the device \"x??\" lacks some events; "
		       "--lenient accepts that");
}

/* Of a command that adds a pressure by itself; another axis is missed. */
static void an_added_pressure_is_not_named(void **state)
{
	struct both *b = *state;
	const uint16_t bit = 1 << CONTROL_UNDECLARED;

	b->rules.pressure = true;
	assert_ok(vinject_event(b->s->v, EV_ABS, ABS_PRESSURE, 1));
	send_events(b, 1);
	undeclared(b, EV_ABS, ABS_PRESSURE, 1);
	answer(b, bit, 1);
	expect_note(b, NULL);
	assert_ok(vinject_event(b->s->v, EV_ABS, ABS_X, 1));
	send_events(b, 1);
	undeclared(b, EV_ABS, ABS_X, 1);
	answer(b, bit, 2);
	fake_server_says(b->s, CONTROL_NAME, 0, 'x');
	expect_note(b, "kbd: the device \"x\" lacks ABS_X; --lenient "
		       "accepts that");
}

static void a_lenient_command_accepts_it(void **state)
{
	struct both *b = *state;

	b->rules.now_lenient = true;
	send_events(b, 1);
	undeclared(b, EV_KEY, KEY_B, 1);
	fake_server_says(b->s, CONTROL_COUNT, CONTROL_CLAMPED, 1);
	answer(b, 1 << CONTROL_UNDECLARED | 1 << CONTROL_CLAMPED, 1);
	expect_note(b, NULL);
}

/* --- figures --- */

static void percentiles_are_values_that_were_measured(void **state)
{
	struct inject_latency l = INJECT_LATENCY_NULL;
	char text[128];

	inject_latency_add(&l, (struct inject_latency_sample){ .ns = 5000000 });
	inject_latency_text(text, &l);
	assert_string_equal(text, "p50 5.000 ms, p90 5.000 ms, p99 5.000 ms, "
				  "max 5.000 ms");
	inject_latency_fini(&l);
	for (uint64_t i = 2000; i; i--)
		inject_latency_add(
			&l, (struct inject_latency_sample){ .ns = i * 1000 });
	inject_latency_text(text, &l);
	assert_string_equal(text, "p50 1.000 ms, p90 1.800 ms, p99 1.980 ms, "
				  "max 2.000 ms");
	inject_latency_fini(&l);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_some_frames_are_on_their_way),
		T(only_some_events_are_on_their_way),
		T(what_was_taken_before_is_not_on_its_way),
		T(a_full_frame_is_asked_for_afterwards),
		T(time_counts_from_the_last_progress),
		T(what_the_guest_finds_in_its_queue_is_named),
		T(everything_may_be_in_the_guests_queue),
		T(an_earlier_command_does_not_count),
		T(nothing_may_be_in_the_guests_queue),
		T(a_driver_that_is_gone_takes_no_more),
		T(a_server_that_was_replaced_leaves_it_unknown),
		T(an_answer_that_was_lost_is_made_up_for),
		cmocka_unit_test(only_what_accompanies_is_optional),
		T(an_undeclared_event_is_named_once),
		T(an_added_pressure_is_not_named),
		T(what_only_accompanies_is_not_named),
		T(a_lenient_command_accepts_it),
		cmocka_unit_test(percentiles_are_values_that_were_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
