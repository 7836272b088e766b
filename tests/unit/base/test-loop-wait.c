/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h: shortcuts that wait for what they read. In a child, as
 * test-sentry.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/container.h"
#include "input/base/loop.h"
#include "input/base/sentry.h"
#include "tests/lib/check.h"
#include "tests/lib/ends.h"

#ifdef HAS_SENTRY
#define HAS 1
#else
#define HAS 0
#endif

/* More than it takes until one waits, also after some that did not pay. */
#define MANY 5000

enum act {
	SERVE,
	LEAVE,	/* to the watcher */
	CLOSE,	/* the fd; and then that */
	REVOKE, /* the shortcut, but not the watcher */
	STARVE, /* let it find nothing */
};

static struct ev_loop *loop; /* of all tests: the sentry watches no other */
static struct {
	struct loop_shortcut s;
	ev_io io, other;
	int fd[2], other_fd[2];
	enum act at_last; /* when as many as these were served */
	unsigned int last, served, waited, refused, called, called_other;
} w;

static void put(int fd)
{
	assert_num(send(fd, "x", 1, 0), 1);
}

/* Return: whether there was a byte. */
static bool take(int fd, int flags)
{
	char byte;

	return recv(fd, &byte, 1, flags) == 1;
}

static bool act_at_last(void)
{
	if (w.at_last != STARVE)
		put(w.other_fd[1]);
	switch (w.at_last) {
	case CLOSE:
		ev_io_stop(loop, &w.io);
		loop_shortcut_stop(&w.s);
		close(w.fd[0]);
		w.fd[0] = -1;
		return false;
	case REVOKE:
		loop_shortcut_stop(&w.s);
		put(w.fd[1]);
		return false;
	case LEAVE:
		put(w.fd[1]);
		return false;
	default:
		return true;
	}
}

/* Each that is served is followed by another one, until there are enough. */
static bool serve(struct loop_shortcut *s)
{
	const bool wait = loop_waits();

	if (!take(s->fd, wait ? 0 : MSG_DONTWAIT)) {
		w.refused++;
		if (w.at_last == STARVE && errno == EAGAIN)
			put(w.other_fd[1]);
		s->can_wait &= errno == EINTR;
		return wait;
	}
	w.waited += wait;
	if (++w.served == w.last)
		return act_at_last();
	put(w.fd[1]);
	return true;
}

static void on_io(struct ev_loop *l, ev_io *io, int events)
{
	w.called += take(io->fd, MSG_DONTWAIT);
}

static void on_other(struct ev_loop *l, ev_io *io, int events)
{
	assert_true(take(io->fd, MSG_DONTWAIT));
	w.called_other++;
	ev_break(l, EVBREAK_ALL);
}

static int setup_with(void (*ends)(int end[2]))
{
	memset(&w, 0, sizeof(w));
	ends(w.fd);
	ends_of_stream(w.other_fd);
	ev_io_init(&w.io, on_io, w.fd[0], EV_READ);
	ev_io_start(loop, &w.io);
	ev_io_init(&w.other, on_other, w.other_fd[0], EV_READ);
	ev_io_start(loop, &w.other);
	w.s = (struct loop_shortcut){ .fd = w.fd[0],
				      .serve = serve,
				      .can_wait = true };
	loop_shortcut_start(&w.s);
	return 0;
}

static int setup(void **state)
{
	return setup_with(ends_of_stream);
}

static int teardown(void **state)
{
	loop_shortcut_stop(&w.s);
	ev_io_stop(loop, &w.io);
	ev_io_stop(loop, &w.other);
	for (int i = 0; i < 2; i++) {
		close(w.fd[i]);
		close(w.other_fd[i]);
	}
	return 0;
}

/* Serve so many, and act at the last one. Ends when the other fd is read. */
static void run(unsigned int last, enum act act)
{
	w.last = w.served + last;
	w.waited = w.called = w.called_other = 0;
	w.at_last = act;
	put(w.fd[1]);
	ev_run(loop, 0);
	assert_num(w.served, w.last);
	assert_num(w.called_other, 1);
	assert_false(loop_waits());
}

static void one_that_comes_alone_again_and_again_waits(void **state)
{
	run(MANY, SERVE);
	assert_true(w.waited > 0);
	assert_num(w.called, 0);
	/* The next one, too: the fd is watched again. */
	run(1, SERVE);
	assert_num(w.waited, 0);
	run(MANY, SERVE);
	assert_true(w.waited > 0);
}

/* If it does not pay to wait, that is done less often. */
static void one_that_others_interrupt_waits_less_and_less(void **state)
{
	unsigned int waited = 0;

	run(MANY, SERVE);
	for (int i = 0; i < 100; i++) {
		run(10, SERVE);
		waited += w.waited > 0;
	}
	assert_true(waited > 0);
	assert_true(waited < 5);
	run(MANY, SERVE);
	assert_true(w.waited > 0);
	run(10, SERVE);
	assert_true(w.waited > 0);
}

static void what_it_leaves_its_watcher_takes(void **state)
{
	run(MANY, LEAVE);
	assert_true(w.waited > 0);
	assert_num(w.called, 1);
	run(MANY, LEAVE);
	assert_true(w.waited > 0);
}

