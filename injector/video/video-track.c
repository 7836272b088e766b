/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the worker uses is one allocation, which outlives its track if that is
 * stopped while a frame is encoded: then whoever takes the frame frees it.
 */
#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>

#include "injector/video/video-track.h"
#include "input/base/clock.h"
#include "input/base/container.h"

struct video_encoding {
	struct video_job job;
	struct video_track *track; /* NULL: it was stopped */
	struct video_picture picture;
	struct video_encoder encoder;
	bool drawn; /* the source knows what is in the picture */
	bool busy;  /* the worker's */

	/* For the worker, and from it. */
	struct video_frame frame;
	int result;
	double took;
};

static void encoding_free(struct video_encoding *e)
{
	if (!e)
		return;
	video_encoder_fini(&e->encoder);
	video_picture_fini(&e->picture);
	free(e);
	/* Some MB, of a thread that may not allocate again. */
	malloc_trim(0);
}

/* In the worker, also to open the encoder, which takes as long as a frame. */
static void encoding_run(struct video_job *job)
{
	struct video_encoding *e =
		container_of(job, struct video_encoding, job);
	const double begin = clock_s();

	e->result = 0;
	if (!e->encoder.codec)
		e->result = video_encoder_init(&e->encoder, e->picture.width,
					       e->picture.height);
	if (!e->result)
		e->result = video_encoder_encode(&e->encoder, &e->picture,
						 &e->frame);
	e->took = clock_s() - begin;
}

/* When a frame may be encoded again. */
static void track_look_later(struct video_track *t)
{
	t->looks = false;
	ev_timer_stop(t->loop, &t->tick);
	ev_timer_set(&t->tick, fmax(t->not_before - clock_s(), 0),
		     VIDEO_TICK_S);
	ev_timer_start(t->loop, &t->tick);
}

static void track_fail(struct video_track *t)
{
	video_track_stop(t);
	t->failed(t);
}

static void encoding_done(struct video_job *job)
{
	struct video_encoding *e =
		container_of(job, struct video_encoding, job);
	struct video_track *t = e->track;

	e->busy = false;
	if (!t) {
		encoding_free(e);
		return;
	}
	t->not_before = fmax(clock_s() + e->took, t->sent + VIDEO_FRAME_S);
	if (e->result) {
		track_fail(t);
		return;
	}
	if (t->looks)
		track_look_later(t);
	t->encoded(t, &e->frame);
}

static bool track_key_is_due(const struct video_track *t, double now)
{
	return t->wants_key &&
	       (!t->sent_key || now >= t->sent_key + VIDEO_KEY_S);
}

static void track_encode(struct video_track *t, bool is_key, double now)
{
	struct video_encoding *e = t->encoding;

	e->frame = (struct video_frame){
		.time = (uint32_t)(uint64_t)(now * 90000),
		.is_key = is_key,
	};
	e->busy = true;
	t->sent = now;
	t->n_stills++;
	if (is_key) {
		t->sent_key = now;
		t->wants_key = false;
	}
	video_worker_do(t->worker, &e->job);
}

/* The source's size is another one. Return: 0 or -errno. */
static int track_resize(struct video_track *t)
{
	struct video_encoding *e = t->encoding;

	video_encoder_fini(&e->encoder);
	video_picture_fini(&e->picture);
	e->drawn = false;
	return video_picture_init(&e->picture, t->source->width,
				  t->source->height);
}

/* Return: 0, also while the source has no size; or -errno. */
static int track_fit(struct video_track *t)
{
	const struct video_picture *p = &t->encoding->picture;

	if (!t->source->width ||
	    (p->width == t->source->width && p->height == t->source->height))
		return 0;
	return track_resize(t);
}

static bool track_still_is_due(const struct video_track *t, double now)
{
	return now >= t->sent + (t->n_stills < VIDEO_STILLS ? VIDEO_STILL_S
							    : VIDEO_REST_S);
}

static void track_look(struct video_track *t)
{
	struct video_encoding *e = t->encoding;
	const double now = clock_s();
	bool changed, is_key;

	if (e->busy)
		return;
	/* The timer counts from the loop's time, which is a little behind. */
	if (now < t->not_before) {
		track_look_later(t);
		return;
	}
	if (!t->source->width)
		return;
	if (track_fit(t)) {
		track_fail(t);
		return;
	}
	t->draws = true;
	changed = t->source->draw(t->source, &e->picture, !e->drawn);
	t->draws = false;
	e->drawn |= changed;
	if (!e->drawn)
		return;
	is_key = track_key_is_due(t, now);
	if (changed)
		t->n_stills = 0;
	if (changed || is_key || track_still_is_due(t, now))
		track_encode(t, is_key, now);
}

static void track_on_tick(struct ev_loop *loop, ev_timer *tick, int events)
{
	track_look(container_of(tick, struct video_track, tick));
}

void video_track_changed(struct video_track *t)
{
	if (!t->encoding)
		return;
	if (t->encoding->busy || t->draws)
		t->looks = true;
	else
		track_look(t);
}

void video_track_init(struct video_track *t)
{
	ev_timer_init(&t->tick, track_on_tick, 0, VIDEO_TICK_S);
}

static int track_start(struct video_track *t)
{
	struct video_encoding *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	t->encoding = e;
	r = track_fit(t);
	if (r) {
		video_track_stop(t);
		return r;
	}
	e->job.run = encoding_run;
	e->job.done = encoding_done;
	e->track = t;
	t->looks = false;
	t->sent = t->sent_key = t->not_before = 0;
	ev_timer_set(&t->tick, 0, VIDEO_TICK_S);
	ev_timer_start(t->loop, &t->tick);
	return 0;
}

int video_track_want_key(struct video_track *t)
{
	t->wants_key = true;
	return t->encoding ? 0 : track_start(t);
}

void video_track_stop(struct video_track *t)
{
	struct video_encoding *e = t->encoding;

	if (!e)
		return;
	ev_timer_stop(t->loop, &t->tick);
	t->encoding = NULL;
	if (e->busy)
		e->track = NULL;
	else
		encoding_free(e);
}
