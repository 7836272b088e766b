/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "injector/stream/stream-video.h"
#include "input/base/container.h"
#include "input/base/log.h"

/* --- a screen: who watches --- */

static void screen_on_frame(struct video_track *t, const struct video_frame *f)
{
	struct stream_screen *s = container_of(t, struct stream_screen, track);
	const struct rtc_frame frame = { f->data, f->len, f->time };
	struct stream_counters *counters = s->sessions->counters;
	struct stream_view *view;

	counters->frames++;
	counters->key_frames += f->is_key;
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
	log_line(LOG_WARNING, CULPRIT_NONE,
		 "display_%d: cannot encode its picture", s->display);
}

static void screen_free(struct stream_screen *s)
{
	LIST_REMOVE(s, link);
	video_track_stop(&s->track);
	stream_screen_stop(s);
	free(s);
}

/* Return: that of the view; NULL: nobody watches it yet. */
static struct stream_screen *screen_find(struct stream_video *v,
					 const struct stream_view *view)
{
	struct stream_screen *s;

	LIST_FOREACH (s, &v->screens, link)
		if (s->display == view->display && s->address == view->address)
			return s;
	return NULL;
}

static struct stream_screen *screen_new(struct stream_video *v,
					const struct stream_view *view)
{
	struct stream_screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sessions = v->sessions;
	s->display = view->display;
	s->address = view->address;
	s->track = (struct video_track){ .loop = v->sessions->loop,
					 .worker = &v->worker,
					 .source = &s->source,
					 .encoded = screen_on_frame,
					 .failed = screen_on_failed };
	video_track_init(&s->track);
	LIST_INSERT_HEAD(&v->screens, s, link);
	if (!stream_screen_start(s))
		return s;
	screen_free(s);
	return NULL;
}

/* --- a view --- */

static void view_stop(struct stream_view *view)
{
	struct stream_screen *s = view->screen;

	if (!s)
		return;
	LIST_REMOVE(view, link);
	view->screen = NULL;
	s->sessions->counters->views--;
	if (LIST_EMPTY(&s->views))
		screen_free(s);
}

static struct stream_screen *view_start(struct stream_view *view,
					struct stream_video *v)
{
	struct stream_screen *s = screen_find(v, view);

	if (!s)
		s = screen_new(v, view);
	if (!s)
		return NULL;
	if (!s->device && view->device)
		stream_screen_set_device(s, view->device);
	LIST_INSERT_HEAD(&s->views, view, link);
	view->screen = s;
	v->sessions->counters->views++;
	return s;
}

/* A picture of a VNC server remains without its touchscreen. */
static void view_forget(struct stream_view *view)
{
	view->device = NULL;
	if (view->address)
		return;
	view_stop(view);
	view->display = -1;
}

/* --- peers --- */

static void watcher_add(struct stream_watcher *w, int display,
			struct stream_device *device,
			const struct display_address *address)
{
	char id[24];
	int track;

	if (w->n == RTC_TRACKS_MAX)
		return;
	snprintf(id, sizeof(id), "display_%d", display);
	track = rtc_track_add(w->peer, id);
	if (track >= 0)
		w->view[w->n++] =
			(struct stream_view){ .peer = w->peer,
					      .track = (unsigned int)track,
					      .display = display,
					      .device = device,
					      .address = address };
}

/* Return: where its picture comes from, if the client may see it; or NULL. */
static const struct display_address *watcher_address(
	const struct stream_watcher *w, const struct stream_rights *rights,
	int display)
{
	const struct displays *all = w->all->sessions->displays;

	if (display < 0 || (size_t)display >= all->n ||
	    !stream_rights_show(rights, all->at[display].name))
		return NULL;
	return &all->at[display];
}

static void watcher_add_device(struct stream_watcher *w,
			       struct stream_device *d,
			       const struct stream_rights *rights)
{
	const struct display_address *address =
		watcher_address(w, rights, d->display);
	struct stream_size size;

	if (d->display >= 0 && (address || stream_device_size(d, &size)))
		watcher_add(w, d->display, d, address);
}

static bool watcher_has(const struct stream_watcher *w, int display)
{
	for (unsigned int i = 0; i < w->n; i++)
		if (w->view[i].display == display)
			return true;
	return false;
}

/* Touchscreens first, then the pictures that have none. */
void stream_watcher_init(struct stream_watcher *w, struct stream_video *v,
			 struct rtc_peer *peer,
			 const struct stream_rights *rights)
{
	*w = (struct stream_watcher){ .all = v, .peer = peer };
	if (!v)
		return;
	LIST_INSERT_HEAD(&v->watchers, w, link);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		struct stream_device *d = v->sessions->devices->at[i];

		if (d && stream_rights_include(rights, d->label))
			watcher_add_device(w, d, rights);
	}
	for (int i = 0; i < DISPLAYS_MAX; i++)
		if (watcher_address(w, rights, i) && !watcher_has(w, i))
			watcher_add(w, i, NULL, watcher_address(w, rights, i));
}

void stream_watcher_wants_key(struct stream_watcher *w, unsigned int track)
{
	struct stream_view *view;

	if (!w->all || track >= w->n || w->view[track].display < 0)
		return;
	view = &w->view[track];
	if (!view->screen && !view_start(view, w->all))
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

bool stream_video_exists(void)
{
	return true;
}

int stream_video_init(struct stream_video *v, struct stream_sessions *sessions)
{
	*v = (struct stream_video){ .sessions = sessions };
	LIST_INIT(&v->screens);
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
	struct stream_screen *s;

	LIST_FOREACH (w, &v->watchers, link)
		for (unsigned int i = 0; i < w->n; i++)
			if (w->view[i].device == d)
				view_forget(&w->view[i]);
	LIST_FOREACH (s, &v->screens, link)
		if (s->device == d)
			stream_screen_set_device(s, NULL);
}
