/* SPDX-License-Identifier: Apache-2.0 */
/* Where a recording begins in a text, and which form it is of. */
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

#define BOM	  "\xef\xbb\xbf"
#define YAML_HEAD "# libinput record\nversion: 1\ndevices:\n- node: x\n"
#define MENU                                    \
	"Available devices:\n"                  \
	"/dev/input/event0:\tLid Switch\n"      \
	"/dev/input/event1:\tEV_KEY Keyboard\n" \
	"Select the device event number [0-1]: "

#define TEN    "aaaaaaaaaa"
#define TEN_16 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const char one_key[] = "0.000000 KEY_A=1\n";

static const char *const texts[] = {
	/* ours */
	"0 KEY_A=1\n",
	BOM "0 KEY_A=1\n",
	"  0 KEY_A=1\n",
	"$ vinput-inject record >x\n3\n# vinput recording 1\n0 KEY_A=1\n",
	"# a comment\n\n0 KEY_A=1\n",
	/* evemu */
	BOM "# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	"   E: 0.5 0001 001e 1\n",
	"$ sudo evemu-record\n" MENU "1\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	"Script started on 2026-11-27 10:00:00+00:00\nN: a keyboard\n"
	"E: 0.5 0001 001e 1\n^C\n",
	/* evtest */
	"No device specified, trying to scan all of /dev/input/event*\n" MENU
	"1\nInput driver version is 1.0.1\nTesting ... (interrupt to exit)\n"
	"Event: time 5.0, type 1 (EV_KEY), code 30 (KEY_A), value 1\n",
	"\tEvent: time 5.0, type 1 (EV_KEY), code 30 (KEY_A), value 1\n",
	BOM "Event: time 5.0, type 1 (EV_KEY), code 30 (KEY_A), value 1\n",
	/* libinput */
	MENU "Recording to 'stdout'.\n" YAML_HEAD
	     "  events:\n  - evdev:\n    - [0, 0, 1, 30, 1]\n",
	BOM YAML_HEAD "  events:\n  - evdev:\n    - [0, 0, 1, 30, 1]\n",
	"---\n" YAML_HEAD "  events: [{evdev: [[0, 0, 1, 30, 1]]}]\n",
	/* getevent */
	"C:\\>adb shell getevent -t\r\nadd device 1: /dev/input/event0\r\n"
	"  name:     \"x\"\r\n"
	"could not get driver version for /dev/input/mice, Not a typewriter\r\n"
	"[  5.000000] /dev/input/event0: 0001 001e 00000001\r\n",
	BOM "0001 001e 00000001\n",
	/* Lines that only begin like one, and long ones. */
	"5 -x\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	"5 x\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	TEN_16 "\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	TEN_16 TEN "\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n",
	"devices:\n- node: x\n  events: [{evdev: [[0, 0, 1, 30, 1]]}]\n",
};

static void what_is_before_a_recording_is_skipped(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_reads(texts[i], one_key);
}

static void lines_are_counted_from_the_start_of_the_text(void **state)
{
	assert_rejected(MENU "1\n# EVEMU 1.3\nQ: 5\n", 6, "not a line of");
	assert_rejected("$\n" MENU "\n" YAML_HEAD "  events: 5\n"
			"  hid: [\n",
			12, "invalid YAML");
	assert_rejected("$\n" YAML_HEAD "  events: {}\n", 6,
			"events must be a list");
	assert_note("$\n\n# EVEMU 1.3\nE: 0.5 0001 001e 1\nE: 0.4 0 0 0\n", 5,
		    "the clock was set back");
}

static void utf_16_is_named(void **state)
{
	assert_no_recording("\xff\xfe"
			    "0\0\n\0",
			    6, 0, 0, "the text is UTF-16: convert it");
	assert_rejected("\xff\xfe", 0, "UTF-16");
	assert_no_recording("\xfe\xff"
			    "\0"
			    "0",
			    4, 0, 0, "UTF-16");
}

static void a_text_of_no_form_is_rejected(void **state)
{
	static const char *const none[] = {
		"",
		BOM,
		"hello\n",
		"hello\nworld",
		/* A log of a kernel, a menu alone. */
		"[    1.500000] usb 1-1: new device number 2\n",
		(MENU),
		"/dev/input/event0: a b c\n",
		" version: 1\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_rejected(none[i], 0, "not a recording of evemu-record");
}

static void a_frame_that_begins_a_text_is_not_skipped(void **state)
{
	assert_rejected("KEY_A=1\n0 KEY_A=0\n", 1, "must begin with its time");
	assert_rejected("0 KEY_A\n1 KEY_A=0\n", 1, "must be NAME=VALUE");
	assert_rejected("0 -\n# EVEMU 1.3\nE: 0.5 0001 001e 1\n", 3,
			"must begin with its time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_before_a_recording_is_skipped),
		cmocka_unit_test(lines_are_counted_from_the_start_of_the_text),
		cmocka_unit_test(utf_16_is_named),
		cmocka_unit_test(a_text_of_no_form_is_rejected),
		cmocka_unit_test(a_frame_that_begins_a_text_is_not_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
