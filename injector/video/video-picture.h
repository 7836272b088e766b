/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture in I420: a plane of brightness, and two of colour with half of its
 * width and height. What is drawn outside of it is cut off. Pure.
 */
#ifndef VINPUT_VIDEO_PICTURE_H
#define VINPUT_VIDEO_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "input/base/box.h"

#define VIDEO_SIZE_MAX 4096 /* pixels, of width and height */

struct video_picture {
	uint16_t width, height;
	uint8_t *y, *u, *v; /* one allocation, without gaps: y is its begin */
};

#define VIDEO_PICTURE_NULL ((struct video_picture){ 0 })

/* BT.601, 16..235 and 16..240 around 128. */
struct video_colour {
	uint8_t y, u, v;
};

/* Return: 0; -EINVAL: no size, or more than VIDEO_SIZE_MAX; -ENOMEM. */
int video_picture_init(struct video_picture *p, uint16_t width,
		       uint16_t height);
void video_picture_fini(struct video_picture *p); /* idempotent */

static inline struct box video_picture_box(const struct video_picture *p)
{
	return (struct box){ 0, 0, p->width, p->height };
}

void video_picture_fill(struct video_picture *p, struct box box,
			struct video_colour colour);

#endif
