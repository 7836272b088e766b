/* SPDX-License-Identifier: Apache-2.0 */
/* fd-pass.h: bytes and fds arrive together, and none is lost. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/base/fd-pass.h"
#include "tests/lib/check.h"
#include "tests/lib/ends.h"
#include "tests/lib/same-file.h"

static int end[2]; /* receives, sends */
static int got[FD_PASS_MAX];
static char text[16];

static int setup(void **state)
{
	memset(text, 0, sizeof(text));
	ends_of_stream(end);
	return 0;
}

static int teardown(void **state)
{
	close(end[0]);
	close(end[1]);
	return 0;
}

static void send_fds(const char *bytes, const int *fds, unsigned int n)
{
	const struct iovec iov = { (void *)bytes, strlen(bytes) };

	assert_num(fd_pass_send(end[1], &iov, fds, n),
		   (long long)strlen(bytes));
}

static void expect_fds(const char *bytes, unsigned int n)
{
	unsigned int n_got = 1000;

	assert_num(fd_pass_recv(end[0], text, sizeof(text), got, &n_got),
		   (long long)strlen(bytes));
	assert_memory_equal(text, bytes, strlen(bytes));
	assert_num(n_got, n);
	for (unsigned int i = 0; i < n; i++)
		assert_num(fcntl(got[i], F_GETFD), FD_CLOEXEC);
}

static void close_got(unsigned int n)
{
	while (n--)
		assert_ok(close(got[n]));
}

static void fds_arrive_in_their_order(void **state)
{
	int pipes[2];

	ends_of_pipe(pipes);
	send_fds("two", (const int[]){ pipes[1], end[1] }, 2);
	expect_fds("two", 2);
	assert_same_file(got[0], pipes[1]);
	assert_same_file(got[1], end[1]);
	close_got(2);
	close(pipes[0]);
	close(pipes[1]);
}

static void as_many_arrive_as_the_kernel_takes(void **state)
{
	int fds[FD_PASS_MAX];

	for (int i = 0; i < FD_PASS_MAX; i++)
		fds[i] = end[1];
	send_fds("all", fds, FD_PASS_MAX);
	expect_fds("all", FD_PASS_MAX);
	close_got(FD_PASS_MAX);
}

static void without_fds_there_are_none(void **state)
{
	send_fds("none", NULL, 0);
	expect_fds("none", 0);
}

/* Which SO_PASSCRED asks for, and which come first. */
static void credentials_are_no_fds(void **state)
{
	const int on = 1;

	assert_sys(
		setsockopt(end[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	send_fds("none", NULL, 0);
	expect_fds("none", 0);
	send_fds("one", end, 1);
	expect_fds("one", 1);
	assert_same_file(got[0], end[0]);
	close_got(1);
}

static void nothing_to_read_is_no_error(void **state)
{
	unsigned int n = 1000;

	assert_num(fd_pass_recv(end[0], text, sizeof(text), got, &n), 0);
	assert_num(n, 0);
}

static void the_end_is_an_error(void **state)
{
	unsigned int n = 1000;

	shutdown(end[1], SHUT_WR);
	assert_rc((int)fd_pass_recv(end[0], text, sizeof(text), got, &n),
		  -ECONNRESET);
	assert_num(n, 0);
	assert_rc((int)fd_pass_recv(-1, text, sizeof(text), got, &n), -EBADF);
}

/* Neither waits nor raises a signal. */
static void what_cannot_be_sent_is_an_error(void **state)
{
	static char much[1 << 16];
	const struct iovec iov = { much, sizeof(much) };

	while (fd_pass_send(end[1], &iov, NULL, 0) > 0)
		;
	assert_num(errno, EAGAIN);
	shutdown(end[0], SHUT_RD);
	assert_num(fd_pass_send(end[1], &iov, NULL, 0), -1);
	assert_num(errno, EPIPE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fds_arrive_in_their_order),
		T(as_many_arrive_as_the_kernel_takes),
		T(without_fds_there_are_none),
		T(credentials_are_no_fds),
		T(nothing_to_read_is_no_error),
		T(the_end_is_an_error),
		T(what_cannot_be_sent_is_an_error),
	};

	return cmocka_run_group_tests_name("fd-pass", tests, NULL, NULL);
}
