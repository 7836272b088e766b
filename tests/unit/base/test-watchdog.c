/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "input/base/watchdog.h"
#include "tests/lib/clock.h"

#define PERIOD_MS 20
#define HOURS_MS  (3 * 3600 * 1000 + 500)

static volatile unsigned int stuck_for;
static volatile bool stuck_for_none;
/* How often the timer was set and deleted, and to what it was set. */
static unsigned int n_set, n_deleted;
static struct itimerspec period;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int timer_settime(timer_t timer, int flags, const struct itimerspec *value,
		  struct itimerspec *old)
{
	int (*const real)(timer_t, int, const struct itimerspec *,
			  struct itimerspec *) =
		dlsym(RTLD_NEXT, "timer_settime");

	n_set++;
	period = *value;
	return real(timer, flags, value, old);
}

int timer_delete(timer_t timer)
{
	int (*const real)(timer_t) = dlsym(RTLD_NEXT, "timer_delete");

	n_deleted++;
	return real(timer);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void stuck(unsigned int periods)
{
	stuck_for = periods;
	stuck_for_none |= !periods;
}

static int setup(void **state)
{
	stuck_for = n_set = n_deleted = 0;
	stuck_for_none = false;
	return watchdog_init(PERIOD_MS, stuck);
}

static int teardown(void **state)
{
	watchdog_fini();
	watchdog_fini();
	assert_num(n_deleted, 1);
	assert_false(stuck_for_none);
	return 0;
}

/* That is what makes a touch cheap. */
static void only_the_first_touch_sets_the_timer(void **state)
{
	stuck_for = n_set = n_deleted = 0;
	assert_ok(watchdog_init(HOURS_MS, stuck));
	for (int i = 0; i < 3; i++) {
		watchdog_touch();
		watchdog_rest();
	}
	assert_num(n_set, 1);
	assert_num(period.it_value.tv_sec, 3 * 3600);
	assert_num(period.it_value.tv_nsec, 500000000);
}

static void each_call_that_blocks_is_interrupted(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t count;

	assert_sys(fd);
	watchdog_touch();
	for (int i = 0; i < 5; i++) {
		assert_num(read(fd, &count, sizeof(count)), -1);
		assert_num(errno, EINTR);
	}
	close(fd);
}

/* Whenever the touch comes: just before a tick, just after one. */
static void no_touch_goes_unwatched(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t count;

	assert_sys(fd);
	for (int i = 0; i < 40; i++) {
		double end = clock_ms() + i;

		do
			watchdog_touch();
		while (clock_ms() < end);
		assert_num(read(fd, &count, sizeof(count)), -1);
		assert_num(errno, EINTR);
	}
	close(fd);
}

static void who_does_nothing_is_left_alone_soon(void **state)
{
	double end = clock_ms() + 1000;

	watchdog_touch();
	watchdog_rest();
	/* poll() is interrupted by each tick; so many there may be. */
	for (int ticks = 0; poll(NULL, 0, (int)(end - clock_ms()));)
		assert_true(++ticks <= 2);
}

static void a_round_that_does_not_end_is_reported(void **state)
{
	watchdog_touch();
	assert_true(watchdog_busy());
	while (stuck_for < 3)
		;
	watchdog_touch(); /* another round */
	while (stuck_for != 1)
		;
	watchdog_rest();
	assert_false(watchdog_busy());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(only_the_first_touch_sets_the_timer,
					  teardown),
		cmocka_unit_test_setup_teardown(
			each_call_that_blocks_is_interrupted, setup, teardown),
		cmocka_unit_test_setup_teardown(no_touch_goes_unwatched, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			who_does_nothing_is_left_alone_soon, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_round_that_does_not_end_is_reported, setup, teardown),
	};

	return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
