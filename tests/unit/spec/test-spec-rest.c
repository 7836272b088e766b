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
	axis(ABS_HAT0X, -1, 1);
	axis(ABS_HAT3Y, 0, 2);
	spec_rest_defaults(&spec);
	assert_rest(ABS_X, 0);
	assert_rest(ABS_Y, 800);
	assert_rest(ABS_RX, 127);
	assert_rest(ABS_RY, 0);
	assert_rest(ABS_RUDDER, 50);
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
	spec_rest_defaults(&spec);
	assert_rest(ABS_Z, 0);
	assert_rest(ABS_RZ, 0);
	assert_rest(ABS_GAS, 5);
	assert_rest(ABS_BRAKE, 0);
	assert_rest(ABS_THROTTLE, 0);
}

static void signed_triggers_go_to_0(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_THUMBR);
	axis(ABS_Z, -128, 127);
	spec_rest_defaults(&spec);
	assert_rest(ABS_Z, 0);
}

static void largest_range_does_not_overflow(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_X, 1, INT32_MAX);
	axis(ABS_Y, INT32_MIN, -1);
	spec_rest_defaults(&spec);
	assert_rest(ABS_X, 1073741824);
	assert_rest(ABS_Y, -1073741824);
}

static void places_stay(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_LEFT); /* a tablet */
	axis(ABS_X, 0, 100);
	spec_rest_defaults(&spec);
	assert_false(spec.abs[ABS_X].has_rest);
}

static void touch_device_with_joystick_buttons_is_no_joystick(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	bit_set(spec.bits[EV_KEY], BTN_TOUCH);
	axis(ABS_X, 0, 100);
	spec_rest_defaults(&spec);
	assert_false(spec.abs[ABS_X].has_rest);
}

static void buttons_around_joysticks_make_none(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_JOYSTICK - 1);
	bit_set(spec.bits[EV_KEY], BTN_THUMBR + 1);
	axis(ABS_X, 0, 100);
	spec_rest_defaults(&spec);
	assert_false(spec.abs[ABS_X].has_rest);
}

static void pressure_goes_to_none_on_any_device(void **state)
{
	axis(ABS_PRESSURE, 3, 100);
	axis(ABS_MT_PRESSURE, 3, 100);
	spec_rest_defaults(&spec);
	assert_rest(ABS_PRESSURE, 3);
	assert_false(spec.abs[ABS_MT_PRESSURE].has_rest);
}

static void axes_that_do_not_spring_stay(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_VOLUME, -1, 1);
	axis(ABS_DISTANCE, 0, 9);
	spec_rest_defaults(&spec);
	assert_false(spec.abs[ABS_VOLUME].has_rest);
	assert_false(spec.abs[ABS_DISTANCE].has_rest);
}

static void rest_of_the_spec_counts(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	axis(ABS_X, -5, 5);
	spec.abs[ABS_X].has_rest = true;
	spec.abs[ABS_X].rest = 3;
	spec_rest_defaults(&spec);
	assert_rest(ABS_X, 3);
}

static void axes_not_declared_have_none(void **state)
{
	bit_set(spec.bits[EV_KEY], BTN_SOUTH);
	spec_rest_defaults(&spec);
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
		TEST(touch_device_with_joystick_buttons_is_no_joystick),
		TEST(buttons_around_joysticks_make_none),
		TEST(pressure_goes_to_none_on_any_device),
		TEST(axes_that_do_not_spring_stay),
		TEST(rest_of_the_spec_counts),
		TEST(axes_not_declared_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
