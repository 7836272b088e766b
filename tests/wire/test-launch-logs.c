/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of vinput-launch, and SIGHUP. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/launch.h"
#include "tests/lib/temp-dir.h"

/* "2026-11-21T04:45:22.211Z " */
static bool has_stamp(const char *line)
{
	unsigned int n[7];

	return sscanf(line, "%4u-%2u-%2uT%2u:%2u:%2u.%3uZ ", &n[0], &n[1],
		      &n[2], &n[3], &n[4], &n[5], &n[6]) == 7;
}

static void each_child_logs_with_time_and_label(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "Z keyboard: serving \""),
		   1);
	assert_true(has_stamp(t->launcher.err.text));
	launch_end(t);
	assert_num(process_log_count(&t->launcher, "Z keyboard: stopped"), 1);
	assert_num(process_log_count(&t->launcher, "Z launcher: stopped"), 1);
}

static void expect_in_file(const char *path, const char *text)
{
	char buf[5000] = "";
	FILE *file = fopen(path, "re");
	struct stat st;

	assert_non_null(file);
	assert_true(fread(buf, 1, sizeof(buf) - 1, file) > 0);
	assert_true(has_stamp(buf));
	assert_non_null(strstr(buf, text));
	assert_sys(fstat(fileno(file), &st));
	assert_num(st.st_mode & 0777, 0600);
	fclose(file);
}

static void logs_go_to_a_file_for_each(void **state)
{
	struct launch_test *t = *state;
	char path[120];

	launch_arg(t, "--keyboard");
	launch_arg(t, "--log-dir=%s/logs", t->rig->dir);
	process_start(&t->launcher);
	struct process wait;
	process_init(&wait, "vinput-launch");
	process_arg(&wait, "--wait=%s", t->place);
	assert_num(launch_run_process(&wait), 0);
	process_fini(&wait);
	launch_end(t);
	process_read_log(&t->launcher);
	assert_string_equal(t->launcher.err.text, "");
	snprintf(path, sizeof(path), "%s/logs/keyboard.log", t->rig->dir);
	expect_in_file(path, "Z serving \"");
	snprintf(path, sizeof(path), "%s/logs/launcher.log", t->rig->dir);
	expect_in_file(path, "Z ready: 1 devices");
}

/* Wait until the file has a line that contains text. */
static void wait_in_file(const char *path, const char *text)
{
	char *command;
	int ms = 0;

	assert_sys(asprintf(&command, "grep -q '%s' '%s' 2>/dev/null", text,
			    path));
	for (; system(command); ms += 10) {
		if (ms >= DEADLINE_MS)
			fail_msg("no \"%s\" in %s", text, path);
		poll(NULL, 0, 10);
	}
	free(command);
}

static void without_a_folder_logs_are_in_the_launchers(void **state)
{
	struct launch_test *t = *state;
	char path[120];

	launch_arg(t, "--keyboard");
	launch_arg(t, "--log-files");
	process_start(&t->launcher);
	snprintf(path, sizeof(path), "%s/log/launcher.log", t->place);
	wait_in_file(path, "Z ready: 1 devices");
	snprintf(path, sizeof(path), "%s/log/keyboard.log", t->place);
	expect_in_file(path, "Z serving \"");
	process_read_log(&t->launcher);
	assert_string_equal(t->launcher.err.text, "");
	assert_num(process_terminate(&t->launcher), 0);
	/* They outlive it. */
	expect_in_file(path, "Z stopped");
	temp_dir_remove(t->place);
}

static void hang_up(struct launch_test *t)
{
	assert_sys(kill(t->launcher.pid, SIGHUP));
}

static void sighup_opens_log_files_again(void **state)
{
	struct launch_test *t = *state;
	char path[120], moved[120];
	long long pid;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--log-dir=%s/logs", t->rig->dir);
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "ready");
	pid = launch_number(t, "keyboard", "pid");
	snprintf(path, sizeof(path), "%s/logs/keyboard.log", t->rig->dir);
	snprintf(moved, sizeof(moved), "%s/logs/moved", t->rig->dir);
	assert_sys(rename(path, moved));
	hang_up(t);
	snprintf(moved, sizeof(moved), "%s/logs/launcher.log", t->rig->dir);
	wait_in_file(moved, "SIGHUP: reopening logs");
	assert_num(launch_number(t, "keyboard", "pid"), pid);
	assert_sys(kill((pid_t)pid, SIGUSR1));
	wait_in_file(path, "Z counters: ");
	launch_end(t);
	expect_in_file(path, "Z stopped");
}

static void sighup_lets_devices_read_their_specs_again(void **state)
{
	struct launch_test *t = *state;
	char path[120];
	long long pid;

	snprintf(path, sizeof(path), "%s/x.json", t->rig->dir);
	file_write(path, "{\"name\": \"A\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_A\"]}}");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--device=x=%s", path);
	launch_start(t);
	pid = launch_number(t, "x", "pid");
	file_write(path, "{\"name\": \"B\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_B\"]}}");
	hang_up(t);
	process_expect_log(&t->launcher, "x: the next driver gets");
	assert_num(launch_number(t, "x", "pid"), pid);
	launch_end(t);
}

