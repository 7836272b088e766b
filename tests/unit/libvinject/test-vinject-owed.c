/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include "injector/libvinject/vinject-owed.h"
#include "tests/lib/garbage.h"

#define FIRST 1u

static struct vinject_owed owed;

static int setup(void **state)
{
	owed = (struct vinject_owed){ 0 };
	fill_with_garbage(&owed);
	vinject_owed_init(&owed);
	return 0;
}

/* Ask n times, each in a frame of its own that is sent. */
static void send_frames(unsigned int n)
{
	uint32_t number;

	for (; n; n--) {
		assert_true(vinject_owed_ask(&owed, &number));
		vinject_owed_finish(&owed, 0, 5);
		vinject_owed_sent(&owed);
	}
}

static void the_last_that_may_be_answered_is_found(void **state)
{
	uint32_t number = 0;

	assert_false(vinject_owed_last(&owed, FIRST, &number));
	send_frames(4);
	assert_true(vinject_owed_last(&owed, FIRST + 4, &number));
	assert_num(number, FIRST + 3);
	/* Not those that have a fate. */
	vinject_owed_mark(&owed, FIRST + 2, FIRST + 4, VINJECT_CANCELLED);
	assert_true(vinject_owed_last(&owed, FIRST + 4, &number));
	assert_num(number, FIRST + 1);
	assert_true(vinject_owed_last(&owed, FIRST + 1, &number));
	assert_num(number, FIRST);
	vinject_owed_mark(&owed, FIRST, FIRST + 2, VINJECT_CANCELLED);
	assert_false(vinject_owed_last(&owed, FIRST + 4, &number));
}

static void as_many_are_owed_as_there_is_room_for(void **state)
{
	uint32_t number = 0;

	send_frames(VINJECT_OWED_MAX - 1);
	assert_true(vinject_owed_ask(&owed, &number));
	assert_num(number, VINJECT_OWED_MAX);
	assert_false(vinject_owed_ask(&owed, &number));
	assert_num(owed.next, VINJECT_OWED_MAX + 1);
}

static void a_frame_has_all_that_was_folded_by_it(void **state)
{
	struct vinject_receipt r;
	uint32_t number;

	vinject_owed_finish(&owed, 2, 1); /* of frames without a receipt */
	vinject_owed_finish(&owed, 1, 1);
	assert_true(vinject_owed_ask(&owed, &number));
	assert_true(vinject_owed_in_frame(&owed));
	vinject_owed_finish(&owed, 4, 9);
	assert_false(vinject_owed_in_frame(&owed));
	assert_true(vinject_owed_ask(&owed, &number));
	vinject_owed_finish(&owed, 0, 10);
	assert_num(vinject_owed_pop(&owed, &r), 9);
	assert_num(r.number, FIRST);
	assert_num(r.folded, 7);
	assert_num(r.result, VINJECT_FOLDED);
	assert_num(vinject_owed_pop(&owed, &r), 10);
	assert_num(r.folded, 0);
	assert_num(r.result, 0);
	vinject_owed_finish(&owed, 3, 1);
	assert_true(vinject_owed_ask(&owed, &number));
	vinject_owed_close(&owed); /* nothing of it is sent any more */
	assert_true(vinject_owed_ask(&owed, &number));
	vinject_owed_finish(&owed, 0, 10);
	vinject_owed_pop(&owed, &r);
	vinject_owed_pop(&owed, &r);
	assert_num(r.folded, 0);
}

/* Of what is folded only the last one is sent, and answers for all. */
static void what_went_with_the_next_is_taken_with_it(void **state)
{
	struct vinject_receipt r;
	uint32_t number;

	for (int i = 0; i < 3; i++) {
		assert_true(vinject_owed_ask(&owed, &number));
		vinject_owed_finish(&owed, 0, 5);
	}
	vinject_owed_sent_last(&owed);
	assert_num(owed.sent, FIRST + 3);
	send_frames(1);
	assert_false(vinject_owed_is_settled(&owed));
	vinject_owed_skip(&owed, FIRST + 3,
			  VINJECT_NO_DRIVER | VINJECT_CLAMPED);
	for (uint32_t n = FIRST; n < FIRST + 3; n++) {
		assert_true(vinject_owed_is_settled(&owed));
		vinject_owed_pop(&owed, &r);
		assert_num(r.number, n);
		assert_num(r.result,
			   n < FIRST + 2 ? VINJECT_NO_DRIVER : VINJECT_LOST);
	}
	assert_true(vinject_owed_has(&owed, FIRST + 3));
	assert_false(vinject_owed_has(&owed, FIRST + 4));
	assert_false(vinject_owed_has(&owed, FIRST + 2));
	assert_false(vinject_owed_is_settled(&owed));
}

static void the_first_fate_counts(void **state)
{
	struct vinject_receipt r;

	send_frames(2);
	vinject_owed_mark(&owed, FIRST, FIRST + 1, VINJECT_CANCELLED);
	vinject_owed_mark(&owed, FIRST, FIRST + 2, VINJECT_UNKNOWN);
	assert_false(vinject_owed_has(&owed, FIRST));
	vinject_owed_pop(&owed, &r);
	assert_num(r.result, VINJECT_CANCELLED);
	vinject_owed_pop(&owed, &r);
	assert_num(r.result, VINJECT_UNKNOWN);
	assert_false(vinject_owed_is_settled(&owed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_last_that_may_be_answered_is_found,
				       setup),
		cmocka_unit_test_setup(as_many_are_owed_as_there_is_room_for,
				       setup),
		cmocka_unit_test_setup(a_frame_has_all_that_was_folded_by_it,
				       setup),
		cmocka_unit_test_setup(what_went_with_the_next_is_taken_with_it,
				       setup),
		cmocka_unit_test_setup(the_first_fate_counts, setup),
	};

	return cmocka_run_group_tests_name("vinject-owed", tests, NULL, NULL);
}
