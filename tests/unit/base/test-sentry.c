/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a child, since a sentry remains until its process ends. What would fail
 * here without it waits for ever: the runner has a limit.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/sentry.h"
#include "tests/lib/check.h"
#include "tests/lib/deny.h"
#include "tests/lib/ends.h"

#ifdef HAS_SENTRY
#define HAS 1
#else
#define HAS 0
#endif

#define SOON_MS 5
#define TIMES	200

static struct {
	int epfd;	/* of all tests */
	int event;	/* in epfd; makes it readable */
	int timer;	/* likewise, SOON_MS later */
	int silence[2]; /* a pipe; reading it never ends by itself */
	int early[2];	/* likewise, from before the sentry */
} w;

static void add(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	assert_sys(epoll_ctl(w.epfd, EPOLL_CTL_ADD, fd, &event));
}

static int setup(void **state)
{
	w.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	assert_sys(w.timer);
	ends_of_pipe(w.silence);
	add(w.event);
	add(w.timer);
	return 0;
}

static int teardown(void **state)
{
	close(w.event);
	close(w.timer);
	close(w.silence[0]);
	close(w.silence[1]);
	return 0;
}

static void make_event(void)
{
	assert_sys(eventfd_write(w.event, 1));
}

static void take_event(void)
{
	eventfd_t n;

	assert_sys(eventfd_read(w.event, &n));
}

static void make_event_soon(void)
{
	const struct itimerspec soon = { .it_value.tv_nsec =
						 SOON_MS * 1000000 };

	assert_sys(timerfd_settime(w.timer, 0, &soon, NULL));
}

static void expect_interrupted(void)
{
	char c;

	assert_num(read(w.silence[0], &c, 1), -1);
	assert_num(errno, EINTR);
	assert_true(sentry_calls());
}

static void expect_quiet(int ms)
{
	assert_num(poll(NULL, 0, ms), 0);
}

static void an_event_interrupts_a_call(void **state)
{
	assert_true(sentry_watch(w.epfd));
	assert_false(sentry_calls());
	make_event_soon();
	expect_interrupted();
	sentry_dismiss();
}

static void an_event_from_before_interrupts_it_too(void **state)
{
	make_event();
	assert_true(sentry_watch(w.epfd));
	expect_interrupted();
	sentry_dismiss();
}

/* The race: the main thread has looked, and is not in its call yet. */
static void a_signal_that_came_too_early_comes_again(void **state)
{
	assert_true(sentry_watch(w.epfd));
	make_event();
	while (__atomic_load_n(&sentry_state, __ATOMIC_RELAXED) != SENTRY_HEARD)
		;
	for (int i = 0; i < 3; i++)
		expect_interrupted();
	sentry_dismiss();
}

static void no_signal_comes_after_the_dismissal(void **state)
{
	for (int i = 0; i < TIMES; i++) {
		const bool heard = i % 2;

		make_event();
		assert_true(sentry_watch(w.epfd));
		if (heard)
			expect_interrupted();
		sentry_dismiss();
		expect_quiet(i % 4);
		take_event();
	}
	expect_quiet(SOON_MS);
}

static void who_is_dismissed_is_not_woken(void **state)
{
	assert_true(sentry_watch(w.epfd));
	sentry_dismiss();
	make_event_soon();
	expect_quiet(3 * SOON_MS);
}

static void another_epoll_instance_is_not_watched(void **state)
{
	const int other = epoll_create1(EPOLL_CLOEXEC);

	assert_false(sentry_watch(-1));
	assert_false(sentry_watch(other));
	assert_num(sentry_state, SENTRY_OFF_DUTY);
	sentry_lose(-1);
	sentry_lose(other);
	assert_true(sentry_watch(w.epfd));
	sentry_dismiss();
	close(other);
}

/* At last: it does not come back. */
static void what_took_the_number_is_not_watched(void **state)
{
	sentry_lose(w.epfd);
	assert_false(sentry_watch(w.epfd));
	assert_num(sentry_state, SENTRY_OFF_DUTY);
}

