/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VNC server's screen as the picture of a display: what has changed is
 * converted, and the guest's cursor drawn on top, where the server sends it
 * apart. Loop thread only.
 */
#ifndef VINPUT_STREAM_VNC_H
#define VINPUT_STREAM_VNC_H

#include "injector/display/display-screen.h"
#include "injector/video/video-picture.h"

struct stream_screen;

struct stream_vnc {
	struct stream_screen *owner;
	struct display_screen screen;
	struct box cursor; /* as it was drawn */
	bool pointed;	   /* by stream_vnc_point(), the last time at */
	int x, y;
	/* What is below the cursor, and the cursor; with even sides. */
	uint8_t under[(RFB_CURSOR_MAX + 2) * (RFB_CURSOR_MAX + 2) * RFB_PIXEL];
};

/*
 * Where a client of ours has put the guest's pointer, by fractions of the
 * picture. A server that says where it is, is believed: always, if it did so
 * first, or else until the client moves it again.
 */
void stream_vnc_point(struct stream_vnc *v, const double at[2]);
/*
 * p: of the screen's size, which MUST be shown. whole: nothing in it is right.
 * Return: whether it has changed.
 */
bool stream_vnc_draw(struct stream_vnc *v, struct video_picture *p, bool whole);

#endif
