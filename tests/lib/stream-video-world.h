/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-video.h and stream-screen.h without video: peers, tracks, the VNC
 * server and what draws are the test's. It takes the place of functions of
 * other modules and of libc, so it is not in the library: one file of a test
 * includes it.
 */
#ifndef VINPUT_TESTS_STREAM_VIDEO_WORLD_H
#define VINPUT_TESTS_STREAM_VIDEO_WORLD_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-video.h"
#include "injector/stream/stream-vnc.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

#define TOUCH(x, y)                                   \
	"ABS_MT_SLOT 0..9, ABS_MT_TRACKING_ID 0..9, " \
	"ABS_MT_POSITION_X 0.." #x ", ABS_MT_POSITION_Y 0.." #y

struct rtc_peer {
	char ids[1024];
	int next; /* track */
	unsigned int frames[RTC_TRACKS_MAX + 4];
};

static struct world {
	struct stream_devices devices;
	struct displays displays;
	struct stream_counters counters;
	struct stream_sessions sessions;
	struct stream_session session[2];
	struct stream_video video;
	struct rtc_peer peer[2];
	struct stream_watcher watcher[2];
	struct stream_rights rights[2];

	/* What was asked of tracks. */
	int want_result;
	unsigned int wanted, stopped, changed;
	struct rtc_frame frame;
	/* What was asked of the VNC server. */
	struct display_screen *screen;
	unsigned int asked, closed;
	double pointed[2];
	/* What was drawn. */
	bool draws, whole;
	unsigned int vncs, cards;
	struct video_card_state card;
} w;

static int short_after = -1; /* allocations; -1: never */

/* In place of libc's. */
void *calloc(size_t nmemb, size_t size)
{
	void *new = short_after-- ? malloc(nmemb * size) : NULL;

	/* Of memset() the compiler would make a calloc(). */
	if (new)
		explicit_bzero(new, nmemb * size);
	return new;
}

/* --- in place of rtc.h, video-track.h and video-worker.h --- */

int rtc_track_add(struct rtc_peer *peer, const char *id)
{
	if (!strcmp(id, "display_7"))
		return -EINVAL;
	snprintf(peer->ids + strlen(peer->ids),
		 sizeof(peer->ids) - strlen(peer->ids), "%s ", id);
	return peer->next++;
}

int rtc_track_send(struct rtc_peer *peer, unsigned int track,
		   const struct rtc_frame *f)
{
	assert_true(track < ARRAY_LEN(peer->frames));
	peer->frames[track]++;
	w.frame = *f;
	return 0;
}

void video_track_init(struct video_track *t)
{
	assert_ptr_equal(t->worker, &w.video.worker);
	assert_ptr_equal(t->loop, w.sessions.loop);
	t->not_before = 5;
}

int video_track_want_key(struct video_track *t)
{
	assert_true(t->not_before == 5); /* it is initialized */
	w.wanted++;
	return w.want_result;
}

void video_track_changed(struct video_track *t)
{
	w.changed++;
}

void video_track_stop(struct video_track *t)
{
	w.stopped++;
}

int video_worker_start(struct video_worker *worker, struct ev_loop *loop)
{
	worker->loop = loop;
	return loop == w.sessions.loop ? 0 : -EAGAIN;
}

void video_worker_stop(struct video_worker *worker)
{
	worker->loop = NULL;
}

/* --- in place of display-screen.h, stream-vnc.h and video-card.h --- */

void display_screen_open(struct display_screen *s, struct ev_loop *loop,
			 const struct display_address *address,
			 const struct display_screen_ops *ops)
{
	*s = (struct display_screen){ .loop = loop,
				      .address = address,
				      .ops = ops };
	w.screen = s;
}

void display_screen_close(struct display_screen *s)
{
	w.closed++;
}

void display_screen_ask(struct display_screen *s)
{
	w.asked++;
}

void stream_vnc_point(struct stream_vnc *v, const double at[2])
{
	w.pointed[0] = at[0];
	w.pointed[1] = at[1];
}

bool stream_vnc_draw(struct stream_vnc *v, struct video_picture *p, bool whole)
{
	w.vncs++;
	w.whole = whole;
	return w.draws;
}

bool video_card_draw(struct video_card *card, struct video_picture *p,
		     const struct video_card_state *now, bool whole)
{
	w.cards++;
	w.card = *now;
	w.whole = whole;
	return w.draws;
}

/* --- the world --- */

static inline int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.sessions.loop = (struct ev_loop *)&w; /* never used */
	w.sessions.devices = &w.devices;
	w.sessions.counters = &w.counters;
	w.sessions.displays = &w.displays;
	LIST_INIT(&w.sessions.list);
	for (int i = 0; i < 2; i++) {
		w.session[i].client.hold.client = 100 * (uint32_t)(i + 1);
		LIST_INSERT_HEAD(&w.sessions.list, &w.session[i], link);
	}
	for (int i = 0; i < 3; i++)
		strcpy(w.displays.at[i].name, i < 2 ? i ? "1" : "0" : "front");
	fill_with_garbage(&w.video);
	assert_ok(stream_video_init(&w.video, &w.sessions));
	return 0;
}

static inline int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		stream_watcher_fini(&w.watcher[i]);
		stream_watcher_fini(&w.watcher[i]);
	}
	assert_true(LIST_EMPTY(&w.video.screens));
	assert_true(LIST_EMPTY(&w.video.watchers));
	assert_num(w.counters.views, 0);
	stream_video_fini(&w.video);
	assert_null(w.video.worker.loop);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i])
			stream_device_free(&w.devices, w.devices.at[i]);
	return 0;
}

/* events: NULL: its spec is not known. */
static inline struct stream_device *add_device(const char *label,
					       const char *events)
{
	struct spec spec = { 0 };

	if (events)
		event_text_device(events, &spec);
	return stream_device_new(&w.devices, label, events ? &spec : NULL);
}

/* The tracks of peer i are now those of the world. */
static inline const char *tracks(int i)
{
	stream_watcher_fini(&w.watcher[i]);
	w.peer[i].ids[0] = '\0';
	stream_watcher_init(&w.watcher[i], &w.video, &w.peer[i], &w.rights[i]);
	return w.peer[i].ids;
}

static inline struct stream_screen *first_screen(void)
{
	return LIST_FIRST(&w.video.screens);
}

static inline unsigned int n_screens(void)
{
	struct stream_screen *s;
	unsigned int n = 0;

	LIST_FOREACH (s, &w.video.screens, link)
		n++;
	return n;
}

static inline void send_frame(struct stream_screen *s, bool is_key)
{
	static const uint8_t data[] = "frame";
	const struct video_frame f = { data, 5, 1234, is_key };

	s->track.encoded(&s->track, &f);
}

#endif
