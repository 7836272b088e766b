/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject play, by dry runs: which frames a recording of each form is,
 * and what is wrong or odd in one.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/inject-once.h"

static void a_dry_run_of_a_recording_is_the_recording(void **state)
{
	static const char *const forms[] = { "txt", "evemu", "evtest" };

	for (size_t i = 0; i < 3; i++) {
		struct process p;
		char line[512];

		snprintf(line, sizeof(line),
			 "--dry-run play %s/tests/data/inject/two-keys.%s",
			 test_root(), forms[i]);
		assert_num(run(&p, line), 0);
		assert_string_equal(process_stdout(&p),
				    HEAD "0.000000 MSC_SCAN=458756 KEY_A=1\n"
					 "0.080000 MSC_SCAN=458756 KEY_A=0\n"
					 "0.120500 KEY_LEFTSHIFT=1\n"
					 "1.500000 KEY_LEFTSHIFT=0\n");
		process_fini(&p);
	}
}

static void a_recording_is_played_faster_and_again(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run play %s/tests/data/inject/two-keys.yml --device=2 "
		 "--loop=2 then play %s/tests/data/inject/two-keys.txt "
		 "--speed=2",
		 test_root(), test_root());
	assert_num(run(&p, line), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 REL_X=-3\n0.000000 REL_X=-3\n"
				 "0.000000 MSC_SCAN=458756 KEY_A=1\n"
				 "0.040000 MSC_SCAN=458756 KEY_A=0\n"
				 "0.060250 KEY_LEFTSHIFT=1\n"
				 "0.750000 KEY_LEFTSHIFT=0\n");
	process_fini(&p);
}

static void held_keys_are_released_before_a_loop(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play - --loop=2",
				 "0 KEY_A=1 ABS_MT_SLOT=3 "
				 "ABS_MT_TRACKING_ID=7\n"),
		   0);
	const char one[] = "0.000000 KEY_A=1 ABS_MT_SLOT=3 "
			   "ABS_MT_TRACKING_ID=7\n"
			   "0.000000 ABS_MT_SLOT=3 ABS_MT_TRACKING_ID=-1 "
			   "KEY_A=0\n";
	char due[512];
	snprintf(due, sizeof(due), HEAD "%s%s", one, one);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
}

static void status_events_and_repeats_are_not_played(void **state)
{
	static const char text[] = "0 LED_CAPSL=1\n1 KEY_A=1\n"
				   "1.3 KEY_A=2\n1.4 KEY_A=2\n2 KEY_A=0\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play -", text), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "1.000000 KEY_A=1\n2.000000 KEY_A=0\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play - --keep-repeats", text),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "1.000000 KEY_A=1\n1.300000 KEY_A=2\n"
				 "1.400000 KEY_A=2\n2.000000 KEY_A=0\n");
	process_fini(&p);
}

static void a_malformed_recording_is_reported_with_file_and_line(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run play -",
				 "0 KEY_A=1\n1 KEY_AA=1\n"),
		   2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:2: unknown event KEY_AA; did you "
			    "mean KEY_A?\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play -", "hello\n"), 2);
	assert_non_null(strstr(p.err.text, ": -: not a recording of evemu"));
	process_fini(&p);
}

static void devices_of_a_recording_are_played_side_by_side(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run --to=x play "
		 "%s/tests/data/inject/two-devices.getevent "
		 "--map=2:keys,1:@touch --speed=0.5 then @y raw KEY_A=1",
		 test_root());
	assert_num(run(&p, line), 0);
	assert_string_equal(
		process_stdout(&p),
		HEAD "# touch\n0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
		     "ABS_MT_POSITION_X=100 ABS_MT_POSITION_Y=200\n"
		     "# keys\n0.060000 KEY_VOLUMEUP=1\n"
		     "# touch\n0.070000 ABS_MT_POSITION_X=101\n"
		     "0.100000 ABS_MT_TRACKING_ID=-1\n"
		     "# keys\n0.100000 KEY_VOLUMEUP=0\n"
		     "# y\n0.100000 KEY_A=1\n");
	process_fini(&p);
}

static void what_is_odd_in_a_recording_is_printed(void **state)
{
	struct process p;

	assert_num(run_with_text(&p,
				 "--to=x --dry-run play - then key a --hold=0",
				 "E: 2.0 0001 001e 1\nE: 2.0 0 0 0\n"
				 "E: 1.0 0 3 0\nE: 1.0 0001 001e 0\n"
				 "E: 1.5 0 0 0\n"),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.500000 KEY_A=0\n"
				 "0.500000 KEY_A=1\n0.500000 KEY_A=0\n");
	assert_string_equal(
		p.err.text,
		"vinput-inject: -:3: SYN_DROPPED: the kernel lost events "
		"here; 1 more up to the next SYN_REPORT are left out\n"
		"vinput-inject: -:3: the clock was set back here; no time "
		"passes there\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "\nplay -\n"), 2);
	assert_non_null(strstr(p.err.text, "line 2: play: standard input"));
	process_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dry_run_of_a_recording_is_the_recording),
		cmocka_unit_test(a_recording_is_played_faster_and_again),
		cmocka_unit_test(held_keys_are_released_before_a_loop),
		cmocka_unit_test(status_events_and_repeats_are_not_played),
		cmocka_unit_test(
			a_malformed_recording_is_reported_with_file_and_line),
		cmocka_unit_test(
			devices_of_a_recording_are_played_side_by_side),
		cmocka_unit_test(what_is_odd_in_a_recording_is_printed),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
