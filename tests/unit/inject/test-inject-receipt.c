/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-receipt.h, inject-report.h, inject-latency.h, with a server of the
 * test's own: how much may be on its way, what answers mean, and what is said
 * about them.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
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

/* What the server says when somebody begins to wait for the handle. */
static struct fake_server *says_when_waited;

#pragma GCC diagnostic push
/* It is declared to read nothing. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	struct fake_server *s = says_when_waited;

	if (s && n && ms && p->fd == vinject_fd(s->v)) {
		says_when_waited = NULL;
		fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	}
	return (int)syscall(SYS_poll, p, n, ms);
}
#pragma GCC diagnostic pop

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

static void as_many_events_as_may_be_are_on_their_way(void **state)
{
	struct both *b = *state;

	send_events(b, INJECT_WINDOW_EVENTS / 2);
	for (int i = 0; i < INJECT_WINDOW_EVENTS / 2; i++)
		assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	assert_true(inject_receipt_has_room(&b->x));
	assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	assert_false(inject_receipt_has_room(&b->x));
}

/* Not those of a longer frame before. */
static void what_is_optional_is_counted_by_frame(void **state)
{
	struct both *b = *state;

	assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	for (int i = 0; i < 3; i++)
		assert_ok(vinject_event(b->s->v, EV_MSC, MSC_SCAN, i));
	send_events(b, 0);
	assert_num(inject_receipt_note(&b->x, 1)->optional, 3);
	send_events(b, 1);
	assert_num(inject_receipt_note(&b->x, 2)->optional, 0);
}

static void a_character_is_typed_by_one_frame(void **state)
{
	struct both *b = *state;

	inject_receipt_text(&b->x, 2);
	type(b, 'a');
	send_events(b, 1);
	assert_num(b->x.sent.chars, 1);
	assert_num(b->x.sent.ch, 'a');
	inject_receipt_typing(&b->x, 'b');
	inject_receipt_command(&b->x);
	assert_num(b->x.chars, 0);
	send_events(b, 1);
	assert_num(b->x.sent.chars, 0);
	assert_num(b->x.sent.frames, 1);
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
	const int64_t begin = clock_ns();
	int64_t first;

	assert_true(inject_receipt_deadline_ns(&b->x) == INT64_MAX);
	send_events(b, 1);
	first = inject_receipt_deadline_ns(&b->x);
	assert_true(first >= begin + limit);
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
	assert_string_equal(f.text,
			    "kbd: the guest's driver took none of 2 frames; it "
			    "took nothing for 0 ms, and the rest was "
			    "withdrawn");
}

static void what_was_not_sent_is_not_withdrawn(void **state)
{
	struct both *b = *state;
	struct fault f;

	inject_receipt_text(&b->x, 9);
	type(b, 'a');
	type(b, 'b');
	fake_server_reads(b->s, NULL);
	b->rules.guest_ms = 0;
	fake_server_says(b->s, CONTROL_CANCEL, 1, fake_server_wire(b->s, 2));
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_string_equal(f.text,
			    "kbd: the guest's driver took 2 of 9 characters, "
			    "the last 'b'; it took nothing for 0 ms, and the "
			    "rest was not sent");
}

static void without_an_answer_it_may_have_more(void **state)
{
	struct both *b = *state;
	struct fault f;

	send_events(b, 1);
	fake_server_ends(b->s);
	b->rules.guest_ms = 0;
	assert_num(inject_report_check(&b->x, "kbd", &f), -ETIMEDOUT);
	assert_string_equal(f.text,
			    "kbd: the guest's driver took none of 1 frames; it "
			    "took nothing for 0 ms, and whether it has more is "
			    "not known");
}

