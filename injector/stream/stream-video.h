/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures of the displays, for the peers that watch them: a track for each
 * display that the client may use. Where there is no screen to show, it is a
 * test card. All who watch a display get the same frames. Loop thread only.
 */
#ifndef VINPUT_STREAM_VIDEO_H
#define VINPUT_STREAM_VIDEO_H

#include <sys/queue.h>

#include "injector/stream/rtc.h"
#include "injector/stream/stream-session.h"
#include "injector/stream/video-card.h"
#include "injector/stream/video-track.h"

struct stream_screen;
struct stream_video;

/* One peer's view of a display. */
struct stream_view {
	LIST_ENTRY(stream_view) link;
	struct stream_screen *screen; /* NULL: nothing is watched */
	struct rtc_peer *peer;
	unsigned int track;
	bool has_key;
};

/* One peer, as far as it watches. */
struct stream_watcher {
	struct stream_video *all; /* NULL: it does not watch */
	struct rtc_peer *peer;
	struct stream_view view[RTC_TRACKS_MAX];
	/* What its tracks show. */
	const struct stream_device *device[RTC_TRACKS_MAX];
	unsigned int n;
	LIST_ENTRY(stream_watcher) link;
};

/* The picture of a device's display, while it is watched. */
struct stream_screen {
	struct stream_video *all;
	const struct stream_device *device;
	struct video_source source;
	struct video_card card;
	double since;
	bool failed; /* it cannot be encoded */
	struct video_track track;
	LIST_HEAD(, stream_view) views;
};

struct stream_video {
	struct stream_sessions *sessions; /* whose contacts are shown */
	struct stream_counters *counters;
	struct video_worker worker;
	struct stream_screen *screen[STREAM_DEVICES_MAX]; /* owned */
	LIST_HEAD(, stream_watcher) watchers;
};

/* Starts a thread. Return: 0 or -errno: then there is no video. */
int stream_video_init(struct stream_video *v, struct stream_sessions *sessions);
/* There MUST be no watcher. v: initialized, or filled with zeros. */
void stream_video_fini(struct stream_video *v);
/* The device is about to be freed. */
void stream_video_forget(struct stream_video *v, const struct stream_device *d);

/*
 * Add tracks for all displays to a peer that is not described yet. v: MAY be
 * NULL: then there are none.
 */
void stream_watcher_init(struct stream_watcher *w, struct stream_video *v,
			 struct rtc_peer *peer,
			 const struct stream_rights *rights);
void stream_watcher_wants_key(struct stream_watcher *w, unsigned int track);
void stream_watcher_fini(struct stream_watcher *w); /* idempotent */

#endif
