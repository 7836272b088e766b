/* SPDX-License-Identifier: Apache-2.0 */
/* spec-rest.h: where sticks and triggers go when nobody holds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "input/spec/spec-rest.h"

static struct spec spec;

static int setup(void **state)
{
	spec = (struct spec){ 0 };
	return 0;
}

static void axis(uint16_t code, int32_t min, int32_t max)
{
	bit_set(spec.bits[EV_ABS], code);
	spec.abs[code].min = min;
	spec.abs[code].max = max;
}

static void assert_rest(uint16_t code, int32_t rest)
{
	assert_true(spec.abs[code].has_rest);
	assert_int_equal(spec.abs[code].rest, rest);
}

static void sticks_go_to_the_centre(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_X, -32768, 32767);
	axis(ABS_Y, 0, 1600);
	axis(ABS_RX, 0, 255);
	axis(ABS_RY, -10, 5);
	axis(ABS_RUDDER, 0, 100);
	axis(ABS_WHEEL, -100, 0);
	axis(ABS_HAT0X, -1, 1);
	axis(ABS_HAT3Y, 0, 2);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_X, 0);
	assert_rest(ABS_Y, 800);
	assert_rest(ABS_RX, 127);
	assert_rest(ABS_RY, 0);
	assert_rest(ABS_RUDDER, 50);
	assert_rest(ABS_WHEEL, -50);
	assert_rest(ABS_HAT0X, 0);
	assert_rest(ABS_HAT3Y, 1);
}

static void triggers_go_to_their_end(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_JOYSTICK);
	axis(ABS_Z, 0, 255);
	axis(ABS_RZ, 0, 1023);
	axis(ABS_GAS, 5, 255);
	axis(ABS_BRAKE, 0, 255);
	axis(ABS_THROTTLE, 0, 255);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_Z, 0);
	assert_rest(ABS_RZ, 0);
	assert_rest(ABS_GAS, 5);
	assert_rest(ABS_BRAKE, 0);
	assert_rest(ABS_THROTTLE, 0);
}

static void signed_triggers_go_to_0(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_THUMBL);
	bit_set(spec.bits[EV_KEY], BTN_THUMBR);
	axis(ABS_Z, -128, 127);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_Z, 0);
}

static void largest_range_does_not_overflow(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	bit_set(spec.bits[EV_KEY], BTN_EAST);
	axis(ABS_X, 1, INT32_MAX);
	axis(ABS_Y, INT32_MIN, -1);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_X, 1073741824);
	assert_rest(ABS_Y, -1073741824);
}

static void places_stay(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_LEFT); /* a tablet */
	axis(ABS_X, 0, 100);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_X].has_rest);
}

/* One, unless something else is added that makes it none. */
static void gamepad(void)
{
	spec = (struct spec){ 0 };
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	bit_set(spec.bits[EV_KEY], BTN_EAST);
	axis(ABS_X, 0, 100);
	axis(ABS_Y, 0, 100);
	axis(ABS_RX, 0, 100);
	axis(ABS_WHEEL, 0, 100);
}

static void keys_of_other_devices_make_it_no_joystick(void **state)
{
	static const uint16_t keys[] = {
		BTN_TOUCH, BTN_TOOL_PEN, BTN_TOOL_FINGER,  BTN_STYLUS,
		BTN_LEFT,  BTN_TASK,	 BTN_JOYSTICK - 1,
	};

	gamepad();
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_X, 50);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		gamepad();
		bit_set(spec.bits[EV_KEY], keys[i]);
		spec_rest_defaults(&spec, 0);
		assert_false(spec.abs[ABS_X].has_rest);
		assert_false(spec.abs[ABS_RX].has_rest);
	}
}

static void pad_of_a_tablet_is_no_joystick(void **state)
{
	gamepad();
	bit_set(spec.bits[EV_KEY], BTN_0);
	spec_rest_defaults(&spec, 0);
	assert_true(spec.abs[ABS_RX].has_rest);
	gamepad();
	bit_set(spec.bits[EV_KEY], BTN_0);
	bit_set(spec.bits[EV_KEY], BTN_1);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_RX].has_rest);
	assert_false(spec.abs[ABS_WHEEL].has_rest);
}

static void keyboard_with_joystick_axes_is_no_joystick(void **state)
{
	static const uint16_t keys[] = { KEY_LEFTCTRL, KEY_CAPSLOCK,
					 KEY_NUMLOCK, KEY_MUTE };

	gamepad();
	for (size_t i = 0; i < 4; i++)
		bit_set(spec.bits[EV_KEY], keys[i]);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_RX].has_rest);
}

static void accelerometer_is_no_joystick(void **state)
{
	for (uint16_t code = ABS_X; code <= ABS_RZ; code++)
		axis(code, -9, 9);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_RX].has_rest);
}

static void pedals_without_buttons_are_a_joystick(void **state)
{
	axis(ABS_RUDDER, 0, 8);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_RUDDER].has_rest);
	axis(ABS_BRAKE, 0, 8);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_RUDDER, 4);
	assert_rest(ABS_BRAKE, 0);
}