static void a_driver_that_is_gone_leaves_the_rest(void **state)
{
	struct both *b = *state;
	struct fault f;

	inject_receipt_text(&b->x, 3);
	for (const char *at = "abc"; *at; at++)
		type(b, *at);
	answer(b, 0, 1);
	answer(b, 1 << CONTROL_NO_DRIVER, 2);
	fake_server_says(b->s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	fake_server_dispatch(b->s);
	fake_server_says(b->s, CONTROL_CANCEL, 0, 0);
	assert_num(inject_report_check(&b->x, "kbd", &f), -ENODEV);
	assert_string_equal(f.text,
			    "kbd: the guest's driver took 1 of 3 characters, "
			    "the last 'a'; then it was gone, and the rest was "
			    "withdrawn");
}

static const struct {
	uint32_t ch;
	const char *shown;
} quoted[] = {
	{ 0x1f, "U+001F" }, { ' ', "' '" },	{ '~', "'~'" },
	{ 0x7f, "U+007F" }, { 0xa0, "U+00A0" }, { 0xa1, "'\xc2\xa1'" },
};

static void the_last_character_is_shown_or_numbered(void **state)
{
	struct both *b = *state;
	char rest[160], want[160];

	memset(rest, 'x', sizeof(rest));
	inject_report_rest(&b->x, rest);
	assert_string_equal(rest, "");
	inject_receipt_text(&b->x, 2);
	type(b, 'a');
	for (size_t i = 0; i < ARRAY_LEN(quoted); i++) {
		b->x.taken = b->x.sent;
		b->x.taken.ch = quoted[i].ch;
		inject_report_rest(&b->x, rest);
		snprintf(want, sizeof(want),
			 "; the guest's driver took 1 of 2 characters, the "
			 "last %s",
			 quoted[i].shown);
		assert_string_equal(rest, want);
	}
	b->x.on = false;
	inject_report_rest(&b->x, rest);
	assert_string_equal(rest, "");
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

static void what_a_new_server_answers_makes_up_for_nothing(void **state)
{
	struct both *b = *state;
	struct fault f;

	send_events(b, 1);
	fake_server_reads(b->s, NULL);
	fake_server_says(b->s, CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	fake_server_dispatch(b->s);
	send_events(b, 1);
	answer(b, 0, 2);
	assert_num(inject_report_check(&b->x, "kbd", &f), -ECONNRESET);
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

/* --- a guest, or none --- */

static void a_server_that_reads_nothing_may_know_receipts(void **state)
{
	struct inject_rules rules = { .read_ms = 1 };
	struct fake_server *s = fake_server_new(SOCK_STREAM);
	struct inject_receipt x;

	assert_rc(inject_receipt_begin(&x, s->v, &rules), -ETIMEDOUT);
	assert_false(x.on || x.missing);
	inject_receipt_fini(&x);
	fake_server_reads(s, "HELLO, SYN");
	rules.off = true;
	assert_ok(inject_receipt_begin(&x, s->v, &rules));
	assert_false(x.on || x.missing);
	assert_ok(inject_receipt_need_guest(&x));
	assert_ok(inject_receipt_ask(&x));
	fake_server_reads(s, "");
	fake_server_free(s);
}

/* It is asked once, and frames wait for it from then on. */
static void a_guest_is_waited_for_by_the_server(void **state)
{
	struct both *b = *state;

	fake_server_reads(b->s, "WATCH 1, SYN, LOSSLESS -1, SYN");
	assert_ok(inject_receipt_need_guest(&b->x));
	fake_server_reads(b->s, "");
	fake_server_says(b->s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	assert_rc(inject_receipt_need_guest(&b->x), -ENODEV);
	b->rules.wait_guest_ms = 1;
	assert_rc(inject_receipt_need_guest(&b->x), -ETIMEDOUT);
	b->rules.wait_guest_ms = 0;
	b->rules.lasting = true;
	assert_ok(inject_receipt_need_guest(&b->x));
	fake_server_reads(b->s, "LOSSLESS 0, SYN");
	assert_ok(inject_receipt_need_guest(&b->x));
	fake_server_reads(b->s, "");
	fake_server_says(b->s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	b->rules.wait_guest_ms = 1;
	assert_ok(inject_receipt_need_guest(&b->x));
	fake_server_reads(b->s, "LOSSLESS -1, SYN");
}

static void the_state_of_the_driver_may_come_late(void **state)
{
	struct both *b = *state;

	assert_ok(vinject_watch_driver(b->s->v, NULL, NULL));
	says_when_waited = b->s;
	assert_rc(inject_receipt_need_guest(&b->x), -ENODEV);
	assert_null(says_when_waited);
}

static void why_there_is_no_guest_is_said(void **state)
{
	struct both *b = *state;
	struct fault f;

	b->rules.wait_guest_ms = 7;
	assert_rc(inject_report_no_guest(&b->x, "kbd", -ETIMEDOUT, &f),
		  -ETIMEDOUT);
	assert_string_equal(f.text, "kbd: no guest's driver started within "
				    "7 ms");
	assert_rc(inject_report_no_guest(&b->x, "kbd", -ENODEV, &f), -ENODEV);
	assert_string_equal(f.text,
			    "kbd: no guest's driver uses the device; use "
			    "--wait-guest to wait for one");
	fake_server_says(b->s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NO_VMM);
	fake_server_dispatch(b->s);
	assert_rc(inject_report_no_guest(&b->x, "kbd", -ENODEV, &f), -ENODEV);
	assert_string_equal(f.text, "kbd: no guest: the device has no VMM; use "
				    "--wait-guest to wait for one");
	/* It takes no more of what is on its way. */
	assert_false(inject_receipt_guest_is_gone(&b->x));
	send_events(b, 1);
	assert_true(inject_receipt_guest_is_gone(&b->x));
	b->x.waits = false;
	assert_false(inject_receipt_guest_is_gone(&b->x));
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
		T(only_some_frames_are_on_their_way),
		T(only_some_events_are_on_their_way),
		T(as_many_events_as_may_be_are_on_their_way),
		T(what_is_optional_is_counted_by_frame),
		T(a_character_is_typed_by_one_frame),
		T(what_was_taken_before_is_not_on_its_way),
		T(a_full_frame_is_asked_for_afterwards),
		T(time_counts_from_the_last_progress),
		T(what_the_guest_finds_in_its_queue_is_named),
		T(everything_may_be_in_the_guests_queue),
		T(an_earlier_command_does_not_count),
		T(nothing_may_be_in_the_guests_queue),
		T(what_was_not_sent_is_not_withdrawn),
		T(without_an_answer_it_may_have_more),
		T(a_driver_that_is_gone_leaves_the_rest),
		T(the_last_character_is_shown_or_numbered),
		T(a_driver_that_is_gone_takes_no_more),
		T(a_server_that_was_replaced_leaves_it_unknown),
		T(what_a_new_server_answers_makes_up_for_nothing),
		T(an_answer_that_was_lost_is_made_up_for),
		cmocka_unit_test(only_what_accompanies_is_optional),
		T(an_undeclared_event_is_named_once),
		T(an_added_pressure_is_not_named),
		T(what_only_accompanies_is_not_named),
		T(a_lenient_command_accepts_it),
		T(only_so_many_are_named),
		T(a_device_without_a_name_is_the_device),
		T(each_kind_of_loss_has_a_line),
		cmocka_unit_test(a_server_that_reads_nothing_may_know_receipts),
		T(a_guest_is_waited_for_by_the_server),
		T(the_state_of_the_driver_may_come_late),
		T(why_there_is_no_guest_is_said),
		cmocka_unit_test(percentiles_are_values_that_were_measured),
		T(each_frame_that_is_measured_has_its_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
