/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h: which loop it is, and its shortcuts. tests/wire/test-idle.c: that it
 * sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "input/base/container.h"
#include "input/base/loop.h"

static void the_environment_does_not_choose_the_backend(void **state)
{
	const char *why;
	struct ev_loop *loop;

	setenv("LIBEV_FLAGS", "1", 1); /* select(2) */
	loop = loop_of_process(&why);
	assert_non_null(loop);
	assert_int_equal(ev_backend(loop), EVBACKEND_EPOLL);
	ev_loop_destroy(loop);
}

/* --- shortcuts --- */

struct shortcut {
	struct ev_loop *loop;
	struct loop_shortcut s;
	ev_io io, other;
	int fd[2], other_fd[2];
	int served, called, called_other;
	bool leaves; /* work for the watcher */
};

static void take_byte(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), 1);
}

static bool serve(struct loop_shortcut *s)
{
	struct shortcut *sc = container_of(s, struct shortcut, s);

	take_byte(s->fd);
	sc->served++;
	/* So that the loop is left at some time. */
	if (write(sc->other_fd[1], "", 1) != 1)
		abort();
	return !sc->leaves;
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct shortcut *sc = container_of(io, struct shortcut, io);

	if (!sc->leaves)
		take_byte(io->fd);
	sc->called++;
	ev_break(loop, EVBREAK_ALL);
}

static void on_other(struct ev_loop *loop, ev_io *io, int events)
{
	struct shortcut *sc = container_of(io, struct shortcut, other);

	take_byte(io->fd);
	sc->called_other++;
	ev_break(loop, EVBREAK_ALL);
}

static int begin_shortcut(void **state)
{
	static struct shortcut sc;
	const char *why;

	memset(&sc, 0, sizeof(sc));
	sc.loop = loop_new(&why);
	if (!sc.loop || pipe(sc.fd) || pipe(sc.other_fd))
		return -1;
	ev_io_init(&sc.io, on_io, sc.fd[0], EV_READ);
	ev_io_start(sc.loop, &sc.io);
	ev_io_init(&sc.other, on_other, sc.other_fd[0], EV_READ);
	ev_io_start(sc.loop, &sc.other);
	sc.s = (struct loop_shortcut){ .fd = sc.fd[0], .serve = serve };
	loop_shortcut_start(&sc.s);
	*state = &sc;
	return 0;
}

static int end_shortcut(void **state)
{
	struct shortcut *sc = *state;

	loop_shortcut_stop(&sc->s);
	ev_loop_destroy(sc->loop);
	for (int i = 0; i < 2; i++) {
		close(sc->fd[i]);
		close(sc->other_fd[i]);
	}
	return 0;
}

static void make_readable(int fd)
{
	assert_int_equal(write(fd, "", 1), 1);
}

static void an_fd_that_alone_is_readable_takes_the_shortcut(void **state)
{
	struct shortcut *sc = *state;

	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 1);
	assert_int_equal(sc->called, 0);
	assert_int_equal(sc->called_other, 1);
}

static void a_shortcut_may_leave_work_to_its_watcher(void **state)
{
	struct shortcut *sc = *state;

	sc->leaves = true;
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 1);
	assert_int_equal(sc->called, 1);
	assert_int_equal(sc->called_other, 0);
}

static void beside_another_fd_there_is_no_shortcut(void **state)
{
	struct shortcut *sc = *state;

	make_readable(sc->fd[1]);
	make_readable(sc->other_fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 0);
	assert_int_equal(sc->called, 1);
	assert_int_equal(sc->called_other, 1);
}

static void ignore_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
}

/* Whose clock would stand still. */
static void with_a_timer_there_is_no_shortcut(void **state)
{
	struct shortcut *sc = *state;
	ev_timer timer;

	ev_timer_init(&timer, ignore_timer, 10, 0);
	ev_timer_start(sc->loop, &timer);
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 0);
	assert_int_equal(sc->called, 1);
	ev_timer_stop(sc->loop, &timer);
}

static void a_shortcut_that_is_stopped_is_none(void **state)
{
	struct shortcut *sc = *state;

	loop_shortcut_stop(&sc->s);
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 0);
	assert_int_equal(sc->called, 1);
}

/* Whoever serves reads all there is, or is not told of the rest. */
static void a_shortcut_is_told_of_what_is_new(void **state)
{
	struct shortcut *sc = *state;

	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 1);
	assert_true(sc->s.edge && sc->s.armed);
	make_readable(sc->fd[1]);
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 2);
	assert_int_equal(sc->called, 0);
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 3);
}

static void a_shortcut_may_be_told_until_all_is_read(void **state)
{
	struct shortcut *sc = *state;

	loop_shortcut_stop(&sc->s);
	sc->s.level = true;
	loop_shortcut_start(&sc->s);
	make_readable(sc->fd[1]);
	make_readable(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 1);
	assert_int_equal(sc->called, 1);
	assert_false(sc->s.edge);
}

static void the_end_is_its_watchers(void **state)
{
	struct shortcut *sc = *state;

	make_readable(sc->fd[1]);
	close(sc->fd[1]);
	ev_run(sc->loop, 0);
	assert_int_equal(sc->served, 0);
	assert_int_equal(sc->called, 1);
	sc->fd[1] = dup(sc->fd[0]); /* for the teardown */
}

#define SHORTCUT(test) \
	cmocka_unit_test_setup_teardown(test, begin_shortcut, end_shortcut)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_does_not_choose_the_backend),
		SHORTCUT(an_fd_that_alone_is_readable_takes_the_shortcut),
		SHORTCUT(a_shortcut_may_leave_work_to_its_watcher),
		SHORTCUT(beside_another_fd_there_is_no_shortcut),
		SHORTCUT(with_a_timer_there_is_no_shortcut),
		SHORTCUT(a_shortcut_that_is_stopped_is_none),
		SHORTCUT(a_shortcut_is_told_of_what_is_new),
		SHORTCUT(a_shortcut_may_be_told_until_all_is_read),
		SHORTCUT(the_end_is_its_watchers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
