/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: four forms of one, and what is rejected. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/event-word.h"
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-slot.h"
#include "injector/recording/recording-write.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/recording-text.h"

#define YAML(events)                                         \
	"version: 1\ndevices:\n- node: x\n  events:\n" /* */ \
	"  - evdev:\n" events

static const char two_keys[] = "0.000000 MSC_SCAN=458756 KEY_A=1\n"
			       "0.080000 MSC_SCAN=458756 KEY_A=0\n"
			       "0.120500 KEY_LEFTSHIFT=1\n"
			       "0.120500 -\n"
			       "1.500000 KEY_LEFTSHIFT=0\n";

static char *read_data(const char *name, size_t *len)
{
	char path[512];
	char *text = malloc(65536);
	FILE *file;

	assert_non_null(text);
	snprintf(path, sizeof(path), "%s/tests/data/inject/%s", test_root(),
		 name);
	file = fopen(path, "r");
	assert_non_null(file);
	*len = fread(text, 1, 65536, file);
	fclose(file);
	return text;
}

static void assert_file(const char *name, unsigned int device, const char *want)
{
	size_t len;
	char *text = read_data(name, &len);

	assert_recording(text, len, device, want);
	free(text);
}

static void all_forms_read_the_same(void **state)
{
	assert_file("two-keys.txt", 0, two_keys);
	assert_file("two-keys.evemu", 0, two_keys);
	assert_file("two-keys.evtest", 0, two_keys);
	assert_file("two-keys.monitor", 0, two_keys);
	assert_file("two-keys.yml", 1, two_keys);
}

static void another_device_of_a_recording_can_be_chosen(void **state)
{
	assert_file("two-keys.yml", 2, "0.000000 REL_X=-3\n");
}

static void what_is_written_is_read_again(void **state)
{
	assert_recording(two_keys, strlen(two_keys), 0, two_keys);
	assert_recording(two_keys, strlen(two_keys), 1, two_keys);
}

static void codes_without_a_name_are_numbers(void **state)
{
	const char text[] = "5.25 1:84=1 4:4=-7 ev_key:0x1e=0\n";

	assert_recording(text, strlen(text), 0,
			 "0.000000 1:84=1 MSC_SCAN=-7 KEY_A=0\n");
}

/* Such as force feedback, which an injector does not send. */
static void types_without_a_prefix_are_numbers(void **state)
{
	static const char text[] = "0.000000 21:0=1 20:1=33\n";

	assert_reads(text, text);
	assert_reads("E: 0 15 0 1\nE: 0 14 1 33\n", text);
}

static void dos_lines_are_read(void **state)
{
	const char text[] = "0.5 KEY_A=1\r\n\r\n1 KEY_A=0\r\n";

	assert_recording(text, strlen(text), 0,
			 "0.000000 KEY_A=1\n0.500000 KEY_A=0\n");
}

/* An error of before is none of a number. */
static void numbers_are_read_whatever_errno_is(void **state)
{
	errno = ERANGE;
	assert_reads("E: 1.0 0001 001e 1\n", "0.000000 KEY_A=1\n");
}

static void keys_of_yaml_may_be_lists(void **state)
{
	assert_reads("version: 1\n? [devices, events]\n: x\n"
		     "devices: [{events: [{evdev: [[0, 0, 1, 30, 1]]}]}]\n",
		     "0.000000 KEY_A=1\n");
}

static void a_time_has_seconds_and_up_to_nine_decimals(void **state)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: it is none */
	} rows[] = {
		{ "0", 0 },
		{ "12x", 12000000 },
		{ "3.5 ", 3500000 },
		{ "1.000001", 1000001 },
		{ "1.0000019", 1000001 },
		{ "1.123456789", 1123456 },
		{ "1.1234567890", -1 },
		{ "1000000000000", 1000000000000000000 },
		{ "1000000000001", -1 },
		{ "1.", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *end;
		int64_t us = -1;

		assert_rc(recording_time(rows[i].text, &end, &us),
			  rows[i].us < 0 ? -EINVAL : 0);
		assert_num(us, rows[i].us);
		if (us >= 0)
			assert_num(strspn(rows[i].text, "0123456789."),
				   end - rows[i].text);
	}
}

