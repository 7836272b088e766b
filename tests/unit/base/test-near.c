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

/* How many letters are inserted, left out, replaced or swapped. */
static void a_distance_is_the_number_of_slips(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} rows[] = {
		{ "abcd", "abcd", 0 },	    { "abcd", "ABcD", 0 },
		{ "abcd", "bacd", 1 },	    { "abcd", "acbd", 1 },
		{ "abcd", "abdc", 1 },	    { "abcd", "abDC", 1 },
		{ "abcd", "badc", 2 },	    { "abcd", "xabcd", 1 },
		{ "abcd", "abxcd", 1 },	    { "abcd", "abcdx", 1 },
		{ "abcd", "bcd", 1 },	    { "abcd", "acd", 1 },
		{ "abcd", "abc", 1 },	    { "abcd", "xbcd", 1 },
		{ "abcd", "abxd", 1 },	    { "abcd", "abcx", 1 },
		{ "abcd", "cbad", 2 },	    { "abcd", "dcba", 3 },
		{ "abcd", "wxyz", 4 },	    { "a", "bcdef", 5 },
		{ "ca", "abc", 3 },	    { "ab", "ba", 1 },
		{ "kitten", "sitting", 3 }, { "abcdef", "abdcfe", 2 },
		{ "aab", "aba", 1 },	    { "abab", "baba", 2 },
		{ "abcdef", "fabcde", 2 },  { "abc", "xaybzc", 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int back = 0; back < 2; back++) {
			struct near near;

			near_init(&near, back ? rows[i].b : rows[i].a);
			near.distance = 100;
			near_try(&near, back ? rows[i].a : rows[i].b);
			assert_int_equal(near.distance, rows[i].distance);
		}
}

/* The prefix does not count: it is hardly ever wrong. */
static void a_third_of_a_word_may_be_wrong(void **state)
{
	static const struct {
		const char *wrong, *word;
		int is_near;
	} rows[] = {
		{ "ab", "ax", 1 },
		{ "ab", "xx", 0 },
		{ "abc", "axx", 1 },
		{ "abc", "xyz", 0 },
		{ "abcdef", "abcxyz", 1 },
		{ "abcdef", "abwxyz", 0 },
		{ "KEY_ab", "KEY_ax", 1 },
		{ "KEY_ab", "KEY_xx", 0 },
		{ "A_KEY_abc", "A_KEY_axx", 1 },
		{ "A_KEY_abc", "A_KEY_xyz", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const word[] = { rows[i].word, NULL };

		assert_int_equal(near_word(word, rows[i].wrong) != NULL,
				 rows[i].is_near);
	}
}

static void of_several_the_nearest_is_meant_and_the_first_of_those(void **state)
{
	static const char *const many[] = { "abxxef", "abcxef", "abcdxf",
					    "abyyef", NULL };
	/* A beginning counts as one slip. */
	static const char *const begins[] = { "abcxxx", "abd", "abcde", NULL };

	assert_ptr_equal(near_word(many, "abcdef"), many[1]);
	assert_ptr_equal(near_word(begins, "abc"), begins[0]);
	assert_ptr_equal(near_word(begins + 1, "abc"), begins[1]);
}

static void a_word_is_compared_up_to_48_bytes(void **state)
{
	char wrong[64], word[64];
	const char *const words_of[] = { word, NULL };

	for (int len = 47; len <= 49; len++)
		for (int other = 47; other <= 49; other++) {
			memset(wrong, 'n', sizeof(wrong));
			memset(word, 'n', sizeof(word));
			wrong[len] = word[other] = '\0';
			assert_int_equal(near_word(words_of, wrong) != NULL,
					 len <= 48 && other <= 48);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_a_finger_is_near),
		cmocka_unit_test(words_are_found_by_their_beginning),
		cmocka_unit_test(nonsense_is_near_nothing),
		cmocka_unit_test(a_distance_is_the_number_of_slips),
		cmocka_unit_test(a_third_of_a_word_may_be_wrong),
		cmocka_unit_test(
			of_several_the_nearest_is_meant_and_the_first_of_those),
		cmocka_unit_test(a_word_is_compared_up_to_48_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
