/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kicks in the event loop: the kick fds of the queues, and a timer for queues
 * whose driver does not kick (SET_VRING_KICK with the no-fd bit). Loop thread
 * only.
 */
#ifndef VINPUT_KICKS_H
#define VINPUT_KICKS_H

#include <ev.h>
#include "input/base/log.h"
#include "input/vhost-user/vu-backend.h"

struct kicks {
	struct ev_loop *loop;
	struct vu_backend *be; /* borrowed */
	void (*kicked)(void *arg, unsigned int queue);
	void *arg;
	struct {
		ev_io io;
		uint32_t at;	  /* the position in the ring */
		int64_t since_ns; /* clock_ns() */
		unsigned int n;	  /* kicks since then, at that position */
		bool put_off;	  /* not watched before `poll` is due */
		bool filled; /* it has had a buffer, or is not the eventq */
		unsigned int empty; /* kicks before that */
	} queue[VU_QUEUES_MAX];
	ev_timer poll;
	struct log_limit limit;
};

/* kicked: this queue may have buffers. It MUST NOT start or stop a queue. */
void kicks_init(struct kicks *k, struct ev_loop *loop, struct vu_backend *be,
		void (*kicked)(void *arg, unsigned int queue), void *arg);
void kicks_fini(struct kicks *k);

/* Queue i has started. */
void kicks_start(struct kicks *k, unsigned int i);
/* The kick fd of running queue i was replaced, or closed. */
void kicks_watch(struct kicks *k, unsigned int i);
/* Queue i has stopped. */
void kicks_stop(struct kicks *k, unsigned int i);

#endif
