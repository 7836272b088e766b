/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a VMM and a guest's driver have a device, as vinput-launch knows it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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

static void a_new_process_has_no_driver_yet(void **state)
{
	struct launch_test *t = *state;

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

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(list_shows_vmm_and_driver),
		test(a_new_process_has_no_driver_yet),
		test(what_a_device_does_not_answer_is_unknown),
		test(what_is_unknown_is_null_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
