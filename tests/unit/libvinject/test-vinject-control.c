/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control events' bookkeeping by itself: whatever a server sends and
 * whenever connections end, each receipt is reported once, in order.
 */
#include <stdlib.h>
#include <string.h>

#include "injector/libvinject/vinject-control.h"
#include "injector/libvinject/vinject-link.h"
#include "tests/lib/cases.h"
#include "tests/lib/check.h"
#include "tests/lib/random.h"

#define STEPS 300000

struct fixture {
	struct vinject_control c;
	uint32_t next_report; /* that is expected */
	struct vinject_receipt last;
	unsigned int drivers; /* how often it was called */
	unsigned int answered, lost, cancelled, unknown;
	struct rnd rnd;
};

static void note_report(void *arg, const struct vinject_receipt *r)
{
	struct fixture *f = arg;

	assert_num(r->number, f->next_report);
	f->next_report++;
	f->last = *r;
	f->answered += r->latency_ns > 0;
	f->lost += r->result == VINJECT_LOST;
	f->cancelled += r->result == VINJECT_CANCELLED;
	f->unknown += r->result == VINJECT_UNKNOWN;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	vinject_control_init(&f->c);
	f->c.receipt = note_report;
	f->c.receipt_arg = f;
	f->next_report = 1;
	f->rnd.state = 12;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void takes(struct fixture *f, uint16_t type, uint16_t code,
		  int32_t value)
{
	const struct vi_event ev = vi_event(type, code, value);

	vinject_control_take(&f->c, &ev);
}

static void greet(struct fixture *f)
{
	vinject_control_came_up(&f->c);
	f->c.said = true;
	takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_true(f->c.heard);
}

static void asks(struct fixture *f, unsigned int n)
{
	uint32_t number;

	while (n--)
		if (!vinject_owed_ask(&f->c.owed, &number))
			assert_num(f->c.owed.next - f->c.owed.oldest,
				   VINJECT_OWED_MAX);
	if (rnd_below(&f->rnd, 4))
		vinject_owed_finish(&f->c.owed, rnd_below(&f->rnd, 2), 1);
	if (rnd_below(&f->rnd, 4))
		vinject_owed_sent(&f->c.owed);
}

/* Near what is owed, or anything. */
static int32_t any_number(struct fixture *f)
{
	const uint32_t near = f->c.owed.oldest + rnd_below(&f->rnd, 40) - 10;

	if (!rnd_below(&f->rnd, 50))
		return (int32_t)f->c.base;
	return (int32_t)(rnd_below(&f->rnd, 8) ? f->c.base + near
					       : (uint32_t)rnd_next(&f->rnd));
}

static void server_says_anything(struct fixture *f)
{
	const uint16_t type =
		(uint16_t)(CONTROL_FIRST + 1 + rnd_below(&f->rnd, 10));
	const uint16_t code =
		(uint16_t)(rnd_below(&f->rnd, 4) ? rnd_below(&f->rnd, 140)
						 : rnd_next(&f->rnd));

	takes(f, type, code, any_number(f));
}

static void step(struct fixture *f)
{
	switch (rnd_below(&f->rnd, 200)) {
	case 0:
		vinject_control_lost(&f->c, rnd_below(&f->rnd, 2));
		vinject_control_settle(&f->c);
		greet(f);
		return;
	case 1:
		takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC);
		return;
	case 2:
	case 3:
		f->c.cancel = VINJECT_ASKED;
		f->c.cancel_end = f->c.owed.sent;
		return;
	case 4:
		f->c.watching = rnd_below(&f->rnd, 2);
		return;
	case 6:
		vinject_control_probed(&f->c);
		return;
	case 5:
		f->c.name_asked = VINJECT_ASKED;
		return;
	}
	if (rnd_below(&f->rnd, 8))
		server_says_anything(f);
	else
		asks(f, rnd_below(&f->rnd, 6));
}