/* Or it would stay open when the main thread closes it. */
static void it_keeps_no_file(void **state)
{
	close(w.early[0]);
	while (write(w.early[1], "", 1) == 1)
		sched_yield();
	assert_num(errno, EPIPE);
	close(w.early[1]);
}

/* Return: how many entries the folder has. */
static unsigned int entries_of(const char *path)
{
	unsigned int n = 0;
	DIR *dir = opendir(path);

	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Or each call of the main thread would cost more. */
static void it_shares_no_file(void **state)
{
	char path[64];
	DIR *threads = opendir("/proc/self/task");

	assert_non_null(threads);
	for (struct dirent *d; (d = readdir(threads));)
		if (d->d_name[0] != '.' && atoi(d->d_name) != getpid()) {
			snprintf(path, sizeof(path), "/proc/self/task/%.16s/fd",
				 d->d_name);
			while (entries_of(path) > 1)
				sched_yield();
		}
	closedir(threads);
}

/* Return: the signals that are blocked in a thread: bits from SIGHUP on. */
static unsigned long long blocked_in(const char *thread)
{
	unsigned long long mask = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%.16s/status", thread);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "SigBlk:", 7))
			mask = strtoull(line + 7, NULL, 16);
	fclose(file);
	return mask;
}

static void other_signals_are_the_main_threads(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
				       SIGALRM, SIGURG, SIGBUS };
	unsigned int n = 0;
	DIR *threads = opendir("/proc/self/task");

	assert_non_null(threads);
	for (struct dirent *d; (d = readdir(threads));) {
		if (d->d_name[0] == '.')
			continue;
		const bool is_sentry = atoi(d->d_name) != getpid();
		const unsigned long long blocked = blocked_in(d->d_name);

		for (size_t i = 0; i < ARRAY_LEN(signals); i++)
			assert_num(blocked >> (signals[i] - 1) & 1, is_sentry);
		n += is_sentry;
	}
	closedir(threads);
	assert_num(n, 1);
}

/* As where the sandbox forbids it: then nothing is watched. */
static int start_refused(void *arg)
{
	return sentry_start(w.epfd) != (HAS ? -EAGAIN : -ENOSYS) ||
	       sentry_watch(w.epfd);
}

static void without_a_thread_there_is_none(void **state)
{
	assert_false(sentry_watch(w.epfd));
	assert_num(deny_in_child("clone", EAGAIN, start_refused, NULL), 0);
}

/* With the sentry's signal blocked, as a parent may leave it. */
static int start(void **state)
{
	sigset_t urg;

	sigemptyset(&urg);
	sigaddset(&urg, SIGURG);
	sigprocmask(SIG_BLOCK, &urg, NULL);
	signal(SIGPIPE, SIG_IGN);
	ends_of_pipe(w.early);
	return sentry_start(w.epfd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int run(void)
{
	const struct CMUnitTest without[] = {
		T(without_a_thread_there_is_none),
	};
	const struct CMUnitTest with[] = {
		T(an_event_interrupts_a_call),
		T(an_event_from_before_interrupts_it_too),
		T(a_signal_that_came_too_early_comes_again),
		T(no_signal_comes_after_the_dismissal),
		T(who_is_dismissed_is_not_woken),
		T(another_epoll_instance_is_not_watched),
		cmocka_unit_test(it_keeps_no_file),
		cmocka_unit_test(it_shares_no_file),
		cmocka_unit_test(other_signals_are_the_main_threads),
		T(what_took_the_number_is_not_watched),
	};
	int failed;

	w.epfd = epoll_create1(EPOLL_CLOEXEC);
	failed = cmocka_run_group_tests_name("no sentry", without, NULL, NULL);

	if (HAS)
		failed += cmocka_run_group_tests_name("sentry", with, start,
						      NULL);
	return failed;
}

int main(void)
{
	const pid_t pid = fork();
	int status;

	if (!pid)
		exit(run());
	return waitpid(pid, &status, 0) == pid && !status ? 0 : 1;
}
