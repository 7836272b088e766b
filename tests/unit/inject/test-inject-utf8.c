/* SPDX-License-Identifier: Apache-2.0 */
/* inject-utf8.h: characters, and what is none. */
#include <string.h>
#include "injector/inject/inject-utf8.h"
#include "tests/lib/check.h"

static void what_is_not_utf8_is_no_character(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xc3",
		"\xc0\x80",
		"\xe0\x80\x80",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"\xff",
		"\xe2\x82z",
		"\xf0\x80\x80\x80",
		"\x85\x80",
		"\xf9\x80\x80\x80",
		"\xc1\xbf",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *at = bad[i];

		if (inject_utf8_next(&at, at + strlen(at)) != INJECT_UTF8_BAD)
			fail_msg("row %zu is a character", i);
		assert_ptr_equal(at, bad[i]);
	}
}

static void utf8_goes_there_and_back(void **state)
{
	static const uint32_t chars[] = { 1,	   0x7f,    0x80,   0x7ff,
					  0x800,   0xd7ff,  0xe000, 0xffff,
					  0x10000, 0x10ffff };

	for (size_t i = 0; i < sizeof(chars) / sizeof(chars[0]); i++) {
		char text[INJECT_UTF8_LEN];
		const char *at = text;

		inject_utf8_write(text, chars[i]);
		assert_num(inject_utf8_next(&at, text + strlen(text)),
			   chars[i]);
		assert_ptr_equal(at, text + strlen(text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_utf8_is_no_character),
		cmocka_unit_test(utf8_goes_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