static void whatever_a_server_says_each_is_reported_once(void **state)
{
	struct fixture *f = *state;

	greet(f);
	for (int i = 0; i < STEPS; i++)
		step(f);
	vinject_control_lost(&f->c, true);
	vinject_control_settle(&f->c);
	assert_num(f->c.owed.oldest, f->c.owed.next);
	assert_num(f->next_report, f->c.owed.next);
	assert_true(f->answered && f->lost && f->cancelled && f->unknown);
}

/* At the same socket may be answers to another handle. */
static void numbers_begin_elsewhere_each_time(void **state)
{
	struct fixture *f = *state;
	const uint32_t before = f->c.base;

	for (int i = 0; i < 1000 && f->c.base == before; i++)
		vinject_control_init(&f->c);
	assert_num(f->c.base != before, true);
}

static void what_was_not_yet_sent_is_unknown_at_the_end(void **state)
{
	struct fixture *f = *state;
	uint32_t number;

	greet(f);
	assert_true(vinject_owed_ask(&f->c.owed, &number));
	vinject_owed_finish(&f->c.owed, 1, 1);
	assert_true(vinject_owed_ask(&f->c.owed, &number)); /* unfinished */
	vinject_control_lost(&f->c, false);
	vinject_control_settle(&f->c);
	assert_num(f->next_report, 2);
	assert_num(f->last.result, VINJECT_UNKNOWN | VINJECT_FOLDED);
}

static void an_answer_adds_to_what_is_known(void **state)
{
	struct fixture *f = *state;
	const uint64_t sent_ns = vinject_clock_ns();
	uint32_t number;

	greet(f);
	assert_true(vinject_owed_ask(&f->c.owed, &number));
	vinject_owed_finish(&f->c.owed, 1, sent_ns);
	vinject_owed_sent(&f->c.owed);
	takes(f, CONTROL_RECEIPT, VINJECT_NO_DRIVER,
	      (int32_t)(f->c.base + number));
	assert_num(f->last.result, VINJECT_NO_DRIVER | VINJECT_FOLDED);
	assert_true(f->last.latency_ns <= vinject_clock_ns() - sent_ns);
}

static void numbers_wrap_around(void **state)
{
	struct fixture *f = *state;
	struct vinject_owed *o = &f->c.owed;

	o->oldest = o->sent = o->framed = o->next = UINT32_MAX - 1;
	f->next_report = UINT32_MAX - 1;
	greet(f);
	for (int i = 0; i < 4; i++) {
		uint32_t number;

		assert_true(vinject_owed_ask(o, &number));
		vinject_owed_finish(o, 0, 1);
		vinject_owed_sent(o);
	}
	takes(f, CONTROL_RECEIPT, 0, (int32_t)(f->c.base + 0));
	assert_num(f->next_report, 1);
	assert_num(f->lost, 2);
	f->c.cancel = VINJECT_ASKED;
	f->c.cancel_end = o->sent;
	takes(f, CONTROL_CANCEL, 0, 0);
	assert_num(f->cancelled, 1);
	assert_num(o->oldest, 2);
}

static void nothing_is_believed_before_hello(void **state)
{
	struct fixture *f = *state;

	vinject_control_came_up(&f->c);
	asks(f, 1);
	vinject_owed_finish(&f->c.owed, 0, 1);
	vinject_owed_sent(&f->c.owed);
	takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC);
	takes(f, CONTROL_RECEIPT, 0, (int32_t)(f->c.base + 1));
	assert_num(f->next_report, 1);
}

/* The kinds of what is due, each with the value that goes with it. */
static void expect_due(const struct fixture *f, const struct vi_event *want,
		       size_t n)
{
	struct vi_event got[8];

	assert_num(vinject_control_due(&f->c, got), n);
	assert_memory_equal(got, want, n * sizeof(*want));
}

