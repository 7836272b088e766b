/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-inject record: from bytes of events, and from a node. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/inject-once.h"
#include "tests/lib/pass-rig.h"
#include "tests/lib/temp-dir.h"

static void bytes_of_events_are_recorded(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_KEY, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
		vi_event(EV_KEY, KEY_A, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	struct process p;
	unsigned int us;

	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev)), 0);
	assert_num(sscanf(process_stdout(&p),
			  HEAD "0.000000 KEY_A=1\n0.%6u KEY_A=0\n", &us),
		   1);
	process_fini(&p);
	assert_num(run_with_stdin(&p, "record - --count=1", ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_A=1\n");
	process_fini(&p);
	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev) - 3), 1);
	assert_string_equal(p.err.text,
			    "vinput-inject: standard input ends in the middle "
			    "of an event\n");
	process_fini(&p);
}

static void an_unfinished_frame_is_a_line(void **state)
{
	const struct vi_event ev = vi_event(EV_KEY, KEY_A, 1);
	struct process p;

	assert_num(run_with_stdin(&p, "record", &ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), HEAD "0.000000 KEY_A=1\n");
	process_fini(&p);
}

static void a_recording_ends_at_its_time(void **state)
{
	static const char *const lines[] = { "record --duration=20",
					     "record --duration=0" };
	int fd[2];

	assert_sys(pipe(fd));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct process p;

		process_init(&p, "vinput-inject");
		process_capture(&p);
		p.in = fd[0];
		inject_add_words(&p, lines[i]);
		process_start(&p);
		assert_num(process_wait(&p), 0);
		assert_string_equal(process_stdout(&p), HEAD);
		process_fini(&p);
	}
	close(fd[0]);
	close(fd[1]);
}

static void a_recording_is_written_to_a_file(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_KEY, KEY_A, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	char dir[TEMP_DIR_LEN], path[TEMP_DIR_LEN + 8], line[128];
	char text[128] = "";
	struct process p;
	FILE *file;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/out", dir);
	snprintf(line, sizeof(line), "record --output=%s", path);
	assert_num(run_with_stdin(&p, line, ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), "");
	process_fini(&p);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, HEAD "0.000000 KEY_A=1\n");
	temp_dir_remove(dir);
	assert_num(run_with_stdin(&p, line, ev, sizeof(ev)), 1);
	snprintf(text, sizeof(text),
		 "vinput-inject: %s: No such file or directory\n", path);
	assert_string_equal(p.err.text, text);
	process_fini(&p);
	assert_num(
		run_with_stdin(&p, "record --output=/dev/full", ev, sizeof(ev)),
		1);
	assert_string_equal(p.err.text, "vinput-inject: the recording: "
					"Input/output error\n");
	process_fini(&p);
}

static void contacts_without_slots_are_recorded_and_get_slots(void **state)
{
	const struct vi_event ev[] = {
		vi_event(EV_ABS, ABS_MT_POSITION_X, 5),
		vi_event(EV_SYN, SYN_MT_REPORT, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	static const char recorded[] =
		HEAD "0.000000 ABS_MT_POSITION_X=5 SYN_MT_REPORT=0\n";
	struct process p;

	assert_num(run_with_stdin(&p, "record", ev, sizeof(ev)), 0);
	assert_string_equal(process_stdout(&p), recorded);
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run play -", recorded), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
				 "ABS_MT_POSITION_X=5\n"
				 "0.000000 ABS_MT_SLOT=0 "
				 "ABS_MT_TRACKING_ID=-1\n");
	process_fini(&p);
}

static void only_evdev_devices_are_recorded(void **state)
{
	struct process p;

	assert_num(run(&p, "record /dev/null"), 1);
	assert_string_equal(
		p.err.text,
		"vinput-inject: /dev/null is not an evdev device\n");
	process_fini(&p);
	assert_num(run(&p, "record /nonexistent"), 1);
	assert_non_null(strstr(p.err.text, "/nonexistent: No such file"));
	process_fini(&p);
}

/* Also when nothing is left to read: a signal ends it. */
static void a_node_is_recorded_until_a_signal(void **state)
{
	struct pass *p = *state;

	process_fini(&p->program);
	process_init(&p->program, "vinput-inject");
	process_capture(&p->program);
	process_arg(&p->program, "record");
	pass_rig_node(p);
	pass_rig_start(p);
	fake_node_sends(p->fd, "KEY_A 1");
	process_expect_stdout(&p->program, "0.000000 KEY_A=1\n");
	assert_true(process_runs(&p->program));
	assert_sys(kill(p->program.pid, SIGWINCH));
	assert_sys(kill(p->program.pid, SIGCONT));
	fake_node_sends(p->fd, "KEY_A 0");
	process_expect_stdout(&p->program, " KEY_A=0\n");
	assert_sys(kill(p->program.pid, SIGTERM));
	assert_num(process_wait(&p->program), 128 + SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_events_are_recorded),
		cmocka_unit_test(an_unfinished_frame_is_a_line),
		cmocka_unit_test(a_recording_ends_at_its_time),
		cmocka_unit_test(a_recording_is_written_to_a_file),
		cmocka_unit_test(
			contacts_without_slots_are_recorded_and_get_slots),
		cmocka_unit_test(only_evdev_devices_are_recorded),
		cmocka_unit_test_setup_teardown(
			a_node_is_recorded_until_a_signal, pass_rig_setup,
			pass_rig_teardown),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
