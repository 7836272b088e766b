/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source's picture as a stream of frames, while somebody watches; then
 * nothing of it is left in memory. The source draws in the loop, the worker
 * encodes: one frame at a time, and for no more than half of its time.
 *
 * Loop thread only. encoded() MAY call everything here.
 */
#ifndef VINPUT_VIDEO_TRACK_H
#define VINPUT_VIDEO_TRACK_H

#include "injector/video/video-encoder.h"
#include "injector/video/video-source.h"
#include "injector/video/video-worker.h"

#define VIDEO_TICK_S  (1 / 30.0) /* how often it looks for changes */
#define VIDEO_FRAME_S (1 / 60.0) /* between frames, at least */
/* Between frames without changes, of which the first make it sharper; later
 * they only show that it is still there, before a browser would ask. */
#define VIDEO_STILL_S 0.5
#define VIDEO_REST_S  2.0
#define VIDEO_STILLS  6
#define VIDEO_KEY_S   0.5 /* between key frames, at least */

struct video_encoding;

struct video_track {
	/* The owner's. */
	struct ev_loop *loop;
	struct video_worker *worker;
	struct video_source *source;
	void (*encoded)(struct video_track *t, const struct video_frame *f);
	void (*failed)(struct video_track *t); /* it is as if stopped */

	struct video_encoding *encoding; /* NULL: nobody watches */
	ev_timer tick;
	bool wants_key;
	bool draws;	       /* the source draws */
	bool looks;	       /* again, when the worker is done */
	double sent, sent_key; /* clock_s() of the last frames; 0: none yet */
	double not_before;
	unsigned int n_stills; /* frames with, and since, the last change */
};

/* The owner's members MUST be set, the others 0. */
void video_track_init(struct video_track *t);
/* Somebody watches, who needs a key frame. Return: 0 or -errno. */
int video_track_want_key(struct video_track *t);
/* The source has changed: look now, or as soon as may be. draw() MAY call it.
 */
void video_track_changed(struct video_track *t);
/* Nobody watches any more. Idempotent. */
void video_track_stop(struct video_track *t);

#endif
