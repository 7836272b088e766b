/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture of a display comes from. Whoever it is embeds this, and
 * draws when he is called; loop thread only, as all of it.
 */
#ifndef VINPUT_VIDEO_SOURCE_H
#define VINPUT_VIDEO_SOURCE_H

#include "injector/video/video-picture.h"

struct video_source {
	uint16_t width, height; /* may change; 0: there is nothing to show */
	/*
	 * Bring the picture, which has this size, up to date; it is as the last
	 * call left it, except that with `whole` nothing in it is right. It
	 * MUST NOT wait. Return: whether it has changed; nothing of it is shown
	 * before that.
	 */
	bool (*draw)(struct video_source *s, struct video_picture *p,
		     bool whole);
};

#endif
