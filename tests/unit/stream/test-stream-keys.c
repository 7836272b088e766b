/* SPDX-License-Identifier: Apache-2.0 */
/* stream-keys.h, beside the list of UI Events' codes in tests/data/stream. */
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-keys.h"
#include "input/spec/spec-file.h"
#include "input/spec/spec-names.h"
#include "tests/lib/check.h"

/* Codes of the list whose keys Linux does not have. */
static const char *const without_key[] = {
	"FnLock",
	"Hyper",
	"NumpadClearEntry",
	"NumpadMemoryAdd",
	"NumpadMemoryClear",
	"NumpadMemoryRecall",
	"NumpadMemoryStore",
	"NumpadMemorySubtract",
	"Resume",
	"Turbo",
};

/* Those that no keyboard of ours declares. */
static const char *const undeclared[] = { "Abort", "NumpadClear",
					  "NumpadHash" };

static bool is_in(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static void each_code_of_the_list_has_its_key(void **state)
{
	FILE *list = fopen("tests/data/stream/ui-events-codes", "r");
	unsigned int n = 0;
	char line[64];
	struct spec spec;

	assert_non_null(list);
	assert_ok(spec_file_load(&spec, "specs/keyboard.json", NULL, 0));
	while (fgets(line, sizeof(line), list)) {
		int key;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		n++;
		key = stream_key_of(line);
		if (key < 0)
			fail_msg("%s is missing", line);
		if ((key == 0) !=
		    is_in(without_key, ARRAY_LEN(without_key), line))
			fail_msg("%s: %d", line, key);
		if (key > 0 && !spec_has(&spec, EV_KEY, (uint16_t)key) &&
		    !is_in(undeclared, ARRAY_LEN(undeclared), line))
			fail_msg("%s is not declared by a keyboard",
				 names_code(EV_KEY, (unsigned int)key));
	}
	fclose(list);
	assert_num(n, 204);
}

/* Or bsearch() would not find all. */
static void codes_are_sorted(void **state)
{
	for (size_t i = 1; stream_key_code(i); i++)
		if (strcmp(stream_key_code(i - 1), stream_key_code(i)) >= 0)
			fail_msg("%s", stream_key_code(i));
}

static void other_words_are_no_codes(void **state)
{
	assert_num(stream_key_of(""), -1);
	assert_num(stream_key_of("a"), -1);
	assert_num(stream_key_of("keya"), -1);
	assert_num(stream_key_of("Unidentified"), -1);
	assert_num(stream_key_of("KEY_A"), -1);
}

/* A few that are not what their names suggest. */
static void keys_are_those_of_a_usb_keyboard(void **state)
{
	assert_num(stream_key_of("ContextMenu"), KEY_COMPOSE);
	assert_num(stream_key_of("PrintScreen"), KEY_SYSRQ);
	assert_num(stream_key_of("Quote"), KEY_APOSTROPHE);
	assert_num(stream_key_of("Backquote"), KEY_GRAVE);
	assert_num(stream_key_of("BrowserHome"), KEY_HOMEPAGE);
	assert_num(stream_key_of("NumpadDecimal"), KEY_KPDOT);
	assert_num(stream_key_of("IntlBackslash"), KEY_102ND);
	assert_num(stream_key_of("Lang1"), KEY_HANGEUL);
	assert_num(stream_key_of("Select"), KEY_FRONT);
	assert_num(stream_key_of("KeyboardLayoutSelect"), KEY_KBD_LAYOUT_NEXT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_of_the_list_has_its_key),
		cmocka_unit_test(codes_are_sorted),
		cmocka_unit_test(other_words_are_no_codes),
		cmocka_unit_test(keys_are_those_of_a_usb_keyboard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
