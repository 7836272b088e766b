/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks devices for their counters, all at once, and collects the answers in one
 * JSON array. A device that does not answer in time has null for them. Loop
 * thread only.
 */
#ifndef VINPUT_LAUNCH_STATS_H
#define VINPUT_LAUNCH_STATS_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include "injector/launch/launch-fleet.h"

struct launch_asked;

struct launch_stats {
	struct ev_loop *loop;	    /* NULL: not started */
	json_t *entries;	    /* owned, one for each device */
	struct launch_asked *asked; /* owned */
	size_t n_asked, n_waiting;
	ev_timer timer;
	/* No answer is awaited any more; MAY stop it. */
	void (*complete)(void *arg);
	void *arg;
};

/*
 * Ask only one device, or all if only is NULL. complete() is not called if
 * nothing is awaited at the return. Return: 0 or -ENOMEM.
 */
int launch_stats_start(struct launch_stats *s, const struct launch_fleet *f,
		       const struct launch_device *only);
bool launch_stats_is_complete(const struct launch_stats *s);
void launch_stats_stop(struct launch_stats *s); /* idempotent; may be zero */

#endif
