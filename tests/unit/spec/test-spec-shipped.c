/* SPDX-License-Identifier: Apache-2.0 */
/*
 * specs/: what a guest takes each shipped device for is decided by its codes.
 * The rules here are those of udev's input_id, of libinput and of Windows'
 * vioinput. And spec-shipped.h: which of them the program has as constants.
 */
#include <glob.h>
#include <linux/input.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/spec-names.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-shipped.h"
#include "tests/lib/array.h"
#include "tests/lib/brink.h"
#include "tests/lib/spec-equal.h"

static void refuse_diag(void *arg, const struct spec_diag *diag)
{
	fail_msg("%s:%u:%u: %s", (const char *)arg, diag->line, diag->column,
		 diag->text);
}

/* specs/NAME.json, until the next is asked for. */
static struct spec_text text_of(const char *name, char path[128])
{
	static char text[65536];
	size_t len;
	FILE *in;

	snprintf(path, 128, "specs/%s.json", name);
	in = fopen(path, "r");
	if (!in)
		fail_msg("%s: cannot be opened; run this from the top", path);
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = '\0';
	fclose(in);
	return (struct spec_text){ text, len };
}

static bool needs_size(const struct spec_text *text)
{
	return strstr(text->bytes, "%WIDTH-1%");
}

/* What is read of it; touch and pen devices get a size. */
static struct spec shipped(const char *name)
{
	static const struct spec_set size[] = { { "WIDTH", "1920" },
						{ "HEIGHT", "1080" } };
	char path[128];
	struct spec_text text = text_of(name, path);
	struct spec spec;

	text.sets = size;
	text.n_sets = needs_size(&text) ? 2 : 0;
	assert_int_equal(spec_read(&spec, &text, refuse_diag, path), 0);
	return spec;
}

static bool has(const struct spec *spec, uint16_t type, const char *name)
{
	int code = names_to_code(type, name);

	if (code < 0)
		fail_msg("%s: no such name", name);
	return spec_has(spec, type, (uint16_t)code);
}

static bool has_any(const struct spec *spec, uint16_t type, uint16_t first,
		    uint16_t last)
{
	for (uint16_t code = first; code <= last; code++)
		if (spec_has(spec, type, code))
			return true;
	return false;
}

static bool has_prop(const struct spec *spec, unsigned int prop)
{
	return bit_test(spec->props, prop);
}

static void assert_axis(const struct spec *spec, uint16_t code, int32_t min,
			int32_t max, int32_t res)
{
	assert_true(spec_has(spec, EV_ABS, code));
	assert_int_equal(spec->abs[code].min, min);
	assert_int_equal(spec->abs[code].max, max);
	assert_int_equal(spec->abs[code].res, res);
}

static const char *const all_names[] = {
	"gamepad",	   "keyboard",		 "media-remote", "mouse",
	"multi-touchpad",  "multi-touchscreen",	 "pen",		 "rotary",
	"single-touchpad", "single-touchscreen", "switches",	 "tablet",
};

static void all_twelve_are_there(void **state)
{
	char path[128];
	glob_t files;

	/* all but device.schema.json */
	assert_int_equal(glob("specs/*[!a].json", 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, 12);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct spec spec = shipped(all_names[i]);

		snprintf(path, sizeof(path), "specs/%s.json", all_names[i]);
		assert_string_equal(files.gl_pathv[i], path);
		assert_true(strncmp(spec.name, "vinput ", 7) == 0);
		assert_true(strncmp(spec.serial, "vinput-", 7) == 0);
	}
	globfree(&files);
}

/* --- as constants --- */

static const struct spec *find(const struct spec_text *text)
{
	return spec_shipped_find(text_at_brink(text->bytes, text->len),
				 text->len);
}

static void one_that_needs_no_size_is_known_as_it_is_read(void **state)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(all_names); i++) {
		const struct spec_text text = text_of(all_names[i], path);
		const struct spec *known = find(&text);
		struct spec spec;

		if (needs_size(&text) != !known)
			fail_msg("%s: %s", path, known ? "known" : "unknown");
		if (!known)
			continue;
		spec = shipped(all_names[i]);
		spec_expect_equal(known, &spec);
	}
}

