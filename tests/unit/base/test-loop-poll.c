/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h: how the loop polls before it sleeps, and what it asks its shortcuts
 * meanwhile. The kernel and the clock are the test's: each look at the clock
 * takes 10 us.
 */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include "input/base/container.h"
#include "input/base/loop.h"
#include "tests/lib/check.h"

#define STEP_US	 10
#define START_US (5 * 1000 * 1000)
#define SLEEP_US (1000 * 1000)
#define EPOLL_FD 1000
#define NEVER	 (-1)
#define CLOCK_MS 59743 /* as long as libev waits without a timer */
#define FD_LAST	 127   /* with a shortcut */

static struct {
	int64_t now_us;
	int polls, sleeps, slept_ms;
	int event_at; /* the poll that has an event, from 1; NEVER */
	uint32_t events;
	int fd;
} kernel;

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = 0;
	tp->tv_nsec = kernel.now_us * 1000;
	kernel.now_us += STEP_US;
	return 0;
}

int epoll_pwait(int epfd, struct epoll_event *events, int maxevents,
		int timeout, const __sigset_t *ss)
{
	assert_num(epfd, EPOLL_FD);
	events[0] = (struct epoll_event){ kernel.events,
					  { .u64 = UINT64_C(7) << 32 |
						   (uint32_t)kernel.fd } };
	if (timeout) {
		kernel.sleeps++;
		kernel.slept_ms = timeout;
		kernel.now_us += SLEEP_US;
		return 0;
	}
	return ++kernel.polls == kernel.event_at;
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return 0;
}

struct ev_loop *ev_loop_new(unsigned int flags)
{
	return NULL;
}

/* --- shortcuts --- */

struct shortcut {
	struct loop_shortcut s;
	int looks, rests, serves;
	bool due, serving, rest_due;
};

static bool look(struct loop_shortcut *s, bool *served)
{
	struct shortcut *sc = container_of(s, struct shortcut, s);

	sc->looks++;
	*served |= sc->serving;
	sc->serving = false;
	return sc->due;
}

static bool rest(struct loop_shortcut *s)
{
	struct shortcut *sc = container_of(s, struct shortcut, s);

	sc->rests++;
	return sc->rest_due;
}

static bool serve(struct loop_shortcut *s)
{
	struct shortcut *sc = container_of(s, struct shortcut, s);

	sc->serves++;
	return sc->serves < 2;
}

static struct shortcut first, middle, last;

static void start(struct shortcut *sc, int fd)
{
	memset(sc, 0, sizeof(*sc));
	sc->s = (struct loop_shortcut){
		.fd = fd, .serve = serve, .look = look, .rest = rest
	};
	loop_shortcut_start(&sc->s);
}

static int setup(void **state)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.event_at = NEVER;
	kernel.events = EPOLLIN;
	loop_set_busy_poll(0);
	start(&first, 0);
	start(&middle, 5);
	start(&last, FD_LAST);
	return 0;
}

static int teardown(void **state)
{
	loop_shortcut_stop(&first.s);
	loop_shortcut_stop(&middle.s);
	loop_shortcut_stop(&last.s);
	return 0;
}

/* Return: as epoll_wait(); counts begin anew. */
static int wait_ms(int timeout)
{
	struct epoll_event events[4];

	kernel.polls = kernel.sleeps = 0;
	kernel.now_us = START_US;
	return epoll_wait(EPOLL_FD, events, 4, timeout);
}

static void expect_wait(int polls, int sleeps)
{
	assert_num(wait_ms(NEVER), kernel.event_at != NEVER);
	assert_num(kernel.polls, polls);
	assert_num(kernel.sleeps, sleeps);
}

static void without_polling_it_sleeps_at_once(void **state)
{
	assert_false(loop_polls());
	expect_wait(0, 1);
	assert_num(kernel.slept_ms, -1);
	assert_num(first.looks + first.rests, 0);
}

static void it_polls_less_and_less_while_nothing_comes(void **state)
{
	loop_set_busy_poll(100);
	assert_true(loop_polls());
	expect_wait(10, 1);
	expect_wait(5, 1);
	expect_wait(3, 1);
	expect_wait(2, 1);
}

/* Until then it was in time. */
static void an_event_within_the_time_makes_it_poll_fully(void **state)
{
	loop_set_busy_poll(100);
	kernel.fd = 300; /* without a shortcut */
	expect_wait(10, 1);
	kernel.event_at = 2;
	expect_wait(2, 0);
	kernel.event_at = 10;
	expect_wait(10, 0);
	kernel.event_at = NEVER;
	expect_wait(10, 1);
}

static void a_wait_of_no_time_is_not_polled(void **state)
{
	loop_set_busy_poll(100);
	assert_num(wait_ms(0), 0);
	assert_num(kernel.polls, 1);
	assert_num(kernel.sleeps, 0);
	assert_num(first.looks + first.rests, 0);
}

static void while_it_polls_it_looks_around(void **state)
{
	loop_set_busy_poll(30);
	expect_wait(3, 1);
	assert_num(first.looks, 3);
	assert_num(middle.looks, 3);
	assert_num(last.looks, 3);
	assert_num(first.rests, 1);
	assert_num(middle.rests, 1);
	assert_num(last.rests, 1);
}

static void with_a_timer_it_lets_them_rest_first(void **state)
{
	loop_set_busy_poll(30);
	assert_num(wait_ms(CLOCK_MS - 1), 0);
	assert_num(kernel.slept_ms, CLOCK_MS - 1);
	assert_num(first.looks, 0);
	assert_num(first.rests, 2);
	last.rest_due = true;
	assert_num(wait_ms(50), 0);
	assert_num(kernel.polls + kernel.sleeps, 0);
}

