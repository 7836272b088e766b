/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "injector/stream/stream-display.h"
#include "injector/stream/stream-screen.h"
#include "injector/stream/stream-vnc.h"
#include "input/base/clock.h"
#include "input/base/container.h"

/* --- the card --- */

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

	if (!s->device)
		return;
	LIST_FOREACH (session, &s->sessions->list, link) {
		const struct stream_hold *h = &session->client.hold;

		for (unsigned int i = 0; i < h->n_contacts; i++)
			if (h->contact[i].device == s->device)
				screen_add_dot(s, now, &h->contact[i],
					       h->client);
	}
}

static bool screen_draw_card(struct stream_screen *s, struct video_picture *p,
			     bool whole)
{
	struct video_card_state now = {
		.seconds = (unsigned int)(clock_s() - s->since),
	};

	screen_add_dots(s, &now);
	return video_card_draw(&s->card, p, &now, whole);
}

/*
 * The size is the device's, and so that of all who watch it: a card for those
 * who may not see the server's screen leaves it to that.
 */
static void screen_forget_size(struct stream_screen *s)
{
	if (s->device && s->address)
		stream_device_set_picture(s->device, 0, 0);
}

/*
 * why: there is no picture, which MAY be what the card says; NULL: there is no
 * server to have one.
 */
static void screen_show_card(struct stream_screen *s, const char *why)
{
	struct stream_display display = { .width = STREAM_SCREEN_WIDTH,
					  .height = STREAM_SCREEN_HEIGHT };

	screen_forget_size(s);
	if (s->device)
		stream_display_of(s->device, &display);
	snprintf(s->card.title, sizeof(s->card.title), "display_%d  %u x %u",
		 s->display, display.width, display.height);
	if (why != s->card.note)
		snprintf(s->card.note, sizeof(s->card.note), "%s",
			 why ? why : "");
	s->source.width = display.width;
	s->source.height = display.height;
	s->shows_vnc = false;
	s->redraws = true;
}

/* --- the VNC server's screen --- */

/* The pointer is where it was put last. */
static void screen_point(struct stream_screen *s)
{
	const struct stream_device *last = NULL;

	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		const struct stream_device *d = s->sessions->devices->at[i];

		if (d && d->pointer_at &&
		    (!last || d->pointer_at > last->pointer_at))
			last = d;
	}
	if (last)
		stream_vnc_point(s->vnc, last->pointer);
}

static bool screen_draw_vnc(struct stream_screen *s, struct video_picture *p,
			    bool whole)
{
	const struct rfb_screen *screen = &s->vnc->screen.client.screen;
	bool changed;

	/* What was shown remains, also until an update with another size is
	 * whole. */
	if (s->vnc->screen.state != DISPLAY_SCREEN_SHOWN ||
	    p->width != screen->width || p->height != screen->height)
		return false;
	screen_point(s);
	changed = stream_vnc_draw(s->vnc, p, whole);
	display_screen_ask(&s->vnc->screen);
	return changed;
}

static void screen_show_vnc(struct stream_screen *s)
{
	const struct rfb_screen *screen = &s->vnc->screen.client.screen;

	if (s->device)
		stream_device_set_picture(s->device, screen->width,
					  screen->height);
	s->source.width = screen->width;
	s->source.height = screen->height;
	s->redraws |= !s->shows_vnc;
	s->shows_vnc = true;
}

static void screen_on_changed(struct display_screen *screen)
{
	struct stream_vnc *vnc =
		container_of(screen, struct stream_vnc, screen);
	struct stream_screen *s = vnc->owner;

	switch (screen->state) {
	case DISPLAY_SCREEN_AWAITED:
	case DISPLAY_SCREEN_RESIZED:
		return;
	case DISPLAY_SCREEN_SHOWN:
		screen_show_vnc(s);
		break;
	case DISPLAY_SCREEN_ABSENT:
		screen_show_card(s, screen->why);
		break;
	}
	video_track_changed(&s->track);
}

static const struct display_screen_ops screen_ops = {
	.changed = screen_on_changed,
};

/* --- both --- */

static bool screen_draw(struct video_source *source, struct video_picture *p,
			bool whole)
{
	struct stream_screen *s =
		container_of(source, struct stream_screen, source);

	bool changed;

	whole |= s->redraws;
	changed = s->shows_vnc ? screen_draw_vnc(s, p, whole)
			       : screen_draw_card(s, p, whole);
	s->redraws &= !changed;
	return changed;
}

int stream_screen_start(struct stream_screen *s)
{
	s->since = clock_s();
	s->source.draw = screen_draw;
	if (!s->address) {
		screen_show_card(s, NULL);
		return 0;
	}
	s->vnc = calloc(1, sizeof(*s->vnc));
	if (!s->vnc)
		return -ENOMEM;
	s->vnc->owner = s;
	display_screen_open(&s->vnc->screen, s->sessions->loop, s->address,
			    &screen_ops);
	return 0;
}

void stream_screen_stop(struct stream_screen *s)
{
	screen_forget_size(s);
	if (s->vnc)
		display_screen_close(&s->vnc->screen);
	free(s->vnc);
	s->vnc = NULL;
}

void stream_screen_set_device(struct stream_screen *s,
			      struct stream_device *device)
{
	s->device = device;
	if (s->shows_vnc)
		screen_show_vnc(s);
	else if (s->source.width)
		screen_show_card(s, s->card.note);
}
