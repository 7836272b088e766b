/* SPDX-License-Identifier: Apache-2.0 */
/* stream-device.h: what a device's spec says, and the list of devices. */
#include <stdio.h>
#include <string.h>
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

static void an_axis_without_a_range_has_no_units(void **state)
{
	struct stream_device d = device_of("ABS_X 5..5, ABS_Y -7..-6");

	assert_false(stream_device_scales(&d, ABS_X));
	assert_num(stream_device_scale(&d, ABS_X, 1), 0);
	assert_true(stream_device_scales(&d, ABS_Y));
	assert_num(stream_device_scale(&d, ABS_Y, 1), -6);
	assert_false(stream_device_scales(&d, ABS_Z));
	assert_size("ABS_X 5..5, ABS_Y 0..9", 0, 10);
}

static void only_a_rest_that_is_declared_counts(void **state)
{
	struct stream_device d = device_of("ABS_X -9..9 rest 3, ABS_Y -9..9");

	d.spec.abs[ABS_Y].rest = 4;
	assert_num(stream_device_rest(&d, ABS_X), 3);
	assert_num(stream_device_rest(&d, ABS_Y), 0);
	d.has_spec = false;
	assert_num(stream_device_rest(&d, ABS_X), 0);
}

static void a_spec_tells_the_roles(void **state)
{
	static const struct {
		const char *spec;
		unsigned int roles;
	} rows[] = {
		{ "KEY_B", 0 },
		{ "KEY_A", STREAM_KEYBOARD },
		{ "KEY_POWER", STREAM_KEYBOARD },
		{ "BTN_LEFT, REL_X", STREAM_MOUSE },
		{ "BTN_LEFT, REL_WHEEL", STREAM_MOUSE },
		{ "BTN_LEFT", 0 },
		{ "REL_X, REL_WHEEL", 0 },
		{ "REL_WHEEL", STREAM_ROTARY },
		{ "REL_DIAL", STREAM_ROTARY },
		{ "BTN_TOOL_PEN, BTN_TOUCH, BTN_SOUTH", STREAM_STYLUS },
		{ "BTN_SOUTH, BTN_TOUCH", STREAM_GAMEPAD },
		{ "BTN_TOUCH", STREAM_SURFACE },
		{ "ABS_MT_SLOT 0..1", STREAM_SURFACE },
		{ "BTN_LEFT, ABS_X 0..1", STREAM_TABLET },
		{ "ABS_X 0..1", 0 },
		{ "SW_LID", STREAM_SWITCHES },
		{ "SW_MUTE_DEVICE", STREAM_SWITCHES },
		/* Several at once. */
		{ "KEY_A, BTN_LEFT, REL_X, BTN_TOOL_PEN, SW_LID",
		  STREAM_KEYBOARD | STREAM_MOUSE | STREAM_STYLUS |
			  STREAM_SWITCHES },
		{ "KEY_A, REL_DIAL, BTN_SOUTH, SW_LID",
		  STREAM_KEYBOARD | STREAM_ROTARY | STREAM_GAMEPAD |
			  STREAM_SWITCHES },
		{ "KEY_A, BTN_TOUCH", STREAM_KEYBOARD | STREAM_SURFACE },
		{ "KEY_A, BTN_LEFT, ABS_X 0..1",
		  STREAM_KEYBOARD | STREAM_TABLET },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream_device d = device_of(rows[i].spec);

		if (stream_roles_of_spec(&d.spec) != rows[i].roles)
			fail_msg("%s: %#x", rows[i].spec,
				 stream_roles_of_spec(&d.spec));
	}
}

static void a_label_tells_the_roles(void **state)
{
	assert_num(stream_roles_of_label("keyboard"), STREAM_KEYBOARD);
	assert_num(stream_roles_of_label("switches"), STREAM_SWITCHES);
	assert_num(stream_roles_of_label("touch_1"), STREAM_SURFACE);
	assert_num(stream_roles_of_label("touch"), 0);
	assert_num(stream_roles_of_label("pen"), 0);
}

/* The list, and what is behind it. */
static struct {
	struct stream_devices list;
	struct stream_device *beyond;
} w;

static int clear_list(void **state)
{
	w.beyond = NULL;
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.list.at[i])
			stream_device_free(&w.list, w.list.at[i]);
	return 0;
}

static void a_full_list_takes_no_more(void **state)
{
	const struct stream_device *d;
	char label[24];

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		snprintf(label, sizeof(label), "device_%d", i);
		assert_non_null(stream_device_new(&w.list, label, NULL));
	}
	assert_null(stream_device_new(&w.list, "one more", NULL));
	assert_null(w.beyond);
	w.beyond = (void *)-1;
	assert_null(stream_device_by_label(&w.list, "none"));
	assert_null(stream_device_by_role(&w.list, STREAM_MOUSE, 0));
	assert_null(stream_device_by_display(&w.list, 0));
	assert_ptr_equal(stream_device_by_label(&w.list, "device_63"),
			 w.list.at[63]);
	stream_device_free(&w.list, w.list.at[7]);
	d = stream_device_new(&w.list, "one more", NULL);
	assert_ptr_equal(d, w.list.at[7]);
}

static void a_long_label_is_cut_off(void **state)
{
	const char *label = "123456789 123456789 123456789 123456789";
	const struct stream_device *d = stream_device_new(&w.list, label, NULL);

	assert_num(strlen(d->label), STREAM_LABEL_SIZE - 1);
	assert_num(strncmp(d->label, label, strlen(d->label)), 0);
}

static int display_of(const char *label, const char *spec, bool pointer)
{
	struct stream_device d = device_of(spec);

	if (pointer)
		bit_set(d.spec.props, INPUT_PROP_POINTER);
	return stream_device_new(&w.list, label, &d.spec)->display;
}

static void a_touchscreen_is_a_display(void **state)
{
	assert_num(display_of("touch_0", "BTN_TOUCH", false), 0);
	assert_num(display_of("touch_15", "BTN_TOUCH", false), 15);
	/* Other labels get what is free. */
	assert_num(display_of("touch_16", "BTN_TOUCH", false), 1);
	assert_num(display_of("touch_3x", "BTN_TOUCH", false), 2);
	assert_num(display_of("screen", "BTN_TOUCH", false), 3);
	assert_num(display_of("touch_0", "BTN_TOUCH", false), 4);
	/* Touchpads and others are none. */
	assert_num(display_of("touch_9", "BTN_TOUCH", true), -1);
	assert_num(display_of("touch_9", "BTN_SOUTH", false), -1);
	assert_num(stream_device_by_display(&w.list, 15)->number, 1);
	assert_null(stream_device_by_display(&w.list, -1));
	for (int i = 5; i < 15; i++)
		assert_num(display_of("screen", "BTN_TOUCH", false), i);
	assert_num(display_of("screen", "BTN_TOUCH", false), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_is_that_of_the_axes),
		cmocka_unit_test(a_device_without_a_spec_has_no_size),
		cmocka_unit_test(a_gamepad_has_sticks_and_no_screen),
		cmocka_unit_test(an_axis_without_a_range_has_no_units),
		cmocka_unit_test(only_a_rest_that_is_declared_counts),
		cmocka_unit_test(a_spec_tells_the_roles),
		cmocka_unit_test(a_label_tells_the_roles),
		cmocka_unit_test_teardown(a_full_list_takes_no_more,
					  clear_list),
		cmocka_unit_test_teardown(a_long_label_is_cut_off, clear_list),
		cmocka_unit_test_teardown(a_touchscreen_is_a_display,
					  clear_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
