/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a motion: evenly spaced in time, at --rate. Pure. */
#ifndef VINPUT_INJECT_MOTION_H
#define VINPUT_INJECT_MOTION_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/inject/inject-settings.h"

struct inject_motion {
	const struct inject_settings *set; /* borrowed */
	int64_t begin_ns;
	long step, steps;
	/* Of the current frame: */
	int64_t due_ns;
	double time; /* how much of the duration has passed, from 0 to 1 */
	double part; /* how much of the way is done, by --easing */
};

/* A motion of at least one frame; the frame at begin_ns is not one of them. */
void inject_motion_begin(struct inject_motion *m,
			 const struct inject_settings *set, int64_t begin_ns);
/* Go to the next frame. Return: whether there is one. */
bool inject_motion_next(struct inject_motion *m);

#endif