static void its_watcher_remains_when_it_is_stopped(void **state)
{
	run(MANY, REVOKE);
	assert_true(w.waited > 0);
	assert_num(w.called, 1);
	w.called_other = 0;
	put(w.fd[1]);
	ev_run(loop, EVRUN_ONCE);
	assert_num(w.called, 2);
}

static void its_fd_may_be_closed(void **state)
{
	run(MANY, CLOSE);
	assert_true(w.waited > 0);
	assert_num(w.called, 0);
	/* Its number is free for another one. */
	w.fd[0] = dup(w.other_fd[0]);
	assert_sys(w.fd[0]);
	put(w.other_fd[1]);
	ev_run(loop, 0);
	assert_num(w.called_other, 2);
}

static void packets_are_waited_for_as_well(void **state)
{
	teardown(state);
	setup_with(ends_of_packets);
	loop_shortcut_stop(&w.s);
	w.s.level = true;
	loop_shortcut_start(&w.s);
	run(MANY, SERVE);
	assert_true(w.waited > 0);
	assert_false(w.s.edge);
	run(MANY, LEAVE);
	assert_num(w.called, 1);
}

/* As an inherited socket that another process has made so. */
static void one_that_cannot_wait_is_served_as_before(void **state)
{
	assert_sys(fcntl(w.fd[0], F_SETFL, O_NONBLOCK));
	run(MANY, STARVE);
	assert_false(w.s.can_wait);
	assert_num(w.refused, 1);
	run(MANY, SERVE);
	assert_num(w.waited, 0);
	assert_num(w.refused, 1);
}

static void who_polls_does_not_wait(void **state)
{
	loop_set_busy_poll(1);
	run(MANY, SERVE);
	assert_num(w.waited, 0);
	loop_set_busy_poll(0);
}

/*
 * A file of which another fd remains, as of an eventfd that a VMM has.
 * elsewhere: another epoll instance that is waited for before; -1: none.
 */
static void end_shared(bool forget, int elsewhere)
{
	const int remains = dup(w.fd[0]);
	struct epoll_event event;
	int other[2];

	run(MANY, SERVE);
	ev_io_stop(loop, &w.io);
	loop_shortcut_stop(&w.s);
	if (elsewhere >= 0)
		assert_num(epoll_wait(elsewhere, &event, 1, 0), 0);
	if (forget)
		loop_forget(w.fd[0]);
	close(w.fd[0]);
	put(w.fd[1]);
	ev_run(loop, EVRUN_NOWAIT);
	ev_run(loop, EVRUN_NOWAIT);
	close(remains);
	close(w.fd[1]);
	ends_of_stream(other);
	memcpy(w.fd, other, sizeof(other));
	ev_io_set(&w.io, w.fd[0], EV_READ);
	ev_io_start(loop, &w.io);
	w.s.fd = w.fd[0];
	loop_shortcut_start(&w.s);
}

static void a_file_that_others_have_can_be_forgotten(void **state)
{
	loop_forget(-1);
	end_shared(true, -1);
	run(MANY, SERVE);
	assert_true(w.waited > 0);
}

/* As libinput does, and whoever else is in the process. */
static void also_when_a_library_has_waited(void **state)
{
	const int epfd = epoll_create1(EPOLL_CLOEXEC);

	end_shared(true, epfd);
	close(epfd);
	run(MANY, SERVE);
	assert_true(w.waited > 0);
}

/* At last: it does not come back. */
static void with_another_epoll_instance_nobody_waits(void **state)
{
	end_shared(false, -1);
	run(MANY, SERVE);
	assert_num(w.waited, 0);
	assert_num(w.called, 0);
}

static void without_a_sentry_nobody_waits(void **state)
{
	run(MANY, SERVE);
	assert_num(w.waited, 0);
	assert_num(w.refused, 0);
	assert_false(w.s.can_wait);
	run(MANY, LEAVE);
	assert_num(w.called, 1);
}

static void with_busy_polling_there_is_no_sentry(void **state)
{
	loop_set_busy_poll(1);
	loop_start_sentry();
	loop_set_busy_poll(0);
	run(MANY, SERVE);
	assert_num(w.waited, 0);
}

static int start_sentry(void **state)
{
	loop_start_sentry();
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int run_all(void)
{
	const char *why;
	const struct CMUnitTest without[] = {
		T(without_a_sentry_nobody_waits),
		T(with_busy_polling_there_is_no_sentry),
	};
	const struct CMUnitTest with[] = {
		T(one_that_comes_alone_again_and_again_waits),
		T(one_that_others_interrupt_waits_less_and_less),
		T(what_it_leaves_its_watcher_takes),
		T(its_watcher_remains_when_it_is_stopped),
		T(its_fd_may_be_closed),
		T(packets_are_waited_for_as_well),
		T(one_that_cannot_wait_is_served_as_before),
		T(who_polls_does_not_wait),
		T(a_file_that_others_have_can_be_forgotten),
		T(also_when_a_library_has_waited),
		T(with_another_epoll_instance_nobody_waits),
	};
	int failed;

	loop = loop_new(&why);
	failed = cmocka_run_group_tests_name("no sentry", without, NULL, NULL);

	if (HAS)
		failed += cmocka_run_group_tests_name("sentry", with,
						      start_sentry, NULL);
	return failed;
}

int main(void)
{
	const pid_t pid = fork();
	int status;

	if (!pid)
		exit(run_all());
	return waitpid(pid, &status, 0) == pid && !status ? 0 : 1;
}