static void axes_that_the_spec_exempts_get_none(void **state)
{
	gamepad();
	axis(ABS_PRESSURE, 0, 9);
	spec_rest_defaults(&spec, 1u << ABS_X | 1u << ABS_PRESSURE);
	assert_false(spec.abs[ABS_X].has_rest);
	assert_false(spec.abs[ABS_PRESSURE].has_rest);
	assert_rest(ABS_Y, 50);
}

/* Two buttons or axes of joysticks make one; neither ABS_X nor ABS_Y counts. */
static int is_joystick(void)
{
	axis(ABS_X, 0, 100);
	spec_rest_defaults(&spec, 0);
	return spec.abs[ABS_X].has_rest;
}

static void a_single_button_makes_no_joystick(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	assert_false(is_joystick());
}

static void buttons_of_joysticks_count_and_no_others(void **state)
{
	for (uint16_t code = 0; code <= KEY_MAX; code++) {
		spec = (struct spec){ 0 };
		axis(ABS_RX, 0, 100);
		bit_set(spec.bits[EV_KEY], code);
		assert_int_equal(
			is_joystick(),
			(code >= BTN_JOYSTICK && code <= BTN_THUMBR + 1) ||
				(code >= BTN_DPAD_UP &&
				 code <= BTN_DPAD_RIGHT) ||
				(code >= BTN_TRIGGER_HAPPY1 &&
				 code <= BTN_TRIGGER_HAPPY40));
	}
}

static void axes_of_joysticks_count_and_no_others(void **state)
{
	for (uint16_t code = 0; code <= ABS_MAX; code++) {
		spec = (struct spec){ 0 };
		bit_set(spec.bits[EV_KEY], BTN_SOUTH);
		axis(code, 0, 100);
		assert_int_equal(is_joystick(),
				 code >= ABS_RX && code < ABS_PRESSURE);
	}
}

static void each_axis_of_a_joystick_that_springs_has_a_rest(void **state)
{
	for (uint16_t code = 0; code <= ABS_MAX; code++) {
		spec = (struct spec){ 0 };
		bit_set(spec.bits[EV_KEY], BTN_SOUTH);
		bit_set(spec.bits[EV_KEY], BTN_EAST);
		axis(code, 0, 100);
		assert_true(is_joystick());
		assert_int_equal(
			spec.abs[code].has_rest,
			code <= ABS_RZ || code == ABS_PRESSURE ||
				(code >= ABS_THROTTLE && code <= ABS_BRAKE) ||
				(code >= ABS_HAT0X && code <= ABS_HAT3Y));
	}
}

static void touch_without_a_position_may_be_a_joystick(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_TOUCH);
	axis(ABS_RX, 0, 100);
	axis(ABS_RY, 0, 100);
	assert_true(is_joystick());
}

static void pressure_goes_to_none_on_any_device(void **state)
{
	axis(ABS_PRESSURE, 3, 100);
	axis(ABS_MT_PRESSURE, 3, 100);
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_PRESSURE, 3);
	assert_false(spec.abs[ABS_MT_PRESSURE].has_rest);
}

static void axes_that_do_not_spring_stay(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_VOLUME, -1, 1);
	axis(ABS_DISTANCE, 0, 9);
	spec_rest_defaults(&spec, 0);
	assert_false(spec.abs[ABS_VOLUME].has_rest);
	assert_false(spec.abs[ABS_DISTANCE].has_rest);
}

static void rest_of_the_spec_counts(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_X, -5, 5);
	spec.abs[ABS_X].has_rest = true;
	spec.abs[ABS_X].rest = 3;
	spec_rest_defaults(&spec, 0);
	assert_rest(ABS_X, 3);
}

static void axes_not_declared_have_none(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	spec_rest_defaults(&spec, 0);
	for (int code = 0; code < ABS_CNT; code++)
		assert_false(spec.abs[code].has_rest);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sticks_go_to_the_centre),
		TEST(triggers_go_to_their_end),
		TEST(signed_triggers_go_to_0),
		TEST(largest_range_does_not_overflow),
		TEST(places_stay),
		TEST(keys_of_other_devices_make_it_no_joystick),
		TEST(pad_of_a_tablet_is_no_joystick),
		TEST(keyboard_with_joystick_axes_is_no_joystick),
		TEST(accelerometer_is_no_joystick),
		TEST(pedals_without_buttons_are_a_joystick),
		TEST(axes_that_the_spec_exempts_get_none),
		TEST(a_single_button_makes_no_joystick),
		TEST(buttons_of_joysticks_count_and_no_others),
		TEST(axes_of_joysticks_count_and_no_others),
		TEST(each_axis_of_a_joystick_that_springs_has_a_rest),
		TEST(touch_without_a_position_may_be_a_joystick),
		TEST(pressure_goes_to_none_on_any_device),
		TEST(axes_that_do_not_spring_stay),
		TEST(rest_of_the_spec_counts),
		TEST(axes_not_declared_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
