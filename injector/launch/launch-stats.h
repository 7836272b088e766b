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
#include "injector/fleet/launch-fleet.h"

struct launch_asked;

struct launch_stats {
	struct ev_loop *loop;	    /* NULL: not started */
	json_t *entries;	    /* owned, one for each device */
	struct launch_asked *asked; /* owned */
	size_t n_asked, n_waiting;
	ev_timer timer;
	/* All answers have come, or their time is over. MAY stop it. */
	void (*complete)(void *arg);
	void *arg;
};

/*
 * only: the one device to ask; NULL: all. If no device can be asked, it is
 * complete at once, and complete() is not called. Return: 0 or -ENOMEM.
 */
int launch_stats_start(struct launch_stats *s, const struct launch_fleet *f,
		       const struct launch_device *only);
bool launch_stats_is_complete(const struct launch_stats *s);
/* Return: the counters of a device, borrowed; NULL if it has not answered. */
const json_t *launch_stats_of(const struct launch_stats *s, const char *label);
void launch_stats_stop(struct launch_stats *s); /* idempotent; may be zero */

#endif
