/* SPDX-License-Identifier: Apache-2.0 */
/* video-worker.h: jobs run in a thread, and are done in the loop's. */
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "injector/video/video-worker.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define JOBS 3

static struct world {
	struct ev_loop *loop;
	struct video_worker worker;
	struct video_job job[JOBS];
	pthread_t thread; /* in which a job ran */
	sigset_t blocked; /* there */
	struct video_job *ran[JOBS], *done[JOBS];
	unsigned int n_ran, n_done;
} w;

static void on_run(struct video_job *job)
{
	w.thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &w.blocked);
	w.ran[w.n_ran++] = job;
}

/* Until no more jobs are begun. */
static void on_run_long(struct video_job *job)
{
	bool ends = false;

	on_run(job);
	while (!ends) {
		pthread_mutex_lock(&w.worker.lock);
		ends = w.worker.ends;
		pthread_mutex_unlock(&w.worker.lock);
	}
}

static void on_done(struct video_job *job)
{
	w.done[w.n_done++] = job;
	if (w.n_done == JOBS)
		ev_break(w.loop, EVBREAK_ALL);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_AUTO);
	for (int i = 0; i < JOBS; i++) {
		w.job[i].run = on_run;
		w.job[i].done = on_done;
	}
	fill_with_garbage(&w.worker);
	return video_worker_start(&w.worker, w.loop);
}

static int teardown(void **state)
{
	video_worker_stop(&w.worker);
	video_worker_stop(&w.worker);
	/* Nothing of it is left in the loop. */
	ev_run(w.loop, 0);
	ev_loop_destroy(w.loop);
	return 0;
}

static void jobs_are_done_in_their_order(void **state)
{
	for (int i = 0; i < JOBS; i++)
		video_worker_do(&w.worker, &w.job[i]);
	ev_run(w.loop, 0);
	assert_num(w.n_done, JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_ptr_equal(w.ran[i], &w.job[i]);
		assert_ptr_equal(w.done[i], &w.job[i]);
	}
	assert_false(pthread_equal(w.thread, pthread_self()));
}

static void signals_are_the_loops(void **state)
{
	sigset_t here;

	for (int i = 0; i < JOBS; i++)
		video_worker_do(&w.worker, &w.job[i]);
	ev_run(w.loop, 0);
	pthread_sigmask(SIG_SETMASK, NULL, &here);
	assert_num(sigismember(&w.blocked, SIGTERM), 1);
	assert_num(sigismember(&w.blocked, SIGCHLD), 1);
	assert_num(sigismember(&here, SIGTERM), 0);
}

static void job_that_was_not_begun_is_done_at_the_end(void **state)
{
	w.job[0].run = on_run_long;
	for (int i = 0; i < JOBS; i++)
		video_worker_do(&w.worker, &w.job[i]);
	while (!__atomic_load_n(&w.n_ran, __ATOMIC_ACQUIRE))
		;
	video_worker_stop(&w.worker);
	assert_num(w.n_ran, 1);
	assert_num(w.n_done, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_ptr_equal(w.done[i], &w.job[i]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(jobs_are_done_in_their_order),
		T(signals_are_the_loops),
		T(job_that_was_not_begun_is_done_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
