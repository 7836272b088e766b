/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-video.h and stream-screen.h: which tracks a peer gets, who shares a
 * picture, and what is in it. Peers, tracks, the VNC server and what draws are
 * the test's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-video.h"
#include "injector/stream/stream-vnc.h"
#include "input/base/log.h"
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

static int setup(void **state)
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

static int teardown(void **state)
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
static struct stream_device *add_device(const char *label, const char *events)
{
	struct spec spec = { 0 };

	if (events)
		event_text_device(events, &spec);
	return stream_device_new(&w.devices, label, events ? &spec : NULL);
}

/* The tracks of peer i are now those of the world. */
static const char *tracks(int i)
{
	stream_watcher_fini(&w.watcher[i]);
	w.peer[i].ids[0] = '\0';
	stream_watcher_init(&w.watcher[i], &w.video, &w.peer[i], &w.rights[i]);
	return w.peer[i].ids;
}

static struct stream_screen *first_screen(void)
{
	return LIST_FIRST(&w.video.screens);
}

static unsigned int n_screens(void)
{
	struct stream_screen *s;
	unsigned int n = 0;

	LIST_FOREACH (s, &w.video.screens, link)
		n++;
	return n;
}

static void send_frame(struct stream_screen *s, bool is_key)
{
	static const uint8_t data[] = "frame";
	const struct video_frame f = { data, 5, 1234, is_key };

	s->track.encoded(&s->track, &f);
}

/* --- which tracks there are --- */

static void tracks_are_those_of_displays_that_may_be_seen(void **state)
{
	static const struct {
		size_t displays;
		const char *devices, *names; /* that may be seen */
		const char *tracks;
	} rows[] = {
		{ 0, NULL, NULL, "display_0 " },
		{ 0, "keyboard,touch_1", NULL, "" },
		{ 1, NULL, NULL, "display_0 " },
		{ 2, NULL, NULL, "display_0 display_1 " },
		{ 3, NULL, NULL, "display_0 display_1 display_2 " },
		{ 3, NULL, "front", "display_0 display_2 " },
		{ 3, "touch_1", NULL, "display_1 display_0 display_2 " },
		{ 3, "keyboard", "0", "display_0 " },
		{ 3, "", "", "" },
	};

	add_device("keyboard", "KEY_A");
	add_device("touch_0", TOUCH(1079, 2399));
	add_device("touch_1", NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		w.displays.n = rows[i].displays;
		w.rights[0].devices = rows[i].devices;
		w.rights[0].displays = rows[i].names;
		assert_string_equal(tracks(0), rows[i].tracks);
	}
}

static void program_without_video_has_no_tracks(void **state)
{
	add_device("touch_0", TOUCH(1079, 2399));
	stream_watcher_init(&w.watcher[0], NULL, &w.peer[0], &w.rights[0]);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_string_equal(w.peer[0].ids, "");
	assert_num(w.wanted, 0);
	assert_true(stream_video_exists());
}

/* And one that cannot be added is left out. */
static void peer_has_a_largest_number_of_tracks(void **state)
{
	w.displays.n = 2;
	for (int i = 2; i < STREAM_DISPLAYS_MAX; i++)
		add_device("touch", TOUCH(9, 9))->display = i;
	add_device("touch", TOUCH(9, 9))->display = 16;
	tracks(0);
	assert_num(w.watcher[0].n, 16);
	assert_non_null(strstr(w.peer[0].ids, "display_16 display_0 "));
	assert_null(strstr(w.peer[0].ids, "display_7 "));
	add_device("touch", TOUCH(9, 9))->display = 17;
	tracks(0);
	assert_num(w.watcher[0].n, 16);
	assert_null(strstr(w.peer[0].ids, "display_1 "));
	stream_video_forget(&w.video, w.devices.at[0]);
	assert_num(w.watcher[0].view[0].display, -1);
}

/* --- who watches --- */

static void picture_is_shared_until_the_last_one_leaves(void **state)
{
	add_device("touch_0", TOUCH(1079, 2399));
	add_device("touch_1", TOUCH(639, 479));
	for (int i = 0; i < 2; i++)
		tracks(i);
	stream_watcher_wants_key(&w.watcher[0], 0);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(n_screens(), 1);
	assert_num(w.counters.views, 1);
	stream_watcher_wants_key(&w.watcher[1], 0);
	assert_num(n_screens(), 1);
	assert_num(w.counters.views, 2);
	stream_watcher_wants_key(&w.watcher[1], 1);
	assert_num(n_screens(), 2);
	assert_num(w.counters.views, 3);
	assert_num(w.wanted, 4);
	/* There is no such track. */
	stream_watcher_wants_key(&w.watcher[1], 2);
	assert_num(w.wanted, 4);
	stream_watcher_fini(&w.watcher[1]);
	assert_num(n_screens(), 1);
	assert_num(w.counters.views, 1);
	assert_num(w.stopped, 1);
	stream_watcher_fini(&w.watcher[0]);
	assert_num(n_screens(), 0);
	assert_num(w.stopped, 2);
}

