/* SPDX-License-Identifier: Apache-2.0 */
/* Whether, and how soon, a child is restarted. Pure: the time is given. */
#ifndef VINPUT_LAUNCH_RESTART_H
#define VINPUT_LAUNCH_RESTART_H

#include <stdbool.h>

enum launch_restart_mode {
	LAUNCH_RESTART_NO,
	LAUNCH_RESTART_ON_FAILURE,
	LAUNCH_RESTART_ALWAYS,
};

struct launch_restart {
	enum launch_restart_mode mode;
	unsigned int limit; /* at most this many restarts ... */
	double per_s;	    /* ... in this time */
};

#define LAUNCH_RESTART_DEFAULT \
	((struct launch_restart){ LAUNCH_RESTART_ON_FAILURE, 10, 60 })

/* Of one child. All zero: it never ended. */
struct launch_history {
	double since;	       /* when the limit's time began */
	unsigned int restarts; /* since then */
	unsigned int in_vain; /* in a row, of processes that were never ready */
	unsigned int total;
};

/* What the text of a policy must be, for errors. */
#define LAUNCH_RESTART_MUST                                        \
	"no, on-failure or always, optionally with a limit after " \
	"on-failure or always, such as :10/60"

/*
 * "no", "on-failure" or "always", the latter two optionally with ":N/SECONDS".
 * Return: 0 or -EINVAL.
 */
int launch_restart_parse(struct launch_restart *r, const char *text);

/*
 * The child has ended at clock_s() now. failed: not with status 0;
 * was_ready: it was ready.
 * Return: the delay of its restart in seconds, or -1: it is not restarted.
 */
double launch_restart_next(const struct launch_restart *r,
			   struct launch_history *h, double now, bool failed,
			   bool was_ready);

#endif
