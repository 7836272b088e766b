/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of all deadlines and limits. Not the loop's ev_now(), which is the
 * time of day and jumps when somebody sets it.
 */
#ifndef VINPUT_LAUNCH_CLOCK_H
#define VINPUT_LAUNCH_CLOCK_H

#include <time.h>

/* Return: seconds of CLOCK_MONOTONIC. */
static inline double launch_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#endif
