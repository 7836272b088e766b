/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices that a device's server hangs: asks it for its counters again and
 * again, which takes one round of its loop. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_WATCHDOG_H
#define VINPUT_LAUNCH_WATCHDOG_H

#include <ev.h>
#include <stdbool.h>
#include "injector/process/launch-ask.h"
#include "injector/process/launch-timer.h"

struct launch_watchdog {
	const char *path; /* --stats-path of the server, borrowed */
	double period_s;
	bool waiting;
	struct launch_ask ask;
	struct launch_timer timer;
	void (*hung)(void *arg); /* it was stopped before; MAY start again */
	void *arg;
};

void launch_watchdog_init(struct launch_watchdog *w, struct ev_loop *loop,
			  void (*hung)(void *arg), void *arg);
/* Ask each period_s; a question not answered in this time means hung. */
void launch_watchdog_start(struct launch_watchdog *w, const char *path,
			   double period_s);
void launch_watchdog_stop(struct launch_watchdog *w); /* idempotent */

#endif
