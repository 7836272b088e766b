/* SPDX-License-Identifier: Apache-2.0 */
/* near.h: the valid word that a wrong one probably means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "input/base/near.h"

static const char *const words[] = { "name", "serial_name", "left", NULL };

static void assert_near(const char *wrong, const char *want)
{
	const char *got = near_word(words, wrong);

	if (!want) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, want);
}

static void a_slip_of_a_finger_is_near(void **state)
{
	assert_near("nmae", "name");
	assert_near("NAME", "name");
	assert_near("leftt", "left");
	assert_near("eft", "left");
}

static void words_are_found_by_their_beginning(void **state)
{
	assert_near("serial", "serial_name");
	assert_near("ser", "serial_name");
	assert_near("se", NULL);
	assert_near("serial_", NULL);
}

static void nonsense_is_near_nothing(void **state)
{
	char longest[200];

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_near("colour", NULL);
	assert_near("", NULL);
	assert_near(longest, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_a_finger_is_near),
		cmocka_unit_test(words_are_found_by_their_beginning),
		cmocka_unit_test(nonsense_is_near_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
