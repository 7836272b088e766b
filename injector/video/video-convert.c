/* SPDX-License-Identifier: Apache-2.0 */
#include <libyuv/convert.h>

#include "injector/video/video-convert.h"

struct box video_convert_box(const struct video_picture *p, struct box box)
{
	const struct box even = { box.left & ~1, box.top & ~1,
				  (box.right + 1) & ~1, (box.bottom + 1) & ~1 };

	return box_cut(even, video_picture_box(p));
}

/* libyuv's ARGB is that of a little-endian number. */
void video_convert(struct video_picture *p, struct box box,
		   const uint8_t *pixels, size_t stride)
{
	const int half = (p->width + 1) / 2;
	const size_t part =
		(size_t)(box.top / 2) * (size_t)half + (size_t)(box.left / 2);

	if (!box_is_empty(box))
		ARGBToI420(pixels, (int)stride,
			   p->y + (size_t)box.top * p->width + box.left,
			   p->width, p->u + part, half, p->v + part, half,
			   box.right - box.left, box.bottom - box.top);
}
