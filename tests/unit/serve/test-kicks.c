/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kicks of a back-end's queues in a loop. No test waits for the time in which
 * kicks are counted: it is made to last, or to be over.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "input/base/clock.h"
#include "input/serve/kicks.h"
#include "input/serve/pump.h"
#include "tests/lib/garbage.h"
#include "tests/lib/vt.h"

#define OTHER	(1 - EVENTQ)
#define HOUR_NS (INT64_C(3600) * 1000000000)

static struct vt *v;
static struct ev_loop *loop;
static struct kicks k;
static unsigned int told[VU_QUEUES_MAX];

static void kicked(void *arg, unsigned int queue)
{
	assert_ptr_equal(arg, told);
	told[queue]++;
	errno = EPIPE; /* of an injector that is gone */
}

static int setup(void **state)
{
	vt_setup(state);
	v = *state;
	vt_negotiate(v, 0, 0);
	vt_share(v);
	memset(told, 0, sizeof(told));
	loop = ev_loop_new(EVFLAG_AUTO);
	fill_with_garbage(&k);
	kicks_init(&k, loop, &v->be, kicked, told);
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		vt_start(v, i);
		kicks_start(&k, i);
	}
	return 0;
}

static int teardown(void **state)
{
	kicks_fini(&k);
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	return vt_teardown(state);
}

static bool is_watched(unsigned int i)
{
	return ev_is_active(&k.queue[i].io);
}

/* In a time that does not end by itself. */
static void kick(unsigned int i)
{
	k.queue[i].since_ns = clock_ns() + HOUR_NS;
	assert_sys(eventfd_write(v->kick[i], 1));
	ev_run(loop, EVRUN_NOWAIT);
}

static void poll_now(void)
{
	ev_timer_stop(loop, &k.poll);
	ev_feed_event(loop, &k.poll, EV_TIMER);
	ev_run(loop, EVRUN_NOWAIT);
}

static void a_kick_is_told_once_and_of_its_queue(void **state)
{
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		kick(i);
		assert_num(told[i], 1);
		ev_run(loop, EVRUN_NOWAIT);
		assert_num(told[i], 1);
	}
	assert_false(ev_is_active(&k.poll));
}

static void kicks_that_come_too_fast_are_put_off(void **state)
{
	for (int n = 1; n <= 16; n++) {
		assert_true(is_watched(OTHER));
		kick(OTHER);
		assert_num(told[OTHER], n);
	}
	assert_false(is_watched(OTHER));
	assert_true(is_watched(EVENTQ));
	assert_true(ev_is_active(&k.poll));
	/* They are told later, as one. */
	kick(OTHER);
	assert_num(told[OTHER], 16);
	k.queue[OTHER].since_ns = 0; /* another time */
	poll_now();
	assert_true(is_watched(OTHER));
	assert_false(ev_is_active(&k.poll));
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(told[OTHER], 17);
	assert_num(k.queue[OTHER].n, 1);
	assert_true(k.queue[OTHER].since_ns > 0);
}

static void kicks_with_buffers_are_not_counted(void **state)
{
	for (int n = 0; n < 40; n++) {
		vt_post(v, EVENTQ, 1);
		assert_rc(vt_use_one(v, EVENTQ), 0);
		kick(EVENTQ);
		assert_true(is_watched(EVENTQ));
		assert_num(k.queue[EVENTQ].n, 0);
		kick(EVENTQ);
		assert_num(k.queue[EVENTQ].n, 1);
	}
	/* Those after it are, from the first one on. */
	for (int n = 2; n <= 16; n++) {
		assert_true(is_watched(EVENTQ));
		kick(EVENTQ);
	}
	assert_false(is_watched(EVENTQ));
	assert_true(ev_is_active(&k.poll));
	kicks_stop(&k, EVENTQ);
	poll_now();
	assert_false(is_watched(EVENTQ));
}

