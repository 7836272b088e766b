/* SPDX-License-Identifier: Apache-2.0 */
/* spec-recording.h and spec-write.h: devices out of recordings, and as specs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/spec-print.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-recording.h"
#include "input/spec/spec-write.h"

static char said[256];

static void say(void *arg, const struct spec_diag *diag)
{
	snprintf(said, sizeof(said), "%u:%u: %s", diag->line, diag->column,
		 diag->text);
}

static int read_text(struct spec *spec, const char *text)
{
	said[0] = '\0';
	return spec_read(
		spec, &(struct spec_text){ .bytes = text, .len = strlen(text) },
		say, NULL);
}

static const char evemu[] = "# EVEMU 1.3\n"
			    "# Supported events:\n"
			    "#   Event type 3 (EV_ABS)\n"
			    "#     Event code 0 (ABS_X)\n"
			    "#       Value      20\n"
			    "#       Min        -5\n"
			    "N: Knob\n"
			    "I: 0003 1234 5678 0111\n"
			    "P: 02 00 00 00 00 00 00 00\n"
			    "B: 00 0b 00 00 00 00 00 00 00\n"
			    "B: 01 02 00 00 00 00 00 00 00\n"
			    "B: 01 40 00 00 00 00 00 00 00\n"
			    "B: 03 01 00 00 00 00 00 00 00\n"
			    "B: 15 ff 00 00 00 00 00 00 00\n"
			    "A: 00 -5 100 1 2 7\n"
			    "E: 0.000000 0003 0000 0020\n"
			    "N: not of the device\n";

static const char libinput[] = "# libinput record\n"
			       "version: 1\n"
			       "devices:\n"
			       "- node: /dev/input/event6\n"
			       "  evdev:\n"
			       "    # Name: Knob\n"
			       "    # Event type 3 (EV_ABS)\n"
			       "    #   Event code 0 (ABS_X)\n"
			       "    #       Value          20\n"
			       "    name: \"Knob\"\n"
			       "    id: [3, 4660, 22136, 273]\n"
			       "    codes:\n"
			       "      0: [0, 1] # EV_SYN\n"
			       "      1: [1, 70] # EV_KEY\n"
			       "      3: [0] # EV_ABS\n"
			       "    absinfo:\n"
			       "      0: [-5, 100, 1, 2, 7]\n"
			       "    properties: [1]\n"
			       "  udev:\n"
			       "    properties:\n"
			       "    - ID_INPUT=1\n"
			       "  events:\n"
			       "- node: /dev/input/event7\n"
			       "    name: \"another\"\n";

static const char evtest[] =
	"Input driver version is 1.0.1\n"
	"Input device ID: bus 0x3 vendor 0x1234 product 0x5678 version 0x111\n"
	"Input device name: \"Knob\"\r\n"
	"Supported events:\n"
	"  Event type 0 (EV_SYN)\n"
	"  Event type 1 (EV_KEY)\n"
	"    Event code 1 (KEY_ESC)\n"
	"    Event code 70 (KEY_SCROLLLOCK)\n"
	"  Event type 3 (EV_ABS)\n"
	"    Event code 0 (ABS_X)\n"
	"      Value     20\n"
	"      Min       -5\n"
	"      Max      100\n"
	"      Fuzz       1\n"
	"      Flat       2\n"
	"      Resolution       7\n"
	"Properties:\n"
	"  Property type 1 (INPUT_PROP_DIRECT)\n"
	"Testing ... (interrupt to exit)\n"
	"Event code 5\n";

static void the_forms_describe_the_same_device(void **state)
{
	static const char *const texts[] = { evemu, libinput, evtest };
	struct spec due, got;

	assert_int_equal(
		read_text(
			&due,
			"{ \"name\": \"Knob\", \"properties\": [1],"
			"  \"ids\": { \"bustype\": 3, \"vendor\": 4660,"
			"             \"product\": 22136, \"version\": 273 },"
			"  \"events\": { \"EV_KEY\": [1, 70] },"
			"  \"axes\": { \"ABS_X\": { \"min\": -5, \"max\": 100,"
			"    \"fuzz\": 1, \"flat\": 2, \"res\": 7 } },"
			"  \"initial\": { \"ABS_X\": 20 } }"),
		0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_text(&got, texts[i]), 0);
		assert_string_equal(said, "");
		assert_memory_equal(&got, &due, sizeof(got));
	}
}

static void switches_start_as_recorded(void **state)
{
	static const char *const texts[] = {
		"N: lid\nB: 05 21\nS: 00 1\nS: 03 1\n",
		"# EVEMU 1.2\n#   Event type 5 (EV_SW)\n"
		"#     Event code 0 (SW_LID)\n#        State 1\n"
		"#     Event code 5 (SW_DOCK)\n#        State 0\n"
		"N: lid\nB: 05 21\n",
		"devices:\n- node: /dev/input/event0\n  evdev:\n"
		"    # Event type 5 (EV_SW)\n    #   Event code 0 (SW_LID)\n"
		"    #       State 1\n    #   Event code 5 (SW_DOCK)\n"
		"    #       State 0\n    name: \"lid\"\n"
		"    codes:\n      5: [0, 5] # EV_SW\n  events:\n"
		"    # Event type 5 (EV_SW)\n    #   Event code 5 (SW_DOCK)\n"
		"    #       State 1\n",
		"Input device ID: bus 0x6 vendor 0x0 product 0x0 version 0x0\n"
		"Input device name: \"lid\"\n  Event type 5 (EV_SW)\n"
		"    Event code 0 (SW_LID) state 1\n"
		"    Event code 5 (SW_DOCK) state 0\n",
	};
	struct spec spec;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_text(&spec, texts[i]), 0);
		assert_string_equal(said, "");
		assert_int_equal(spec.initial_sw[0], 1 << SW_LID);
	}
}

static const char pad[] =
	"Input device ID: bus 0x3 vendor 0x1 product 0x2 version 0x3\n"
	"Input device name: \"pad\"\n"
	"  Event type 3 (EV_ABS)\n"
	"    Event code 3 (ABS_RX)\n"
	"      Value    -20\n      Min      -99\n      Max       99\n"
	"    Event code 4 (ABS_RY)\n"
	"      Value      0\n      Min      -99\n      Max       99\n"
	"    Event code 32 (ABS_VOLUME)\n"
	"      Value      0\n      Min        1\n      Max        9\n"
	"    Event code 40 (ABS_MISC)\n"
	"      Value   2083\n      Min        0\n      Max        0\n"
	"    Event code 47 (ABS_MT_SLOT)\n"
	"      Value      1\n      Min        0\n      Max        3\n"
	"    Event code 57 (ABS_MT_TRACKING_ID)\n"
	"      Value      5\n      Min        0\n      Max        9\n";

/* Rests, contacts, and 0 where it is not in the range are none. */
static void only_axes_that_can_start_somewhere_do(void **state)
{
	struct spec spec;

	assert_int_equal(read_text(&spec, pad), 0);
	assert_true(spec.abs[ABS_RX].has_rest);
	for (unsigned int code = 0; code < ABS_CNT; code++)
		assert_int_equal(spec.abs[code].has_initial, code == ABS_MISC);
	assert_int_equal(spec.abs[ABS_MISC].initial, 2083);
}

