/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timer of any length, in a loop whose timers MUST NOT be long (loop.h). It
 * calls its function once. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_TIMER_H
#define VINPUT_LAUNCH_TIMER_H

#include <ev.h>

struct launch_timer {
	struct ev_loop *loop;
	ev_timer part;
	double due_s; /* clock_s() */
	void (*due)(void *arg);
	void *arg;
};

void launch_timer_init(struct launch_timer *t, struct ev_loop *loop,
		       void (*due)(void *arg), void *arg);
/* Call due() in this many seconds from now, whether it was started or not. */
void launch_timer_start(struct launch_timer *t, double seconds);
void launch_timer_stop(struct launch_timer *t); /* idempotent */

#endif