static void a_queue_without_a_kick_fd_is_polled(void **state)
{
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, OTHER | VU_VRING_NOFD, -1), 0);
	kicks_watch(&k, OTHER);
	assert_false(is_watched(OTHER));
	assert_true(ev_is_active(&k.poll));
	poll_now();
	assert_num(told[OTHER], 1);
	assert_num(told[EVENTQ], 0);
	assert_true(ev_is_active(&k.poll));
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, OTHER, v->kick[OTHER]), 0);
	kicks_watch(&k, OTHER);
	assert_false(ev_is_active(&k.poll));
	kick(OTHER);
	assert_num(told[OTHER], 2);
}

/* What is said of memory that is not shared, is said at the second one. */
static void an_eventq_that_was_never_filled_is_noticed(void **state)
{
	kick(EVENTQ);
	assert_num(k.queue[EVENTQ].empty, 1);
	assert_false(k.queue[EVENTQ].filled);
	kick(EVENTQ);
	assert_num(k.queue[EVENTQ].empty, 2);
	assert_true(k.queue[EVENTQ].filled);
	/* Once; of the next driver again, and of two kicks in one. */
	kick(EVENTQ);
	assert_num(k.queue[EVENTQ].empty, 2);
	kicks_start(&k, EVENTQ);
	assert_false(k.queue[EVENTQ].filled);
	assert_num(k.queue[EVENTQ].empty, 0);
	assert_sys(eventfd_write(v->kick[EVENTQ], 5));
	kick(EVENTQ);
	assert_num(k.queue[EVENTQ].empty, 2);
	assert_true(k.queue[EVENTQ].filled);
	/* A queue of the guest's own is filled when it has something. */
	assert_true(k.queue[OTHER].filled);
	kick(OTHER);
	kick(OTHER);
	assert_num(k.queue[OTHER].empty, 0);
}

static void an_eventq_with_buffers_is_filled(void **state)
{
	vt_post(v, EVENTQ, 1);
	kick(EVENTQ);
	assert_true(k.queue[EVENTQ].filled);
	assert_num(k.queue[EVENTQ].empty, 0);
	/* Or one that had them. */
	assert_rc(vt_use_one(v, EVENTQ), 0);
	memset(v->mem + VT_DESC(EVENTQ), 0, 16);
	kicks_start(&k, EVENTQ);
	kick(EVENTQ);
	assert_true(k.queue[EVENTQ].filled);
	assert_num(k.queue[EVENTQ].empty, 0);
}

static void a_kick_fd_that_has_nothing_is_left_alone(void **state)
{
	ev_feed_event(loop, &k.queue[EVENTQ].io, EV_READ);
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(told[EVENTQ], 1);
	assert_true(is_watched(EVENTQ));
	assert_num(k.queue[EVENTQ].n, 1);
	assert_num(k.queue[EVENTQ].empty, 0);
}

/* Both would wake us for ever. */
static void a_kick_fd_that_is_dead_is_not_watched(void **state)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	close(fd[1]);
	assert_sys(dup2(fd[0], v->be.queue[EVENTQ].kick_fd));
	close(fd[0]);
	fd[0] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_sys(dup2(fd[0], v->be.queue[OTHER].kick_fd));
	close(fd[0]);
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		kicks_watch(&k, i);
		assert_true(is_watched(i));
		ev_feed_event(loop, &k.queue[i].io, EV_READ);
		ev_run(loop, EVRUN_NOWAIT);
		assert_false(is_watched(i));
		assert_false(k.queue[i].put_off);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_kick_is_told_once_and_of_its_queue),
		T(kicks_that_come_too_fast_are_put_off),
		T(kicks_with_buffers_are_not_counted),
		T(a_queue_without_a_kick_fd_is_polled),
		T(an_eventq_that_was_never_filled_is_noticed),
		T(an_eventq_with_buffers_is_filled),
		T(a_kick_fd_that_has_nothing_is_left_alone),
		T(a_kick_fd_that_is_dead_is_not_watched),
	};

	return cmocka_run_group_tests_name("kicks", tests, NULL, NULL);
}
