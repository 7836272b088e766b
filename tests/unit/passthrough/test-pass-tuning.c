/* SPDX-License-Identifier: Apache-2.0 */
/* pass-tuning.h, and which devices libinput is for. */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-libinput.h"
#include "injector/passthrough/pass-tuning.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

static void settings_are_read(void **state)
{
	struct pass_tuning t;
	struct fault why;

	pass_tuning_init(&t);
	assert_num(t.choice[PASS_TUNE_TAP], -1);
	assert_num(t.width, 1920);
	assert_ok(pass_tuning_read(&t,
				   "tap,natural-scroll=off,accel=flat,"
				   "scroll=edge,speed=-0.5,size=800x600",
				   &why));
	assert_num(t.choice[PASS_TUNE_TAP], PASS_ON);
	assert_num(t.choice[PASS_TUNE_NATURAL], PASS_OFF);
	assert_num(t.choice[PASS_TUNE_ACCEL], PASS_ACCEL_FLAT);
	assert_num(t.choice[PASS_TUNE_SCROLL], PASS_SCROLL_EDGE);
	assert_num(t.choice[PASS_TUNE_LEFT], -1);
	assert_true(t.has_speed && t.speed == -0.5);
	assert_num(t.width, 800);
	assert_num(t.height, 600);
}

static void limits_are_settings(void **state)
{
	struct pass_tuning t;
	struct fault why;

	pass_tuning_init(&t);
	assert_false(pass_tuning_pinches(&t));
	assert_ok(
		pass_tuning_read(&t, "speed=-1,size=32768x1,pinch=off", &why));
	assert_true(t.speed == -1);
	assert_num(t.width, 32768);
	assert_num(t.height, 1);
	assert_false(pass_tuning_pinches(&t));
	assert_ok(pass_tuning_read(&t, "pinch,speed=1,size=1x32768", &why));
	assert_true(t.speed == 1);
	assert_num(t.height, 32768);
	assert_true(pass_tuning_pinches(&t));
}

#define SIZE(given) \
	"size=" given ": must be WIDTHxHEIGHT, in pixels up to 32768"

static void wrong_settings_are_refused(void **state)
{
	static const char *const wrong[][2] = {
		{ "tapp", "no setting \"tapp\"; did you mean tap?" },
		{ "sped=1", "no setting \"sped\"; did you mean speed?" },
		{ "sizes=1x1", "no setting \"sizes\"; did you mean size?" },
		{ "tap=yes", "tap=yes: must be on or off" },
		{ "accel", "accel=: must be flat or adaptive" },
		{ "scroll=three-finger", "scroll=three-finger: must be none, "
					 "two-finger, edge or button" },
		{ "click=x", "click=x: must be none, areas or finger" },
		{ "speed", "speed=: must be from -1 to 1" },
		{ "speed=", "speed=: must be from -1 to 1" },
		{ "speed=-1.5", "speed=-1.5: must be from -1 to 1" },
		{ "speed=1.5", "speed=1.5: must be from -1 to 1" },
		{ "speed=nan", "speed=nan: must be from -1 to 1" },
		{ "speed=1x", "speed=1x: must be from -1 to 1" },
		{ "size=800", SIZE("800") },
		{ "size=800x600x", SIZE("800x600x") },
		{ "size=0x600", SIZE("0x600") },
		{ "size=800x0", SIZE("800x0") },
		{ "size=32769x600", SIZE("32769x600") },
		{ "size=800x32769", SIZE("800x32769") },
		{ "size", SIZE("") },
		{ "tap,,drag", "no setting \"\"" },
		{ "", "no setting \"\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct pass_tuning t;
		struct fault why;

		pass_tuning_init(&t);
		assert_rc(pass_tuning_read(&t, wrong[i][0], &why), -EINVAL);
		assert_string_equal(why.text, wrong[i][1]);
	}
}

static void kind_is_by_what_the_device_has(void **state)
{
	static const struct {
		const char *device, *kind;
		bool direct;
	} cases[] = {
		{ "BTN_LEFT, REL_X, REL_Y", "mouse", false },
		{ "BTN_TOUCH, BTN_TOOL_FINGER, ABS_X 0..9", "mouse", false },
		{ "BTN_TOUCH, ABS_X 0..9", "multi-touchscreen", true },
		{ "BTN_LEFT, ABS_X 0..9, ABS_Y 0..9", "tablet", false },
		{ "BTN_TOUCH, BTN_TOOL_PEN, ABS_X 0..9", NULL, true },
		{ "BTN_STYLUS, BTN_LEFT, ABS_X 0..9", NULL, false },
		{ "KEY_A, KEY_B", NULL, false },
		{ "BTN_SOUTH, ABS_X 0..9, ABS_Y 0..9", NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct spec spec = { 0 };
		const char *kind;

		event_text_device(cases[i].device, &spec);
		if (cases[i].direct)
			bit_set(spec.props, INPUT_PROP_DIRECT);
		kind = pass_libinput_kind(&spec);
		assert_string_equal(kind ? kind : "-",
				    cases[i].kind ? cases[i].kind : "-");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(limits_are_settings),
		cmocka_unit_test(wrong_settings_are_refused),
		cmocka_unit_test(kind_is_by_what_the_device_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
