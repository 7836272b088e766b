/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a VMM and a guest's driver have a device, as vinput-launch knows it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/launch.h"

/* The list's row of the keyboard must end with these columns. */
static void expect_columns(struct launch_test *t, const char *columns)
{
	char want[100];

	snprintf(want, sizeof(want), "        0 %s %s/keyboard.sock\n", columns,
		 t->place);
	launch_expect_control(t, want, LAUNCH_WORDS("list"));
}

static void list_shows_vmm_and_driver(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	expect_columns(t, "no  no    ");
	launch_vmm(t, "keyboard");
	expect_columns(t, "yes no    ");
	assert_ok(fe_start(&t->rig->fe));
	launch_expect_flag(t, "keyboard", "driver", true);
	expect_columns(t, "yes yes   ");
	launch_expect_flag(t, "mouse", "vmm", false);
	assert_ok(fe_stop(&t->rig->fe));
	expect_columns(t, "yes no    ");
	rig_disconnect(t->rig);
	launch_expect_flag(t, "keyboard", "vmm", false);
	expect_columns(t, "no  no    ");
	launch_end(t);
}

/* Nothing brings it back. */
static void a_new_process_has_no_driver_yet(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--hold=off");
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_expect_flag(t, "keyboard", "driver", true);
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "keyboard"));
	launch_expect_flag(t, "keyboard", "driver", false);
	launch_end(t);
}

/* The launcher's own knowledge is shown nevertheless. */
static void what_a_device_does_not_answer_is_unknown(void **state)
{
	struct launch_test *t = *state;

	pid_t pid;

	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = (pid_t)launch_number(t, "keyboard", "pid");
	assert_sys(kill(pid, SIGSTOP));
	expect_columns(t, "-   -     ");
	assert_sys(kill(pid, SIGCONT));
	expect_columns(t, "no  no    ");
	launch_end(t);
}

static void what_is_unknown_is_null_in_json(void **state)
{
	struct launch_test *t = *state;

	launch_server_script(t, "exec sleep 100");
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	launch_expect_state(t, "keyboard", "starting");
	launch_expect_control(t, "\"vmm\":null,\"driver\":null",
			      LAUNCH_WORDS("list", "--json"));
	assert_num(process_terminate(&t->launcher), 0);
	launch_expect_nothing_left(t);
}

/* --- --wait --guest --- */

static void start_wait(struct launch_test *t, struct process *p,
		       const char *timeout)
{
	process_init(p, "vinput-launch");
	process_arg(p, "--wait=%s", t->place);
	process_arg(p, "--guest");
	if (timeout)
		process_arg(p, "--timeout=%s", timeout);
	process_start(p);
}

/* Its only line must be this one, after the program and the directory. */
static void expect_wait(struct launch_test *t, struct process *p, int status,
			const char *says)
{
	char line[200] = "";

	if (*says)
		snprintf(line, sizeof(line), "vinput-launch: %s: %s\n",
			 t->place, says);
	assert_num(process_wait(p), status);
	assert_string_equal(p->err.text ? p->err.text : "", line);
	process_fini(p);
}

static void expect_waits(struct process *p)
{
	poll(NULL, 0, 4 * RIG_QUIET_MS);
	assert_true(process_runs(p));
}

static void wait_ends_when_a_driver_has_every_device(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	start_wait(t, &wait, NULL);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	expect_waits(&wait);
	launch_vmm(t, "keyboard");
	expect_waits(&wait);
	assert_ok(fe_start(&t->rig->fe));
	expect_waits(&wait);
	/* Which then is no device to wait for. */
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "mouse"));
	expect_wait(t, &wait, 0, "");
	launch_end(t);
}

static void wait_names_what_lacks_a_vmm_or_a_driver(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	launch_vmm(t, "keyboard");
	start_wait(t, &wait, "0.5");
	expect_wait(t, &wait, 1,
		    "no driver within the timeout: keyboard has no driver, "
		    "mouse has no VMM");
	assert_ok(fe_start(&t->rig->fe));
	start_wait(t, &wait, "0.5");
	expect_wait(t, &wait, 1,
		    "no driver within the timeout: mouse has no VMM");
	launch_end(t);
}

