/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "input/base/watchdog.h"
#include "tests/lib/clock.h"

#define PERIOD_MS 20

static volatile unsigned int stuck_for;

static void stuck(unsigned int periods)
{
	stuck_for = periods;
}

static int setup(void **state)
{
	stuck_for = 0;
	return watchdog_init(PERIOD_MS, stuck);
}

static int teardown(void **state)
{
	watchdog_fini();
	return 0;
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