static void a_text_with_another_byte_is_unknown(void **state)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(all_names); i++) {
		struct spec_text text = text_of(all_names[i], path);
		char *bytes = (char *)text.bytes;

		for (size_t at = 0; at < text.len; at++) {
			bytes[at] ^= 1;
			assert_null(find(&text));
			bytes[at] ^= 1;
		}
		text.len++; /* the NUL */
		assert_null(find(&text));
		text.len -= 2;
		assert_null(find(&text));
		text.len = 0;
		assert_null(find(&text));
	}
}

/* --- what guests take them for --- */

/* Linux' code for each KeyboardEvent.code that browsers on Linux send. */
static void keyboard_has_every_key_of_a_browser(void **state)
{
	static const char *const keys[] = {
		/* Escape F1..F24 PrintScreen ScrollLock Pause */
		"KEY_ESC",
		"KEY_F1",
		"KEY_F10",
		"KEY_F11",
		"KEY_F12",
		"KEY_F13",
		"KEY_F24",
		"KEY_SYSRQ",
		"KEY_SCROLLLOCK",
		"KEY_PAUSE",
		/* the writing keys, IntlBackslash, IntlRo, IntlYen */
		"KEY_GRAVE",
		"KEY_1",
		"KEY_0",
		"KEY_MINUS",
		"KEY_EQUAL",
		"KEY_A",
		"KEY_Z",
		"KEY_LEFTBRACE",
		"KEY_RIGHTBRACE",
		"KEY_SEMICOLON",
		"KEY_APOSTROPHE",
		"KEY_BACKSLASH",
		"KEY_COMMA",
		"KEY_DOT",
		"KEY_SLASH",
		"KEY_102ND",
		"KEY_RO",
		"KEY_YEN",
		/* Enter, Tab, ..., modifiers */
		"KEY_ENTER",
		"KEY_TAB",
		"KEY_SPACE",
		"KEY_BACKSPACE",
		"KEY_CAPSLOCK",
		"KEY_LEFTSHIFT",
		"KEY_RIGHTSHIFT",
		"KEY_LEFTCTRL",
		"KEY_RIGHTCTRL",
		"KEY_LEFTALT",
		"KEY_RIGHTALT",
		"KEY_LEFTMETA",
		"KEY_RIGHTMETA",
		"KEY_COMPOSE",
		"KEY_FN",
		/* Convert NonConvert KanaMode Lang1..5 */
		"KEY_HENKAN",
		"KEY_MUHENKAN",
		"KEY_KATAKANAHIRAGANA",
		"KEY_HANGEUL",
		"KEY_HANJA",
		"KEY_KATAKANA",
		"KEY_HIRAGANA",
		"KEY_ZENKAKUHANKAKU",
		/* arrows and what is above them */
		"KEY_UP",
		"KEY_DOWN",
		"KEY_LEFT",
		"KEY_RIGHT",
		"KEY_INSERT",
		"KEY_DELETE",
		"KEY_HOME",
		"KEY_END",
		"KEY_PAGEUP",
		"KEY_PAGEDOWN",
		"KEY_HELP",
		/* Numpad* */
		"KEY_NUMLOCK",
		"KEY_KP0",
		"KEY_KP9",
		"KEY_KPPLUS",
		"KEY_KPMINUS",
		"KEY_KPASTERISK",
		"KEY_KPSLASH",
		"KEY_KPENTER",
		"KEY_KPDOT",
		"KEY_KPEQUAL",
		"KEY_KPCOMMA",
		"KEY_KPPLUSMINUS",
		"KEY_KPLEFTPAREN",
		"KEY_KPRIGHTPAREN",
		/* Undo Redo Cut Copy Paste Find Again Open Props Select */
		"KEY_UNDO",
		"KEY_REDO",
		"KEY_CUT",
		"KEY_COPY",
		"KEY_PASTE",
		"KEY_FIND",
		"KEY_AGAIN",
		"KEY_OPEN",
		"KEY_PROPS",
		"KEY_SELECT",
		"KEY_STOP",
		"KEY_NEW",
		"KEY_SAVE",
		"KEY_CLOSE",
		"KEY_PRINT",
		/* Audio*, Media*, Eject */
		"KEY_MUTE",
		"KEY_VOLUMEDOWN",
		"KEY_VOLUMEUP",
		"KEY_MICMUTE",
		"KEY_PLAYPAUSE",
		"KEY_PLAY",
		"KEY_PAUSECD",
		"KEY_STOPCD",
		"KEY_NEXTSONG",
		"KEY_PREVIOUSSONG",
		"KEY_FASTFORWARD",
		"KEY_REWIND",
		"KEY_RECORD",
		"KEY_EJECTCD",
		"KEY_CONFIG",
		/* Browser*, Launch*, Mail* */
		"KEY_BACK",
		"KEY_FORWARD",
		"KEY_REFRESH",
		"KEY_HOMEPAGE",
		"KEY_SEARCH",
		"KEY_BOOKMARKS",
		"KEY_FILE",
		"KEY_CALC",
		"KEY_MAIL",
		"KEY_SEND",
		"KEY_REPLY",
		"KEY_FORWARDMAIL",
		"KEY_ASSISTANT",
		"KEY_CONTROLPANEL",
		"KEY_SCREENSAVER",
		"KEY_KEYBOARD",
		/* Power Sleep WakeUp Suspend, Brightness*, Display*, Zoom* */
		"KEY_POWER",
		"KEY_SLEEP",
		"KEY_WAKEUP",
		"KEY_SUSPEND",
		"KEY_BRIGHTNESSDOWN",
		"KEY_BRIGHTNESSUP",
		"KEY_SWITCHVIDEOMODE",
		"KEY_ZOOM",
		"KEY_SCALE",
		"KEY_KBDILLUMTOGGLE",
		"KEY_KBDILLUMDOWN",
		"KEY_KBDILLUMUP",
		"KEY_PRIVACY_SCREEN_TOGGLE",
		"KEY_EMOJI_PICKER",
	};
	struct spec spec = shipped("keyboard");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!has(&spec, EV_KEY, keys[i]))
			fail_msg("%s is missing", keys[i]);
}

