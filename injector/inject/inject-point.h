/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points as the user writes them, and as the device has them: pixels of a
 * screen
 * (--size) are mapped to the range of the device's axes if that is known to
 * differ. Pure.
 */
#ifndef VINPUT_INJECT_POINT_H
#define VINPUT_INJECT_POINT_H

#include <stdbool.h>
#include "injector/inject/inject-value.h"

struct inject_point {
	double x, y;
};

struct inject_screen {
	/* What the user's coordinates are, from --size or the spec's axes. */
	bool known;
	struct inject_value axis[2]; /* "x" and "y" */
	/* The device's axes, if they differ from that. */
	bool mapped;
	struct inject_value range[2];
};

/*
 * "540 1200" or "50% 50%", from two words. p: in the device's units.
 * Return: 0 or -EINVAL.
 */
int inject_point_read(struct inject_point *p, char *const *word,
		      const struct inject_screen *screen, struct fault *f);
/* p: in the device's units. Return: 0, -EINVAL: it is not on the screen. */
int inject_point_check(struct inject_point p,
		       const struct inject_screen *screen, struct fault *f);

#endif
