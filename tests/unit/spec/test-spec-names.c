/* SPDX-License-Identifier: Apache-2.0 */
/* spec-names.h: names of codes, and which one a mistyped one is. */
#include <linux/input.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/names-evdev.h"
#include "input/spec/names-table.h"
#include "input/spec/spec-names.h"

static void names_and_numbers_fit(void **state)
{
	assert_int_equal(names_to_type("EV_SND"), EV_SND);
	assert_string_equal(names_type(EV_SND), "EV_SND");
	assert_int_equal(names_to_code(EV_KEY, "KEY_A"), KEY_A);
	assert_string_equal(names_code(EV_KEY, KEY_A), "KEY_A");
	assert_int_equal(names_to_prop("INPUT_PROP_BUTTONPAD"),
			 INPUT_PROP_BUTTONPAD);
	assert_string_equal(names_prop(INPUT_PROP_BUTTONPAD),
			    "INPUT_PROP_BUTTONPAD");
	assert_int_equal(names_to_bus("BUS_USB"), BUS_USB);
	assert_string_equal(names_bus(BUS_VIRTUAL), "BUS_VIRTUAL");
}

static void second_names_are_known(void **state)
{
	assert_int_equal(names_to_code(EV_KEY, "BTN_A"), BTN_SOUTH);
	assert_int_equal(names_to_code(EV_KEY, "BTN_MOUSE"), BTN_LEFT);
	assert_int_equal(names_to_code(EV_KEY, "KEY_SCREENLOCK"), KEY_COFFEE);
	assert_int_equal(names_to_code(EV_SW, "SW_RADIO"), SW_RFKILL_ALL);
	assert_int_equal(names_to_code(EV_REL, "BTN_MOUSE"), -1);
}

static void limits_are_no_names(void **state)
{
	assert_int_equal(names_to_code(EV_KEY, "KEY_MAX"), -1);
	assert_int_equal(names_to_code(EV_ABS, "ABS_CNT"), -1);
	assert_int_equal(names_to_type("EV_MAX"), -1);
	assert_int_equal(names_to_prop("INPUT_PROP_MAX"), -1);
	assert_int_equal(names_to_code(EV_KEY, "KEY_BRIGHTNESS_MAX"),
			 KEY_BRIGHTNESS_MAX);
}

static void names_of_another_type_are_none(void **state)
{
	assert_int_equal(names_to_code(EV_KEY, "REL_X"), -1);
	assert_int_equal(names_to_code(EV_ABS, "KEY_A"), -1);
	assert_int_equal(names_to_code(EV_KEY, ""), -1);
	assert_int_equal(names_to_bus("USB"), -1);
	/* The table of the types' names is none of a type's codes. */
	for (unsigned int code = 0; code < EV_CNT; code++)
		assert_null(names_code(EV_CNT, code));
}

static void maxima_are_the_kernels(void **state)
{
	assert_int_equal(names_code_max(EV_KEY), KEY_MAX);
	assert_int_equal(names_code_max(EV_REP), REP_MAX);
	assert_int_equal(names_code_max(EV_SND), SND_MAX);
}

/* --- the tables: as libevdev has it --- */

static void assert_same(const char *got, const char *want)
{
	if (got && want)
		assert_string_equal(got, want);
	else
		assert_ptr_equal(got, want);
}

static void the_tables_have_each_name_of_libevdev(void **state)
{
	for (unsigned int kind = 0; kind < NAMES_KINDS; kind++) {
		const int max = evdev_max(kind);

		assert_int_equal(names_table_max(kind), max);
		for (int number = 0; number <= max; number++) {
			const unsigned int n = (unsigned int)number;
			const char *name = evdev_name(kind, n);

			assert_same(names_table_name(kind, n), name);
			if (name)
				assert_int_equal(names_table_find(kind, name),
						 evdev_find(kind, name));
		}
		assert_null(names_table_name(kind, (unsigned int)max + 1));
		assert_null(names_table_name(kind, UINT32_MAX));
	}
	assert_int_equal(names_table_max(NAMES_KINDS), -1);
	assert_null(names_table_name(NAMES_KINDS, 0));
	assert_int_equal(names_table_find(NAMES_KINDS, "KEY_A"), -1);
}

static void the_tables_have_second_names_as_libevdev_has_them(void **state)
{
	static const char *const names[] = {
		"BTN_A",
		"BTN_B",
		"BTN_X",
		"BTN_Y",
		"BTN_MISC",
		"BTN_MOUSE",
		"BTN_GAMEPAD",
		"BTN_TRIGGER_HAPPY",
		"KEY_HANGUEL",
		"KEY_ZOOM",
		"KEY_SCREENLOCK",
		"KEY_MIN_INTERESTING",
		"KEY_CNT",
		"ABS_CNT",
		"SW_RADIO",
		"EV_VERSION",
		"EV_CNT",
		"INPUT_PROP_CNT",
		"KEY_",
		"KEY_AA",
		"A",
		"",
		"~",
	};

	for (unsigned int kind = 0; kind < NAMES_KINDS; kind++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			assert_int_equal(names_table_find(kind, names[i]),
					 evdev_find(kind, names[i]));
}

static void assert_near(const char *got, const char *want)
{
	if (want)
		assert_non_null(got);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void mistyped_names_are_found(void **state)
{
	assert_near(names_near_code(EV_KEY, "KEY_ENTRE"), "KEY_ENTER");
	assert_near(names_near_code(EV_KEY, "KEY_VOLUME_UP"), "KEY_VOLUMEUP");
	assert_near(names_near_code(EV_KEY, "key_a"), "KEY_A");
	assert_near(names_near_code(EV_ABS, "ABS_MT_POSTION_X"),
		    "ABS_MT_POSITION_X");
	assert_near(names_near_code(EV_REL, "REL_WHEL"), "REL_WHEEL");
	assert_near(names_near_type("EV_LEDS"), "EV_LED");
	assert_near(names_near_prop("INPUT_PROP_BUTONPAD"),
		    "INPUT_PROP_BUTTONPAD");
	assert_near(names_near_bus("BUS_UBS"), "BUS_USB");
}

static void nonsense_is_near_nothing(void **state)
{
	char longest[200];

	memset(longest, 'X', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_near(names_near_code(EV_KEY, longest), NULL);
	assert_near(names_near_code(EV_KEY, ""), NULL);
	assert_near(names_near_code(EV_KEY, "spacebar please"), NULL);
	assert_near(names_near_type("keyboard"), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_fit),
		cmocka_unit_test(second_names_are_known),
		cmocka_unit_test(limits_are_no_names),
		cmocka_unit_test(names_of_another_type_are_none),
		cmocka_unit_test(maxima_are_the_kernels),
		cmocka_unit_test(the_tables_have_each_name_of_libevdev),
		cmocka_unit_test(
			the_tables_have_second_names_as_libevdev_has_them),
		cmocka_unit_test(mistyped_names_are_found),
		cmocka_unit_test(nonsense_is_near_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