/* Each from its first key frame on, at its own track. */
static void frames_go_to_all_who_watch(void **state)
{
	add_device("touch_0", TOUCH(1079, 2399));
	w.peer[1].next = 3;
	for (int i = 0; i < 2; i++)
		tracks(i);
	stream_watcher_wants_key(&w.watcher[0], 0);
	send_frame(first_screen(), false);
	assert_num(w.peer[0].frames[0], 0);
	send_frame(first_screen(), true);
	stream_watcher_wants_key(&w.watcher[1], 0);
	send_frame(first_screen(), false);
	assert_num(w.peer[0].frames[0], 2);
	assert_num(w.peer[1].frames[3], 0);
	send_frame(first_screen(), true);
	send_frame(first_screen(), false);
	assert_num(w.peer[0].frames[0], 4);
	assert_num(w.peer[1].frames[3], 2);
	assert_num(w.counters.frames, 5);
	assert_num(w.counters.key_frames, 2);
	assert_num(w.frame.len, 5);
	assert_memory_equal(w.frame.data, "frame", 5);
	assert_num(w.frame.time, 1234);
}

static void picture_that_cannot_be_encoded_is_not_tried_again(void **state)
{
	add_device("touch_0", TOUCH(1079, 2399));
	tracks(0);
	log_set_level(LOG_OFF);
	w.want_result = -EINVAL;
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_true(first_screen()->failed);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(w.wanted, 1);
	stream_watcher_fini(&w.watcher[0]);
	/* Or later. */
	w.want_result = 0;
	tracks(0);
	stream_watcher_wants_key(&w.watcher[0], 0);
	first_screen()->track.failed(&first_screen()->track);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(w.wanted, 2);
}

static void short_memory_shows_nothing(void **state)
{
	w.displays.n = 1;
	tracks(0);
	for (int i = 0; i < 2; i++) {
		short_after = i;
		stream_watcher_wants_key(&w.watcher[0], 0);
		short_after = -1;
		assert_num(n_screens(), 0);
		assert_num(w.counters.views, 0);
		assert_num(w.wanted, 0);
	}
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(w.wanted, 1);
}

/* --- devices that go --- */

static void picture_of_a_card_ends_with_its_device(void **state)
{
	struct stream_device *one, *other;

	one = add_device("touch_0", TOUCH(1079, 2399));
	other = add_device("touch_1", TOUCH(1079, 2399));
	tracks(0);
	stream_watcher_wants_key(&w.watcher[0], 0);
	stream_watcher_wants_key(&w.watcher[0], 1);
	stream_video_forget(&w.video, one);
	assert_num(n_screens(), 1);
	assert_ptr_equal(first_screen()->device, other);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(n_screens(), 1);
	stream_watcher_wants_key(&w.watcher[0], 1);
	assert_num(w.wanted, 3);
	/* Nor is one that was not watched yet. */
	tracks(1);
	stream_video_forget(&w.video, other);
	stream_watcher_wants_key(&w.watcher[1], 1);
	assert_num(w.wanted, 3);
}

static void picture_of_a_server_remains_without_its_device(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(1079, 2399));

	w.displays.n = 1;
	tracks(0);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_ptr_equal(first_screen()->device, d);
	stream_video_forget(&w.video, d);
	assert_null(first_screen()->device);
	assert_null(w.watcher[0].view[0].device);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_num(w.wanted, 2);
	assert_num(w.counters.views, 1);
	send_frame(first_screen(), true);
	assert_num(w.peer[0].frames[0], 1);
}

/* Who may not see the device came first. */
static void picture_gets_its_device_from_who_may_see_it(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(1079, 2399));

	w.displays.n = 1;
	w.rights[0].devices = "";
	for (int i = 0; i < 2; i++)
		tracks(i);
	stream_watcher_wants_key(&w.watcher[0], 0);
	assert_null(first_screen()->device);
	stream_watcher_wants_key(&w.watcher[1], 0);
	assert_num(n_screens(), 1);
	assert_ptr_equal(first_screen()->device, d);
	stream_watcher_fini(&w.watcher[1]);
	assert_ptr_equal(first_screen()->device, d);
}

