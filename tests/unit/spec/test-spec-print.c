/* SPDX-License-Identifier: Apache-2.0 */
/* spec-print.h: a device in evtest's lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "input/spec/spec-print.h"

static void assert_printed(void (*print)(FILE *out, const struct spec *spec),
			   const struct spec *spec, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	print(out, spec);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void assert_prints(const struct spec *spec, const char *want)
{
	assert_printed(spec_print, spec, want);
}

static void keyboard_has_keys_leds_and_repeat(void **state)
{
	struct spec spec = {
		.name = "kbd",
		.serial = "k-0",
		.ids = { 6, 1, 2, 3 },
		.has_repeat = true,
		.repeat_delay_ms = 400,
		.repeat_period_ms = 33,
	};

	bit_set(spec.bits[EV_KEY], KEY_A);
	bit_set(spec.bits[EV_KEY], KEY_MAX);
	bit_set(spec.bits[EV_LED], LED_NUML);
	bit_set(spec.bits[EV_REP], REP_DELAY);
	bit_set(spec.bits[EV_REP], REP_PERIOD);
	assert_prints(&spec, "Input device ID: bus 0x6 vendor 0x1 product 0x2 "
			     "version 0x3\n"
			     "Input device name: \"kbd\"\n"
			     "Input device serial: \"k-0\"\n"
			     "Supported events:\n"
			     "  Event type 0 (EV_SYN)\n"
			     "  Event type 1 (EV_KEY)\n"
			     "    Event code 30 (KEY_A)\n"
			     "    Event code 767 (KEY_MAX)\n"
			     "  Event type 17 (EV_LED)\n"
			     "    Event code 0 (LED_NUML)\n"
			     "Key repeat handling:\n"
			     "  Repeat type 20 (EV_REP)\n"
			     "    Repeat code 0 (REP_DELAY)\n"
			     "      Value    400\n"
			     "    Repeat code 1 (REP_PERIOD)\n"
			     "      Value     33\n"
			     "Properties:\n");
}

static void axis_has_what_is_not_0(void **state)
{
	struct spec spec = {
		.name = "t",
		.abs[ABS_X] = { .min = -5, .max = 1920, .res = 10 },
		.abs[ABS_Y] = { .max = 7, .fuzz = 1, .flat = 2 },
	};

	bit_set(spec.props, INPUT_PROP_DIRECT);
	bit_set(spec.props, 30);
	bit_set(spec.bits[EV_ABS], ABS_X);
	bit_set(spec.bits[EV_ABS], ABS_Y);
	assert_prints(&spec, "Input device ID: bus 0x0 vendor 0x0 product 0x0 "
			     "version 0x0\n"
			     "Input device name: \"t\"\n"
			     "Input device serial: \"\"\n"
			     "Supported events:\n"
			     "  Event type 0 (EV_SYN)\n"
			     "  Event type 3 (EV_ABS)\n"
			     "    Event code 0 (ABS_X)\n"
			     "      Min       -5\n"
			     "      Max     1920\n"
			     "      Resolution     10\n"
			     "    Event code 1 (ABS_Y)\n"
			     "      Min        0\n"
			     "      Max        7\n"
			     "      Fuzz       1\n"
			     "      Flat       2\n"
			     "Properties:\n"
			     "  Property type 1 (INPUT_PROP_DIRECT)\n"
			     "  Property type 30 (?)\n");
}

static void repeat_without_times_has_no_values(void **state)
{
	struct spec spec = { .name = "r" };

	bit_set(spec.bits[EV_REP], REP_DELAY);
	assert_prints(&spec, "Input device ID: bus 0x0 vendor 0x0 product 0x0 "
			     "version 0x0\n"
			     "Input device name: \"r\"\n"
			     "Input device serial: \"\"\n"
			     "Supported events:\n"
			     "  Event type 0 (EV_SYN)\n"
			     "Key repeat handling:\n"
			     "  Repeat type 20 (EV_REP)\n"
			     "    Repeat code 0 (REP_DELAY)\n"
			     "    Repeat code 1 (REP_PERIOD)\n"
			     "Properties:\n");
}

static void what_a_device_starts_with_is_a_rule(void **state)
{
	struct spec spec = { .name = "t" };

	assert_printed(spec_print_rules, &spec, "");
	spec.abs[ABS_VOLUME].has_initial = true;
	spec.abs[ABS_VOLUME].initial = -20;
	assert_printed(spec_print_rules, &spec,
		       "Starts with:\n"
		       "  Event code 32 (ABS_VOLUME)\n"
		       "    Value    -20\n");
	bit_set(spec.initial_sw, SW_LID);
	assert_printed(spec_print_rules, &spec,
		       "Starts with:\n"
		       "  Event code 0 (SW_LID)\n"
		       "    State      1\n"
		       "  Event code 32 (ABS_VOLUME)\n"
		       "    Value    -20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyboard_has_keys_leds_and_repeat),
		cmocka_unit_test(axis_has_what_is_not_0),
		cmocka_unit_test(what_a_device_starts_with_is_a_rule),
		cmocka_unit_test(repeat_without_times_has_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
