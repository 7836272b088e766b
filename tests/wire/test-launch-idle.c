/* SPDX-License-Identifier: Apache-2.0 */
/* A launcher with nothing to do is asleep and stays so. */
#include <poll.h>
#include "input/base/loop.h"
#include "tests/lib/launch.h"
#include "tests/lib/usage.h"

#define IDLE_MS 300

static void nothing_wakes_an_idle_launcher(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	usage_wait_rest(t->launcher.pid);
	const long before = usage_sleeps(t->launcher.pid);
	poll(NULL, 0, IDLE_MS);
	assert_num(usage_sleeps(t->launcher.pid) - before, 0);
	launch_end(t);
}

static void an_idle_launcher_waits_without_a_timeout(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_num(usage_wait_ms(t->launcher.pid), -1);
	launch_end(t);
}

/* libev's own timeout, which the loop ignores, is about 60 s. */
static void a_long_timer_is_not_taken_for_none(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--watchdog=1000");
	launch_start(t);
	int ms = usage_wait_ms(t->launcher.pid);
	assert_in_range(ms, LOOP_TIMER_MAX_MS / 2, LOOP_TIMER_MAX_MS);
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nothing_wakes_an_idle_launcher),
		test(an_idle_launcher_waits_without_a_timeout),
		test(a_long_timer_is_not_taken_for_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