/* Whose picture is the card for some, and the server's for others. */
static void card_and_server_are_two_pictures(void **state)
{
	add_device("touch_0", TOUCH(1079, 2399));
	w.displays.n = 1;
	w.rights[0].displays = "";
	for (int i = 0; i < 2; i++) {
		tracks(i);
		stream_watcher_wants_key(&w.watcher[i], 0);
	}
	assert_num(n_screens(), 2);
	assert_non_null(first_screen()->address);
	assert_null(LIST_NEXT(first_screen(), link)->address);
}

/* --- the card --- */

static bool draw(struct stream_screen *s, bool whole)
{
	struct video_picture p = { .width = s->source.width,
				   .height = s->source.height };

	return s->source.draw(&s->source, &p, whole);
}

static struct stream_screen *watch(int i)
{
	tracks(i);
	stream_watcher_wants_key(&w.watcher[i], 0);
	return first_screen();
}

static void card_is_as_large_as_its_touchscreen(void **state)
{
	const struct stream_screen *s;

	add_device("touch_3", TOUCH(299, 199));
	s = watch(0);
	assert_num(s->source.width, 300);
	assert_num(s->source.height, 200);
	assert_string_equal(s->card.title, "display_3  300 x 200");
	assert_string_equal(s->card.note, "");
}

static void card_is_drawn_anew_once(void **state)
{
	struct stream_screen *s;

	add_device("touch_0", TOUCH(299, 199));
	s = watch(0);
	assert_false(draw(s, false));
	assert_true(w.whole);
	w.draws = true;
	assert_true(draw(s, false));
	assert_true(w.whole);
	assert_true(draw(s, false));
	assert_false(w.whole);
	assert_true(draw(s, true));
	assert_true(w.whole);
	/* Not for others who come. */
	assert_ptr_equal(watch(1), s);
	assert_true(draw(s, false));
	assert_false(w.whole);
	assert_num(w.cards, 5);
	assert_true(w.card.seconds < 3600);
}

static void touch(int session, struct stream_device *d, int id, int x, int y)
{
	struct stream_hold *h = &w.session[session].client.hold;

	h->contact[h->n_contacts++] =
		(struct stream_held_contact){ d, id, { x, y } };
}

static void card_shows_the_contacts_of_its_touchscreen(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(299, 199));
	struct stream_device *other = add_device("touch_1", TOUCH(299, 199));
	struct stream_screen *s = watch(0);

	touch(1, d, 3, 10, 20);
	touch(1, other, 4, 11, 21);
	touch(1, d, 5, 12, 22);
	touch(0, d, 6, 13, 23);
	touch(0, d, 7, 14, 24);
	w.session[0].client.hold.n_contacts--; /* that one is lifted */
	draw(s, false);
	assert_num(w.card.n_dots, 3);
	assert_num(w.card.dot[0].x, 10);
	assert_num(w.card.dot[0].y, 20);
	assert_num(w.card.dot[0].number, 203);
	assert_num(w.card.dot[1].number, 205);
	assert_num(w.card.dot[2].number, 106);
	for (int i = 0; i < 20; i++) {
		touch(0, d, i, 0, 0);
		touch(1, d, i, 0, 0);
	}
	draw(s, false);
	assert_num(w.card.n_dots, VIDEO_CARD_DOTS_MAX);
}

/* --- the VNC server's screen --- */

static void server_says(enum display_screen_state state, uint16_t width,
			uint16_t height)
{
	w.screen->state = state;
	w.screen->client.screen.width = width;
	w.screen->client.screen.height = height;
	w.screen->ops->changed(w.screen);
}

static void server_gives_the_picture_its_size(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(299, 199));
	struct stream_screen *s;

	w.displays.n = 1;
	s = watch(0);
	assert_ptr_equal(w.screen->address, &w.displays.at[0]);
	server_says(DISPLAY_SCREEN_AWAITED, 100, 50);
	assert_num(s->source.width, 0);
	assert_num(w.changed, 0);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	assert_num(s->source.width, 100);
	assert_num(s->source.height, 50);
	assert_num(d->picture_width, 100);
	assert_num(d->picture_height, 50);
	assert_num(w.changed, 1);
	server_says(DISPLAY_SCREEN_RESIZED, 10, 5);
	assert_num(s->source.width, 100);
	assert_num(w.changed, 1);
	stream_watcher_fini(&w.watcher[0]);
	assert_num(d->picture_width, 0);
	assert_num(d->picture_height, 0);
	assert_num(w.closed, 1);
}