static void keyboard_is_a_keyboard_and_no_more(void **state)
{
	struct spec spec = shipped("keyboard");

	for (uint16_t key = KEY_ESC; key <= KEY_D; key++) /* udev's rule */
		assert_true(spec_has(&spec, EV_KEY, key));
	assert_false(has_any(&spec, EV_KEY, BTN_MISC, BTN_GEAR_UP));
	assert_false(has_any(&spec, EV_KEY, BTN_DPAD_UP, BTN_DPAD_RIGHT));
	assert_true(has_any(&spec, EV_REP, REP_DELAY, REP_DELAY));
	for (uint16_t led = LED_NUML; led <= LED_KANA; led++)
		assert_true(spec_has(&spec, EV_LED, led));
}

static void mouse_has_five_buttons_and_two_wheels(void **state)
{
	struct spec spec = shipped("mouse");

	for (uint16_t key = BTN_LEFT; key <= BTN_BACK; key++)
		assert_true(spec_has(&spec, EV_KEY, key));
	assert_true(has(&spec, EV_REL, "REL_X"));
	assert_true(has(&spec, EV_REL, "REL_Y"));
	assert_true(has(&spec, EV_REL, "REL_WHEEL"));
	assert_true(has(&spec, EV_REL, "REL_HWHEEL"));
	assert_true(has(&spec, EV_REL, "REL_WHEEL_HI_RES"));
	assert_true(has(&spec, EV_REL, "REL_HWHEEL_HI_RES"));
	assert_false(has_any(&spec, EV_ABS, 0, ABS_MAX));
}

static void tablet_is_an_absolute_mouse(void **state)
{
	struct spec spec = shipped("tablet");

	assert_true(has(&spec, EV_KEY, "BTN_LEFT"));
	assert_false(has(&spec, EV_KEY, "BTN_TOUCH"));
	assert_false(has(&spec, EV_KEY, "BTN_TOOL_PEN"));
	assert_false(has(&spec, EV_REL, "REL_X"));
	assert_axis(&spec, ABS_X, 0, 32767, 0);
	assert_axis(&spec, ABS_Y, 0, 32767, 0);
	assert_false(spec.abs[ABS_X].has_rest);
}

