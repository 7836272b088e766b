/* SPDX-License-Identifier: Apache-2.0 */
/* Rectangles of pixels. */
#ifndef VINPUT_BOX_H
#define VINPUT_BOX_H

#include <stdbool.h>

struct box {
	int left, top, right, bottom; /* right, bottom: exclusive */
};

static inline int box_min(int a, int b)
{
	return a < b ? a : b;
}

static inline int box_max(int a, int b)
{
	return a > b ? a : b;
}

static inline bool box_is_empty(struct box b)
{
	return b.left >= b.right || b.top >= b.bottom;
}

/* Return: what both have; it may be empty. */
static inline struct box box_cut(struct box a, struct box b)
{
	return (struct box){ box_max(a.left, b.left), box_max(a.top, b.top),
			     box_min(a.right, b.right),
			     box_min(a.bottom, b.bottom) };
}

/* Return: the smallest box around both, of which each may be empty. */
static inline struct box box_around(struct box a, struct box b)
{
	if (box_is_empty(a))
		return b;
	if (box_is_empty(b))
		return a;
	return (struct box){ box_min(a.left, b.left), box_min(a.top, b.top),
			     box_max(a.right, b.right),
			     box_max(a.bottom, b.bottom) };
}

#endif
