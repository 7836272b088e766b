/* SPDX-License-Identifier: Apache-2.0 */
/* stream-video.h: which tracks a peer gets, and who shares a picture. */
#include <errno.h>
#include <string.h>

#include "input/base/log.h"
#include "tests/lib/stream-video-world.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