static void touchscreens_are_direct_and_have_single_touch(void **state)
{
	static const char *const names[] = { "single-touchscreen",
					     "multi-touchscreen" };

	for (size_t i = 0; i < 2; i++) {
		struct spec spec = shipped(names[i]);

		assert_true(has_prop(&spec, INPUT_PROP_DIRECT));
		assert_true(has(&spec, EV_KEY, "BTN_TOUCH"));
		assert_false(has_any(&spec, EV_KEY, BTN_TOOL_PEN,
				     BTN_TOOL_QUINTTAP));
		assert_axis(&spec, ABS_X, 0, 1919, 10);
		assert_axis(&spec, ABS_Y, 0, 1079, 10);
		/* Android would take a touch without pressure for hovering */
		assert_false(has(&spec, EV_ABS, "ABS_PRESSURE"));
		assert_false(has(&spec, EV_ABS, "ABS_MT_PRESSURE"));
	}
}

static void multi_touch_has_slots_and_tracking_ids(void **state)
{
	struct spec screen = shipped("multi-touchscreen");
	struct spec pad = shipped("multi-touchpad");
	struct spec single = shipped("single-touchscreen");

	assert_int_equal(spec_slots(&screen), 10);
	assert_int_equal(spec_slots(&pad), 5);
	assert_int_equal(spec_slots(&single), 0);
	assert_axis(&screen, ABS_MT_POSITION_X, 0, 1919, 10);
	assert_axis(&screen, ABS_MT_POSITION_Y, 0, 1079, 10);
	assert_axis(&pad, ABS_MT_POSITION_X, 0, 1919, 10);
	assert_axis(&screen, ABS_MT_TRACKING_ID, 0, 65535, 0);
	assert_axis(&pad, ABS_MT_TRACKING_ID, 0, 65535, 0);
}

static void touchpads_are_clickpads(void **state)
{
	static const char *const names[] = { "single-touchpad",
					     "multi-touchpad" };

	for (size_t i = 0; i < 2; i++) {
		struct spec spec = shipped(names[i]);

		assert_true(has_prop(&spec, INPUT_PROP_POINTER));
		assert_true(has_prop(&spec, INPUT_PROP_BUTTONPAD));
		assert_false(has_prop(&spec, INPUT_PROP_DIRECT));
		assert_true(has(&spec, EV_KEY, "BTN_TOOL_FINGER"));
		assert_true(has(&spec, EV_KEY, "BTN_TOUCH"));
		assert_true(has(&spec, EV_KEY, "BTN_LEFT"));
		/* libinput complains of a clickpad with a right button */
		assert_false(has(&spec, EV_KEY, "BTN_RIGHT"));
		assert_axis(&spec, ABS_X, 0, 1919, 10);
		assert_axis(&spec, ABS_Y, 0, 1079, 10);
	}
}

/*
 * libinput heeds pressure instead of BTN_TOUCH, unless ABS_MT_PRESSURE has a
 * resolution; and not all injectors send pressure.
 */
static void touchpads_work_without_pressure(void **state)
{
	struct spec multi = shipped("multi-touchpad");
	struct spec single = shipped("single-touchpad");

	assert_axis(&multi, ABS_PRESSURE, 0, 255, 1);
	assert_axis(&multi, ABS_MT_PRESSURE, 0, 255, 1);
	assert_false(has(&single, EV_ABS, "ABS_PRESSURE"));
}

