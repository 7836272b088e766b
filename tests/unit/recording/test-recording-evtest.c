/* SPDX-License-Identifier: Apache-2.0 */
/* evtest's lines of all ages, and those of python-evdev and vinput-monitor. */
#include <stdio.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

#define KEY(time, value)                                                       \
	"Event: time " time ", type 1 (EV_KEY), code 30 (KEY_A), value " value \
	"\n"
#define SYNC(time, name) \
	"Event: time " time ", -------------- " name " ------------\n"
#define FRAME(time, value) KEY(time, value) SYNC(time, "SYN_REPORT")
#define DROPPED(time) \
	"Event: time " time ", >>>>>>>>>>>>>> SYN_DROPPED <<<<<<<<<<<<\n"
#define SCAN(value)                                                  \
	"Event: time 9.000000, type 4 (EV_MSC), code 4 (MSC_SCAN), " \
	"value " value "\n"

static void each_version_names_the_end_of_a_frame(void **state)
{
	static const char *const names[] = { "SYN_REPORT", "EV_SYN",
					     "Report Sync", "Config Sync" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 KEY("1.000000", "1") SYNC("1.000000", "%s")
				 KEY("1.250000", "0") SYNC("1.250000", "%s"),
			 names[i], names[i]);
		assert_reads(text, "0.000000 KEY_A=1\n0.250000 KEY_A=0\n");
	}
}

static void another_end_of_a_frame_is_rejected(void **state)
{
	assert_rejected(KEY("1.0", "1") SYNC("1.0", "SYN_REPROT"), 2,
			"unknown event -------------- SYN_REPROT");
}

static void syn_config_does_not_end_a_frame(void **state)
{
	assert_reads(KEY("1.0", "1") SYNC("1.0", "SYN_CONFIG") SYNC("1.0", "?")
			     KEY("1.0", "0") SYNC("1.0", "SYN_REPORT"),
		     "0.000000 KEY_A=1 KEY_A=0\n");
}

static void names_of_old_versions_do_not_matter(void **state)
{
	assert_reads("Event: time 5.5, type 1 (Key), code 30 (A), value 1\n"
		     "Event: time 5.5, type 3 (Absolute), code 0 (X), value "
		     "-7\n" SYNC("5.5", "Report Sync"),
		     "0.000000 KEY_A=1 ABS_X=-7\n");
}

static const struct {
	const char *text, *want;
} scans[] = {
	{ SCAN("c00ea"), "0.000000 MSC_SCAN=786666\n" },
	{ SCAN("70004"), "0.000000 MSC_SCAN=458756\n" },
	{ SCAN("ffa00003"), "0.000000 MSC_SCAN=-6291453\n" },
	{ SCAN("ffffffff"), "0.000000 MSC_SCAN=-1\n" },
	{ "Event: time 9.0, type 4 (EV_MSC), code 3 (MSC_RAW), value 9c\n",
	  "0.000000 MSC_RAW=156\n" },
	/* Nothing but these two is in hex. */
	{ "Event: time 9.0, type 4 (EV_MSC), code 0 (MSC_SERIAL), value 10\n",
	  "0.000000 MSC_SERIAL=10\n" },
	/* vinput-monitor writes them in decimal, and so does python-evdev. */
	{ "Input device serial: \"\"\n" SCAN("70004"),
	  "0.000000 MSC_SCAN=70004\n" },
	{ "time 9.0          type 4 (EV_MSC), code 4    (MSC_SCAN), value 30\n",
	  "0.000000 MSC_SCAN=30\n" },
};

static void scan_codes_are_in_hex_where_evtest_writes_them(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(scans); i++)
		assert_reads(scans[i].text, scans[i].want);
}

static void an_event_begins_its_line_or_follows_a_label(void **state)
{
	assert_reads(KEY("1.0", "1") "no " KEY("x", "0") "x" KEY(
			     "x", "0") ": " KEY("x", "0"),
		     "0.000000 KEY_A=1\n");
}

static void lines_of_python_evdev_are_read(void **state)
{
	assert_reads("Listening for events (press ctrl-c to exit) ...\n"
		     "time 1337651905.29     type 1 (EV_KEY), code 30   "
		     "(KEY_A), value 1\n"
		     "time 1337651905.29     --------- SYN_REPORT --------\n"
		     "time 1337651905.3      type 1 (EV_KEY), code 30   "
		     "(KEY_A), value 0\n"
		     "time 1337651905.3      --------- SYN_REPORT --------\n",
		     "0.000000 KEY_A=1\n0.010000 KEY_A=0\n");
}

/* As vinput-monitor writes them, with labels and decimal scan codes. */
static const char two_devices[] =
	"Input device name: \"k\"\nInput device name: \"m\"\n"
	"Testing ... (interrupt to exit)\n"
	"k: Event: time 1.0, type 4 (EV_MSC), code 4 (MSC_SCAN), value 10\n"
	"./m: Event: time 1.1, type 2 (EV_REL), code 0 (REL_X), value 5\n"
	"k: Event: time 1.2, -------------- SYN_REPORT ------------\n"
	"./m: Event: time 1.3, -------------- SYN_REPORT ------------\n";