static void the_next_server_is_told_everything(void **state)
{
	const struct vi_event all[] = {
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC),
		vi_event(CONTROL_LOSSLESS, 0, 70),
		vi_event(CONTROL_WATCH, 0, 1),
		vi_event(CONTROL_NAME, 0, 0),
	};
	struct fixture *f = *state;

	vinject_control_came_up(&f->c);
	expect_due(f, NULL, 0);
	f->c.said = true;
	vinject_control_came_up(&f->c);
	expect_due(f, all, 1);
	f->c.lossless_ms = 70;
	vinject_control_came_up(&f->c);
	expect_due(f, all, 2);
	f->c.watching = true;
	vinject_control_came_up(&f->c);
	expect_due(f, all, 3);
	f->c.name_asked = VINJECT_ASKED;
	vinject_control_came_up(&f->c);
	expect_due(f, all, 4);
}

/* --- what it understands --- */

/* Asks for receipts in frames of their own, which are sent. */
static void sends(struct fixture *f, unsigned int n)
{
	uint32_t number;

	while (n--) {
		assert_true(vinject_owed_ask(&f->c.owed, &number));
		vinject_owed_finish(&f->c.owed, 0, 1);
		vinject_owed_sent(&f->c.owed);
	}
}

static void answers(struct fixture *f, uint32_t number)
{
	takes(f, CONTROL_RECEIPT, 0, (int32_t)(f->c.base + number));
}

static void counts_belong_to_the_next_receipt(void **state)
{
	struct fixture *f = *state;

	greet(f);
	sends(f, 3);
	for (uint16_t what = CONTROL_FOLDED; what < CONTROL_WHATS; what++) {
		takes(f, CONTROL_COUNT, what, 10 * what);
		takes(f, CONTROL_COUNT, what, 1);
		takes(f, CONTROL_COUNT, what, -5);
		takes(f, CONTROL_COUNT, what, 0);
	}
	takes(f, CONTROL_COUNT, CONTROL_WHATS, 7);
	takes(f, CONTROL_UNKNOWN, 30, EV_KEY);
	answers(f, 1);
	assert_num(f->last.folded, 10 * CONTROL_FOLDED + 1);
	assert_num(f->last.undeclared, 10 * CONTROL_UNDECLARED + 1);
	assert_num(f->last.clamped, 10 * CONTROL_CLAMPED + 1);
	assert_num(f->last.dropped, 10 * CONTROL_DROPPED + 1);
	assert_num(f->last.lost, 10 * CONTROL_LOST + 1);
	assert_num(f->last.cancelled, 10 * CONTROL_CANCELLED + 1);
	assert_num(f->last.unknown_type, EV_KEY);
	assert_num(f->last.unknown_code, 30);
	assert_true(f->last.latency_ns > 0);
	answers(f, 2);
	assert_num(f->last.folded, 0);
	assert_num(f->last.unknown_code, 0);
	/* The sum names the first that was not declared. */
	takes(f, CONTROL_COUNT, CONTROL_UNDECLARED, 1);
	takes(f, CONTROL_UNKNOWN, 31, EV_REL);
	answers(f, 3);
	assert_num(f->c.sum.undeclared, 10 * CONTROL_UNDECLARED + 2);
	assert_num(f->c.sum.unknown_code, 30);
	assert_num(f->c.sum.number, 3);
}

static void all_that_happened_is_summed(void **state)
{
	struct fixture *f = *state;

	greet(f);
	sends(f, 2);
	takes(f, CONTROL_RECEIPT, VINJECT_NO_DRIVER, (int32_t)(f->c.base + 1));
	assert_num(f->last.result, VINJECT_NO_DRIVER);
	takes(f, CONTROL_RECEIPT, VINJECT_FOLDED, (int32_t)(f->c.base + 2));
	assert_num(f->last.result, VINJECT_FOLDED);
	assert_num(f->c.sum.result, VINJECT_NO_DRIVER | VINJECT_FOLDED);
	assert_num(f->c.sum.latency_ns, f->last.latency_ns);
}

static void only_a_hello_with_a_version_and_its_magic_is_one(void **state)
{
	struct fixture *f = *state;

	f->c.said = true;
	takes(f, CONTROL_HELLO, 0, CONTROL_MAGIC);
	takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC + 1);
	assert_false(f->c.heard || f->c.known);
	takes(f, CONTROL_HELLO, 2, CONTROL_MAGIC);
	assert_true(f->c.heard && f->c.known);
	vinject_control_came_up(&f->c);
	assert_false(f->c.heard);
}

