/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals that end the loop (SIGTERM, SIGINT), have the spec read again
 * (SIGHUP), or the counters logged (SIGUSR1). One in a process. Loop thread
 * only.
 */
#ifndef VINPUT_SIGNALS_H
#define VINPUT_SIGNALS_H

#include "input/base/loop-signal.h"

struct signals {
	void (*reload)(void *arg); /* SIGHUP */
	void (*log)(void *arg);	   /* SIGUSR1 */
	void *arg;
	struct loop_signal sigterm, sigint, sighup, sigusr1;
};

/* reload, log and arg are set, all else is 0. */
void signals_init(struct signals *sg, struct ev_loop *loop);
void signals_fini(struct signals *sg); /* idempotent */

#endif