static void wait_sees_that_a_driver_has_gone(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_expect_flag(t, "keyboard", "driver", true);
	start_wait(t, &wait, NULL);
	expect_wait(t, &wait, 0, "");
	assert_ok(fe_stop(&t->rig->fe));
	start_wait(t, &wait, "0.5");
	expect_wait(t, &wait, 1,
		    "no driver within the timeout: keyboard has no driver");
	launch_end(t);
}

static void a_device_that_does_not_answer_is_named(void **state)
{
	struct launch_test *t = *state;
	struct process wait;
	pid_t pid;

	launch_arg(t, "--keyboard");
	launch_start(t);
	pid = (pid_t)launch_number(t, "keyboard", "pid");
	assert_sys(kill(pid, SIGSTOP));
	start_wait(t, &wait, "0.5");
	expect_wait(t, &wait, 1,
		    "no driver within the timeout: keyboard does not answer");
	assert_sys(kill(pid, SIGCONT));
	launch_end(t);
}

static void a_device_that_has_failed_is_not_waited_for(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_arg(t, "--restart=no");
	launch_start(t);
	start_wait(t, &wait, NULL);
	expect_waits(&wait);
	assert_sys(kill((pid_t)launch_number(t, "mouse", "pid"), SIGKILL));
	expect_wait(t, &wait, 1,
		    "no driver can come: keyboard has no VMM, mouse has "
		    "failed");
	launch_end(t);
}

static void wait_for_a_guest_ends_with_the_launcher(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	launch_arg(t, "--keyboard");
	launch_start(t);
	start_wait(t, &wait, NULL);
	expect_waits(&wait);
	assert_num(process_terminate(&t->launcher), 0);
	expect_wait(t, &wait, 1, "the launcher has ended");
	launch_expect_nothing_left(t);
}

static void wait_takes_no_other_options(void **state)
{
	struct launch_test *t = *state;
	struct process wait;

	process_init(&wait, "vinput-launch");
	process_arg(&wait, "--wait=%s", t->place);
	process_arg(&wait, "--guest");
	process_arg(&wait, "--json");
	assert_num(launch_run_process(&wait), 2);
	assert_num(process_log_count(&wait, "--wait goes with --guest and "
					    "--timeout only"),
		   1);
	process_fini(&wait);
	launch_expect_refused(t, 2, "--guest goes with --wait",
			      LAUNCH_WORDS("list", "--guest"));
}

/* Answer a request of a client in place of a launcher. */
static void answer(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c = 0;

	while (c != '\n') {
		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_num(read(fd, &c, 1), 1);
	}
	assert_num(write(fd, text, strlen(text)), strlen(text));
}

/* It would answer a wait for the guest when the devices are ready. */
static void a_launcher_that_cannot_tell_is_named(void **state)
{
	struct launch_test *t = *state;
	struct process wait;
	char path[80];
	int listener, fd;

	assert_sys(mkdir(t->place, 0700));
	snprintf(path, sizeof(path), "%s/control", t->place);
	listener = rig_unix_listen(path, SOCK_STREAM);
	start_wait(t, &wait, NULL);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
	answer(fd, "{\"ok\":true}\n");
	answer(fd, "{\"ok\":true,\"ready\":true,\"devices\":[{\"label\":"
		   "\"keyboard\",\"state\":\"ready\"}]}\n");
	expect_wait(t, &wait, 1, "the launcher is too old for --guest");
	close(fd);
	close(listener);
	assert_sys(unlink(path));
	assert_sys(rmdir(t->place));
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(list_shows_vmm_and_driver),
		test(a_new_process_has_no_driver_yet),
		test(what_a_device_does_not_answer_is_unknown),
		test(what_is_unknown_is_null_in_json),
		test(wait_ends_when_a_driver_has_every_device),
		test(wait_names_what_lacks_a_vmm_or_a_driver),
		test(wait_sees_that_a_driver_has_gone),
		test(a_device_that_does_not_answer_is_named),
		test(a_device_that_has_failed_is_not_waited_for),
		test(wait_for_a_guest_ends_with_the_launcher),
		test(wait_takes_no_other_options),
		test(a_launcher_that_cannot_tell_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
