/* SPDX-License-Identifier: Apache-2.0 */
/* spec-recording.h and spec-write.h: devices out of recordings, and as specs.
 */
#include <linux/input.h>
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
#include "tests/lib/brink.h"
#include "tests/lib/check.h"

static char said[256];

static void say(void *arg, const struct spec_diag *diag)
{
	snprintf(said, sizeof(said), "%u:%u: %s", diag->line, diag->column,
		 diag->text);
}

static int read_text(struct spec *spec, const char *text)
{
	const size_t len = strlen(text);

	said[0] = '\0';
	return spec_read(spec,
			 &(struct spec_text){ .bytes = text_at_brink(text, len),
					      .len = len },
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

/* Up to the last code and property that exist. */
static void each_type_that_is_carried_has_its_codes(void **state)
{
	static const unsigned int types[] = { EV_KEY, EV_REL, EV_MSC, EV_SW,
					      EV_LED, EV_SND, EV_REP };
	struct spec spec;

	assert_ok(read_text(&spec, "N: a\nB: 00 0b\nP: 01 00 00 80\n"
				   "B: 01 fe ff\nB: 02 01\nB: 04 01\n"
				   "B: 05 01 00 01\nB: 11 01\nB: 12 80\n"
				   "B: 14 03\nB: 15 ff ff\n"));
	assert_string_equal(said, "");
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		assert_true(spec_has(&spec, (uint16_t)types[i],
				     types[i] == EV_SND ? 7 : 1) ||
			    spec_has(&spec, (uint16_t)types[i], 0));
	for (uint16_t code = 0; code < 17; code++)
		assert_num(spec_has(&spec, EV_KEY, code),
			   code > 0 && code < 16);
	assert_true(spec_has(&spec, EV_SW, SW_MAX));
	assert_true(bit_test(spec.props, 0));
	assert_true(bit_test(spec.props, INPUT_PROP_MAX));
	assert_num(spec.ids.bustype, BUS_VIRTUAL);
}

static void ids_have_16_bits(void **state)
{
	struct spec spec;
	char text[64];

	for (int big = 0; big < 5; big++) {
		snprintf(text, sizeof(text), "N: a\nI: %x %x %x %x\nB: 01 02\n",
			 0xffff + (big == 0), 0xffff + (big == 1),
			 0xffff + (big == 2), 0xffff + (big == 3));
		assert_num(read_text(&spec, text),
			   big < 4 ? SPEC_E_INVALID : 0);
		if (big < 4)
			assert_string_equal(said,
					    "2:1: expected four numbers up to "
					    "65535: bus, vendor, product and "
					    "version");
	}
	assert_num(spec.ids.bustype & spec.ids.vendor & spec.ids.product &
			   spec.ids.version,
		   0xffff);
}

static void an_axis_has_four_values_or_five(void **state)
{
	static const char *const forms[] = {
		"N: a\nB: 03 01\nA: 00%s\n",
		"devices:\nname: \"a\"\ncodes:\n3: [0]\nabsinfo:\n0: [%s]\n",
	};
	static const struct {
		const char *values[2]; /* in each form */
		int rc, res;
	} rows[] = {
		{ { "", "-" }, SPEC_E_INVALID, 0 },
		{ { " -9 9 3", "-9, 9, 3" }, SPEC_E_INVALID, 0 },
		{ { " -9 9 3 4", "-9, 9, 3, 4" }, 0, 0 },
		{ { " -9 9 3 4 5", "-9, 9, 3, 4, 5" }, 0, 5 },
	};
	struct spec spec;
	char text[128];

	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), forms[i & 1],
			 rows[i / 2].values[i & 1]);
		assert_num(read_text(&spec, text), rows[i / 2].rc);
		if (rows[i / 2].rc)
			continue;
		assert_num(spec.abs[0].min, -9);
		assert_num(spec.abs[0].max, 9);
		assert_num(spec.abs[0].fuzz, 3);
		assert_num(spec.abs[0].flat, 4);
		assert_num(spec.abs[0].res, rows[i / 2].res);
	}
	assert_ok(read_text(&spec, "N: a\nB: 03 00 00 00 00 00 00 00 80\n"
				   "A: 3f 0 1 0 0\n"));
	assert_true(spec_has(&spec, EV_ABS, ABS_MAX));
}

static void what_starts_otherwise_has_to_exist(void **state)
{
	struct spec spec;

	/* ABS_HAT0Y has the code of a switch too many. */
	assert_ok(read_text(&spec, "N: a\nB: 03 00 00 02\nA: 11 1 9 0 0\n"
				   "S: 11 5\n"));
	assert_false(spec.abs[ABS_HAT0Y].has_initial);
	assert_num(spec.initial_sw[2], 0);
}

