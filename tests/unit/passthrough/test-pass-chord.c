/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass-chord.h. Keys are written as they come down (+) and up (-), with the
 * time in between in milliseconds: "+a 50 +b 120 -a -b".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-chord.h"
#include "input/spec/spec.h"
#include "tests/lib/cases.h"

struct play {
	const char *name, *chord, *keys;
	int played; /* how often */
};

static const struct play plays[] = {
	{ "in order", "leftctrl+rightctrl", "+l +r -l -r", 1 },
	{ "in any order", "leftctrl+rightctrl", "+r +l -l -r", 1 },
	{ "twice", "leftctrl+rightctrl", "+r +l -l -r +l +r -l -r", 2 },
	{ "not before all are up", "leftctrl+rightctrl", "+r +l -l", 0 },
	{ "one key", "a", "+a -a", 1 },
	{ "a repeat does not matter", "leftctrl+a", "+l +a 500 *a -a -l", 1 },
	{ "part of it", "leftctrl+rightctrl", "+l -l +r -r", 0 },
	{ "more than it", "leftctrl+rightctrl", "+l +r +a -a -r -l", 0 },
	{ "another key first", "leftctrl+a", "+b +l +a -l -a -b", 0 },
	{ "another key first, let go", "leftctrl+a", "+b +l -b +a -l -a", 0 },
	{ "another key in between", "leftctrl+b", "+l +a -a +b -b -l", 0 },
	{ "one of them twice", "leftctrl+a", "+l +a -a +a -a -l", 0 },
	{ "again after a spoilt one", "leftctrl+a",
	  "+l +a +b -b -a -l +l +a -a -l", 1 },
	{ "fast typing", "a+b", "+a 40 +b 40 -a 40 -b", 0 },
	{ "held letters", "a+b", "+a 40 +b 120 -a 40 -b", 1 },
	{ "a long word", "a+b", "+a +b 30 -a +a 200 -b -a", 0 },
	{ "three keys", "leftctrl+a+b", "+l +a +b -a -b -l", 1 },
	{ "a stray release", "a", "-a -b +a -a", 1 },
};

static uint16_t key_of_letter(char c)
{
	return c == 'l'	  ? KEY_LEFTCTRL
	       : c == 'r' ? KEY_RIGHTCTRL
	       : c == 'a' ? KEY_A
			  : KEY_B;
}

static void chord_is_played(void **state)
{
	const struct play *row = *state;
	struct pass_chord c;
	struct fault why;
	int64_t time_us = 0;
	int played = 0;

	assert_ok(pass_chord_read(&c, row->chord, &why));
	for (const char *at = row->keys; *at; at += strspn(at, " ")) {
		const int value = *at == '+' ? 1 : *at == '*' ? 2 : 0;

		if (*at >= '0' && *at <= '9')
			time_us += 1000 * atoi(at);
		else
			played += pass_chord_event(&c, key_of_letter(at[1]),
						   value, time_us);
		at += strcspn(at, " ");
	}
	assert_num(played, row->played);
}

struct text {
	const char *name, *chord;
	int rc;
	size_t n;
	const char *why;
};

static const struct text texts[] = {
	{ "short names", "leftctrl+F12", 0, 2, "" },
	{ "whole names", "KEY_LEFTCTRL+key_a", 0, 2, "" },
	{ "buttons", "btn_side+btn_extra", 0, 2, "" },
	{ "empty", "", -EINVAL, 0, "no such key" },
	{ "empty end", "a+", -EINVAL, 0, "no such key" },
	{ "unknown", "leftctl", -EINVAL, 0, "did you mean KEY_LEFTCTRL" },
	{ "twice", "a+b+a", -EINVAL, 0, "KEY_A is named twice" },
	{ "no device's", "reserved", -EINVAL, 0, "no such key" },
	{ "no device's, whole", "KEY_RESERVED", -EINVAL, 0, "no such key" },
	{ "limit", "max", -EINVAL, 0, "no such key" },
	{ "many", "a+b+c+d+e+f+g+h+i", -EINVAL, 0, "more than 8" },
};

static void text_is_a_chord(void **state)
{
	const struct text *row = *state;
	struct pass_chord c;
	struct fault why = { "" };

	assert_rc(pass_chord_read(&c, row->chord, &why), row->rc);
	if (!row->rc)
		assert_num(c.n, row->n);
	if (!strstr(why.text, row->why))
		fail_msg("%s", why.text);
}

/* Of a mask only the chord's keys come; others are known from the state. */
static void key_that_was_not_seen_spoils_it(void **state)
{
	struct pass_chord c;
	struct fault why;
	uint8_t down[KEY_CNT / 8] = { 0 };

	assert_ok(pass_chord_read(&c, "leftctrl+a", &why));
	bit_set(down, KEY_B);
	bit_set(down, KEY_LEFTCTRL);
	assert_false(pass_chord_sync(&c, down, 0));
	pass_chord_event(&c, KEY_A, 1, 0);
	memset(down, 0, sizeof(down));
	assert_false(pass_chord_sync(&c, down, 0));
}

static void lost_release_is_made_good(void **state)
{
	struct pass_chord c;
	struct fault why;
	const uint8_t none[KEY_CNT / 8] = { 0 };

	assert_ok(pass_chord_read(&c, "leftctrl+a", &why));
	pass_chord_event(&c, KEY_LEFTCTRL, 1, 0);
	pass_chord_event(&c, KEY_A, 1, 0);
	assert_true(pass_chord_sync(&c, none, 0));
	assert_false(pass_chord_sync(&c, none, 0));
}

static void lost_press_is_made_good(void **state)
{
	struct pass_chord c;
	struct fault why;
	uint8_t down[KEY_CNT / 8] = { 0 };

	assert_ok(pass_chord_read(&c, "leftctrl+a", &why));
	bit_set(down, KEY_LEFTCTRL);
	assert_false(pass_chord_sync(&c, down, 0));
	pass_chord_event(&c, KEY_A, 1, 0);
	pass_chord_event(&c, KEY_LEFTCTRL, 0, 0);
	assert_true(pass_chord_event(&c, KEY_A, 0, 0));
}

static void what_is_no_key_does_not_matter(void **state)
{
	struct pass_chord c;
	struct fault why;

	assert_ok(pass_chord_read(&c, "a", &why));
	assert_false(pass_chord_event(&c, KEY_CNT, 1, 0));
	pass_chord_event(&c, KEY_A, 1, 0);
	assert_true(pass_chord_event(&c, KEY_A, 0, 0));
}

static void no_chord_is_never_played(void **state)
{
	struct pass_chord c = { .n = 0 };

	assert_false(pass_chord_event(&c, KEY_A, 1, 0));
	assert_false(pass_chord_event(&c, KEY_A, 0, 0));
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(key_that_was_not_seen_spoils_it),
		cmocka_unit_test(lost_release_is_made_good),
		cmocka_unit_test(lost_press_is_made_good),
		cmocka_unit_test(what_is_no_key_does_not_matter),
		cmocka_unit_test(no_chord_is_never_played),
	};
	struct CMUnitTest
		tests[ARRAY_LEN(plain) + ARRAY_LEN(plays) + ARRAY_LEN(texts)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), plays,
	      cmocka_unit_test(chord_is_played));
	CASES(tests + ARRAY_LEN(plain) + ARRAY_LEN(plays), texts,
	      cmocka_unit_test(text_is_a_chord));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
