/* SPDX-License-Identifier: Apache-2.0 */
/* spec-write.h: what is written is read as the same device. */
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>

#include "input/spec/spec-read.h"
#include "input/spec/spec-write.h"
#include "tests/lib/check.h"

static void fail_on_diag(void *arg, const struct spec_diag *diag)
{
	fail_msg("%s", diag->text);
}

static void assert_read_again(const struct spec *spec)
{
	static struct spec again;
	char *text = spec_write(spec);

	assert_non_null(text);
	assert_ok(spec_read(
		&again,
		&(struct spec_text){ .bytes = text, .len = strlen(text) },
		fail_on_diag, NULL));
	assert_memory_equal(spec, &again, sizeof(*spec));
	free(text);
}

/* The kernel has names for them, ABS_MAX and so on, which are limits. */
static void last_codes_are_read_again(void **state)
{
	static struct spec spec;

	strcpy(spec.name, "All of them");
	bit_set(spec.bits[EV_KEY], KEY_MAX);
	bit_set(spec.bits[EV_REL], REL_MAX);
	bit_set(spec.bits[EV_MSC], MSC_MAX);
	bit_set(spec.bits[EV_LED], LED_MAX);
	bit_set(spec.bits[EV_SND], SND_MAX);
	bit_set(spec.bits[EV_SW], SW_MAX);
	bit_set(spec.bits[EV_ABS], ABS_MAX);
	bit_set(spec.initial_sw, SW_MAX);
	spec.exact = true;
	spec.abs[ABS_MAX].max = 255;
	spec.abs[ABS_MAX].has_initial = true;
	spec.abs[ABS_MAX].initial = 3;
	assert_read_again(&spec);
}

static void all_that_a_spec_has_is_read_again(void **state)
{
	static struct spec spec = {
		.name = "name",
		.serial = "serial",
		.ids = { BUS_USB, 1, 2, 3 },
		.abs = { [ABS_X] = { 0, 9, 1, 2, 3, 4, true },
			 /* On a joystick; they would have a rest. */
			 [ABS_Y] = { -5, 5 },
			 [ABS_HAT0X] = { -1, 1, .unclamped = true },
			 [ABS_HAT3Y] = { -1, 1, .has_rest = true } },
		.has_repeat = true,
		.repeat_delay_ms = 250,
		.repeat_period_ms = INT32_MAX,
	};

	bit_set(spec.props, INPUT_PROP_POINTER);
	bit_set(spec.props, INPUT_PROP_ACCELEROMETER - 1);
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	bit_set(spec.bits[EV_KEY], BTN_EAST);
	bit_set(spec.bits[EV_SW], SW_LID);
	bit_set(spec.bits[EV_SW], SW_TABLET_MODE);
	bit_set(spec.bits[EV_REP], REP_DELAY);
	bit_set(spec.bits[EV_REP], REP_PERIOD);
	bit_set(spec.initial_sw, SW_LID);
	bit_set(spec.initial_sw, SW_TABLET_MODE);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (spec.abs[code].max)
			bit_set(spec.bits[EV_ABS], code);
	assert_read_again(&spec);
}

/* What would be a placeholder in a file is what the device is called. */
static void percent_signs_are_read_again(void **state)
{
	static const char *const names[] = {
		"%A%", "%A-1%", "%J=?%", "100%ALU%100%", "%", "%%A%%B%", "%A",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct spec spec = { .ids = { .bustype = BUS_VIRTUAL } };

		strcpy(spec.name, names[i]);
		strcpy(spec.serial, names[i]);
		bit_set(spec.bits[EV_KEY], KEY_A);
		assert_read_again(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_codes_are_read_again),
		cmocka_unit_test(all_that_a_spec_has_is_read_again),
		cmocka_unit_test(percent_signs_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