static void wrong_lines_are_named(void **state)
{
	struct spec spec;

	assert_int_equal(read_text(&spec, "N: a\nI: 3 4\n"), SPEC_E_INVALID);
	assert_non_null(strstr(said, "2:1: expected four numbers"));
	assert_int_equal(read_text(&spec, "N: a\nB: 02 00 00 01\n"),
			 SPEC_E_INVALID);
	assert_non_null(strstr(said, "2:1: a code that its event type"));
	assert_int_equal(read_text(&spec, "N: a\n\nA: 40 0 1 0 0\n"),
			 SPEC_E_INVALID);
	assert_non_null(strstr(said, "3:1: expected an axis"));
	assert_int_equal(read_text(&spec, "N: a\nP: 00 00 00 00 01\n"),
			 SPEC_E_INVALID);
	assert_non_null(strstr(said, "2:1: an input property"));
}

/* Whatever follows: a line of JSON may look like anything. */
static void what_begins_as_json_is_no_recording(void **state)
{
	static const char *const texts[] = { "{\nN: a\n", "[\nN: a\n",
					     "\n \t{\nN: a\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(spec_recording_is(texts[i], strlen(texts[i])));
	assert_true(spec_recording_is("\r\nN: a\n", 7));
}

static void only_event_types_have_codes(void **state)
{
	static const char *const lines[] = { "B: 20 01", "B: 99 01", "B: zz",
					     "B: " };
	struct spec spec;
	char text[40];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "N: a\n%s\n", lines[i]);
		assert_int_equal(read_text(&spec, text), SPEC_E_INVALID);
		assert_non_null(strstr(said, "2:1: expected an event type"));
	}
	/* One that exists and is not supported is passed over. */
	assert_int_equal(read_text(&spec, "N: a\nB: 01 02\nB: 1f 01\n"), 0);
}

