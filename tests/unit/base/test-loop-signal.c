/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop-signal.h: signals that come at any point of the loop. In a child, as
 * test-sentry.c, which a signal ends if one is never noticed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "input/base/container.h"
#include "input/base/loop-signal.h"
#include "input/base/loop.h"
#include "input/base/sentry.h"
#include "input/base/watchdog.h"
#include "tests/lib/check.h"
#include "tests/lib/clock.h"
#include "tests/lib/ends.h"

#ifdef HAS_SENTRY
#define HAS 1
#else
#define HAS 0
#endif

#define HOURS_MS (3 * 3600 * 1000)
#define ALL_S	 60
/* More than it takes until a shortcut waits. */
#define MANY	 5000
#define SPIN_US	 10000000
#define IDLE_MS	 100
#define LATER_MS 20

/* Where SIGUSR1 comes by itself, once. */
enum point {
	NOWHERE,
	BEFORE_SLEEP,  /* when the loop has looked */
	BEFORE_SENTRY, /* when a shortcut is about to wait */
	WITH_SENTRY,
	BEFORE_CALL,
	LATER, /* when the call waits */
	POLLING,
};

static int low_fd; /* lower than that of the loop's epoll instance */
static struct ev_loop *the_loop; /* the sentry watches no other */
static struct {
	struct ev_loop *loop;
	struct loop_signal usr1, again, usr2;
	unsigned int came, came_again, came_2, at_once;
	enum point point;
	/* A shortcut, which serves what it sends itself. */
	struct loop_shortcut s;
	ev_io io;
	int fd[2];
	unsigned int served, waited;
} w;

static bool is_now(enum point point)
{
	if (w.point != point)
		return false;
	w.point = NOWHERE;
	return true;
}

static void raise_at(enum point point)
{
	if (is_now(point))
		raise(SIGUSR1);
}

static void send_later(int number)
{
	const struct itimerspec in = { .it_value.tv_nsec =
					       LATER_MS * 1000000L };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = number };
	timer_t timer;

	assert_sys(timer_create(CLOCK_MONOTONIC, &event, &timer));
	assert_sys(timer_settime(timer, 0, &in, NULL));
}

/* --- what the loop calls --- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout_ms,
		const sigset_t *mask)
{
	int (*const real)(int, struct epoll_event *, int, int,
			  const sigset_t *) = dlsym(RTLD_NEXT, "epoll_pwait");

	if (timeout_ms)
		raise_at(BEFORE_SLEEP);
	return real(epfd, events, max, timeout_ms, mask);
}

/* It no longer watches the shortcut, then the sentry is woken. */
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	int (*const real)(int, int, int, struct epoll_event *) =
		dlsym(RTLD_NEXT, "epoll_ctl");

	if (op == EPOLL_CTL_DEL && fd == w.fd[0])
		raise_at(BEFORE_SENTRY);
	return real(epfd, op, fd, event);
}

long syscall(long number, ...)
{
	long (*const real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long arg[4];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_futex && arg[1] == FUTEX_WAKE_PRIVATE)
		raise_at(WITH_SENTRY);
	return real(number, arg[0], arg[1], arg[2], arg[3]);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* --- watchers --- */

static void on_usr1(struct loop_signal *s)
{
	assert_ptr_equal(s, &w.usr1);
	w.came++;
	ev_break(s->loop, EVBREAK_ALL);
}

static void on_again(struct loop_signal *s)
{
	w.came_again++;
}

static void on_usr2(struct loop_signal *s)
{
	w.came_2++;
	ev_break(s->loop, EVBREAK_ALL);
}

static void at_once(void)
{
	w.at_once++;
	errno = ENOTTY;
}

static void start(struct loop_signal *s, int number,
		  void (*come)(struct loop_signal *s))
{
	*s = (struct loop_signal){ .number = number, .come = come };
	loop_signal_start(s, w.loop);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.fd[0] = w.fd[1] = -1;
	w.loop = the_loop;
	start(&w.usr1, SIGUSR1, on_usr1);
	w.usr1.at_once = at_once;
	return watchdog_init(HOURS_MS, NULL);
}

static int teardown(void **state)
{
	loop_signal_stop(&w.usr1);
	loop_signal_stop(&w.again);
	loop_signal_stop(&w.usr2);
	loop_shortcut_stop(&w.s);
	loop_set_busy_poll(0);
	watchdog_fini();
	/* None is left. */
	if (w.fd[0] >= 0)
		ev_io_stop(w.loop, &w.io);
	assert_num(ev_run(w.loop, EVRUN_NOWAIT), 0);
	close(w.fd[0]);
	close(w.fd[1]);
	return 0;
}

/* poll() is interrupted by each tick. */
static void expect_calm(void)
{
	assert_num(poll(NULL, 0, IDLE_MS), 0);
}

static void run(void)
{
	w.came = 0;
	ev_run(w.loop, 0);
	assert_num(w.came, 1);
	assert_num(w.point, NOWHERE);
	expect_calm();
}

/* --- cases --- */

static bool is_default(int number)
{
	struct sigaction sa;

	assert_sys(sigaction(number, NULL, &sa));
	return sa.sa_handler == SIG_DFL;
}

static void one_that_came_before_the_loop_runs_is_noticed(void **state)
{
	errno = ENOENT;
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_num(errno, ENOENT);
	assert_num(w.at_once, 2);
	assert_num(w.came, 0);
	/* Whoever waits elsewhere is left alone. */
	assert_num(poll(NULL, 0, IDLE_MS), 0);
	run();
}

static void one_that_comes_while_it_sleeps_is_noticed(void **state)
{
	send_later(SIGUSR1);
	run();
}

static void one_that_comes_right_before_it_sleeps_is_noticed(void **state)
{
	for (int i = 0; i < 10; i++) {
		w.point = BEFORE_SLEEP;
		run();
	}
}

/* What it does next: whoever watches is in a round. */
static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	char byte;

	assert_num(recv(io->fd, &byte, 1, 0), 1);
	watchdog_touch();
	raise(SIGUSR1);
	assert_num(w.came, 0);
	watchdog_rest();
}

