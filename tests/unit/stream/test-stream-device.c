/* SPDX-License-Identifier: Apache-2.0 */
/* stream-device.h: what the axes of a device's spec say. */
#include "injector/stream/stream-device.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

static struct stream_device device_of(const char *spec)
{
	struct stream_device d = { .has_spec = true };

	event_text_device(spec, &d.spec);
	return d;
}

static void assert_size(const char *spec, uint32_t width, uint32_t height)
{
	struct stream_device d = device_of(spec);
	struct stream_size size;

	assert_num(stream_device_size(&d, &size), width && height);
	assert_num(size.width, width);
	assert_num(size.height, height);
}

static void a_size_is_that_of_the_axes(void **state)
{
	assert_size("ABS_X 0..1079, ABS_Y 0..2399", 1080, 2400);
	/* They need not begin at 0. */
	assert_size("ABS_X 100..299, ABS_Y -50..49", 200, 100);
	/* Those of contacts count. */
	assert_size("ABS_X 0..9, ABS_Y 0..9, ABS_MT_SLOT 0..3, "
		    "ABS_MT_TRACKING_ID 0..9, ABS_MT_POSITION_X 5..6, "
		    "ABS_MT_POSITION_Y -7..-5",
		    2, 3);
	assert_size("ABS_X 0..9", 10, 0);
	assert_size("KEY_A", 0, 0);
}

static void a_device_without_a_spec_has_no_size(void **state)
{
	struct stream_device d = device_of("ABS_X 0..9, ABS_Y 0..9");
	struct stream_size size;

	d.has_spec = false;
	assert_false(stream_device_size(&d, &size));
}

static void a_gamepad_has_sticks_and_no_screen(void **state)
{
	struct stream_device d = device_of("ABS_X 0..9, ABS_Y 0..9");
	struct stream_size size;

	d.roles = STREAM_GAMEPAD;
	assert_false(stream_device_size(&d, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_is_that_of_the_axes),
		cmocka_unit_test(a_device_without_a_spec_has_no_size),
		cmocka_unit_test(a_gamepad_has_sticks_and_no_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