static const char evtest_of_keyboard[] =
	"Input device ID: bus 0x3 vendor 0x1 product 0x2 version 0x3\n"
	"Input device name: \"keyboard\"\n"
	"Supported events:\n"
	"  Event type 0 (EV_SYN)\n"
	"  Event type 1 (EV_KEY)\n"
	"    Event code 30 (KEY_A)\n"
	"Key repeat handling:\n"
	"  Repeat type 20 (EV_REP)\n"
	"    Repeat code 0 (REP_DELAY)\n"
	"      Value    250\n"
	"    Repeat code 1 (REP_PERIOD)\n"
	"      Value     33\n"
	"Testing ... (interrupt to exit)\n";

static void a_keyboard_of_evtest_repeats(void **state)
{
	struct spec spec;

	assert_ok(read_text(&spec, evtest_of_keyboard));
	assert_true(spec_has(&spec, EV_KEY, KEY_A));
	assert_false(spec_has(&spec, EV_KEY, 0));
	assert_false(spec_has(&spec, EV_KEY, 1));
	assert_true(spec_has(&spec, EV_REP, REP_DELAY));
	assert_true(spec_has(&spec, EV_REP, REP_PERIOD));
	for (unsigned int code = 0; code < ABS_CNT; code++)
		assert_false(spec.abs[code].has_initial);
}

static void an_axis_of_evtest_may_have_a_value_alone(void **state)
{
	struct spec spec;

	assert_ok(read_text(
		&spec,
		"Input device ID: bus 0x3 vendor 0x1 product 0x2 version 0x3\n"
		"Event type 3 (EV_ABS)\nEvent code 40 (ABS_MISC)\nValue 7\n"
		"Input device name: \"a\"\n"));
	assert_true(spec.abs[ABS_MISC].has_initial);
	assert_num(spec.abs[ABS_MISC].initial, 7);
}

/* "32: [5]" is no list of properties, nor is one that follows them. */
static void lists_of_libinput_are_where_they_belong(void **state)
{
	struct spec spec;

	assert_ok(read_text(&spec, "devices:\nname: \"a\"\ncodes:\n1: [30]\n"
				   "32: [5]\nproperties: [1]\n1: [48]\n"));
	assert_true(spec_has(&spec, EV_KEY, KEY_A));
	assert_false(spec_has(&spec, EV_KEY, KEY_B));
	assert_num(spec.props[0], 1 << INPUT_PROP_DIRECT);
}

static void a_device_has_the_name_it_was_given_last(void **state)
{
	struct spec spec;

	assert_ok(read_text(&spec, "N: longer\r\nN: a b\r\nB: 01 02\r\n"
				   "E: 0.0 0 0 0\nN: another\n"));
	assert_string_equal(spec.name, "a b");
}

/* More than is read of one at a time; what is cut off is ignored. */
static void lines_may_be_of_any_length(void **state)
{
	static const size_t len[] = { 8190, 8191, 8192, 8193, 40000 };
	static char text[41000];
	struct spec spec;

	for (size_t i = 0; i < 2 * ARRAY_LEN(len); i++) {
		char *p = text;

		/* Before the name and after it. */
		if (i & 1)
			p = stpcpy(p, "N: a\n");
		memset(p, '#', len[i / 2]);
		p = stpcpy(p + len[i / 2], i & 1 ? "\n" : "\nE: 0\nN: a\n");
		strcpy(p, "B: 01 02\nE: 0\nN: another\n");
		assert_ok(read_text(&spec, text));
		assert_string_equal(spec.name, "a");
		assert_true(spec_has(&spec, EV_KEY, 1));
	}
}

static void text_of_any_kind_is_no_recording(void **state)
{
	static const char *const texts[] = { "", "x", "x\n", "\n", " ", "\r" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const size_t len = strlen(texts[i]);

		assert_false(
			spec_recording_is(text_at_brink(texts[i], len), len));
	}
	/* What stands before the text is not of it. */
	assert_true(spec_recording_is(text_at_brink("\r\nN: a", 7) + 1, 6));
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
		cmocka_unit_test(each_type_that_is_carried_has_its_codes),
		cmocka_unit_test(ids_have_16_bits),
		cmocka_unit_test(an_axis_has_four_values_or_five),
		cmocka_unit_test(what_starts_otherwise_has_to_exist),
		cmocka_unit_test(a_keyboard_of_evtest_repeats),
		cmocka_unit_test(an_axis_of_evtest_may_have_a_value_alone),
		cmocka_unit_test(lists_of_libinput_are_where_they_belong),
		cmocka_unit_test(a_device_has_the_name_it_was_given_last),
		cmocka_unit_test(lines_may_be_of_any_length),
		cmocka_unit_test(text_of_any_kind_is_no_recording),
		cmocka_unit_test(written_specs_read_as_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
