/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that starts with switches on and axes off 0, as its spec says or the
 * recording that is its spec.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/lib/rig.h"

#define SW(code, v) vi_event(EV_SW, code, v)

static void serve(struct rig *rig, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", rig->dir, file);
	file_write(path, "%s", text);
	process_arg(&rig->srv, "--spec=%s", path);
	rig_start(rig);
}

static const char laptop[] =
	"{ \"name\": \"laptop\","
	"  \"events\": { \"EV_SW\": [\"SW_LID\", \"SW_DOCK\"] },"
	"  \"axes\": { \"ABS_VOLUME\": { \"min\": 0, \"max\": 20 } },"
	"  \"initial\": { \"SW_LID\": true, \"ABS_VOLUME\": 7 } }";

static void a_driver_is_told_when_it_starts(void **state)
{
	struct rig *rig = *state;

	serve(rig, "laptop.json", laptop);
	for (int i = 0; i < 2; i++) {
		rig_run(rig, NULL, 16);
		expect(rig, SW(SW_LID, 1), ABS(ABS_VOLUME, 7), SYN);
		rig_expect_nothing(rig);
	}
}

static void a_source_that_says_something_else_counts(void **state)
{
	struct rig *rig = *state;

	serve(rig, "laptop.json", laptop);
	inject(rig, SW(SW_LID, 0), SW(SW_DOCK, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	/* The lid was closed to a guest that may know it from before. */
	expect(rig, SW(SW_LID, 0), SW(SW_DOCK, 1), ABS(ABS_VOLUME, 7), SYN);
	inject(rig, SW(SW_LID, 1), ABS(ABS_VOLUME, 8), SYN);
	expect(rig, SW(SW_LID, 1), ABS(ABS_VOLUME, 8), SYN);
	rig_run(rig, NULL, 16);
	expect(rig, SW(SW_LID, 1), SW(SW_DOCK, 1), ABS(ABS_VOLUME, 8), SYN);
	rig_expect_nothing(rig);
}

static void a_recorded_lid_is_as_it_was(void **state)
{
	struct rig *rig = *state;

	serve(rig, "lid.evemu",
	      "# EVEMU 1.3\nN: Lid Switch\nI: 0019 0000 0005 0000\n"
	      "P: 00 00 00 00 00 00 00 00\nB: 05 01 00 00 00 00 00 00 00\n"
	      "S: 00 1\nE: 0.000001 0005 0000 0000\n");
	rig_run(rig, NULL, 16);
	expect(rig, SW(SW_LID, 1), SYN);
	rig_expect_nothing(rig);
}

/* SIGHUP: what nobody has set is as the new spec says. */
static void a_spec_that_is_read_again_says_how_it_starts(void **state)
{
	struct rig *rig = *state;
	char path[64];

	serve(rig, "laptop.json", laptop);
	rig_run(rig, NULL, 16);
	expect(rig, SW(SW_LID, 1), ABS(ABS_VOLUME, 7), SYN);
	inject(rig, ABS(ABS_VOLUME, 9), SYN);
	expect(rig, ABS(ABS_VOLUME, 9), SYN);
	snprintf(path, sizeof(path), "%s/laptop.json", rig->dir);
	file_write(
		path,
		"{ \"name\": \"laptop\","
		"  \"events\": { \"EV_SW\": [\"SW_LID\", \"SW_DOCK\"] },"
		"  \"axes\": { \"ABS_VOLUME\": { \"min\": 0, \"max\": 20 } },"
		"  \"initial\": { \"SW_DOCK\": true, \"ABS_VOLUME\": 3 } }");
	assert_sys(kill(rig->srv.pid, SIGHUP));
	process_expect_log(&rig->srv, "the next driver gets");
	rig_prepare(rig, 16);
	assert_ok(fe_read_spec(&rig->fe, &(struct spec){ 0 }));
	assert_ok(fe_start(&rig->fe));
	expect(rig, SW(SW_LID, 0), SW(SW_DOCK, 1), ABS(ABS_VOLUME, 9), SYN);
	rig_expect_nothing(rig);
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_driver_is_told_when_it_starts),
		T(a_source_that_says_something_else_counts),
		T(a_recorded_lid_is_as_it_was),
		T(a_spec_that_is_read_again_says_how_it_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
