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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_last_that_may_be_answered_is_found,
				       setup),
	};

	return cmocka_run_group_tests_name("vinject-owed", tests, NULL, NULL);
}
