/* SPDX-License-Identifier: Apache-2.0 */
/* inject-receipt.h: how much may be on its way, and what answers mean. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "input/base/clock.h"
#include "tests/lib/receipt-world.h"

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
		cmocka_unit_test(a_server_that_reads_nothing_may_know_receipts),
		T(a_guest_is_waited_for_by_the_server),
		T(the_state_of_the_driver_may_come_late),
		T(why_there_is_no_guest_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