static void another_server_knows_nothing_of_what_was_asked(void **state)
{
	struct fixture *f = *state;

	greet(f);
	sends(f, 2);
	takes(f, CONTROL_COUNT, CONTROL_LOST, 7);
	vinject_control_probed(&f->c);
	f->c.cancel = VINJECT_ASKED;
	takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_num(f->unknown, 2);
	assert_num(f->next_report, 3);
	assert_num(f->c.cancel, VINJECT_FAILED);
	assert_false(f->c.probing);
	assert_num(f->c.probe_end, 0);
	assert_num(f->c.first, 3);
	sends(f, 1);
	answers(f, 3);
	assert_num(f->last.lost, 0);
}

static void counts_do_not_wrap_around(void **state)
{
	struct fixture *f = *state;

	greet(f);
	sends(f, 1);
	for (int i = 0; i < 2; i++)
		takes(f, CONTROL_COUNT, CONTROL_LOST, INT32_MAX);
	takes(f, CONTROL_COUNT, CONTROL_LOST, 1);
	assert_num(f->c.coming.lost, UINT32_MAX);
	takes(f, CONTROL_COUNT, CONTROL_LOST, 1);
	answers(f, 1);
	assert_num(f->last.lost, UINT32_MAX);
}

static void note_driver(void *arg, enum vinject_driver driver)
{
	struct fixture *f = arg;

	assert_num(f->c.driver, driver);
	f->drivers++;
}

