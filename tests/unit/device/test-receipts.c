/* SPDX-License-Identifier: Apache-2.0 */
/* What an injector is owed (input/device/receipts.h), without a device. */
#include "tests/lib/check.h"

#include <stdlib.h>

#include "input/device/receipts.h"

#define BIT(what) (1 << CONTROL_##what)

static struct receipts *r;

static int setup(void **state)
{
	r = receipts_new();
	assert_non_null(r);
	return 0;
}

static int teardown(void **state)
{
	free(r);
	return 0;
}

/* A frame of it ends at this position, with a receipt. */
static void ask(uint32_t number, uint64_t position)
{
	receipts_merged(r, position);
	assert_true(receipts_ask(r, number));
}

/*
 * The oldest is due at this position, and not before. Return: its answer's
 * bits.
 */
static uint16_t answer(uint32_t number, uint64_t position, bool sent)
{
	struct vi_event ev[RECEIPTS_ANSWER_MAX];
	size_t n;

	assert_false(position && receipts_due(r, 0, position - 1));
	assert_true(receipts_due(r, 0, position));
	n = receipts_answer(r, 0, ev);
	assert_true(n >= 1 && n <= RECEIPTS_ANSWER_MAX);
	receipts_answered(r, 1, sent);
	assert_num(vi_type(&ev[n - 1]), CONTROL_RECEIPT);
	assert_num((uint32_t)vi_value(&ev[n - 1]), number);
	return vi_code(&ev[n - 1]);
}

/* Return: how many of this the next answer will say. */
static uint32_t said(enum control_what what)
{
	struct vi_event ev[RECEIPTS_ANSWER_MAX];
	const size_t n = receipts_answer(r, 0, ev);

	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == CONTROL_COUNT && vi_code(&ev[i]) == what)
			return (uint32_t)vi_value(&ev[i]);
	return 0;
}

/* Return: the code of the event that the next answer will name, -1: none. */
static int named(void)
{
	struct vi_event ev[RECEIPTS_ANSWER_MAX];
	const size_t n = receipts_answer(r, 0, ev);
	int code = -1;

	for (size_t i = 0; i < n; i++) {
		if (vi_type(&ev[i]) != CONTROL_UNKNOWN)
			continue;
		assert_num(code, -1);
		assert_num(vi_value(&ev[i]), EV_KEY);
		code = vi_code(&ev[i]);
	}
	return code;
}

static void undeclared(uint16_t code, uint64_t n)
{
	const struct vi_event ev = vi_event(EV_KEY, code, 1);

	receipts_note_undeclared(r, n, &ev);
}

static void nothing_is_owed_at_first(void **state)
{
	assert_false(receipts_due(r, 0, UINT64_MAX));
	assert_num(r->driver_sent, -1);
	assert_false(r->has_last);
}

static void they_are_answered_in_order_each_at_its_position(void **state)
{
	ask(7, 10);
	ask(7, 10);
	ask(UINT32_MAX, 30);
	assert_num(answer(7, 10, true), 0);
	assert_num(answer(7, 10, true), 0);
	assert_false(receipts_due(r, 0, 29));
	assert_num(answer(UINT32_MAX, 30, true), 0);
	assert_false(receipts_due(r, 0, UINT64_MAX));
	assert_num(r->last, UINT32_MAX);
}

static void at_most_1024_are_owed_and_the_next_one_says_how_many_were_lost(
	void **state)
{
	for (uint32_t i = 0; i < CONTROL_OWED_MAX; i++)
		ask(i, i);
	receipts_merged(r, 5000);
	receipts_note(r, CONTROL_CLAMPED, 2);
	for (int i = 0; i < 3; i++)
		assert_false(receipts_ask(r, 99999));
	assert_num(r->last, CONTROL_OWED_MAX - 1);
	for (uint32_t i = 0; i < CONTROL_OWED_MAX; i++)
		assert_num(answer(i, i, true), 0);
	ask(6, 6000);
	assert_num(said(CONTROL_LOST), 3);
	assert_num(said(CONTROL_CLAMPED), 2);
	assert_num(answer(6, 6000, true), BIT(LOST) | BIT(CLAMPED));
	ask(7, 6001);
	assert_num(answer(7, 6001, true), 0);
}