static void a_last_frame_without_an_end_gets_one(void **state)
{
	const char text[] = "E: 1.0 0001 001e 1\nE: 2.0 0001 001e 0";

	assert_recording(text, strlen(text), 0, "0.000000 KEY_A=1 KEY_A=0\n");
}

static const struct {
	const char *text;
	unsigned int line;
	const char *why;
} bad[] = {
	{ "", 0, "not a recording of" },
	{ "#!/bin/sh\nexit\n", 0, "not a recording of" },
	{ "# vinput recording 1\n", 0, "the recording has no events" },
	/* ours */
	{ "0 KEY_A=1\nKEY_A=0\n", 2, "must begin with its time" },
	{ "0 KEY_A=1\n1.5s KEY_A=0\n", 2, "not with 1.5s" },
	{ "0 KEY_A=1\n. KEY_A=0\n", 2, "must begin with its time" },
	{ "0 KEY_A=1\n1. KEY_A=0\n", 2, "must begin with its time" },
	{ "0 KEY_A=1\n-1 KEY_A=0\n", 2, "must begin with its time" },
	{ "0 KEY_A=1\n99999999999999 KEY_A=0\n", 2,
	  "must begin with its time" },
	{ "0 KEY_A=1\n0.1234567890 KEY_A=0\n", 2, "must begin with its time" },
	{ "2 KEY_A=1\n\n# and\n1 KEY_A=0\n", 4,
	  "before that of the previous event" },
	{ "0\n", 1, "missing event; write -" },
	{ "0 KEY_A\n", 1, "invalid event KEY_A: must be NAME=VALUE" },
	{ "0 KEY_A=\n", 1, "must be a 32-bit integer" },
	{ "0 KEY_A=1x\n", 1, "must be a 32-bit integer" },
	{ "0 ABS_X=2147483648\n", 1, "must be a 32-bit integer" },
	{ "0 =1\n", 1, "invalid event" },
	{ "0 KEY_ENTRE=1\n", 1, "did you mean KEY_ENTER?" },
	{ "0 ABS_MT_POSTION_X=1\n", 1, "did you mean ABS_MT_POSITION_X?" },
	{ "0 KEY_MAX=1\n", 1, "unknown event KEY_MAX" },
	{ "0 EV_KYE:3=1\n", 1, "did you mean EV_KEY?" },
	{ "0 31:3=1\n", 1, "unknown event type 31" },
	{ "0 2:17=1\n", 1, "unknown EV_REL code 17: must be from 0 to 15" },
	{ "0 1:x=1\n", 1, "the code must be a number" },
	{ "0 ABS_MT_SLOT=64\n", 1,
	  "invalid ABS_MT_SLOT 64: must be from 0 to 63" },
	{ "0 ABS_MT_SLOT=-1\n", 1, "invalid ABS_MT_SLOT -1" },
	/* evemu */
	{ "# EVEMU 1.3\nE: 0.1 0001 001e 1\nQ: 5\n", 3,
	  "not a line of evemu-record: Q: 5" },
	{ "# EVEMU 1.3\nfoo\n", 2, "not a line of evemu-record: foo" },
	{ "E: x 0001 001e 1\n", 1, "no valid time after E:" },
	{ "E: 0.1 zz 001e 1\n", 1, "no valid type" },
	{ "E: 0.1 0001\n", 1, "no valid code" },
	{ "E: 0.1 0001 001e\n", 1, "no valid value" },
	{ "E: 0.1 0001 001e 1.5\n", 1, "no valid value" },
	{ "E: 0.1 0001 001e 1 2\n", 1, "unexpected 2 after the value" },
	{ "E: 0.1 0001 0fff 1\n", 1, "unknown EV_KEY code 4095" },
	{ "E: 0.1 0001 001e 4294967296\n", 1, "must be a 32-bit integer" },
	/* libinput */
	{ "version: 1\n", 0, "no list of devices" },
	{ "$\nversion: 1\n", 0, "no list of devices" },
	{ "version: 1\ndevices: 5\n", 0, "no list of devices" },
	{ "version: 1\ndevices: []\n", 2, "the recording has no devices" },
	{ "version: 1\ndevices:\n- node: x\n- node: y\n", 0,
	  "the recording has 2 devices (1 x, 2 y): choose one with "
	  "--device=1..2" },
	{ "version: 1\ndevices:\n- node: x\n- events:\n", 0,
	  "(1 x, 2 unnamed)" },
	{ "version: 1\ndevices: [\n", 3, "invalid YAML" },
	{ "version: 1\ndevices:\n- a: b: c\n", 3, "invalid YAML" },
	{ "version: 1\ndevices:\n- node: x\n", 0,
	  "the recording has no events" },
	{ "version: 1\ndevices:\n- events: {}\n", 3, "events must be a list" },
	{ "version: 1\ndevices:\n- events:\n  - evdev: 1\n", 4,
	  "evdev must be a list" },
	{ YAML("    - [0, 0, 1, 30, 1]\n    - [0, 0, 0]\n"), 7,
	  "an event must be" },
	{ YAML("    - [0, 0, 1, 30, 1]\n    - 5\n"), 7, "an event must be" },
	{ YAML("    - [0, 1000000, 1, 30, 1]\n"), 6, "the microseconds must" },
	{ YAML("    - [-1, 0, 1, 30, 1]\n"), 6, "the seconds must" },
	{ YAML("    - [0, 0, one, 30, 1]\n"), 6, "the type must" },
	{ YAML("    - [0, 0, 1, 70000, 1]\n"), 6, "the code must" },
	{ YAML("    - [0, 0, 1, 1000, 1]\n"), 6, "unknown EV_KEY code 1000" },
	{ YAML("    - [0, 0, 1, 30, [1]]\n"), 6, "the value must" },
};