/* What has no list in a section of lists ends it. */
static void a_number_without_a_list_declares_nothing(void **state)
{
	struct spec spec;

	assert_int_equal(read_text(&spec, "# libinput record\n"
					  "version: 1\n"
					  "devices:\n"
					  "- node: /dev/input/event6\n"
					  "  evdev:\n"
					  "    name: \"Knob\"\n"
					  "    codes:\n"
					  "      2: [0]\n"
					  "      1: 30\n"
					  "      1: [48]\n"),
			 0);
	assert_true(spec_has(&spec, EV_REL, REL_X));
	assert_false(spec_has(&spec, EV_KEY, 1));
	assert_false(spec_has(&spec, EV_KEY, KEY_A));
	assert_false(spec_has(&spec, EV_KEY, KEY_B));
}

static void the_device_is_checked(void **state)
{
	struct spec spec;

	assert_int_equal(read_text(&spec, "N: a\n"), SPEC_E_INVALID);
	assert_non_null(strstr(said, "0:0: the device has neither"));
	assert_int_equal(read_text(&spec, "N: a\nB: 03 00 00 00 00 00 00 20\n"
					  "A: 35 0 9 0 0\n"),
			 SPEC_E_INVALID);
	assert_non_null(strstr(said, "declare ABS_MT_SLOT"));
}

static void long_names_are_cut_between_characters(void **state)
{
	char text[128] = "N: ", name[64];
	struct spec spec;

	memset(name, 'x', 62);
	name[62] = '\0';
	strcat(text, name);
	strcat(text, "\xc3\xa9 and more\nB: 01 02\n");
	assert_int_equal(read_text(&spec, text), 0);
	assert_string_equal(spec.name, name);
}

static void a_pads_axes_rest(void **state)
{
	struct spec spec;

	assert_int_equal(read_text(&spec, "N: a\nB: 03 18\nA: 03 0 9 0 0\n"
					  "A: 04 0 9 0 0\n"),
			 0);
	assert_true(spec.abs[ABS_RX].has_rest);
}

static void written_specs_read_as_the_same(void **state)
{
	static const char *const texts[] = {
		"{ \"name\": \"a\", \"axes\": { \"3..4\": { \"min\": 0,"
		"  \"max\": 9, \"rest\": null }, \"ABS_Z\": { \"min\": 0,"
		"  \"max\": 5, \"clamp\": false, \"rest\": 7 } } }",
		"{ \"name\": \"b\", \"serial_name\": \"s\","
		"  \"events\": { \"EV_KEY\": [30, 84], \"EV_REP\": [] } }",
		"{ \"name\": \"c\", \"events\": { \"EV_SW\": [0] },"
		"  \"repeat\": { \"delay\": 0, \"period\": 33 } }",
		"{ \"name\": \"d\", \"events\": { \"EV_SW\": [0, 16] },"
		"  \"axes\": { \"ABS_X\": { \"min\": -9, \"max\": 9 },"
		"  \"46\": { \"min\": 0, \"max\": 9 } },"
		"  \"initial\": { \"SW_LID\": true, \"ABS_X\": -3,"
		"  \"46\": 0, \"SW_MACHINE_COVER\": true } }",
	};
	struct spec spec, again;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *text;

		assert_int_equal(read_text(&spec, texts[i]), 0);
		text = spec_write(&spec);
		assert_non_null(text);
		assert_int_equal(read_text(&again, text), 0);
		assert_memory_equal(&again, &spec, sizeof(spec));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_forms_describe_the_same_device),
		cmocka_unit_test(switches_start_as_recorded),
		cmocka_unit_test(only_axes_that_can_start_somewhere_do),
		cmocka_unit_test(wrong_lines_are_named),
		cmocka_unit_test(what_begins_as_json_is_no_recording),
		cmocka_unit_test(only_event_types_have_codes),
		cmocka_unit_test(a_number_without_a_list_declares_nothing),
		cmocka_unit_test(the_device_is_checked),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(a_pads_axes_rest),
		cmocka_unit_test(written_specs_read_as_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
