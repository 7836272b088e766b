/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread for work that would hold up the loop. It sleeps while there is none.
 * All but a job's run() is for the loop's thread.
 */
#ifndef VINPUT_VIDEO_WORKER_H
#define VINPUT_VIDEO_WORKER_H

#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

struct video_job {
	TAILQ_ENTRY(video_job) link;
	void (*run)(struct video_job *job); /* in the worker */
	/* Then, in the loop. The job is its owner's again. */
	void (*done)(struct video_job *job);
};

TAILQ_HEAD(video_jobs, video_job);

struct video_worker {
	struct ev_loop *loop; /* NULL: not started */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	struct video_jobs todo, done;
	bool runs, ends;
	ev_async woken; /* something is done */
};

/*
 * When it returns, the thread has made all calls that a sandbox forbids.
 * Return: 0 or -errno.
 */
int video_worker_start(struct video_worker *w, struct ev_loop *loop);
/* Waits for the job that runs; calls done() of all, run or not. Idempotent. */
void video_worker_stop(struct video_worker *w);
/* job: the worker's until done(). */
void video_worker_do(struct video_worker *w, struct video_job *job);

#endif
