/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "injector/video/video-worker.h"
#include "input/base/container.h"

/* libvpx needs less than 64 KiB; the rest is never touched. */
#define STACK (1 << 20)

static void *worker_run(void *arg)
{
	struct video_worker *w = arg;
	struct video_job *job;

	pthread_mutex_lock(&w->lock);
	w->runs = true;
	pthread_cond_signal(&w->work);
	while (!w->ends) {
		job = TAILQ_FIRST(&w->todo);
		if (!job) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		TAILQ_REMOVE(&w->todo, job, link);
		pthread_mutex_unlock(&w->lock);
		job->run(job);
		pthread_mutex_lock(&w->lock);
		TAILQ_INSERT_TAIL(&w->done, job, link);
		ev_async_send(w->loop, &w->woken);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* A job that is done may be given again at once. */
static void worker_finish(struct video_worker *w)
{
	struct video_jobs done = TAILQ_HEAD_INITIALIZER(done);
	struct video_job *job;

	pthread_mutex_lock(&w->lock);
	TAILQ_CONCAT(&done, &w->done, link);
	pthread_mutex_unlock(&w->lock);
	while ((job = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, job, link);
		job->done(job);
	}
}

static void worker_on_woken(struct ev_loop *loop, ev_async *woken, int events)
{
	worker_finish(container_of(woken, struct video_worker, woken));
}

/* Signals are the loop's. */
static int worker_create(struct video_worker *w)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int e = pthread_attr_init(&attr);

	if (e)
		return -e;
	sigfillset(&all);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&w->thread, &attr, worker_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (e)
		return -e;
	pthread_mutex_lock(&w->lock);
	while (!w->runs)
		pthread_cond_wait(&w->work, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

int video_worker_start(struct video_worker *w, struct ev_loop *loop)
{
	int e;

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	TAILQ_INIT(&w->todo);
	TAILQ_INIT(&w->done);
	w->runs = w->ends = false;
	w->loop = loop;
	ev_async_init(&w->woken, worker_on_woken);
	ev_async_start(loop, &w->woken);
	e = worker_create(w);
	if (e) {
		ev_async_stop(loop, &w->woken);
		w->loop = NULL;
	}
	return e;
}

void video_worker_stop(struct video_worker *w)
{
	if (!w->loop)
		return;
	pthread_mutex_lock(&w->lock);
	w->ends = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	TAILQ_CONCAT(&w->done, &w->todo, link);
	worker_finish(w);
	ev_async_stop(w->loop, &w->woken);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
	w->loop = NULL;
}

void video_worker_do(struct video_worker *w, struct video_job *job)
{
	pthread_mutex_lock(&w->lock);
	TAILQ_INSERT_TAIL(&w->todo, job, link);
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}
