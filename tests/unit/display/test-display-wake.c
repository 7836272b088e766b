/* SPDX-License-Identifier: Apache-2.0 */
/* display-wake.h, with connections and a time of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "injector/display/display-wake.h"
#include "tests/lib/check.h"

static struct world {
	struct displays displays;
	struct display_wake wake[2];
	unsigned int connected[2];
	bool fails;
} w;

static double now_s;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = (time_t)now_s;
	tp->tv_nsec = (long)((now_s - floor(now_s)) * 1e9);
	return 0;
}

/* In place of display-address.c's. */
int display_place_connect(const struct display_place *place)
{
	w.connected[place != &w.displays.at[0].place[0]]++;
	return w.fails ? -ECONNREFUSED : open("/dev/null", O_RDONLY);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	now_s = 1000;
	w.displays.n = 2;
	for (int i = 0; i < 2; i++)
		w.displays.at[i].wake = &w.wake[i];
	return 0;
}

static void wake(double at)
{
	now_s = at;
	displays_wake(&w.displays);
}

static void expect_connected(unsigned int first, unsigned int second)
{
	assert_num(w.connected[0], first);
	assert_num(w.connected[1], second);
}

static void display_that_nobody_sees_sleeps(void **state)
{
	wake(1000);
	expect_connected(0, 0);
	display_wake_add(&w.displays.at[1]);
	wake(1000);
	expect_connected(0, 1);
	assert_num(w.wake[0].fd, 0);
	assert_true(w.wake[1].fd > 0);
	display_wake_remove(&w.displays.at[1]);
	assert_num(w.wake[1].fd, 0);
	wake(1001);
	expect_connected(0, 1);
}

static void display_is_woken_after_a_rest(void **state)
{
	display_wake_add(&w.displays.at[0]);
	display_wake_changed(&w.displays.at[0]);
	wake(1000.125);
	expect_connected(0, 0);
	wake(1000.25);
	expect_connected(1, 0);
	wake(1000.375);
	expect_connected(1, 0);
	/* A change begins another rest. */
	display_wake_changed(&w.displays.at[0]);
	wake(1000.5);
	expect_connected(1, 0);
	wake(1000.625);
	expect_connected(2, 0);
	wake(1000.875);
	expect_connected(3, 0);
	display_wake_remove(&w.displays.at[0]);
}

static void connection_lasts_until_the_next_or_the_last_viewer(void **state)
{
	int fd;

	display_wake_add(&w.displays.at[0]);
	display_wake_add(&w.displays.at[0]);
	wake(1000);
	fd = w.wake[0].fd;
	display_wake_remove(&w.displays.at[0]);
	assert_num(w.wake[0].fd, fd);
	assert_sys(fcntl(fd, F_GETFD));
	w.fails = true;
	wake(1001);
	expect_connected(2, 0);
	assert_num(w.wake[0].fd, 0);
	assert_num(fcntl(fd, F_GETFD), -1);
	display_wake_remove(&w.displays.at[0]);
	expect_connected(2, 0);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(display_that_nobody_sees_sleeps),
		T(display_is_woken_after_a_rest),
		T(connection_lasts_until_the_next_or_the_last_viewer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
