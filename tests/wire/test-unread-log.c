/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log that nobody reads: stderr is a pipe, a socket or a terminal that is
 * full. The device does not notice, and who reads the log later learns how many
 * lines are missing.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/clock.h"
#include "tests/lib/ends.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

/* More lines than any of them holds, and how long they may take. */
#define LINES	 3000
#define LINES_MS 5000

struct row {
	const char *name;
	void (*make)(int end[2]); /* the reader's and the server's */
	bool makes_room; /* the kernel moves lines on, without a reader */
};

static const struct row rows[] = {
	{ "a_full_pipe_does_not_stop_the_device", ends_of_pipe, false },
	{ "a_full_socket_does_not_stop_the_device", ends_of_stream, false },
	{ "a_full_terminal_does_not_stop_the_device", ends_of_terminal, true },
};

/* At level trace each message is a line. */
static void make_lines(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	const double start = clock_ms();

	for (int i = 0; i < LINES; i++) {
		assert_ok(fe_query(&rig->fe, &msg, 8));
		msg = fe_msg(VU_GET_FEATURES);
	}
	assert_true(clock_ms() - start < LINES_MS);
}

static void row_does_not_stop_the_device(void **state)
{
	struct rig *rig = *state;
	const struct row *row = rig->row;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	int end[2], flags;

	row->make(end);
	flags = fcntl(end[1], F_GETFL);
	process_log_to(&rig->srv, end[0], end[1]);
	process_arg(&rig->srv, "--log-level=trace");
	rig->lines.frontend = rig->lines.guest = -1;
	rig->lines.host = row->makes_room ? -1 : 1;
	rig_run(rig, "keyboard", RIG_BUFFERS);
	assert_num(fcntl(end[0], F_SETFL, flags | O_NONBLOCK), 0);
	make_lines(rig);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
	process_read_log(&rig->srv);
	if (!row->makes_room)
		assert_num(process_log_count(&rig->srv, "lines lost"), 0);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	process_expect_log(&rig->srv, "log lines lost: nobody read them");
	/* And from here on none is. */
	const int n = process_log_count(&rig->srv, "GET_FEATURES");
	assert_true(n > 0 && n < LINES);
	msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	assert_num(process_log_count(&rig->srv, "GET_FEATURES"), n + 1);
}

/* At level error, at which its end is not a line. */
static void lost_lines_are_reported_at_the_end_at_the_latest(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg;
	int unread, now_unread = -1;

	process_arg(&rig->srv, "--log-level=error");
	rig->lines.host = 1;
	rig_run(rig, "keyboard", RIG_BUFFERS);
	assert_sys(fcntl(rig->srv.err.fd, F_SETPIPE_SZ, PIPE_BUF));
	/* Up to the first line that finds no space, and no further. */
	do {
		unread = now_unread;
		assert_sys(kill(rig->srv.pid, SIGUSR1));
		msg = fe_msg(VU_GET_FEATURES);
		assert_ok(fe_query(&rig->fe, &msg, 8));
		/* The signal may be handled after the message behind it. */
		usage_wait_rest(rig->srv.pid);
		assert_sys(ioctl(rig->srv.err.fd, FIONREAD, &now_unread));
	} while (now_unread > unread);
	assert_true(process_log_count(&rig->srv, "counters:") > 0);
	assert_num(process_log_count(&rig->srv, "lines lost"), 0);
	assert_num(process_terminate(&rig->srv), 0);
	assert_num(process_log_count(&rig->srv, "log lines lost"), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest plain[] = {
		T(lost_lines_are_reported_at_the_end_at_the_latest),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), rows, T(row_does_not_stop_the_device));
	return cmocka_run_group_tests_name("unread-log", tests, NULL, NULL);
}
