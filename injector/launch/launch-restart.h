/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether, and how soon, what has ended is started again. Pure: the clock is
 * an argument.
 */
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
	unsigned int limit; /* so many restarts ... */
	double per_s;	    /* ... in this time */
};

#define LAUNCH_RESTART_DEFAULT \
	((struct launch_restart){ LAUNCH_RESTART_ON_FAILURE, 10, 60 })

/* What is remembered of one child. All zero: nothing yet. */
struct launch_history {
	double since;	       /* when the time of the limit began */
	unsigned int restarts; /* since then */
	unsigned int in_vain;  /* one after the other that never got ready */
	unsigned int total;
};

/* What the text of a policy must be, for errors. */
#define LAUNCH_RESTART_MUST                                        \
	"no, on-failure or always, optionally with a limit after " \
	"on-failure or always, such as :10/60"

/*
 * "no", "on-failure" or "always", then maybe ":N/SECONDS".
 * Return: 0 or -EINVAL.
 */
int launch_restart_parse(struct launch_restart *r, const char *text);

/*
 * The child has ended. failed: not with status 0; was_ready: it had come up.
 * Return: seconds to wait before it is started again, or -1: it is not.
 */
double launch_restart_next(const struct launch_restart *r,
			   struct launch_history *h, double now, bool failed,
			   bool was_ready);

#endif
