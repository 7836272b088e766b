/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject play with a recording of another device: what is refused,
 * scaled or left out.
 */
#include <stdio.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/inject-once.h"

/* By a spec, slots are what they are, or axes like others. */
static void a_recording_is_for_the_device_of_the_spec(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line),
		 "--dry-run --spec=%s/tests/wire/specs/touch.json play -",
		 test_root());
	assert_num(run_with_text(&p, line, "0 ABS_MT_SLOT=64\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:1: invalid ABS_MT_SLOT 64: must "
			    "be from 0 to 63\n");
	process_fini(&p);
	snprintf(line, sizeof(line),
		 "--dry-run --spec=%s/tests/data/spec/good/"
		 "axes-numbered-through.json play -",
		 test_root());
	assert_num(run_with_text(&p, line, "0 ABS_MT_SLOT=-5\n"), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=-5\n");
	process_fini(&p);
}

static void some_of_many_misfits_are_named(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--spec=keyboard --to=./x play -",
				 "0 ABS_X=1 ABS_Y=1 ABS_Z=1 ABS_RX=1 ABS_RY=1 "
				 "ABS_RZ=1 ABS_GAS=1 SW_LID=1\n"),
		   2);
	assert_string_equal(p.err.text,
			    "vinput-inject: -:1: the device has no ABS_X, "
			    "ABS_Y, ABS_Z, ABS_RX, ABS_RY, ABS_RZ and 2 more "
			    "(8 events): use --lenient to play the rest\n");
	process_fini(&p);
}

/* Of a screen with 32768 units in each direction. */
static const char tap_elsewhere[] =
	"E: 0.0 0003 002f 0\nE: 0.0 0003 0039 7\nE: 0.0 0003 0035 8192\n"
	"E: 0.0 0003 0036 16384\nE: 0.0 0003 003a 9\nE: 0.0 0 0 0\n"
	"E: 0.1 0003 0035 700\nE: 0.1 0 0 0\n"
	"E: 0.2 0003 0039 -1\nE: 0.2 0 0 0\n";

/* A screen of 0..1080, 0..1920. */
static const char *screen_spec(void)
{
	static char option[400];

	snprintf(option, sizeof(option),
		 "--spec=%s/tests/wire/specs/touch.json", test_root());
	return option;
}

static const struct {
	const char *option; /* NULL: screen_spec() */
	const char *play, *err;
} misfits[] = {
	{ NULL, "",
	  "-:5: the device has no ABS_MT_PRESSURE (1 event): use --lenient to "
	  "play the rest\n" },
	{ "--size=1080x1920", "",
	  "-:3: ABS_MT_POSITION_X 8192 is outside the device's range 0..1079 "
	  "(2 such events): use --scale to fit positions, or --lenient to "
	  "clamp\n" },
	{ "--size=1080x1920", "--scale --from=800x100000",
	  "-:3: ABS_MT_POSITION_X 11063 is outside the device's range 0..1079 "
	  "(1 such event): use --lenient to clamp\n" },
	{ "--size=1080x1920", "--scale",
	  "--scale: - describes no axis of the device; use --from=WxH\n" },
	{ "--size=1080x1920", "--from=100x100", "--from requires --scale\n" },
	{ "--spec=keyboard", "--scale --from=9x9",
	  "--scale: the device has no positions\n" },
	{ "", "--scale --from=100x100",
	  "--scale requires --spec=SPEC or --size=WxH\n" },
	{ "", "--scale --map=1:a", "--map and --scale exclude each other\n" },
	{ NULL, "--scale --from=10",
	  "--from must be WxH, such as 1080x2400, not 10\n" },
};

static void what_does_not_fit_the_device_is_not_played(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(misfits); i++) {
		struct process p;
		char line[512], err[512];

		snprintf(line, sizeof(line), "--to=./x %s play - %s",
			 misfits[i].option ? misfits[i].option : screen_spec(),
			 misfits[i].play);
		snprintf(err, sizeof(err), "vinput-inject: %s", misfits[i].err);
		assert_num(run_with_text(&p, line, tap_elsewhere), 2);
		assert_string_equal(p.err.text, err);
		process_fini(&p);
	}
}

static void positions_are_scaled_to_the_device(void **state)
{
	struct process p;

	assert_num(run_with_text(&p,
				 "--dry-run --size=1080x1920 play - --scale "
				 "--from=32769x32769",
				 tap_elsewhere),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=7 ABS_MT_POSITION_X=270 "
				 "ABS_MT_POSITION_Y=960 ABS_MT_PRESSURE=9\n"
				 "0.100000 ABS_MT_POSITION_X=23\n"
				 "0.200000 ABS_MT_TRACKING_ID=-1\n");
	assert_string_equal(p.err.text, "");
	process_fini(&p);
}

static void a_recording_says_which_ranges_it_is_scaled_from(void **state)
{
	static const char text[] = "# EVEMU 1.3\nA: 35 0 32768 0 0 0\n"
				   "E: 0.0 0003 002f 0\nE: 0.0 0003 0035 "
				   "8192\nE: 0.0 0003 0039 -1\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run --size=1081x9 play - --scale",
				 text),
		   0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 ABS_MT_SLOT=0 "
						     "ABS_MT_POSITION_X=270 "
						     "ABS_MT_TRACKING_ID=-1\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--size=9x9 play - --scale",
				 "A: 35 0\nE: 0.0 0003 0035 8\n"),
		   2);
	assert_non_null(strstr(p.err.text, "-:1: expected an axis"));
	process_fini(&p);
}

static void what_does_not_fit_is_played_leniently(void **state)
{
	struct process p;
	char line[512];

	snprintf(line, sizeof(line), "--dry-run %s play - --lenient",
		 screen_spec());
	assert_num(run_with_text(&p, line, tap_elsewhere), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=7 ABS_MT_POSITION_X=1080 "
				 "ABS_MT_POSITION_Y=1920\n"
				 "0.100000 ABS_MT_POSITION_X=700\n"
				 "0.200000 ABS_MT_TRACKING_ID=-1\n");
	assert_string_equal(
		p.err.text,
		"vinput-inject: -:5: the device has no ABS_MT_PRESSURE (1 "
		"event): left out\n"
		"vinput-inject: -:3: ABS_MT_POSITION_X 8192 is outside the "
		"device's range 0..1080 (2 such events): clamped\n");
	process_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_the_device_is_not_played),
		cmocka_unit_test(a_recording_is_for_the_device_of_the_spec),
		cmocka_unit_test(some_of_many_misfits_are_named),
		cmocka_unit_test(positions_are_scaled_to_the_device),
		cmocka_unit_test(
			a_recording_says_which_ranges_it_is_scaled_from),
		cmocka_unit_test(what_does_not_fit_is_played_leniently),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
