/* SPDX-License-Identifier: Apache-2.0 */
/* outlet.h: where nobody reads, nothing waits; and nobody else is changed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>
#include "input/base/outlet.h"
#include "tests/lib/cases.h"
#include "tests/lib/ends.h"

struct row {
	const char *name;
	void (*make)(int end[2]); /* the reader's and the writer's */
	bool reopens;
};

/* The user has typed ^S. */
static void make_stopped_terminal(int end[2])
{
	ends_of_terminal(end);
	assert_sys(tcflow(end[1], TCOOFF));
}

static const struct row rows[] = {
	{ "a_full_pipe_is_not_waited_for", ends_of_pipe, true },
	{ "a_full_stream_is_not_waited_for", ends_of_stream, false },
	{ "a_full_socket_of_packets_is_not_waited_for", ends_of_packets,
	  false },
	{ "a_full_terminal_is_not_waited_for", ends_of_terminal, true },
	{ "a_stopped_terminal_is_not_waited_for", make_stopped_terminal, true },
};

/* The alarm ends a test that waits. */
static void fill(int fd)
{
	static const char data[PIPE_BUF];
	ssize_t n;

	alarm(10);
	do
		n = outlet_write(fd, data, sizeof(data));
	while (n > 0);
	assert_num(n, -1);
	assert_num(errno, EAGAIN);
	alarm(0);
}

static void row_is_not_waited_for(void **state)
{
	const struct row *row = *state;
	int end[2];

	row->make(end);
	const int own = outlet_open(end[1]);
	assert_num(own != end[1], row->reopens);
	fill(own);
	assert_num(fcntl(end[1], F_GETFL) & O_NONBLOCK, 0);
	if (own != end[1])
		close(own);
	close(end[0]);
	close(end[1]);
}

/* Where /proc is missing, or the pipe is another user's. */
static void a_pipe_that_is_shared_is_polled(void **state)
{
	int end[2];

	ends_of_pipe(end);
	fill(end[1]);
	close(end[0]);
	close(end[1]);
}

/* Without SIGPIPE, which would end a program. */
static void a_reader_that_has_left_is_an_error(void **state)
{
	void (*const make[])(int end[2]) = { ends_of_stream, ends_of_packets };
	int end[2];

	for (int i = 0; i < 2; i++) {
		make[i](end);
		close(end[0]);
		assert_num(outlet_write(end[1], "x", 1), -1);
		assert_num(errno, EPIPE);
		close(end[1]);
	}
}

static void an_error_of_before_does_not_count(void **state)
{
	char got[8];
	int end[2];

	ends_of_stream(end);
	errno = ENOTSOCK;
	assert_num(outlet_write(end[1], "x", 1), 1);
	assert_num(recv(end[0], got, sizeof(got), MSG_DONTWAIT), 1);
	close(end[0]);
	close(end[1]);
}

static void a_pipe_that_does_not_block_is_used_itself(void **state)
{
	int end[2];

	assert_sys(pipe2(end, O_CLOEXEC | O_NONBLOCK));
	assert_num(outlet_open(end[1]), end[1]);
	fill(end[1]);
	close(end[0]);
	close(end[1]);
}

static void a_file_keeps_its_position(void **state)
{
	const int fd = memfd_create("file", MFD_CLOEXEC);
	char got[8];

	assert_sys(fd);
	assert_num(write(fd, "first ", 6), 6);
	assert_num(outlet_open(fd), fd);
	assert_num(outlet_write(fd, "2nd", 3), 3);
	assert_num(pread(fd, got, sizeof(got), 6), 3);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(a_pipe_that_is_shared_is_polled),
		cmocka_unit_test(a_reader_that_has_left_is_an_error),
		cmocka_unit_test(an_error_of_before_does_not_count),
		cmocka_unit_test(a_pipe_that_does_not_block_is_used_itself),
		cmocka_unit_test(a_file_keeps_its_position),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), rows,
	      cmocka_unit_test(row_is_not_waited_for));
	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