static void pen_has_what_libinput_asks_of_a_tablet(void **state)
{
	struct spec spec = shipped("pen");

	assert_true(has_prop(&spec, INPUT_PROP_DIRECT));
	assert_true(has(&spec, EV_KEY, "BTN_TOOL_PEN"));
	assert_true(has(&spec, EV_KEY, "BTN_TOOL_RUBBER"));
	assert_true(has(&spec, EV_KEY, "BTN_STYLUS"));
	assert_true(has(&spec, EV_KEY, "BTN_TOUCH"));
	assert_axis(&spec, ABS_X, 0, 1919, 10);
	assert_axis(&spec, ABS_Y, 0, 1079, 10);
	assert_true(has(&spec, EV_KEY, "BTN_STYLUS3"));
	assert_axis(&spec, ABS_PRESSURE, 0, 4095, 0);
	assert_axis(&spec, ABS_DISTANCE, 0, 63, 0);
	assert_axis(&spec, ABS_TILT_X, -90, 90, 57);
	assert_axis(&spec, ABS_TILT_Y, -90, 90, 57);
}

static void rotary_has_only_wheels(void **state)
{
	struct spec spec = shipped("rotary");

	assert_true(has(&spec, EV_REL, "REL_WHEEL"));
	assert_false(has(&spec, EV_REL, "REL_X"));
	assert_false(has_any(&spec, EV_KEY, 0, KEY_MAX));
}

static void gamepad_is_an_xbox_360_pad(void **state)
{
	struct spec spec = shipped("gamepad");

	assert_int_equal(spec.ids.bustype, BUS_USB);
	assert_int_equal(spec.ids.vendor, 0x045e);
	assert_int_equal(spec.ids.product, 0x028e);
	assert_true(has_any(&spec, EV_KEY, BTN_GAMEPAD, BTN_GAMEPAD));
	assert_false(has(&spec, EV_KEY, "BTN_C"));
	assert_false(has(&spec, EV_KEY, "BTN_TL2"));
	assert_axis(&spec, ABS_X, -32768, 32767, 0);
	assert_axis(&spec, ABS_RY, -32768, 32767, 0);
	assert_axis(&spec, ABS_Z, 0, 255, 0);
	assert_axis(&spec, ABS_HAT0Y, -1, 1, 0);
	assert_true(spec.abs[ABS_Z].has_rest && spec.abs[ABS_Z].rest == 0);
	assert_true(spec.abs[ABS_X].has_rest && spec.abs[ABS_X].rest == 0);
}

static void switches_leave_radios_alone(void **state)
{
	struct spec spec = shipped("switches");

	for (uint16_t sw = 0; sw <= SW_MAX; sw++)
		assert_int_equal(spec_has(&spec, EV_SW, sw),
				 sw != SW_RFKILL_ALL);
}

static void media_remote_has_keys_only(void **state)
{
	struct spec spec = shipped("media-remote");

	assert_true(has(&spec, EV_KEY, "KEY_PLAYPAUSE"));
	assert_true(has(&spec, EV_KEY, "KEY_VOLUMEUP"));
	assert_true(has(&spec, EV_KEY, "KEY_NUMERIC_0"));
	assert_false(has(&spec, EV_KEY, "KEY_A"));
	assert_false(has_any(&spec, EV_REL, 0, REL_MAX));
	assert_false(has_any(&spec, EV_ABS, 0, ABS_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_twelve_are_there),
		cmocka_unit_test(one_that_needs_no_size_is_known_as_it_is_read),
		cmocka_unit_test(a_text_with_another_byte_is_unknown),
		cmocka_unit_test(keyboard_has_every_key_of_a_browser),
		cmocka_unit_test(keyboard_is_a_keyboard_and_no_more),
		cmocka_unit_test(mouse_has_five_buttons_and_two_wheels),
		cmocka_unit_test(tablet_is_an_absolute_mouse),
		cmocka_unit_test(touchscreens_are_direct_and_have_single_touch),
		cmocka_unit_test(multi_touch_has_slots_and_tracking_ids),
		cmocka_unit_test(touchpads_are_clickpads),
		cmocka_unit_test(touchpads_work_without_pressure),
		cmocka_unit_test(pen_has_what_libinput_asks_of_a_tablet),
		cmocka_unit_test(rotary_has_only_wheels),
		cmocka_unit_test(gamepad_is_an_xbox_360_pad),
		cmocka_unit_test(switches_leave_radios_alone),
		cmocka_unit_test(media_remote_has_keys_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
