/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the guest's driver gets our attention: the kick fds of the queues in the
 * event loop, and a timer for queues that nobody kicks (SET_VRING_KICK with the
 * no-fd bit). Loop thread only.
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
		ev_tstamp since;
		unsigned int n; /* kicks since then */
		uint32_t at;	/* the position in the ring then */
		bool put_off;	/* `poll` is to go on with it */
	} queue[VU_QUEUES_MAX];
	ev_timer poll;
	struct log_limit limit;
};

/* kicked: there may be something in this queue. It changes no queue. */
void kicks_init(struct kicks *k, struct ev_loop *loop, struct vu_backend *be,
		void (*kicked)(void *arg, unsigned int queue), void *arg);
void kicks_fini(struct kicks *k);

/* The kick fd of running queue i is another one, or none any more. */
void kicks_watch(struct kicks *k, unsigned int i);
/* Queue i does not run any more. */
void kicks_stop(struct kicks *k, unsigned int i);

#endif