static void watch(void (*readable)(struct ev_loop *, ev_io *, int))
{
	ends_of_stream(w.fd);
	ev_io_init(&w.io, readable, w.fd[0], EV_READ);
	ev_io_start(w.loop, &w.io);
}

static void one_that_comes_in_a_round_is_noticed(void **state)
{
	watch(on_readable);
	assert_num(send(w.fd[1], "x", 1, 0), 1);
	run();
}

/* As a library that has an epoll instance of its own. */
static void who_waits_for_other_events_gets_them(void **state)
{
	struct epoll_event event = { .events = EPOLLIN };
	const int epfd = epoll_create1(EPOLL_CLOEXEC);

	ends_of_stream(w.fd);
	assert_sys(epoll_ctl(epfd, EPOLL_CTL_ADD, w.fd[0], &event));
	assert_num(send(w.fd[1], "x", 1, 0), 1);
	raise(SIGUSR1);
	assert_num(epoll_wait(epfd, &event, 1, 0), 1);
	close(epfd);
	run();
}

/* libev makes it when it gets an event of a file that is closed. */
static void one_is_noticed_with_another_epoll_instance(void **state)
{
	int remains;

	watch(on_readable);
	ev_run(w.loop, EVRUN_NOWAIT);
	remains = dup(w.fd[0]);
	ev_io_stop(w.loop, &w.io);
	close(w.fd[0]);
	assert_num(send(w.fd[1], "x", 1, 0), 1);
	close(low_fd);
	ev_run(w.loop, EVRUN_NOWAIT);
	ev_run(w.loop, EVRUN_NOWAIT);
	/* It has the lowest number. */
	assert_num(epoll_ctl(low_fd, EPOLL_CTL_DEL, remains, NULL), -1);
	assert_num(errno, ENOENT);
	w.fd[0] = remains;
	raise(SIGUSR1);
	run();
}

static void all_that_watch_a_number_are_called(void **state)
{
	start(&w.again, SIGUSR1, on_again);
	start(&w.usr2, SIGUSR2, on_usr2);
	raise(SIGUSR1);
	run();
	assert_num(w.came_again, 1);
	loop_signal_stop(&w.again);
	loop_signal_stop(&w.again);
	raise(SIGUSR1);
	run();
	assert_num(w.came_again, 1);
	assert_num(w.came_2, 0);
	raise(SIGUSR2);
	ev_run(w.loop, 0);
	assert_num(w.came_2, 1);
}

static void others_are_not_called_at_once(void **state)
{
	start(&w.usr2, SIGUSR2, on_usr2);
	raise(SIGUSR2);
	assert_num(w.at_once, 0);
}

static void with_the_last_one_the_default_returns(void **state)
{
	start(&w.again, SIGUSR1, on_again);
	loop_signal_stop(&w.usr1);
	assert_false(is_default(SIGUSR1));
	loop_signal_stop(&w.again);
	assert_true(is_default(SIGUSR1));
}

static void one_that_was_not_served_is_forgotten(void **state)
{
	raise(SIGUSR1);
	loop_signal_stop(&w.usr1);
	start(&w.usr1, SIGUSR1, on_usr1);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.came, 0);
}

static void stop_both(struct loop_signal *s)
{
	w.came++;
	loop_signal_stop(&w.usr1);
	loop_signal_stop(&w.again);
}

static void one_may_be_stopped_by_another(void **state)
{
	start(&w.again, SIGUSR1, stop_both);
	w.usr1.come = stop_both;
	raise(SIGUSR1);
	/* None is left, so it ends. */
	ev_run(w.loop, 0);
	assert_num(w.came, 1);
}

/* --- shortcuts --- */