static void reload_lets_one_device_read_its_spec_again(void **state)
{
	struct launch_test *t = *state;
	char path[120], text[200];

	snprintf(path, sizeof(path), "%s/x.json", t->rig->dir);
	file_write(path, "{\"name\": \"A\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_A\"]}}");
	launch_arg(t, "--device=x=%s", path);
	launch_start(t);
	file_write(path, "{\"name\": 5}");
	snprintf(text, sizeof(text), ": x: %s:1:10: error: name", path);
	launch_expect_refused(t, 1, text, LAUNCH_WORDS("reload", "x"));
	process_expect_log(&t->launcher, "x: the device is unchanged");
	file_write(path, "{\"name\": \"B\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_B\"]}}");
	launch_expect_control(t, "", LAUNCH_WORDS("reload", "x"));
	process_expect_log(&t->launcher, "x: the next driver gets");
	/* One that changes nothing is answered, too. */
	launch_expect_control(t, "", LAUNCH_WORDS("reload", "x"));
	launch_expect_refused(t, 1, "no device y", LAUNCH_WORDS("reload", "y"));
	assert_num(launch_number(t, "x", "restarts"), 0);
	launch_end(t);
}

static void reload_of_a_server_that_hangs_or_dies_is_answered(void **state)
{
	struct launch_test *t = *state;
	pid_t pid;

	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = (pid_t)launch_number(t, "keyboard", "pid");
	assert_sys(kill(pid, SIGSTOP));
	launch_expect_refused(t, 1, "keyboard did not answer for 5 s",
			      LAUNCH_WORDS("reload", "keyboard"));
	dprintf(t->control,
		"{\"command\": \"reload\", \"label\": \"keyboard\"}\n");
	launch_expect_control(t, "keyboard", LAUNCH_WORDS("list"));
	assert_sys(kill(pid, SIGKILL));
	launch_expect_error(launch_order(t, "{\"command\": \"list\"}"),
			    "keyboard has ended");
	launch_end(t);
}

/* A process that has no handler yet would be killed. */
static void sighup_waits_for_a_device_that_starts(void **state)
{
	struct launch_test *t = *state;
	char path[64], text[200];

	snprintf(path, sizeof(path), "%s/wait", t->rig->dir);
	snprintf(text, sizeof(text),
		 "while [ -e '%s' ]; do sleep 0.01; done; exec \"$REAL\" "
		 "\"$@\"",
		 path);
	launch_server_script(t, text);
	launch_arg(t, "--keyboard");
	launch_start(t);
	file_write(path, "%s", "");
	assert_sys(kill((pid_t)launch_number(t, "keyboard", "pid"), SIGKILL));
	launch_expect_state(t, "keyboard", "starting");
	hang_up(t);
	process_expect_log(&t->launcher, "SIGHUP: reopening logs");
	assert_sys(unlink(path));
	launch_expect_state(t, "keyboard", "ready");
	assert_num(launch_number(t, "keyboard", "restarts"), 1);
	launch_end(t);
}

/* --- much of it --- */

/* Before a server starts, it says so many lines: "line 1", "line 2", ... */
static void say_lines(struct launch_test *t, int n)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; "
		 "done >&2; exec \"$REAL\" \"$@\"",
		 n);
	launch_server_script(t, text);
}

/* The first and the last number of a log's lines. */
static void read_lines(const char *path, int *first, int *last)
{
	char line[200];
	FILE *file = fopen(path, "re");
	struct stat st;

	assert_non_null(file);
	assert_sys(fstat(fileno(file), &st));
	assert_true(st.st_size <= 4096);
	*first = *last = 0;
	while (fgets(line, sizeof(line), file)) {
		assert_true(has_stamp(line));
		if (sscanf(line, "%*s line %d", last) == 1 && !*first)
			*first = *last;
	}
	fclose(file);
}

static void a_log_file_past_its_size_becomes_the_one_before(void **state)
{
	struct launch_test *t = *state;
	char path[120];
	int first, last, first_before, last_before;

	say_lines(t, 1000);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--log-dir=%s/logs", t->rig->dir);
	launch_arg(t, "--log-max-size=4K");
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "ready");
	launch_end(t);
	snprintf(path, sizeof(path), "%s/logs/keyboard.log", t->rig->dir);
	read_lines(path, &first, &last);
	expect_in_file(path, "Z stopped");
	strcat(path, ".1");
	read_lines(path, &first_before, &last_before);
	/* No line is missing between them. */
	assert_num(last, 1000);
	assert_num(last_before, first - 1);
	assert_true(first_before > 1);
}

/* Lines that are lost are counted; all else goes on. */
static void a_log_that_nobody_reads_does_not_stop_the_launcher(void **state)
{
	struct launch_test *t = *state;

	say_lines(t, 10000);
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "ready");
	launch_expect_ok(launch_order(
		t, "{\"command\": \"restart\", \"label\": \"keyboard\"}"));
	process_read_log(&t->launcher);
	assert_sys(kill((pid_t)launch_number(t, "keyboard", "pid"), SIGUSR1));
	process_expect_log(&t->launcher, "log lines lost: nobody read them");
	process_expect_log(&t->launcher, "keyboard: counters: ");
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_child_logs_with_time_and_label),
		test(logs_go_to_a_file_for_each),
		test(without_a_folder_logs_are_in_the_launchers),
		test(sighup_opens_log_files_again),
		test(sighup_lets_devices_read_their_specs_again),
		test(reload_lets_one_device_read_its_spec_again),
		test(reload_of_a_server_that_hangs_or_dies_is_answered),
		test(sighup_waits_for_a_device_that_starts),
		test(a_log_file_past_its_size_becomes_the_one_before),
		test(a_log_that_nobody_reads_does_not_stop_the_launcher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
