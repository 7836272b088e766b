/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letters of 5 by 7 dots, drawn as boxes of any size. Those of the alphabet are
 * all capitals; what there is no glyph for is a box. Pure.
 */
#ifndef VINPUT_VIDEO_FONT_H
#define VINPUT_VIDEO_FONT_H

#include "injector/video/video-picture.h"

#define VIDEO_FONT_WIDTH  6 /* dots, with the gap to the next letter */
#define VIDEO_FONT_HEIGHT 7

/* Where it is written, and how. */
struct video_text {
	struct box clip;
	int left, top;
	int dot; /* pixels of one, in width and height */
	struct video_colour colour;
};

void video_font_write(struct video_picture *p, const struct video_text *where,
		      const char *text);
/* Return: the width in pixels. */
int video_font_width(const char *text, int dot);

#endif
