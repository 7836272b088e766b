/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A test card, in place of a screen: what the display is called and how large
 * it is, why there is no other picture, a grid with its coordinates, how long
 * it has been watched, and a dot where each contact is. Pure.
 */
#ifndef VINPUT_VIDEO_CARD_H
#define VINPUT_VIDEO_CARD_H

#include "injector/video/video-source.h"

#define VIDEO_CARD_DOTS_MAX 32

struct video_dot {
	int32_t x, y;	 /* of the middle, in pixels */
	uint32_t number; /* decides on the colour */
};

/* What of it changes. */
struct video_card_state {
	unsigned int seconds;
	unsigned int n_dots;
	struct video_dot dot[VIDEO_CARD_DOTS_MAX];
};

struct video_card {
	char title[80]; /* set by the owner */
	char note[128]; /* the same: why it is shown; "": nothing to say */
	struct video_card_state shown;
};

/*
 * Bring the picture from card->shown to now, or draw all of it.
 * Return: whether it has changed.
 */
bool video_card_draw(struct video_card *card, struct video_picture *p,
		     const struct video_card_state *now, bool whole);

#endif
