/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The times that vinput-inject --measure=FILE has written, beside those at
 * which somebody saw the guest's driver being notified.
 */
#ifndef VINPUT_TESTS_INJECT_TIMES_H
#define VINPUT_TESTS_INJECT_TIMES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Of one frame, in microseconds since it was sent. */
struct inject_time {
	double notified, taken;
};

/* Times in ns of CLOCK_MONOTONIC, in order. */
struct inject_stamps {
	size_t n;
	int64_t ns[4096];
};

/* Add one, unless it is full. */
void inject_stamp(struct inject_stamps *at, int64_t ns);

/*
 * The first notification after a frame was sent, and before it was taken, is
 * its own if the next frame is sent later. A frame without one is left out.
 * Return: how many were written to time, at most max.
 */
size_t inject_times_read(FILE *in, const struct inject_stamps *at,
			 struct inject_time *time, size_t max);

#endif
