/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include "input/base/fd-place.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"

#define N     4
#define FIRST 20 /* the tests' fds are here */

/* Files of 0, 1, 2, ... bytes, so that each can be told. */
static struct fd_place places[N];

static int setup(void **state)
{
	for (int i = 0; i < N; i++) {
		const int fd = memfd_create("file", MFD_CLOEXEC);

		assert_sys(ftruncate(fd, i));
		places[i].fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST + i);
		places[i].number = -1;
		assert_num(places[i].fd, FIRST + i);
		close_fd(fd);
	}
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < N; i++)
		close_fd(places[i].fd);
	return 0;
}

static void expect_placed(void)
{
	for (int i = 0; i < N; i++) {
		const bool any = places[i].number < 0;

		if (!any)
			assert_num(places[i].fd, places[i].number);
		assert_num(lseek(places[i].fd, 0, SEEK_END), i);
		assert_num(fcntl(places[i].fd, F_GETFD), any ? FD_CLOEXEC : 0);
	}
}

static int count_open(void)
{
	int n = 0;

	for (int fd = 3; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void expect(const int numbers[N])
{
	const int open = count_open();

	for (int i = 0; i < N; i++)
		places[i].number = numbers[i];
	assert_ok(fd_place(places, N));
	expect_placed();
	assert_num(count_open(), open);
}

static void each_gets_its_number(void **state)
{
	expect((const int[N]){ 40, 50, 60, 70 });
}

static void one_may_be_there_already(void **state)
{
	expect((const int[N]){ FIRST, 50, FIRST + 2, 70 });
}

static void they_may_change_places(void **state)
{
	expect((const int[N]){ FIRST + 1, FIRST, FIRST + 3, FIRST + 2 });
}

static void they_may_move_in_a_circle(void **state)
{
	expect((const int[N]){ FIRST + 1, FIRST + 2, FIRST + 3, FIRST });
	places[0].number = places[1].number = -1;
	expect((const int[N]){ FIRST + 3, FIRST, FIRST + 1, FIRST + 2 });
}

static void one_with_any_number_makes_way(void **state)
{
	expect((const int[N]){ -1, FIRST, -1, FIRST + 2 });
}

/* The number that one moves to, since it is free, is another one's. */
static void one_may_have_to_move_twice(void **state)
{
	const int next = fcntl(places[0].fd, F_DUPFD_CLOEXEC, 0);

	close_fd(next);
	expect((const int[N]){ FIRST + 1, 50, next, next + 1 });
}

static void a_number_beyond_the_limit_is_an_error(void **state)
{
	places[1].number = 1 << 30;
	assert_rc(fd_place(places, N), -EBADF);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_gets_its_number),
		test(one_may_be_there_already),
		test(they_may_change_places),
		test(they_may_move_in_a_circle),
		test(one_with_any_number_makes_way),
		test(one_may_have_to_move_twice),
		test(a_number_beyond_the_limit_is_an_error),
	};

	return cmocka_run_group_tests_name("fd-place", tests, NULL, NULL);
}
