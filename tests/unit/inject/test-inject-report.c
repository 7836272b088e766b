/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-report.h and inject-latency.h: what is said about answers, and about
 * the times that they took.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/receipt-world.h"

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

static void only_so_many_are_named(void **state)
{
	struct both *b = *state;

	for (uint32_t i = 0; i <= INJECT_NAMED_MAX; i++) {
		send_events(b, 1);
		/* The first one has no name. */
		undeclared(b, EV_KEY, (uint16_t)(i ? KEY_ESC + i : 766), 1);
		answer(b, 1 << CONTROL_UNDECLARED, i + 1);
	}
	fake_server_says(b->s, CONTROL_NAME, 0, 'x' | ' ' << 8 | 'y' << 16);
	expect_note(b, "kbd: the device \"x y\" lacks 1:766, KEY_1, KEY_2, "
		       "KEY_3, KEY_4, KEY_5, KEY_6, KEY_7 and others; "
		       "--lenient accepts that");
	expect_note(b, NULL);
}

static void a_device_without_a_name_is_the_device(void **state)
{
	struct both *b = *state;

	send_events(b, 1);
	undeclared(b, EV_KEY, KEY_B, 1);
	answer(b, 1 << CONTROL_UNDECLARED, 1);
	fake_server_ends(b->s);
	expect_note(b, "kbd: the device lacks KEY_B; --lenient accepts that");
}

static void each_kind_of_loss_has_a_line(void **state)
{
	struct both *b = *state;
	static const uint16_t whats[] = { CONTROL_CLAMPED, CONTROL_DROPPED,
					  CONTROL_FOLDED };

	for (uint32_t n = 1; n <= 2; n++) {
		send_events(b, 1);
		for (size_t i = 0; i < ARRAY_LEN(whats); i++)
			fake_server_says(b->s, CONTROL_COUNT, whats[i],
					 (int)i + 10);
		answer(b, 1 << CONTROL_CLAMPED, n);
	}
	b->rules.lasting = true;
	send_events(b, 1);
	answer(b, 1 << CONTROL_NO_DRIVER, 3);
	b->x.missing = true;
	struct fault line = { "" };

	assert_num(inject_report_note(&b->x, "kbd", &line),
		   INJECT_NOTE_WARNING);
	assert_string_equal(line.text,
			    "kbd: the server gives no receipts: whether the "
			    "guest took the events is not known");
	expect_note(b, "kbd: values outside the range of an axis, which were "
		       "clamped: 20; --lenient accepts that");
	expect_note(b, "kbd: events of contacts for which the device had no "
		       "slot: 22; --lenient accepts that");
	expect_note(b, "kbd: frames of which the guest got only the state "
		       "that they led to: 24");
	expect_note(b, "kbd: no guest's driver uses the device, which keeps "
		       "this until one does; --lenient accepts that");
	expect_note(b, NULL);
	b->rules.now_lenient = true;
	send_events(b, 1);
	answer(b, 1 << CONTROL_NO_DRIVER, 4);
	expect_note(b, NULL);
	assert_num(b->x.taken.frames, 4);
	assert_false(b->x.gone);
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
	/* In no order. */
	for (uint64_t i = 1; i <= 2000; i++)
		inject_latency_add(&l,
				   (struct inject_latency_sample){
					   .ns = (i * 7 % 2000 + 1) * 1000 });
	inject_latency_text(text, &l);
	assert_string_equal(text, "p50 1.000 ms, p90 1.800 ms, p99 1.980 ms, "
				  "max 2.000 ms");
	inject_latency_fini(&l);
}

static void each_frame_that_is_measured_has_its_times(void **state)
{
	struct both *b = *state;
	uint64_t sent, taken;
	struct fault line = { "" };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_false(inject_report_latency(&b->x, "kbd", &line));
	assert_string_equal(line.text, "");
	send_events(b, 1);
	answer(b, 0, 1);
	assert_num(b->x.latency.n, 0);
	b->rules.measure = true;
	send_events(b, 1);
	answer(b, 0, 2);
	assert_num(b->x.latency.n, 1);
	assert_ok(inject_report_times(&b->x, "kbd", out));
	fclose(out);
	assert_num(sscanf(text, "%" SCNu64 " %" SCNu64 " kbd\n", &sent, &taken),
		   2);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	free(text);
	assert_num((long long)taken, b->x.since_ns);
	assert_num((long long)(taken - sent),
		   (long long)b->x.latency.sample[0].ns);
	assert_true(taken > sent);
	assert_true(inject_report_latency(&b->x, "kbd", &line));
	assert_num(strncmp(line.text,
			   "kbd: injection to guest's driver, 1 frames: p50 ",
			   48),
		   0);
	out = fopen("/dev/full", "we");
	setvbuf(out, NULL, _IONBF, 0);
	assert_rc(inject_report_times(&b->x, "kbd", out), -ENOSPC);
	fclose(out);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_answer_that_was_lost_is_made_up_for),
		cmocka_unit_test(only_what_accompanies_is_optional),
		T(an_undeclared_event_is_named_once),
		T(an_added_pressure_is_not_named),
		T(what_only_accompanies_is_not_named),
		T(a_lenient_command_accepts_it),
		T(only_so_many_are_named),
		T(a_device_without_a_name_is_the_device),
		T(each_kind_of_loss_has_a_line),
		cmocka_unit_test(percentiles_are_values_that_were_measured),
		T(each_frame_that_is_measured_has_its_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
