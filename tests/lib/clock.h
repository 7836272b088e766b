/* SPDX-License-Identifier: Apache-2.0 */
/* How long things take, and what is allowed for that on a busy machine. */
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
