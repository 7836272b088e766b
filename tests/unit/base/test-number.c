/* SPDX-License-Identifier: Apache-2.0 */
/* number.h: what is a number on the command line, and what is none. */
#include <errno.h>
#include <limits.h>
#include "input/base/number.h"
#include "tests/lib/check.h"

static const struct {
	const char *text;
	int max, is;
} decimal[] = {
	{ "0", 0, 0 },
	{ "007", 7, 7 },
	{ "2147483647", INT_MAX, INT_MAX },
	{ "2147483648", INT_MAX, -EINVAL },
	{ "99999999999999999999", INT_MAX, -EINVAL },
	{ "8", 7, -EINVAL },
	{ "", 7, -EINVAL },
	{ "-1", 7, -EINVAL },
	{ "+1", 7, -EINVAL },
	{ " 1", 7, -EINVAL },
	{ "1 ", 7, -EINVAL },
	{ "1x", 7, -EINVAL },
	{ "0x1", 7, -EINVAL },
};

static void a_number_is_digits_alone(void **state)
{
	for (size_t i = 0; i < sizeof(decimal) / sizeof(decimal[0]); i++)
		assert_rc(number_read(decimal[i].text, decimal[i].max),
			  decimal[i].is);
}

static const struct {
	const char *text;
	int is;
} octal[] = {
	{ "0", 0 },	     { "660", 0660 },	  { "0777", 0777 },
	{ "1777", -EINVAL }, { "0689", -EINVAL }, { "u+w", -EINVAL },
	{ "", -EINVAL },     { "-1", -EINVAL },
};

static void a_mode_is_octal(void **state)
{
	for (size_t i = 0; i < sizeof(octal) / sizeof(octal[0]); i++)
		assert_rc(number_read_octal(octal[i].text, 0777), octal[i].is);
}

static const struct {
	const char *text;
	int rc;
	double seconds;
} seconds[] = {
	{ "0", 0, 0 },		{ "2.5", 0, 2.5 },     { "10", 0, 10 },
	{ "10.5", -EINVAL, 0 }, { "-1", -EINVAL, 0 },  { "1s", -EINVAL, 0 },
	{ "", -EINVAL, 0 },	{ "inf", -EINVAL, 0 }, { "nan", -EINVAL, 0 },
};

static void seconds_are_finite_and_in_range(void **state)
{
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		double got;

		assert_rc(number_read_seconds(seconds[i].text, 10, &got),
			  seconds[i].rc);
		if (!seconds[i].rc)
			assert_true(got == seconds[i].seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_digits_alone),
		cmocka_unit_test(a_mode_is_octal),
		cmocka_unit_test(seconds_are_finite_and_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
