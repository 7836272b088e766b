/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch while somebody sets the clock: deadlines and limits use another
 * one.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/lib/clock-step.h"
#include "tests/lib/launch.h"

static volatile int64_t *start_with_clock(struct launch_test *t)
{
	volatile int64_t *step_s =
		clock_step_prepare(&t->launcher, t->rig->dir);

	launch_start(t);
	return step_s;
}

static void kill_and_wait(struct launch_test *t, int restarts)
{
	pid_t pid = (pid_t)launch_number(t, "keyboard", "pid");

	assert_true(pid > 0);
	assert_sys(kill(pid, SIGKILL));
	for (int ms = 0; launch_number(t, "keyboard", "restarts") < restarts;
	     ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	launch_expect_state(t, "keyboard", "ready");
}

static void a_limit_ends_in_its_time_though_the_clock_is_set_back(void **state)
{
	struct launch_test *t = *state;
	volatile int64_t *step_s;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=on-failure:1/0.5");
	step_s = start_with_clock(t);
	kill_and_wait(t, 1);
	*step_s = -AN_HOUR_S;
	poll(NULL, 0, CLOCK_SEEN_MS);
	kill_and_wait(t, 2);
	launch_end(t);
}

static void a_limit_holds_though_the_clock_is_set_forward(void **state)
{
	struct launch_test *t = *state;
	volatile int64_t *step_s;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=on-failure:1/1000");
	step_s = start_with_clock(t);
	kill_and_wait(t, 1);
	*step_s = AN_HOUR_S;
	poll(NULL, 0, CLOCK_SEEN_MS);
	assert_sys(kill((pid_t)launch_number(t, "keyboard", "pid"), SIGKILL));
	launch_expect_state(t, "keyboard", "failed");
	launch_end(t);
}

/* Nor does a deadline come earlier: SIGKILL instead of an orderly end. */
static void a_deadline_is_kept_though_the_clock_is_set_forward(void **state)
{
	struct launch_test *t = *state;
	volatile int64_t *step_s;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=1000");
	step_s = start_with_clock(t);
	pid_t pid = (pid_t)launch_number(t, "keyboard", "pid");
	assert_sys(kill(pid, SIGSTOP));
	assert_num(dprintf(t->control,
			   "{\"command\": \"restart\", \"label\": "
			   "\"keyboard\"}\n{\"command\": \"list\"}\n") > 0,
		   1);
	*step_s = AN_HOUR_S;
	struct pollfd p = { .fd = t->control, .events = POLLIN };
	assert_num(poll(&p, 1, CLOCK_SEEN_MS), 0);
	assert_sys(kill(pid, SIGCONT));
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	close(t->control);
	t->control = -1;
	launch_end(t);
	assert_num(process_log_count(&t->launcher, "keyboard: stopped"), 2);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_limit_ends_in_its_time_though_the_clock_is_set_back),
		test(a_limit_holds_though_the_clock_is_set_forward),
		test(a_deadline_is_kept_though_the_clock_is_set_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