static void faults_name_their_line(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_rejected(bad[i].text, bad[i].line, bad[i].why);
}

static void events_of_yaml_know_their_line(void **state)
{
	assert_note(
		"$\n" YAML("    - [5, 0, 1, 30, 1]\n    - [4, 0, 0, 0, 0]\n"),
		8, "the clock was set back here; no time passes there");
}

/* The memory of a recording is full when there are 256. */
static void no_event_is_read_behind_the_last_one(void **state)
{
	static const struct {
		const char *last; /* besides 252 */
		size_t n;
	} rows[] = {
		{ "KEY_A=1 KEY_B=1 KEY_C=1", 256 },
		{ "KEY_A=1 3:53=1 SYN_MT_REPORT=0", 257 },
		{ "KEY_A=1 3:57=1 3:53=1", 257 },
		{ "3:57=1 3:53=1", 256 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct recording_fault why;
		struct recording rec;
		char text[4096], *at = text;

		for (int line = 0; line < 63; line++)
			at += sprintf(at, "0 KEY_A=1 KEY_B=1 KEY_C=1\n");
		sprintf(at, "1 %s\n", rows[i].last);
		assert_ok(recording_read(&rec, text, strlen(text), 0, &why));
		assert_ok(recording_slot_check(&rec, &why));
		assert_num(rec.n, rows[i].n);
		assert_true(vi_is_syn_report(&rec.event[rec.n - 1].ev));
		recording_fini(&rec);
	}
}

static void the_number_of_events_is_limited(void **state)
{
	const struct vi_event syn = vi_event(EV_SYN, SYN_REPORT, 0);
	struct recording rec = { .n = RECORDING_EVENTS_MAX,
				 .room = RECORDING_EVENTS_MAX };
	struct fault why;

	assert_rc(recording_insert(&rec, 0, &syn, &why), -EINVAL);
	assert_string_equal(why.text, "more than 10000000 events");
}

static void a_frame_that_is_too_long_is_rejected(void **state)
{
	char *text = malloc(5000 * 16), *at = text;

	assert_non_null(text);
	for (int i = 0; i < 4096; i++)
		at = stpcpy(at, "E: 1.0 4 4 1\n");
	strcpy(at, "E: 1.0 0 0 0\nE: 1.0 1 1e 1\n");
	assert_note(text, 0, NULL);
	strcpy(at, "E: 1.0 4 4 1\n");
	assert_rejected(text, 4097, "more than 4096 events without SYN_REPORT");
	free(text);
}

/* Each would keep libyaml busy for seconds, or minutes. */
static void yaml_that_nests_too_deeply_is_rejected(void **state)
{
	static const char *const begin[] = {
		"devices: ",
		"devices:\n- events:\n  - evdev: ",
		"x: ",
		"? ",
	};
	static const char *const level[] = { "[", "{", "{a: ", "[\n " };
	char *text = malloc(600000);

	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_LEN(begin); i++)
		for (size_t j = 0; j < ARRAY_LEN(level); j++) {
			char *at =
				stpcpy(stpcpy(text, "version: 1\n"), begin[i]);
			struct recording rec;
			struct recording_fault fault;

			for (size_t n = 0; n < 100000; n++)
				at = stpcpy(at, level[j]);
			assert_rc(recording_read(&rec, text,
						 (size_t)(at - text), 1,
						 &fault),
				  -EINVAL);
			assert_true(fault.line <= 70);
			recording_fini(&rec);
		}
	/* All at the limit, and one more. */
	for (int levels = 64; levels <= 65; levels++) {
		char *at = stpcpy(text, "version: 1\nx: ");

		for (int n = 1; n < levels; n++)
			at = stpcpy(at, "[");
		for (int n = 1; n < levels; n++)
			at = stpcpy(at, "]");
		strcpy(at, "\n");
		assert_rejected(text, levels == 64 ? 0 : 2,
				levels == 64 ? "no list of devices"
					     : "more deeply than 64 levels");
	}
	free(text);
}

