/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures of the displays, for the peers that watch them: a track for each
 * touchscreen that the client may use, and for each VNC server that it may see.
 * All who watch the same get the same frames. Loop thread only.
 */
#ifndef VINPUT_STREAM_VIDEO_H
#define VINPUT_STREAM_VIDEO_H

#include <sys/queue.h>

#include "injector/rtc/rtc.h"
#include "injector/stream/stream-screen.h"

struct stream_video;

/* One peer's view of a display, which has a track. */
struct stream_view {
	LIST_ENTRY(stream_view) link;
	struct stream_screen *screen; /* NULL: nothing is watched */
	struct rtc_peer *peer;
	unsigned int track;
	bool has_key;
	/* What it shows, as in struct stream_screen; display -1: no more. */
	int display;
	struct stream_device *device;
	const struct display_address *address;
};

/* One peer, as far as it watches. */
struct stream_watcher {
	struct stream_video *all; /* NULL: it does not watch */
	struct rtc_peer *peer;
	struct stream_view view[RTC_TRACKS_MAX];
	unsigned int n;
	LIST_ENTRY(stream_watcher) link;
};

struct stream_video {
	struct stream_sessions *sessions; /* whose contacts are shown */
	struct video_worker worker;
	LIST_HEAD(, stream_screen) screens; /* owned; each is watched */
	LIST_HEAD(, stream_watcher) watchers;
};

/* Whether the program is built with video. */
bool stream_video_exists(void);
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
