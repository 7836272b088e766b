/* SPDX-License-Identifier: Apache-2.0 */
/* Points in a device's coordinates, and the screen that has them. Pure. */
#ifndef VINPUT_INJECT_POINT_H
#define VINPUT_INJECT_POINT_H

#include <stdbool.h>
#include "injector/inject/inject-value.h"

struct inject_point {
	double x, y;
};

/* Where points can be, from --size or the spec's axes. */
struct inject_screen {
	bool known;
	struct inject_value axis[2]; /* "x" and "y" */
};

/* "540 1200" or "50% 50%", from two words. Return: 0 or -EINVAL. */
int inject_point_read(struct inject_point *p, char *const *word,
		      const struct inject_screen *screen, struct fault *f);
/* Whether the screen has this point. Return: 0 or -EINVAL. */
int inject_point_check(struct inject_point p,
		       const struct inject_screen *screen, struct fault *f);

#endif
