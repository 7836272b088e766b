/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a display shows, while it is watched: the screen of its VNC server; or a
 * test card, with the contacts on its touchscreen, if it has none, or for as
 * long as that is not there. Loop thread only.
 */
#ifndef VINPUT_STREAM_SCREEN_H
#define VINPUT_STREAM_SCREEN_H

#include <sys/queue.h>

#include "injector/stream/stream-session.h"
#include "injector/video/video-card.h"
#include "injector/video/video-track.h"

/* Of a card, if the display has no touchscreen whose size is known. */
#define STREAM_SCREEN_WIDTH  640
#define STREAM_SCREEN_HEIGHT 480

struct stream_vnc;
struct stream_view;

struct stream_screen {
	LIST_ENTRY(stream_screen) link;
	struct stream_sessions *sessions;
	/* What decides on the picture; borrowed. */
	int display;			       /* its number */
	struct stream_device *device;	       /* NULL: no touchscreen */
	const struct display_address *address; /* NULL: no VNC server */

	struct stream_vnc *vnc; /* owned; NULL: no VNC server */
	bool shows_vnc;		/* and not the card */
	bool redraws;		/* something else is shown now */
	struct video_source source;
	struct video_card card;
	double since;
	bool failed;		  /* it cannot be encoded */
	struct video_track track; /* its owner's */
	LIST_HEAD(, stream_view) views;
};

/*
 * s: with sessions, display, device, address and track. Return: 0; -ENOMEM.
 */
int stream_screen_start(struct stream_screen *s);
void stream_screen_stop(struct stream_screen *s); /* idempotent */
/* The device is another one now, or none. */
void stream_screen_set_device(struct stream_screen *s,
			      struct stream_device *device);

#endif