static void drivers_are_told_when_they_change(void **state)
{
	struct fixture *f = *state;

	greet(f);
	f->c.driver_fn = note_driver;
	f->c.driver_arg = f;
	takes(f, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	assert_num(f->drivers, 0);
	f->c.watching = true;
	takes(f, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	takes(f, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	takes(f, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING + 1);
	assert_num(f->drivers, 1);
	assert_num(f->c.driver, VINJECT_DRIVER_RUNNING);
	takes(f, CONTROL_DRIVER, 0, CONTROL_DRIVER_NO_VMM);
	assert_num(f->drivers, 2);
	assert_num(f->c.driver, VINJECT_DRIVER_NO_VMM);
	takes(f, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_num(f->c.driver, VINJECT_DRIVER_UNKNOWN);
}

static void a_name_has_as_many_parts_as_fit(void **state)
{
	static const uint16_t last =
		sizeof(((struct vinject_control *)0)->name) - sizeof(uint32_t);
	struct fixture *f = *state;

	greet(f);
	takes(f, CONTROL_NAME, 0, 0x61616161);
	assert_num(f->c.name[0], 0); /* nobody has asked */
	f->c.name_asked = VINJECT_ASKED;
	takes(f, CONTROL_NAME, last + 1, 0);
	assert_num(f->c.name_asked, VINJECT_ASKED);
	takes(f, CONTROL_NAME, last, 0x61616161);
	assert_num(f->c.name[last + 3], 'a');
	assert_num(f->c.name_asked, VINJECT_ASKED);
	takes(f, CONTROL_NAME, 0, 0x00626262);
	assert_num(f->c.name_asked, VINJECT_ANSWERED);
	assert_string_equal(f->c.name, "bbb");
}

static void what_is_held_is_taken_once(void **state)
{
	struct fixture *f = *state;

	greet(f);
	takes(f, CONTROL_HELD, 0, 3);
	assert_num(f->c.held, 0);
	f->c.held_asked = VINJECT_ASKED;
	takes(f, CONTROL_HELD, 0, 0x103);
	assert_num(f->c.held, 3);
	takes(f, CONTROL_HELD, 0, 4);
	assert_num(f->c.held, 3);
}

/* --- cancellation --- */

/* 6 were asked for, of which 1 and 2 from an earlier server; 3 is answered. */
static const struct cancel_row {
	const char *name;
	uint16_t code;
	uint32_t last;
	bool probing, probed; /* a probe waits; there was one */
	bool has_last, still_probing;
	uint32_t oldest; /* that is owed then */
} cancel_rows[] = {
	{ "the_last_of_all", 1, 6, .has_last = true, .oldest = 4 },
	{ "one_before", 1, 5, .has_last = true, .oldest = 4 },
	{ "one_that_was_answered", 1, 3, .has_last = true, .oldest = 7 },
	{ "one_of_an_earlier_server", 1, 2, .oldest = 7 },
	{ "one_that_was_not_asked_for", 1, 7, .oldest = 7 },
	{ "any_number", 1, 1000, .oldest = 7 },
	{ "none", 0, 5, .oldest = 7 },
	{ "the_probe", 1, 0, true, true, true, true, .oldest = 4 },
	{ "none_though_there_is_a_probe", 0, 0, true, true, false, true,
	  .oldest = 7 },
	{ "one_before_the_probe", 1, 5, true, true, true, false, .oldest = 4 },
	{ "nothing_and_the_probe_is_withdrawn", 0, 5, true, true, false, false,
	  .oldest = 7 },
	{ "a_number_0_without_a_probe", 1, 0, .oldest = 7 },
};

static void is_the_last_that_arrived(void **state)
{
	const struct cancel_row *row = *state;
	struct fixture *f;

	setup(state);
	f = *state;
	sends(f, 2);
	vinject_control_lost(&f->c, false);
	greet(f);
	f->c.first = 3;
	vinject_control_settle(&f->c);
	sends(f, 4);
	answers(f, 3);
	if (row->probed)
		vinject_control_probed(&f->c);
	f->c.probing = row->probing;
	f->c.cancel = VINJECT_ASKED;
	f->c.cancel_end = f->c.owed.sent;
	takes(f, CONTROL_CANCEL, row->code, (int32_t)(f->c.base + row->last));
	assert_num(f->c.cancel, VINJECT_ANSWERED);
	assert_num(f->c.cancel_has_last, row->has_last);
	if (row->has_last)
		assert_num(f->c.cancel_last, row->last ? row->last : 6);
	assert_num(f->c.probing, row->still_probing);
	assert_num(f->c.owed.oldest, row->oldest);
	/* It was asked once. */
	takes(f, CONTROL_CANCEL, 0, 0);
	assert_num(f->c.owed.oldest, row->oldest);
}

static void what_was_sent_after_a_cancellation_stays(void **state)
{
	struct fixture *f = *state;

	greet(f);
	sends(f, 2);
	f->c.cancel = VINJECT_ASKED;
	f->c.cancel_end = f->c.owed.sent;
	sends(f, 1);
	takes(f, CONTROL_CANCEL, 1, (int32_t)(f->c.base + 1));
	answers(f, 1);
	assert_num(f->cancelled, 1);
	assert_num(f->c.owed.oldest, 3);
	answers(f, 3);
	assert_num(f->last.result, 0);
}

/* --- what it sends --- */

static void a_probe_needs_something_that_is_owed(void **state)
{
	struct fixture *f = *state;
	struct vi_event ev;

	greet(f);
	assert_false(vinject_control_probe(&f->c, &ev));
	sends(f, 1);
	assert_true(vinject_control_probe(&f->c, &ev));
	assert_num(vi_type(&ev), CONTROL_RECEIPT);
	assert_num(vi_value(&ev), (int32_t)f->c.base);
	vinject_control_probed(&f->c);
	assert_false(vinject_control_probe(&f->c, &ev));
	answers(f, 0);
	assert_num(f->next_report, 2);
	assert_num(f->last.latency_ns, 0);
	sends(f, CONTROL_OWED_MAX - 1);
	assert_true(vinject_control_probe(&f->c, &ev));
	sends(f, 1);
	assert_false(vinject_control_probe(&f->c, &ev));
}

static void what_is_folded_asks_with_its_last(void **state)
{
	struct fixture *f = *state;
	struct vi_event ev;
	uint32_t number;

	greet(f);
	sends(f, 1);
	assert_false(vinject_control_folded(&f->c, &ev));
	for (int i = 0; i < 2; i++) {
		assert_true(vinject_owed_ask(&f->c.owed, &number));
		vinject_owed_finish(&f->c.owed, 0, 1);
	}
	assert_true(vinject_control_folded(&f->c, &ev));
	assert_num(vi_value(&ev), (int32_t)(f->c.base + 3));
}

static void requests_are_due_together(void **state)
{
	const struct vi_event both[] = { vi_event(CONTROL_NAME, 0, 0),
					 vi_event(CONTROL_HELD, 0, 0) };
	struct fixture *f = *state;

	vinject_control_request(&f->c, CONTROL_HELD);
	vinject_control_request(&f->c, CONTROL_NAME);
	expect_due(f, both, 2);
	vinject_control_came_up(&f->c);
	expect_due(f, NULL, 0);
	f->c.held_asked = f->c.name_asked = VINJECT_ASKED;
	vinject_control_came_up(&f->c);
	expect_due(f, both, 2);
}

static void the_next_user_of_the_socket_finds_nothing_set(void **state)
{
	const struct vi_event lossless = vi_event(CONTROL_LOSSLESS, 0, 0);
	const struct vi_event watch = vi_event(CONTROL_WATCH, 0, 0);
	struct fixture *f = *state;
	struct vi_event got[VINJECT_REQUESTS_MAX];

	f->c.lossless_ms = 1;
	f->c.watching = true;
	assert_num(vinject_control_leave(&f->c, got), 0); /* it is older */
	f->c.heard = true;
	assert_num(vinject_control_leave(&f->c, got), 2);
	assert_memory_equal(&got[0], &lossless, sizeof(lossless));
	assert_memory_equal(&got[1], &watch, sizeof(watch));
	f->c.watching = false;
	assert_num(vinject_control_leave(&f->c, got), 1);
	f->c.lossless_ms = 0;
	assert_num(vinject_control_leave(&f->c, got), 0);
}

static void a_reset_unsets_everything(void **state)
{
	struct fixture *f = *state;
	uint32_t number;

	greet(f);
	f->c.watching = true;
	f->c.lossless_ms = 5;
	f->c.name_asked = f->c.held_asked = f->c.cancel = VINJECT_ASKED;
	f->c.driver = VINJECT_DRIVER_RUNNING;
	vinject_control_request(&f->c, CONTROL_WATCH);
	sends(f, 1);
	assert_true(vinject_owed_ask(&f->c.owed, &number));
	vinject_control_reset(&f->c);
	vinject_control_settle(&f->c);
	assert_num(f->unknown, 2);
	assert_false(f->c.said || f->c.known || f->c.watching);
	assert_num(f->c.lossless_ms, 0);
	assert_num(f->c.name_asked, VINJECT_IDLE);
	assert_num(f->c.held_asked, VINJECT_IDLE);
	assert_num(f->c.cancel, VINJECT_FAILED);
	assert_num(f->c.driver, VINJECT_DRIVER_UNKNOWN);
	expect_due(f, NULL, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest plain[] = {
		T(whatever_a_server_says_each_is_reported_once),
		T(numbers_begin_elsewhere_each_time),
		T(what_was_not_yet_sent_is_unknown_at_the_end),
		T(an_answer_adds_to_what_is_known),
		T(numbers_wrap_around),
		T(nothing_is_believed_before_hello),
		T(the_next_server_is_told_everything),
		T(counts_belong_to_the_next_receipt),
		T(all_that_happened_is_summed),
		T(only_a_hello_with_a_version_and_its_magic_is_one),
		T(another_server_knows_nothing_of_what_was_asked),
		T(counts_do_not_wrap_around),
		T(drivers_are_told_when_they_change),
		T(a_name_has_as_many_parts_as_fit),
		T(what_is_held_is_taken_once),
		T(what_was_sent_after_a_cancellation_stays),
		T(a_probe_needs_something_that_is_owed),
		T(what_is_folded_asks_with_its_last),
		T(requests_are_due_together),
		T(the_next_user_of_the_socket_finds_nothing_set),
		T(a_reset_unsets_everything),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(cancel_rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), cancel_rows,
	      cmocka_unit_test_teardown(is_the_last_that_arrived, teardown));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
