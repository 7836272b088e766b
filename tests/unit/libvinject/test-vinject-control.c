/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control events' bookkeeping by itself: whatever a server sends and
 * whenever connections end, each receipt is reported once, in order.
 */
#include <stdlib.h>
#include <string.h>

#include "injector/libvinject/vinject-control.h"
#include "tests/lib/check.h"
#include "tests/lib/random.h"

#define STEPS 300000

struct fixture {
	struct vinject_control c;
	uint32_t next_report; /* that is expected */
	unsigned int answered, lost, cancelled, unknown;
	struct rnd rnd;
};

static void note_report(void *arg, const struct vinject_receipt *r)
{
	struct fixture *f = arg;

	assert_num(r->number, f->next_report);
	f->next_report++;
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

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(whatever_a_server_says_each_is_reported_once),
		T(numbers_wrap_around),
		T(nothing_is_believed_before_hello),
		T(the_next_server_is_told_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
