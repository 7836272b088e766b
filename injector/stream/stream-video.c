/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-display.h"
#include "injector/stream/stream-video.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/log.h"

/* --- a screen: what is drawn --- */

static void screen_add_dot(const struct stream_screen *s,
			   struct video_card_state *now,
			   const struct stream_held_contact *contact,
			   uint32_t client)
{
	int32_t pixel[2];

	if (now->n_dots == VIDEO_CARD_DOTS_MAX)
		return;
	stream_display_to_pixels(s->device, contact->at, pixel);
	now->dot[now->n_dots++] =
		(struct video_dot){ pixel[0], pixel[1],
				    client + (uint32_t)contact->id };
}

static void screen_add_dots(const struct stream_screen *s,
			    struct video_card_state *now)
{
	const struct stream_session *session;

	LIST_FOREACH (session, &s->all->sessions->list, link) {
		const struct stream_hold *h = &session->client.hold;

		for (unsigned int i = 0; i < h->n_contacts; i++)
			if (h->contact[i].device == s->device)
				screen_add_dot(s, now, &h->contact[i],
					       h->client);
	}
}

static bool screen_draw(struct video_source *source, struct video_picture *p,
			bool whole)
{
	struct stream_screen *s =
		container_of(source, struct stream_screen, source);
	struct video_card_state now = {
		.seconds = (unsigned int)(clock_s() - s->since),
	};

	screen_add_dots(s, &now);
	return video_card_draw(&s->card, p, &now, whole);
}

/* --- a screen: who watches --- */

static void screen_on_frame(struct video_track *t, const struct video_frame *f)
{
	struct stream_screen *s = container_of(t, struct stream_screen, track);
	const struct rtc_frame frame = { f->data, f->len, f->time };
	struct stream_view *view;

	s->all->counters->frames++;
	s->all->counters->key_frames += f->is_key;
	LIST_FOREACH (view, &s->views, link) {
		view->has_key |= f->is_key;
		if (view->has_key)
			rtc_track_send(view->peer, view->track, &frame);
	}
}

/* They keep their tracks, on which nothing comes any more. */
static void screen_on_failed(struct video_track *t)
{
	struct stream_screen *s = container_of(t, struct stream_screen, track);

	s->failed = true;
	log_line(LOG_WARNING, CULPRIT_NONE, "%s: cannot encode its picture",
		 s->device->label);
}

static struct stream_screen *screen_new(struct stream_video *v,
					const struct stream_device *d)
{
	struct stream_screen *s = calloc(1, sizeof(*s));
	struct stream_display display;

	if (!s || !stream_display_of(d, &display)) {
		free(s);
		return NULL;
	}
	s->all = v;
	s->device = d;
	s->since = clock_s();
	s->source = (struct video_source){ display.width, display.height,
					   screen_draw };
	snprintf(s->card.title, sizeof(s->card.title), "%s  %u x %u",
		 display.id, display.width, display.height);
	s->track = (struct video_track){ .loop = v->sessions->loop,
					 .worker = &v->worker,
					 .source = &s->source,
					 .encoded = screen_on_frame,
					 .failed = screen_on_failed };
	video_track_init(&s->track);
	LIST_INIT(&s->views);
	v->screen[d->number] = s;
	return s;
}

static void screen_free(struct stream_screen *s)
{
	s->all->screen[s->device->number] = NULL;
	video_track_stop(&s->track);
	free(s);
}

static void view_stop(struct stream_view *view)
{
	struct stream_screen *s = view->screen;

	if (!s)
		return;
	LIST_REMOVE(view, link);
	view->screen = NULL;
	s->all->counters->views--;
	if (LIST_EMPTY(&s->views))
		screen_free(s);
}

static struct stream_screen *view_start(struct stream_view *view,
					struct stream_video *v,
					const struct stream_device *d)
{
	struct stream_screen *s = v->screen[d->number];

	if (!s)
		s = screen_new(v, d);
	if (!s)
		return NULL;
	LIST_INSERT_HEAD(&s->views, view, link);
	view->screen = s;
	v->counters->views++;
	return s;
}

/* --- peers --- */

static void watcher_add(struct stream_watcher *w, const struct stream_device *d)
{
	struct stream_display display;
	int track;

	if (!stream_display_of(d, &display))
		return;
	track = rtc_track_add(w->peer, display.id);
	if (track < 0)
		return;
	w->view[w->n] = (struct stream_view){ .peer = w->peer,
					      .track = (unsigned int)track };
	w->device[w->n++] = d;
}

void stream_watcher_init(struct stream_watcher *w, struct stream_video *v,
			 struct rtc_peer *peer,
			 const struct stream_rights *rights)
{
	*w = (struct stream_watcher){ .all = v, .peer = peer };
	if (!v)
		return;
	LIST_INSERT_HEAD(&v->watchers, w, link);
	for (int i = 0; i < STREAM_DEVICES_MAX && w->n < RTC_TRACKS_MAX; i++) {
		const struct stream_device *d = v->sessions->devices->at[i];

		if (d && stream_rights_include(rights, d->label))
			watcher_add(w, d);
	}
}

void stream_watcher_wants_key(struct stream_watcher *w, unsigned int track)
{
	struct stream_view *view;

	if (!w->all || track >= w->n || !w->device[track])
		return;
	view = &w->view[track];
	if (!view->screen && !view_start(view, w->all, w->device[track]))
		return;
	if (!view->screen->failed && video_track_want_key(&view->screen->track))
		screen_on_failed(&view->screen->track);
}

void stream_watcher_fini(struct stream_watcher *w)
{
	if (!w->all)
		return;
	for (unsigned int i = 0; i < w->n; i++)
		view_stop(&w->view[i]);
	LIST_REMOVE(w, link);
	*w = (struct stream_watcher){ .all = NULL };
}

/* --- all --- */

int stream_video_init(struct stream_video *v, struct stream_sessions *sessions)
{
	*v = (struct stream_video){ .sessions = sessions,
				    .counters = sessions->counters };
	LIST_INIT(&v->watchers);
	return video_worker_start(&v->worker, sessions->loop);
}

void stream_video_fini(struct stream_video *v)
{
	video_worker_stop(&v->worker);
}

void stream_video_forget(struct stream_video *v, const struct stream_device *d)
{
	struct stream_watcher *w;

	LIST_FOREACH (w, &v->watchers, link)
		for (unsigned int i = 0; i < w->n; i++)
			if (w->device[i] == d) {
				view_stop(&w->view[i]);
				w->device[i] = NULL;
			}
}