static void places_of_answered_ones_are_used_again(void **state)
{
	for (uint32_t i = 0; i < 700; i++)
		ask(i, i);
	for (uint32_t i = 0; i < 5000; i++) {
		ask(700 + i, 700 + i);
		assert_num(answer(i, i, true), 0);
	}
	assert_num(r->n, 700);
}

static void one_that_could_not_be_sent_is_told_by_the_next(void **state)
{
	ask(1, 1);
	receipts_note(r, CONTROL_FOLDED, 2);
	ask(2, 2);
	receipts_note(r, CONTROL_FOLDED, 1);
	r->now.no_driver = true;
	ask(3, 3);
	ask(4, 4);
	assert_num(answer(1, 1, false), 0);
	assert_num(answer(2, 2, false), BIT(LOST) | BIT(FOLDED));
	assert_num(said(CONTROL_LOST), 2);
	assert_num(said(CONTROL_FOLDED), 3);
	assert_num(said(CONTROL_NO_DRIVER), 0);
	assert_num(answer(3, 3, true),
		   BIT(LOST) | BIT(FOLDED) | BIT(NO_DRIVER));
	assert_num(answer(4, 4, true), 0);
}

static void counts_that_are_too_large_saturate(void **state)
{
	receipts_note(r, CONTROL_UNDECLARED, UINT32_MAX - 1);
	receipts_note(r, CONTROL_UNDECLARED, 1);
	receipts_note(r, CONTROL_UNDECLARED, 1);
	receipts_note(r, CONTROL_CLAMPED, UINT64_MAX);
	ask(1, 0);
	assert_num(answer(1, 0, false), BIT(UNDECLARED) | BIT(CLAMPED));
	receipts_note(r, CONTROL_CLAMPED, UINT32_MAX);
	ask(2, 0);
	assert_num(said(CONTROL_UNDECLARED), UINT32_MAX);
	assert_num(said(CONTROL_CLAMPED), UINT32_MAX);
}

static void each_answer_names_an_undeclared_event_of_its_own(void **state)
{
	undeclared(KEY_A, 2);
	undeclared(KEY_B, 1);
	ask(1, 1);
	undeclared(KEY_C, 1);
	ask(2, 1);
	ask(3, 1);
	assert_num(named(), KEY_A);
	assert_num(said(CONTROL_UNDECLARED), 3);
	assert_num(answer(1, 1, true), BIT(UNDECLARED));
	assert_num(named(), KEY_C);
	assert_num(answer(2, 1, true), BIT(UNDECLARED));
	assert_num(named(), -1);
	assert_num(answer(3, 1, true), 0);
}

static void a_name_is_not_lost_with_its_answer(void **state)
{
	undeclared(KEY_A, 1);
	ask(1, 1);
	ask(2, 1);
	undeclared(KEY_B, 1);
	ask(3, 1);
	assert_num(answer(1, 1, false), BIT(UNDECLARED));
	assert_num(named(), KEY_A);
	assert_num(answer(2, 1, true), BIT(UNDECLARED) | BIT(LOST));
	assert_num(named(), KEY_B);
	assert_num(answer(3, 1, true), BIT(UNDECLARED));
}

static void the_frame_on_its_way_is_counted_once_when_it_is_folded(void **state)
{
	ask(1, 4);
	receipts_merged(r, 9);
	for (uint32_t i = 2; i <= 4; i++)
		assert_true(receipts_ask(r, i));
	receipts_fold_after(r, 4, false);
	assert_num(answer(1, 4, true), 0);
	assert_num(said(CONTROL_FOLDED), 1);
	assert_num(answer(2, 4, true), BIT(FOLDED));
	assert_num(answer(3, 4, true), 0);
	assert_num(answer(4, 4, true), 0);
}