static void what_is_due_ends_the_wait(void **state)
{
	struct shortcut *const all[] = { &first, &middle, &last };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		loop_set_busy_poll(30);
		all[i]->due = true;
		expect_wait(0, 0);
		all[i]->due = false;
		all[i]->rest_due = true;
		expect_wait(3, 0);
		all[i]->rest_due = false;
	}
}

static void what_was_served_begins_the_time_anew(void **state)
{
	loop_set_busy_poll(30);
	middle.serving = true;
	expect_wait(3, 1);
	/* One look at the clock more, which did not count. */
	assert_num(kernel.now_us - START_US,
		   (1 + 1 + 3 + 1) * STEP_US + SLEEP_US);
}

static void what_was_stopped_is_not_asked(void **state)
{
	loop_set_busy_poll(30);
	loop_shortcut_stop(&middle.s);
	loop_shortcut_stop(&middle.s);
	expect_wait(3, 1);
	assert_num(middle.looks + middle.rests, 0);
	assert_num(last.looks, 3);
	loop_shortcut_stop(&first.s);
	loop_shortcut_stop(&last.s);
	first.rest_due = first.due = true;
	loop_set_busy_poll(30);
	expect_wait(3, 1);
}

static void what_cannot_look_is_not_asked(void **state)
{
	loop_shortcut_stop(&middle.s);
	middle.s.look = NULL;
	middle.s.rest = NULL;
	loop_shortcut_start(&middle.s);
	loop_set_busy_poll(30);
	expect_wait(3, 1);
	assert_num(last.looks, 3);
	loop_shortcut_stop(&first.s);
	loop_shortcut_stop(&middle.s);
	loop_set_busy_poll(30);
	expect_wait(3, 1);
	assert_num(last.looks, 6);
}

/* --- which fds have one --- */

static void an_event_of_its_fd_is_served(void **state)
{
	struct shortcut *const all[] = { &first, &middle, &last };

	loop_set_busy_poll(30);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		kernel.fd = all[i]->s.fd;
		kernel.event_at = 1;
		/* The second one is left to libev. */
		all[i]->serves = 1;
		assert_num(wait_ms(NEVER), 1);
		assert_num(all[i]->serves, 2);
		assert_true(all[i]->s.edge && all[i]->s.armed);
	}
}

static void the_longest_wait_of_libev_is_one_without_end(void **state)
{
	loop_set_busy_poll(30);
	kernel.event_at = 1;
	kernel.fd = middle.s.fd;
	assert_num(wait_ms(CLOCK_MS - 1), 1);
	assert_num(wait_ms(0), 1);
	assert_num(middle.serves, 0);
	assert_num(wait_ms(CLOCK_MS), 0);
	assert_num(middle.serves, 1);
	assert_num(kernel.slept_ms, -1);
}

static void an_event_of_another_kind_is_not_served(void **state)
{
	static const struct {
		uint32_t events;
		int fd;
	} rows[] = {
		{ EPOLLIN | EPOLLRDHUP, 5 },
		{ EPOLLIN | EPOLLHUP, 5 },
		{ EPOLLERR, 5 },
		{ EPOLLIN, 6 },
		{ EPOLLIN, FD_LAST + 1 },
		{ EPOLLIN, -1 },
	};

	loop_set_busy_poll(30);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		kernel.events = rows[i].events;
		kernel.fd = rows[i].fd;
		kernel.event_at = 1;
		expect_wait(1, 0);
	}
	assert_num(first.serves + middle.serves + last.serves, 0);
}

static void an_fd_has_one_shortcut_at_most(void **state)
{
	static const int fds[] = { -1, 5, FD_LAST + 1 };
	struct shortcut other;

	loop_set_busy_poll(30);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		start(&other, fds[i]);
		expect_wait(3, 1);
		assert_num(other.looks, 0);
		loop_shortcut_stop(&other.s);
		loop_set_busy_poll(30);
	}
	assert_num(middle.looks, 9);
	/* The others are still there. */
	expect_wait(3, 1);
	assert_num(middle.looks, 12);
	kernel.fd = middle.s.fd;
	kernel.event_at = 1;
	middle.serves = 1;
	assert_num(wait_ms(NEVER), 1);
	assert_num(middle.serves, 2);
}

static void without_epoll_there_is_no_loop(void **state)
{
	const char *why;

	assert_null(loop_new(&why));
	assert_string_equal(why, "libev has no epoll backend here");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_polling_it_sleeps_at_once),
		T(it_polls_less_and_less_while_nothing_comes),
		T(an_event_within_the_time_makes_it_poll_fully),
		T(a_wait_of_no_time_is_not_polled),
		T(while_it_polls_it_looks_around),
		T(with_a_timer_it_lets_them_rest_first),
		T(what_is_due_ends_the_wait),
		T(what_was_served_begins_the_time_anew),
		T(what_was_stopped_is_not_asked),
		T(what_cannot_look_is_not_asked),
		T(an_event_of_its_fd_is_served),
		T(the_longest_wait_of_libev_is_one_without_end),
		T(an_event_of_another_kind_is_not_served),
		T(an_fd_has_one_shortcut_at_most),
		T(without_epoll_there_is_no_loop),
	};

	return cmocka_run_group_tests_name("loop-poll", tests, NULL, NULL);
}
