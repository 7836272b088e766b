/* SPDX-License-Identifier: Apache-2.0 */
/* Points in device coordinates, and the screen they must be on. Pure. */
#ifndef VINPUT_INJECT_POINT_H
#define VINPUT_INJECT_POINT_H

#include <stdbool.h>
#include "injector/inject/inject-value.h"

struct inject_point {
	double x, y;
};

/* The range of coordinates, from --size or the spec's axes. */
struct inject_screen {
	bool known;
	struct inject_value axis[2]; /* "x" and "y" */
};

/* "540 1200" or "50% 50%", from two words. Return: 0 or -EINVAL. */
int inject_point_read(struct inject_point *p, char *const *word,
		      const struct inject_screen *screen, struct fault *f);
/* Return: 0, -EINVAL: it is not on the screen. */
int inject_point_check(struct inject_point p,
		       const struct inject_screen *screen, struct fault *f);

#endif