static void a_folded_frame_without_receipt_is_told_by_the_next(void **state)
{
	ask(1, 4);
	receipts_merged(r, 9);
	receipts_fold_after(r, 4, true);
	/* Nothing of it is on its way any more. */
	receipts_fold_after(r, 4, true);
	ask(2, 5);
	assert_num(answer(1, 4, true), 0);
	assert_num(said(CONTROL_FOLDED), 1);
	assert_num(answer(2, 5, true), BIT(FOLDED) | BIT(NO_DRIVER));
}

static void a_frame_that_was_sent_is_not_folded(void **state)
{
	ask(1, 4);
	receipts_fold_after(r, 4, true);
	assert_num(answer(1, 4, true), 0);
}

/* A part of it is; the next one is folded at once. */
static void a_receipt_does_not_overtake_a_frame_on_its_way(void **state)
{
	receipts_merged(r, 20);
	receipts_note(r, CONTROL_FOLDED, 1);
	ask(1, 15);
	assert_num(answer(1, 20, true), BIT(FOLDED));
}

static void a_driver_that_goes_has_taken_nothing_that_is_owed(void **state)
{
	ask(1, 4);
	ask(2, 8);
	ask(3, 12);
	receipts_driver_gone(r, 3, 9);
	assert_num(answer(1, 4, true), BIT(NO_DRIVER));
	assert_num(answer(2, 8, true), BIT(NO_DRIVER));
	assert_num(answer(3, 9, true), BIT(NO_DRIVER) | BIT(FOLDED));
	ask(4, 12);
	assert_num(answer(4, 12, true), 0);
}

static void what_a_driver_had_not_taken_is_told_later(void **state)
{
	ask(1, 4);
	assert_num(answer(1, 4, true), 0);
	receipts_merged(r, 8);
	receipts_driver_gone(r, 7, 8);
	ask(2, 9);
	assert_num(answer(2, 9, true), BIT(NO_DRIVER));
}

static void what_a_driver_takes_half_of_is_folded_without_it(void **state)
{
	receipts_merged(r, 8);
	receipts_driver_gone(r, 6, 6);
	ask(1, 9);
	assert_num(answer(1, 9, true), BIT(NO_DRIVER) | BIT(FOLDED));
}

static void what_a_driver_had_taken_stays_taken(void **state)
{
	receipts_merged(r, 8);
	receipts_driver_gone(r, 8, 8);
	ask(1, 9);
	assert_num(answer(1, 9, true), 0);
}

#define receipts_test(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		receipts_test(nothing_is_owed_at_first),
		receipts_test(they_are_answered_in_order_each_at_its_position),
		receipts_test(
			at_most_1024_are_owed_and_the_next_one_says_how_many_were_lost),
		receipts_test(places_of_answered_ones_are_used_again),
		receipts_test(one_that_could_not_be_sent_is_told_by_the_next),
		receipts_test(counts_that_are_too_large_saturate),
		receipts_test(each_answer_names_an_undeclared_event_of_its_own),
		receipts_test(a_name_is_not_lost_with_its_answer),
		receipts_test(
			the_frame_on_its_way_is_counted_once_when_it_is_folded),
		receipts_test(
			a_folded_frame_without_receipt_is_told_by_the_next),
		receipts_test(a_frame_that_was_sent_is_not_folded),
		receipts_test(a_receipt_does_not_overtake_a_frame_on_its_way),
		receipts_test(
			a_driver_that_goes_has_taken_nothing_that_is_owed),
		receipts_test(what_a_driver_had_not_taken_is_told_later),
		receipts_test(what_a_driver_takes_half_of_is_folded_without_it),
		receipts_test(what_a_driver_had_taken_stays_taken),
	};

	return cmocka_run_group_tests_name("receipts", tests, NULL, NULL);
}
