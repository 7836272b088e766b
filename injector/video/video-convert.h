/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels of a screen to a picture of video, by libyuv. Pure. */
#ifndef VINPUT_VIDEO_CONVERT_H
#define VINPUT_VIDEO_CONVERT_H

#include <stddef.h>

#include "injector/video/video-picture.h"

/*
 * A pixel of colour is four of the screen: the box, with those that share
 * theirs. Return: within the picture.
 */
struct box video_convert_box(const struct video_picture *p, struct box box);
/*
 * box: of video_convert_box(). pixels: of its upper left corner, each blue,
 * green, red and a byte without meaning; stride: bytes from row to row.
 */
void video_convert(struct video_picture *p, struct box box,
		   const uint8_t *pixels, size_t stride);

#endif
