/* SPDX-License-Identifier: Apache-2.0 */
/* Monotonic time, for deadlines and for how long something took. */
#ifndef VINPUT_TESTS_CLOCK_H
#define VINPUT_TESTS_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline double clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

#endif
