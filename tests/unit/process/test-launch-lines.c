/* SPDX-License-Identifier: Apache-2.0 */
/* launch-lines.h: what comes in any parts is handed over line by line. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "injector/process/launch-lines.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

static struct ev_loop *loop;
static struct launch_lines l;
static char got[3 * LAUNCH_LINE_MAX]; /* each line and a '|' */
static int child;		      /* its end of the pipe */

static void on_line(void *arg, const char *text)
{
	assert_ptr_equal(arg, got);
	strcat(got, text);
	strcat(got, "|");
}

static void start(void)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_ok(launch_lines_start(&l, fd[0]));
	assert_num(l.fd, fd[0]);
	child = fd[1];
}

static int setup(void **state)
{
	*got = '\0';
	loop = ev_loop_new(EVFLAG_NOENV);
	fill_with_garbage(&l);
	launch_lines_init(&l, loop, on_line, got);
	assert_num(l.fd, -1);
	launch_lines_read(&l);
	start();
	return 0;
}

static int teardown(void **state)
{
	close(child);
	launch_lines_end(&l);
	launch_lines_end(&l);
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	return 0;
}

static void says(const char *text)
{
	assert_num(write(child, text, strlen(text)), strlen(text));
}

static void expect(const char *lines)
{
	assert_string_equal(got, lines);
	*got = '\0';
}

static void lines_are_whole_whatever_their_parts(void **state)
{
	says("one\ntw");
	ev_run(loop, EVRUN_NOWAIT);
	expect("one|");
	says("o\n\nthree");
	ev_run(loop, EVRUN_NOWAIT);
	expect("two||");
	launch_lines_end(&l);
	expect("three|");
}

static void what_was_written_by_now_can_be_taken(void **state)
{
	says("one\n");
	launch_lines_read(&l);
	expect("one|");
	launch_lines_read(&l);
	expect("");
}

static void all_that_is_there_is_taken_at_the_end(void **state)
{
	static char text[3 * LAUNCH_LINE_MAX];

	for (size_t i = 0; i < 4000; i++)
		strcpy(text + i, i % 1000 == 999 ? "\n" : "x");
	says(text);
	launch_lines_end(&l);
	for (char *c = got; (c = strchr(c, '|'));)
		*c = '\n';
	assert_string_equal(got, text);
}

/* It is handed over in two, with and without the byte that is too much. */
static void a_line_without_end_is_cut(void **state)
{
	static char text[LAUNCH_LINE_MAX];

	memset(text, 'x', LAUNCH_LINE_MAX - 2);
	says(text);
	ev_run(loop, EVRUN_NOWAIT);
	expect("");
	says("y");
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(strlen(got), LAUNCH_LINE_MAX);
	assert_string_equal(got + LAUNCH_LINE_MAX - 2, "y|");
	*got = '\0';
	says("z\n");
	ev_run(loop, EVRUN_NOWAIT);
	expect("z|");
}

static void a_longer_one_is_cut_where_the_buffer_ends(void **state)
{
	static char text[LAUNCH_LINE_MAX + 100];

	memset(text, 'x', sizeof(text) - 1);
	says(text);
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(strlen(got), LAUNCH_LINE_MAX);
	says("\n");
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(strlen(got), sizeof(text) + 1);
	assert_num(got[LAUNCH_LINE_MAX - 1], '|');
	*got = '\0';
	says("begun");
	ev_run(loop, EVRUN_NOWAIT);
	says(text);
	launch_lines_end(&l);
	assert_num(got[LAUNCH_LINE_MAX - 1], '|');
	assert_num(strlen(got), sizeof(text) + 4 + 2);
}

static void the_end_of_a_pipe_is_noticed_once(void **state)
{
	says("last");
	close(child);
	child = -1;
	ev_run(loop, EVRUN_NOWAIT);
	expect("");
	ev_run(loop, EVRUN_NOWAIT);
	assert_false(ev_is_active(&l.io));
	launch_lines_end(&l);
	expect("last|");
}

static void the_next_pipe_follows_the_rest_of_the_last(void **state)
{
	says("rest");
	close(child);
	start();
	expect("rest|");
	says("new\n");
	ev_run(loop, EVRUN_NOWAIT);
	expect("new|");
}

static void an_fd_that_is_none_is_an_error(void **state)
{
	launch_lines_end(&l);
	assert_rc(launch_lines_start(&l, 1000), -EBADF);
	l.fd = -1;
	ev_io_stop(loop, &l.io);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(lines_are_whole_whatever_their_parts),
		T(what_was_written_by_now_can_be_taken),
		T(all_that_is_there_is_taken_at_the_end),
		T(a_line_without_end_is_cut),
		T(a_longer_one_is_cut_where_the_buffer_ends),
		T(the_end_of_a_pipe_is_noticed_once),
		T(the_next_pipe_follows_the_rest_of_the_last),
		T(an_fd_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests_name("launch-lines", tests, NULL, NULL);
}
