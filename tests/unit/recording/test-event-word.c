/* SPDX-License-Identifier: Apache-2.0 */
/* event-word.h: an event as a word, and by numbers. */
#include <errno.h>
#include <limits.h>
#include <linux/input.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "injector/recording/event-word.h"
#include "tests/lib/check.h"

#define TEN "0123456789"
#define A48 TEN TEN TEN TEN "01234567"

static void a_word_is_an_event(void **state)
{
	static const struct {
		const char *word;
		uint16_t type, code;
		int32_t value;
	} rows[] = {
		{ "KEY_A=1", EV_KEY, KEY_A, 1 },
		{ "key_a=-1", EV_KEY, KEY_A, -1 },
		{ "btn_left=+1", EV_KEY, BTN_LEFT, 1 },
		{ "REL_X=0x10", EV_REL, REL_X, 16 },
		{ "ABS_X=-2147483648", EV_ABS, ABS_X, INT32_MIN },
		{ "ABS_X=2147483647", EV_ABS, ABS_X, INT32_MAX },
		{ "MSC_SCAN=1", EV_MSC, MSC_SCAN, 1 },
		{ "SW_LID=1", EV_SW, SW_LID, 1 },
		{ "LED_CAPSL=1", EV_LED, LED_CAPSL, 1 },
		{ "SND_TONE=440", EV_SND, SND_TONE, 440 },
		{ "SYN_MT_REPORT=0", EV_SYN, SYN_MT_REPORT, 0 },
		{ "0:0=0", EV_SYN, SYN_REPORT, 0 },
		{ "1:0=0", EV_KEY, 0, 0 },
		{ "1:767=0", EV_KEY, KEY_MAX, 0 },
		{ "EV_SYN:2=0", EV_SYN, SYN_MT_REPORT, 0 },
		{ "ev_msc:3=7", EV_MSC, MSC_RAW, 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { "" };
		struct vi_event ev;

		if (event_word_read(&ev, rows[i].word, &why))
			fail_msg("%s: %s", rows[i].word, why.text);
		assert_num(vi_type(&ev), rows[i].type);
		assert_num(vi_code(&ev), rows[i].code);
		assert_num(vi_value(&ev), rows[i].value);
	}
}

static void another_word_is_refused(void **state)
{
	static const struct {
		const char *word, *why;
	} rows[] = {
		{ "KEY_A", "invalid event KEY_A: must be NAME=VALUE" },
		{ "=1", "invalid event =1: must be NAME=VALUE" },
		{ A48 "=1", "unknown event " A48 },
		{ A48 "9=1", "invalid event " A48 ": must be NAME=VALUE" },
		{ A48 ":1=1", "invalid event " A48 ": must be NAME=VALUE" },
		{ TEN TEN TEN TEN "012345:1=1",
		  "unknown event type " TEN TEN TEN TEN "012345" },
		{ "XYZZY=1", "unknown event XYZZY" },
		{ "EV_XYZZYX:1=1", "unknown event type EV_XYZZYX" },
		{ "31:0=1", "unknown event type 31" },
		{ "32:0=1", "unknown event type 32" },
		{ "-1:0=1", "unknown event type -1" },
		{ "1:768=1", "1:768: the code must be a number from 0 to 767" },
		{ "2:16=1", "unknown EV_REL code 16: must be from 0 to 15" },
		{ "KEY_A=", "KEY_A=: the value must be a 32-bit integer" },
		{ "KEY_A=-", "KEY_A=-: the value must be a 32-bit integer" },
		{ "KEY_A= 1", "KEY_A= 1: the value must be a 32-bit integer" },
		{ "KEY_A=2147483648",
		  "KEY_A=2147483648: the value must be a 32-bit integer" },
		{ "KEY_A=-2147483649",
		  "KEY_A=-2147483649: the value must be a 32-bit integer" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { "" };
		struct vi_event ev;

		assert_rc(event_word_read(&ev, rows[i].word, &why), -EINVAL);
		assert_string_equal(why.text, rows[i].why);
	}
}

static void a_number_has_limits(void **state)
{
	static const struct {
		const char *word;
		int rc;
		long number;
	} rows[] = {
		{ "-5", 0, -5 },      { "-6", -EINVAL, 0 },
		{ "9", 0, 9 },	      { "10", -EINVAL, 0 },
		{ "+9", 0, 9 },	      { "0x9", 0, 9 },
		{ "0X9", 0, 9 },      { "010", -EINVAL, 0 },
		{ "9 ", -EINVAL, 0 }, { " 9", -EINVAL, 0 },
		{ "", -EINVAL, 0 },   { "-", -EINVAL, 0 },
		{ "x", -EINVAL, 0 },  { "0xg", -EINVAL, 0 },
	};
	long number;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_rc(event_word_number(rows[i].word, -5, 9, &number),
			  rows[i].rc);
		if (!rows[i].rc)
			assert_num(number, rows[i].number);
	}
	/* What does not fit is not taken for the largest. */
	assert_rc(event_word_number("99999999999999999999", LONG_MIN, LONG_MAX,
				    &number),
		  -EINVAL);
}

static void numbers_are_checked(void **state)
{
	static const struct {
		long number[3];
		const char *why; /* NULL: they are an event */
	} rows[] = {
		{ { EV_KEY, KEY_MAX, INT32_MAX }, NULL },
		{ { EV_SYN, 0, INT32_MIN }, NULL },
		{ { EV_SND, SND_MAX, 0 }, NULL },
		{ { EV_KEY, KEY_MAX + 1, 0 },
		  "unknown EV_KEY code 768: must be from 0 to 767" },
		{ { EV_KEY, -1, 0 },
		  "unknown EV_KEY code -1: must be from 0 to 767" },
		{ { EV_KEY, KEY_A, INT32_MAX + 1L },
		  "invalid value 2147483648: must be a 32-bit integer" },
		{ { EV_KEY, KEY_A, INT32_MIN - 1L },
		  "invalid value -2147483649: must be a 32-bit integer" },
		{ { EV_MAX, 0, 0 }, "unknown event type 31" },
		{ { EV_CNT, 0, 0 }, "unknown event type 32" },
		{ { UINT16_MAX, 0, 0 }, "unknown event type 65535" },
		{ { -1, 0, 0 }, "unknown event type -1" },
		{ { 0x100000001, 0, 0 }, "unknown event type 4294967297" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault why = { "" };
		struct vi_event ev;

		assert_rc(event_word_from_numbers(&ev, rows[i].number, &why),
			  rows[i].why ? -EINVAL : 0);
		assert_string_equal(why.text, rows[i].why ? rows[i].why : "");
		if (!rows[i].why)
			assert_num(vi_value(&ev), rows[i].number[2]);
	}
}

static void only_slots_that_exist_are_selected(void **state)
{
	static const struct {
		uint16_t type, code;
		int32_t value;
		bool good;
	} rows[] = {
		{ EV_ABS, ABS_MT_SLOT, 0, true },
		{ EV_ABS, ABS_MT_SLOT, 63, true },
		{ EV_ABS, ABS_MT_SLOT, 64, false },
		{ EV_ABS, ABS_MT_SLOT, -1, false },
		{ EV_ABS, ABS_X, 64, true },
		{ EV_KEY, ABS_MT_SLOT, 64, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct vi_event ev =
			vi_event(rows[i].type, rows[i].code, rows[i].value);
		struct fault why;

		assert_rc(event_word_check_slot(&ev, &why),
			  rows[i].good ? 0 : -EINVAL);
	}
}

static void an_event_is_written_as_it_is_read(void **state)
{
	static const struct {
		uint16_t type, code;
		int32_t value;
		const char *word;
	} rows[] = {
		{ EV_KEY, KEY_A, 1, "KEY_A=1" },
		{ EV_KEY, BTN_LEFT, 0, "BTN_LEFT=0" },
		{ EV_ABS, ABS_X, INT32_MIN, "ABS_X=-2147483648" },
		{ EV_KEY, 84, 1, "1:84=1" },
		/* Its name is that of a limit. */
		{ EV_KEY, KEY_MAX, 1, "1:767=1" },
		{ EV_REL, REL_MAX, 1, "2:15=1" },
		/* Its name has no prefix that is read. */
		{ EV_REP, REP_DELAY, 250, "20:0=250" },
		{ EV_KEY, KEY_MIN_INTERESTING, 1, "KEY_MUTE=1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct vi_event ev =
			vi_event(rows[i].type, rows[i].code, rows[i].value);
		char text[2 * EVENT_WORD_SIZE];

		memset(text, '#', sizeof(text));
		event_word_write(text, &ev);
		assert_string_equal(text, rows[i].word);
	}
}

static void a_name_may_lack_its_prefix(void **state)
{
	assert_num(event_word_code(EV_KEY, "KEY_", "a"), KEY_A);
	assert_num(event_word_code(EV_KEY, "KEY_", "key_a"), KEY_A);
	assert_num(event_word_code(EV_SW, "SW_", "LID"), SW_LID);
	assert_num(event_word_code(EV_SW, "SW_", "SW_LID"), SW_LID);
	assert_num(event_word_code(EV_KEY, "KEY_", "XYZZY"), -1);
	assert_num(event_word_code(EV_KEY, "KEY_", "KEY_XYZZY"), -1);
	assert_num(event_word_code(EV_KEY, "KEY_", ""), -1);
	assert_num(event_word_code(EV_KEY, "KEY_", A48 A48 A48), -1);
	assert_num(event_word_code(EV_KEY, "KEY_", "KEY_" A48 A48), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_an_event),
		cmocka_unit_test(another_word_is_refused),
		cmocka_unit_test(a_number_has_limits),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(only_slots_that_exist_are_selected),
		cmocka_unit_test(an_event_is_written_as_it_is_read),
		cmocka_unit_test(a_name_may_lack_its_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
