/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-launch with servers that hang, or do not start again. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/launch.h"

#define RESTART "{\"command\": \"restart\", \"label\": \"keyboard\"}"

static void stop_device(struct launch_test *t, const char *label)
{
	pid_t pid = (pid_t)launch_number(t, label, "pid");

	assert_true(pid > 0);
	assert_sys(kill(pid, SIGSTOP));
}

/* While this file exists the server does what it must not. */
static const char *bad_file(struct launch_test *t)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/bad", t->rig->dir);
	return path;
}

/* With a server that runs a command instead while bad_file() exists. */
static void start_with_bad_server(struct launch_test *t, const char *command)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "if [ -e '%s' ]; then %s; fi; exec \"$REAL\" \"$@\"",
		 bad_file(t), command);
	launch_server_script(t, text);
	launch_arg(t, "--keyboard");
	launch_start(t);
	int fd = creat(bad_file(t), 0600);
	assert_sys(fd);
	close(fd);
}

static void a_server_that_hangs_is_restarted_by_command(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=0.05");
	launch_start(t);
	stop_device(t, "keyboard");
	launch_expect_ok(launch_order(t, RESTART));
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	launch_end(t);
}

static void a_restart_that_hangs_is_answered_and_tried_again(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--start-timeout=3");
	start_with_bad_server(t, "exec sleep 1000");
	launch_expect_error(launch_order(t, RESTART),
			    "keyboard: vhost-user-input was not ready within "
			    "3 s; trying again");
	assert_sys(unlink(bad_file(t)));
	launch_expect_state(t, "keyboard", "ready");
	launch_end(t);
}

static void a_restart_that_fails_is_answered_with_the_reason(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--restart=on-failure:100/1");
	start_with_bad_server(t, "echo no luck >&2; exit 1");
	launch_expect_error(launch_order(t, RESTART),
			    "keyboard: no luck; trying again");
	assert_sys(unlink(bad_file(t)));
	launch_expect_state(t, "keyboard", "ready");
	launch_end(t);
}

/* What its predecessor said last is not the reason. */
static void a_restart_that_fails_in_silence_is_answered(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--restart=on-failure:100/1");
	start_with_bad_server(t, "exit 3");
	launch_expect_error(launch_order(t, RESTART),
			    "keyboard: vhost-user-input ended with status 3; "
			    "trying again");
	assert_sys(unlink(bad_file(t)));
	launch_expect_state(t, "keyboard", "ready");
	launch_end(t);
}

static void a_server_that_hangs_is_noticed_and_restarted(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_arg(t, "--watchdog=2");
	launch_start(t);
	stop_device(t, "keyboard");
	process_expect_log(&t->launcher, "launcher: keyboard did not answer "
					 "for 2 s; restarting it");
	launch_expect_state(t, "keyboard", "ready");
	assert_num(launch_number(t, "keyboard", "restarts"), 1);
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	assert_num(launch_number(t, "mouse", "restarts"), 0);
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_server_that_hangs_is_restarted_by_command),
		test(a_restart_that_fails_in_silence_is_answered),
		test(a_server_that_hangs_is_noticed_and_restarted),
		test(a_restart_that_hangs_is_answered_and_tried_again),
		test(a_restart_that_fails_is_answered_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
