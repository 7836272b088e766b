/* SPDX-License-Identifier: Apache-2.0 */
#include "input/base/rate.h"
#include "tests/lib/check.h"

static void amount_is_limited_in_each_second(void **state)
{
	struct rate r = { 0 };

	for (int second = 100; second < 103; second++) {
		assert_true(rate_admit(&r, second, 6, 10));
		assert_true(rate_admit(&r, second + 0.5, 4, 10));
		assert_false(rate_admit(&r, second + 0.9, 1, 10));
	}
}

static void what_was_too_much_counts_until_the_second_is_over(void **state)
{
	struct rate r = { 0 };

	assert_false(rate_admit(&r, 100, 11, 10));
	assert_false(rate_admit(&r, 100.9, 1, 10));
	assert_true(rate_admit(&r, 101, 10, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amount_is_limited_in_each_second),
		cmocka_unit_test(
			what_was_too_much_counts_until_the_second_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
