/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
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

/* With ThreadSanitizer, handlers are called in libc's functions only. */
static void wait_a_little(void)
{
	clock_ms();
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
		wait_a_little();
	watchdog_touch(); /* another round */
	while (stuck_for != 1)
		wait_a_little();
	watchdog_rest();
	assert_false(watchdog_busy());
}

/* --- hurrying --- */

/* As a signal's handler. */
static void hurry(void)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	watchdog_hurry();
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Return: how often poll() was interrupted in so many milliseconds. */
static int ticks_in(int ms)
{
	const double end = clock_ms() + ms;
	int ticks = 0;

	while (clock_ms() < end)
		ticks += poll(NULL, 0, (int)(end - clock_ms()) + 1) < 0;
	return ticks;
}

static void a_blocked_signal_is_unblocked(void **state)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	assert_ok(watchdog_init(PERIOD_MS, stuck));
	watchdog_touch();
	assert_num(poll(NULL, 0, 10000), -1);
	assert_num(errno, EINTR);
	watchdog_rest();
}

static int reset(void **state)
{
	stuck_for = n_set = n_deleted = 0;
	stuck_for_none = false;
	return 0;
}

static int setup_slow(void **state)
{
	reset(state);
	return watchdog_init(HOURS_MS, stuck);
}

static void who_hurries_is_interrupted_until_it_is_calm(void **state)
{
	hurry();
	/* Of which a busy machine may miss some. */
	assert_in_range(ticks_in(100), 5, 101);
	watchdog_calm();
	assert_num(ticks_in(50), 0);
	hurry();
	assert_true(ticks_in(50) > 0);
	assert_num(stuck_for, 0);
}

/* Who is signalled more often than the timer ticks. */
static void who_hurries_again_does_not_wait_longer(void **state)
{
	const double end = clock_ms() + 50;

	do {
		hurry();
		for (double next = clock_ms() + 0.2; clock_ms() < next;)
			;
	} while (clock_ms() < end);
	/* Once, and by each tick. */
	assert_in_range(n_set, 2, 52);
}

static void in_a_round_nothing_hurries(void **state)
{
	watchdog_touch();
	hurry();
	assert_num(ticks_in(50), 0);
	watchdog_rest();
	/* It was for the round, which then looks. */
	assert_num(ticks_in(50), 0);
	assert_num(n_set, 1);
}

static void a_round_that_begins_hurriedly_has_its_whole_period(void **state)
{
	hurry();
	watchdog_touch();
	assert_num(ticks_in(50), 1);
	assert_num(period.it_value.tv_sec, 3 * 3600);
	assert_num(stuck_for, 0);
	watchdog_rest();
}

/* The first tick of a round, which is not counted, may be a hurried one. */
static void what_hurried_does_not_count(void **state)
{
	hurry();
	const double begin = clock_ms();
	watchdog_touch();
	while (!stuck_for)
		wait_a_little();
	assert_true(clock_ms() - begin >= PERIOD_MS);
	watchdog_calm();
	watchdog_touch();
	while (stuck_for < 2)
		wait_a_little();
	watchdog_rest();
}

static void a_round_after_that_is_watched(void **state)
{
	hurry();
	watchdog_calm();
	watchdog_touch();
	while (!stuck_for)
		wait_a_little();
	watchdog_rest();
}

static void without_a_watchdog_nothing_hurries(void **state)
{
	hurry();
	watchdog_calm();
	assert_num(n_set, 0);
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
		cmocka_unit_test_setup_teardown(a_blocked_signal_is_unblocked,
						reset, teardown),
		cmocka_unit_test_setup_teardown(
			who_hurries_is_interrupted_until_it_is_calm, setup_slow,
			teardown),
		cmocka_unit_test_setup_teardown(
			who_hurries_again_does_not_wait_longer, setup_slow,
			teardown),
		cmocka_unit_test_setup_teardown(in_a_round_nothing_hurries,
						setup_slow, teardown),
		cmocka_unit_test_setup_teardown(
			a_round_that_begins_hurriedly_has_its_whole_period,
			setup_slow, teardown),
		cmocka_unit_test_setup_teardown(what_hurried_does_not_count,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_round_after_that_is_watched,
						setup, teardown),
		cmocka_unit_test_setup(without_a_watchdog_nothing_hurries,
				       reset),
	};

	return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
