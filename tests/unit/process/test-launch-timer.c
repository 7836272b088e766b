/* SPDX-License-Identifier: Apache-2.0 */
/* launch-timer.h: a timer whose part is over is not due before its time. */
#include <ev.h>

#include "injector/process/launch-timer.h"
#include "input/base/clock.h"
#include "tests/lib/check.h"

#define WAIT_S 0.05

static unsigned int n_due;

static void on_due(void *arg)
{
	n_due++;
	ev_break(arg, EVBREAK_ALL);
}

static void it_is_due_at_its_time_only(void **state)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	const double begin = clock_s();
	struct launch_timer t;

	n_due = 0;
	launch_timer_init(&t, loop, on_due, loop);
	launch_timer_start(&t, WAIT_S);
	/* As the longest that the loop can wait. */
	ev_timer_stop(loop, &t.part);
	ev_timer_set(&t.part, 0, 0);
	ev_timer_start(loop, &t.part);
	ev_run(loop, 0);
	assert_num(n_due, 1);
	assert_true(clock_s() - begin >= WAIT_S);
	ev_loop_destroy(loop);
}

static void a_stopped_one_is_never_due(void **state)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	struct launch_timer t;

	n_due = 0;
	launch_timer_init(&t, loop, on_due, loop);
	launch_timer_start(&t, 0);
	launch_timer_stop(&t);
	ev_run(loop, 0);
	assert_num(n_due, 0);
	ev_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_due_at_its_time_only),
		cmocka_unit_test(a_stopped_one_is_never_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