static void a_device_is_chosen_by_its_label(void **state)
{
	assert_recording(two_devices, strlen(two_devices), 1,
			 "0.000000 MSC_SCAN=10\n");
	assert_recording(two_devices, strlen(two_devices), 2,
			 "0.000000 REL_X=5\n");
	assert_rejected(two_devices, 0, "2 devices (1 k, 2 ./m)");
}

/* --- odd recordings --- */

/* clang-format off */
static const char dropped[] =
	FRAME("1.0", "1")
	KEY("1.1", "0")
	DROPPED("1.2")
	KEY("1.3", "1") KEY("1.4", "0") SYNC("1.5", "SYN_REPORT")
	FRAME("1.6", "1");
/* clang-format on */

static void events_after_syn_dropped_are_left_out(void **state)
{
	assert_reads(dropped, "0.000000 KEY_A=1\n0.100000 KEY_A=0\n"
			      "0.500000 -\n0.600000 KEY_A=1\n");
	assert_note(dropped, 4, "the kernel lost events here; 2 more up to");
	/* Where no frame has begun, none ends. */
	assert_reads(DROPPED("1.0") FRAME("1.1", "1") DROPPED("1.2")
			     FRAME("1.3", "1") FRAME("1.4", "0"),
		     "0.000000 -\n0.200000 -\n0.300000 KEY_A=0\n");
	assert_reads(KEY("1.0", "1") DROPPED("1.1") DROPPED("1.2")
			     SYNC("1.3", "SYN_REPORT"),
		     "0.000000 KEY_A=1\n0.300000 -\n");
	/* The mark decides: these versions took names of types. */
	assert_note(KEY("1.0", "1") "Event: time 1.0, >>>>>>>>>>>>>> EV_ABS "
				    "<<<<<<<<<<<<\n",
		    2, "SYN_DROPPED");
	assert_note("time 1.0 type 1 (EV_KEY), code 30 (KEY_A), value 1\n"
		    "time 1.0 !!!!!!!!! SYN_DROPPED !!!!!!!!\n",
		    2, "SYN_DROPPED");
}

static void time_continues_when_the_clock_is_set_back(void **state)
{
	static const char text[] = FRAME("100.0", "1") FRAME("40.0", "0")
		FRAME("40.5", "1") FRAME("9.5", "0");

	assert_reads(text, "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
			   "0.500000 KEY_A=1\n0.500000 KEY_A=0\n");
	assert_note(text, 3,
		    "the clock was set back here, and at 1 more place;");
	assert_note(FRAME("9.0", "1") FRAME("8.0", "0"), 3,
		    "the clock was set back here; no time passes there");
	assert_note(KEY("1.0", "1"), 0, NULL);
}

static const struct {
	const char *text;
	unsigned int line;
	const char *why;
} bad[] = {
	{ "Event: time x, type 1\n", 1, "no valid time" },
	{ "Event: time 1.0s, type 1\n", 1, "no valid time" },
	{ "Event: time 1.0\n", 1, "no valid type" },
	{ "Event: time 1.0, typ 1\n", 1, "no valid type" },
	{ "Event: time 1.0, 1 (EV_KEY), code 30 (KEY_A), value 1\n", 1,
	  "no valid type" },
	{ "Event: time 1.0, type 1 (EV_KEY)\n", 1, "no valid code" },
	{ "Event: time 1.0, type 1 (EV_KEY), code 30 (KEY_A)\n", 1,
	  "no valid value" },
	{ KEY("1.0", "1x"), 1, "unexpected x after the value" },
	{ KEY("1.0", "c00ea"), 1, "no valid value" },
	{ SCAN("1ffffffff"), 1, "must be a 32-bit integer" },
	{ SCAN("c00eg"), 1, "unexpected g after the value" },
	{ "Event: time 1.0, -------------- ------------\n", 1,
	  "unknown event" },
};

static void faults_name_their_line(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_rejected(bad[i].text, bad[i].line, bad[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_names_the_end_of_a_frame),
		cmocka_unit_test(another_end_of_a_frame_is_rejected),
		cmocka_unit_test(syn_config_does_not_end_a_frame),
		cmocka_unit_test(names_of_old_versions_do_not_matter),
		cmocka_unit_test(
			scan_codes_are_in_hex_where_evtest_writes_them),
		cmocka_unit_test(an_event_begins_its_line_or_follows_a_label),
		cmocka_unit_test(lines_of_python_evdev_are_read),
		cmocka_unit_test(a_device_is_chosen_by_its_label),
		cmocka_unit_test(events_after_syn_dropped_are_left_out),
		cmocka_unit_test(time_continues_when_the_clock_is_set_back),
		cmocka_unit_test(faults_name_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