static bool serve(struct loop_shortcut *s)
{
	const bool wait = loop_waits();
	char byte;

	if (wait && w.served >= MANY) {
		if (is_now(LATER))
			send_later(SIGUSR1);
		raise_at(BEFORE_CALL);
	}
	if (recv(s->fd, &byte, 1, wait ? 0 : MSG_DONTWAIT) != 1)
		return wait && errno == EINTR;
	w.waited += wait;
	/* The last one that is not awaited may be followed by none. */
	if (++w.served < MANY || (!wait && w.point > BEFORE_SLEEP))
		assert_num(send(w.fd[1], "x", 1, 0), 1);
	return true;
}

static void ignore_io(struct ev_loop *loop, ev_io *io, int events)
{
}

static void start_shortcut(void)
{
	watch(ignore_io);
	w.s = (struct loop_shortcut){ .fd = w.fd[0],
				      .serve = serve,
				      .can_wait = true };
	loop_shortcut_start(&w.s);
	assert_num(send(w.fd[1], "x", 1, 0), 1);
}

static void while_a_shortcut_waits(enum point point)
{
	start_shortcut();
	w.point = point;
	run();
	assert_num(sentry_calls(), HAS); /* off duty */
}

static void one_that_comes_before_a_shortcut_waits_is_noticed(void **state)
{
	while_a_shortcut_waits(BEFORE_SENTRY);
}

static void one_that_comes_with_the_sentry_is_noticed(void **state)
{
	while_a_shortcut_waits(WITH_SENTRY);
}

static void one_that_comes_before_a_shortcuts_call_is_noticed(void **state)
{
	while_a_shortcut_waits(BEFORE_CALL);
	assert_true(w.waited > 0);
}

static void one_that_comes_while_a_shortcut_waits_is_noticed(void **state)
{
	while_a_shortcut_waits(LATER);
	assert_true(w.waited > 0);
}

/* There always is an event, so nothing but a look can end it. */
static bool serve_for_ever(struct loop_shortcut *s)
{
	char byte;

	raise_at(POLLING);
	assert_num(recv(s->fd, &byte, 1, 0), 1);
	assert_num(send(w.fd[1], "x", 1, 0), 1);
	return true;
}

static void one_that_comes_while_frames_are_served_is_noticed(void **state)
{
	start_shortcut();
	w.s.serve = serve_for_ever;
	w.s.can_wait = false;
	w.point = POLLING;
	run();
}

static bool look_for_ever(struct loop_shortcut *s, bool *served)
{
	raise_at(POLLING);
	*served = true;
	return false;
}

static void one_that_comes_while_it_polls_is_noticed(void **state)
{
	ends_of_stream(w.fd);
	ev_io_init(&w.io, ignore_io, w.fd[0], EV_READ);
	ev_io_start(w.loop, &w.io);
	w.s = (struct loop_shortcut){ .fd = w.fd[0], .look = look_for_ever };
	loop_shortcut_start(&w.s);
	loop_set_busy_poll(SPIN_US);
	w.point = POLLING;
	run();
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int start_sentry(void **state)
{
	loop_start_sentry();
	return 0;
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		T(one_that_came_before_the_loop_runs_is_noticed),
		T(one_that_comes_while_it_sleeps_is_noticed),
		T(one_that_comes_right_before_it_sleeps_is_noticed),
		T(one_that_comes_in_a_round_is_noticed),
		T(who_waits_for_other_events_gets_them),
		T(all_that_watch_a_number_are_called),
		T(others_are_not_called_at_once),
		T(with_the_last_one_the_default_returns),
		T(one_that_was_not_served_is_forgotten),
		T(one_may_be_stopped_by_another),
		T(one_that_comes_while_frames_are_served_is_noticed),
		T(one_that_comes_while_it_polls_is_noticed),
		T(one_is_noticed_with_another_epoll_instance),
	};
	const struct CMUnitTest waiting[] = {
		T(one_that_comes_before_a_shortcut_waits_is_noticed),
		T(one_that_comes_with_the_sentry_is_noticed),
		T(one_that_comes_before_a_shortcuts_call_is_noticed),
		T(one_that_comes_while_a_shortcut_waits_is_noticed),
	};
	const char *why;
	int failed;

	low_fd = dup(STDIN_FILENO);
	the_loop = loop_new(&why);
	failed = cmocka_run_group_tests_name("loop-signal", tests, NULL, NULL);

	if (HAS)
		failed += cmocka_run_group_tests_name("waiting", waiting,
						      start_sentry, NULL);
	return failed;
}

/* Its end, if one is never noticed. */
static void limit_time(void)
{
	const struct itimerspec in = { .it_value.tv_sec = ALL_S };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGKILL };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &in, NULL))
		abort();
}

int main(void)
{
	const pid_t pid = fork();
	int status;

	if (!pid) {
		limit_time();
		exit(run_all());
	}
	return waitpid(pid, &status, 0) == pid && !status ? 0 : 1;
}