static void server_is_drawn_while_it_shows_this_size(void **state)
{
	struct stream_screen *s;
	struct video_picture other = { .width = 99, .height = 50 };

	w.displays.n = 1;
	w.draws = true;
	s = watch(0);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	assert_true(draw(s, false));
	assert_true(w.whole);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	assert_true(draw(s, false));
	assert_false(w.whole);
	assert_num(w.vncs, 2);
	assert_num(w.asked, 2);
	assert_false(s->source.draw(&s->source, &other, false));
	other = (struct video_picture){ .width = 100, .height = 49 };
	assert_false(s->source.draw(&s->source, &other, false));
	server_says(DISPLAY_SCREEN_RESIZED, 100, 50);
	assert_false(draw(s, false));
	assert_num(w.vncs, 2);
	assert_num(w.cards, 0);
}

static void card_says_why_there_is_no_server(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(299, 199));
	struct stream_screen *s;

	w.displays.n = 1;
	w.draws = true;
	s = watch(0);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	draw(s, false);
	strcpy(w.screen->why, "it is gone");
	server_says(DISPLAY_SCREEN_ABSENT, 100, 50);
	assert_num(w.changed, 2);
	assert_num(d->picture_width, 0);
	assert_num(s->source.width, 300);
	assert_string_equal(s->card.note, "it is gone");
	assert_true(draw(s, false));
	assert_true(w.whole);
	assert_num(w.cards, 1);
	/* The reason remains with another size. */
	stream_video_forget(&w.video, d);
	assert_string_equal(s->card.title, "display_0  640 x 480");
	assert_string_equal(s->card.note, "it is gone");
	assert_num(s->source.width, 640);
	assert_num(s->source.height, 480);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	assert_true(draw(s, false));
	assert_true(w.whole);
	assert_num(w.vncs, 2);
}

static void card_has_the_number_of_its_display(void **state)
{
	w.displays.n = 2;
	tracks(0);
	stream_watcher_wants_key(&w.watcher[0], 1);
	server_says(DISPLAY_SCREEN_ABSENT, 0, 0);
	assert_string_equal(first_screen()->card.title, "display_1  640 x 480");
}

/* Before the server has shown anything, there is nothing to be redrawn. */
static void device_that_comes_later_changes_the_picture(void **state)
{
	struct stream_device *d = add_device("touch_0", TOUCH(299, 199));
	struct stream_screen *s;

	w.displays.n = 1;
	w.rights[0].devices = "";
	s = watch(0);
	stream_screen_set_device(s, d);
	assert_num(s->source.width, 0);
	stream_screen_set_device(s, NULL);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	stream_screen_set_device(s, d);
	assert_num(d->picture_width, 100);
	server_says(DISPLAY_SCREEN_ABSENT, 100, 50);
	assert_num(s->source.width, 300);
	stream_screen_set_device(s, NULL);
	assert_num(s->source.width, 640);
}

static void pointer_is_where_it_was_put_last(void **state)
{
	static const double at[] = { 0, 5, 7, 7, 6 }; /* when */
	struct stream_screen *s;

	for (int i = 0; i < 5; i++) {
		struct stream_device *d =
			add_device("tablet", "BTN_LEFT, ABS_X 0..9");

		d->pointer_at = at[i];
		d->pointer[0] = i;
		d->pointer[1] = 10 + i;
	}
	w.displays.n = 1;
	s = watch(0);
	server_says(DISPLAY_SCREEN_SHOWN, 100, 50);
	draw(s, false);
	assert_num((int)w.pointed[0], 2);
	assert_num((int)w.pointed[1], 12);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tracks_are_those_of_displays_that_may_be_seen),
		T(program_without_video_has_no_tracks),
		T(peer_has_a_largest_number_of_tracks),
		T(picture_is_shared_until_the_last_one_leaves),
		T(frames_go_to_all_who_watch),
		T(picture_that_cannot_be_encoded_is_not_tried_again),
		T(short_memory_shows_nothing),
		T(picture_of_a_card_ends_with_its_device),
		T(picture_of_a_server_remains_without_its_device),
		T(picture_gets_its_device_from_who_may_see_it),
		T(card_and_server_are_two_pictures),
		T(card_is_as_large_as_its_touchscreen),
		T(card_is_drawn_anew_once),
		T(card_shows_the_contacts_of_its_touchscreen),
		T(server_gives_the_picture_its_size),
		T(server_is_drawn_while_it_shows_this_size),
		T(card_says_why_there_is_no_server),
		T(card_has_the_number_of_its_display),
		T(device_that_comes_later_changes_the_picture),
		T(pointer_is_where_it_was_put_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
