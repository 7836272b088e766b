/* SPDX-License-Identifier: Apache-2.0 */
/* stream-screen.h: what is in a picture. */
#include <string.h>

#include "tests/lib/stream-video-world.h"

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
