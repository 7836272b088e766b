/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of all deadlines and limits. Not the loop's ev_now(), which is the
 * time of day and jumps when somebody sets it.
 */
#ifndef VINPUT_CLOCK_H
#define VINPUT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Return: nanoseconds of CLOCK_MONOTONIC. */
static inline int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Return: the same in seconds. */
static inline double clock_s(void)
{
	return (double)clock_ns() / 1e9;
}

#endif
