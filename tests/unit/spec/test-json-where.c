/* SPDX-License-Identifier: Apache-2.0 */
/* json-where.h: where values stand. A ^ in the texts marks the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/json-where.h"
#include "tests/lib/brink.h"

static void assert_where(const char *marked, const struct json_path *path)
{
	const char *mark = strchr(marked, '^');
	char text[256];
	size_t at = (size_t)(mark - marked), len = strlen(marked) - 1;

	assert_non_null(mark);
	memcpy(text, marked, at);
	strcpy(text + at, mark + 1);
	assert_int_equal(json_where(text_at_brink(text, len), len, path), at);
}

static void whole_text_is_its_first_byte(void **state)
{
	assert_where(" \n\t^{}", NULL);
	assert_where("^", NULL);
}

static void members_by_key(void **state)
{
	assert_where("{\"a\": ^1, \"b\": 2}", JSON_MEMBER(NULL, "a"));
	assert_where("{\"a\": 1, \"b\":^2}", JSON_MEMBER(NULL, "b"));
	assert_where("{\"a\": 1, ^\"b\": 2}", JSON_KEY(NULL, "b"));
	assert_where("{\"ab\": 1, \"a\": ^2}", JSON_MEMBER(NULL, "a"));
	assert_where("{\"\": ^1}", JSON_MEMBER(NULL, ""));
}

static void elements_by_index(void **state)
{
	assert_where("[ ^1, 2]", JSON_ELEMENT(NULL, 0));
	assert_where("[1,2 , ^3]", JSON_ELEMENT(NULL, 2));
}

static void values_before_are_jumped_over(void **state)
{
	const struct json_path *b = JSON_MEMBER(NULL, "b");

	assert_where("{\"a\": {\"b\": [1, {}]}, \"b\": ^2}", b);
	assert_where("{\"a\": \"\\\"}, \\\\\", \"b\": ^2}", b);
	assert_where("{\"a\": [\"]\", \"}\"], \"b\": ^2}", b);
	assert_where("{\"a\": -1.5e3, \"c\": null ,\"b\" : ^[]}", b);
}

static void paths_go_down(void **state)
{
	const struct json_path *events = JSON_MEMBER(NULL, "events");
	const struct json_path *second = JSON_ELEMENT(events, 1);
	static const char text[] = "{\"events\": [{\"x\": 1}, {\"x\": ^2}]}";

	assert_where(text, JSON_MEMBER(second, "x"));
}

static void keys_are_compared_unescaped(void **state)
{
	assert_where("{\"\\u0061\\n\\/\": ^1}", JSON_MEMBER(NULL, "a\n/"));
	assert_where("{\"\\u00e9\": ^1}", JSON_MEMBER(NULL, "\xc3\xa9"));
	assert_where("{\"\\u20AC\": ^1}", JSON_MEMBER(NULL, "\xe2\x82\xac"));
	assert_where("{\"\\ud83d\\ude00\": ^1}",
		     JSON_MEMBER(NULL, "\xf0\x9f\x98\x80"));
	/* At both ends of what is half a pair. */
	assert_where("{\"\\ud7ff\\udc00\": 1, \"\\ud7ff\": ^1}",
		     JSON_MEMBER(NULL, "\xed\x9f\xbf"));
	assert_where("{\"\\ud800\\udc00\": ^1}",
		     JSON_MEMBER(NULL, "\xf0\x90\x80\x80"));
	assert_where("{\"\\udbff\\udfff\": ^1}",
		     JSON_MEMBER(NULL, "\xf4\x8f\xbf\xbf"));
	assert_where("{\"\\udc00\": ^1}", JSON_MEMBER(NULL, "\xed\xb0\x80"));
}

static void a_nul_byte_ends_no_key(void **state)
{
	static const char text[] = "{\"a\0a\": 1, \"b\": 2}";

	assert_int_equal(
		json_where(text, sizeof(text) - 1, JSON_MEMBER(NULL, "b")),
		sizeof(text) - 1 - strlen("2}"));
	assert_int_equal(json_where("[\0]", 3, JSON_ELEMENT(NULL, 0)), 1);
}

static void what_is_not_there_is_where_it_should_be(void **state)
{
	const struct json_path *a = JSON_MEMBER(NULL, "a");

	assert_where("^{\"b\": 1}", a);
	assert_where("{\"a\": ^{}}", JSON_MEMBER(a, "b"));
	assert_where("{\"a\": ^[]}", JSON_ELEMENT(a, 0));
	assert_where("{\"a\": ^[1]}", JSON_ELEMENT(a, 1));
	assert_where("{\"a\": ^5}", JSON_MEMBER(a, "b"));
}

static void broken_text_ends_the_search(void **state)
{
	static const char *const texts[] = {
		"{",	      "{\"",	      "{\"a",	    "{\"a\\",
		"{\"a\\u",    "{\"\\ud800",   "{\"a\"",	    "{\"a\":",
		"{\"b\": [",  "{\"b\": {",    "{\"b\": \"", "{\"b\": 1",
		"{\"b\": 1,", "{\"b\": \"\\", "}",	    "]",
		"{\"b\": ]}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = strlen(texts[i]), at;
		const char *text = text_at_brink(texts[i], len);

		assert_true(json_where(text, len, JSON_MEMBER(NULL, "a")) <=
			    len);
		json_where(text, len, JSON_ELEMENT(NULL, 3));
		json_nested_deeper(text, len, 9, &at);
	}
}

static void nesting_is_counted_outside_strings(void **state)
{
	static const char text[] = "[{\"[[\\\"[\": []}, [[]]]";
	size_t at;

	assert_false(json_nested_deeper(text, strlen(text), 3, &at));
	assert_true(json_nested_deeper(text, strlen(text), 2, &at));
	assert_int_equal(at, 11);
	assert_true(json_nested_deeper(text, strlen(text), 0, &at));
	assert_int_equal(at, 0);
	assert_false(json_nested_deeper("]]]", 3, 0, &at));
	assert_false(json_nested_deeper("]]][", 4, 1, &at));
	/* Whether a NUL byte is JSON is for others to say. */
	assert_true(json_nested_deeper("\0\"\0\"[", 5, 0, &at));
	assert_int_equal(at, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_text_is_its_first_byte),
		cmocka_unit_test(members_by_key),
		cmocka_unit_test(elements_by_index),
		cmocka_unit_test(values_before_are_jumped_over),
		cmocka_unit_test(paths_go_down),
		cmocka_unit_test(keys_are_compared_unescaped),
		cmocka_unit_test(a_nul_byte_ends_no_key),
		cmocka_unit_test(what_is_not_there_is_where_it_should_be),
		cmocka_unit_test(broken_text_ends_the_search),
		cmocka_unit_test(nesting_is_counted_outside_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
