/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/video/video-picture.h"

static size_t picture_half(size_t n)
{
	return (n + 1) / 2;
}

int video_picture_init(struct video_picture *p, uint16_t width, uint16_t height)
{
	const size_t all = (size_t)width * height;
	const size_t part = picture_half(width) * picture_half(height);

	*p = VIDEO_PICTURE_NULL;
	if (!width || !height || width > VIDEO_SIZE_MAX ||
	    height > VIDEO_SIZE_MAX)
		return -EINVAL;
	p->y = calloc(1, all + 2 * part);
	if (!p->y)
		return -ENOMEM;
	p->u = p->y + all;
	p->v = p->u + part;
	p->width = width;
	p->height = height;
	return 0;
}

void video_picture_fini(struct video_picture *p)
{
	free(p->y);
	*p = VIDEO_PICTURE_NULL;
}

static void picture_fill_plane(uint8_t *plane, size_t stride, struct box box,
			       uint8_t value)
{
	for (int row = box.top; row < box.bottom; row++)
		memset(plane + (size_t)row * stride + box.left, value,
		       (size_t)(box.right - box.left));
}

/* A pixel of colour is that of the box which covers its upper left quarter. */
void video_picture_fill(struct video_picture *p, struct box box,
			struct video_colour colour)
{
	const size_t stride = picture_half(p->width);
	struct box half;

	box = box_cut(box, video_picture_box(p));
	if (box_is_empty(box))
		return;
	half = (struct box){ (box.left + 1) / 2, (box.top + 1) / 2,
			     (box.right + 1) / 2, (box.bottom + 1) / 2 };
	picture_fill_plane(p->y, p->width, box, colour.y);
	if (box_is_empty(half))
		return;
	picture_fill_plane(p->u, stride, half, colour.u);
	picture_fill_plane(p->v, stride, half, colour.v);
}
