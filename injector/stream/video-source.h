/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the picture of a display comes from. Whoever it is embeds this, and
 * draws when he is called; loop thread only, as all of it.
 */
#ifndef VINPUT_VIDEO_SOURCE_H
#define VINPUT_VIDEO_SOURCE_H

#include "injector/stream/video-picture.h"

struct video_source {
	uint16_t width, height; /* as long as somebody watches */
	/*
	 * Bring the picture up to date; it is as the last call left it, except
	 * that with `whole` nothing in it is right. It MUST NOT wait.
	 * Return: whether it has changed.
	 */
	bool (*draw)(struct video_source *s, struct video_picture *p,
		     bool whole);
};

#endif