static void a_nul_byte_is_rejected(void **state)
{
	assert_no_recording("0 KEY_A=1\n1 KEY\0=1\n", 20, 0, 2, "NUL byte");
}

static void a_device_that_it_lacks_is_rejected(void **state)
{
	size_t len;
	char *text = read_data("two-keys.yml", &len);

	assert_no_recording(text, len, 3, 0,
			    "no device 3: must be from 1 to 2");
	free(text);
	assert_no_recording(two_keys, strlen(two_keys), 2, 0, "single device");
}

/* A clock that was set back during the recording. */
static void a_time_that_goes_back_is_not_written(void **state)
{
	const struct vi_event key = vi_event(EV_KEY, KEY_A, 1);
	const struct vi_event syn = vi_event(EV_SYN, SYN_REPORT, 0);
	struct recording_writer w;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	recording_write_begin(&w, out, "a title");
	recording_write(&w, 5000000, &key);
	recording_write(&w, 5000001, &syn);
	recording_write(&w, 6000000, &key);
	recording_write(&w, 6000000, &syn);
	recording_write(&w, 5500000, &key);
	recording_write(&w, 5500000, &syn);
	fclose(out);
	assert_string_equal(text, "# vinput recording 1\n# a title\n"
				  "0.000000 KEY_A=1\n"
				  "1.000000 KEY_A=1\n"
				  "1.000000 KEY_A=1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms_read_the_same),
		cmocka_unit_test(another_device_of_a_recording_can_be_chosen),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(codes_without_a_name_are_numbers),
		cmocka_unit_test(types_without_a_prefix_are_numbers),
		cmocka_unit_test(dos_lines_are_read),
		cmocka_unit_test(numbers_are_read_whatever_errno_is),
		cmocka_unit_test(keys_of_yaml_may_be_lists),
		cmocka_unit_test(a_time_has_seconds_and_up_to_nine_decimals),
		cmocka_unit_test(events_of_yaml_know_their_line),
		cmocka_unit_test(no_event_is_read_behind_the_last_one),
		cmocka_unit_test(the_number_of_events_is_limited),
		cmocka_unit_test(a_last_frame_without_an_end_gets_one),
		cmocka_unit_test(faults_name_their_line),
		cmocka_unit_test(a_frame_that_is_too_long_is_rejected),
		cmocka_unit_test(yaml_that_nests_too_deeply_is_rejected),
		cmocka_unit_test(a_nul_byte_is_rejected),
		cmocka_unit_test(a_device_that_it_lacks_is_rejected),
		cmocka_unit_test(a_time_that_goes_back_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
