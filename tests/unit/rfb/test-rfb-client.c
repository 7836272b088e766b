/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server sends, and what is seen of it: in pieces, too, and if it lies.
 * Its cursor and its tiles have tests of their own.
 */
#include "tests/lib/rfb-speech.h"

#define REQUEST	    "\3\1\0\0\0\0\0\x46\0\x42"
#define REQUEST_ALL "\3\0\0\0\0\0\0\x46\0\x42"

/* --- what it says --- */

#define FORMAT	 "\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"
#define RAW_AND	 "\0\0\0\0"
#define ZRLE_AND "\0\0\0\x10"
#define MORE_ENCODINGS                                             \
	"\0\0\0\1\xff\xff\xff\x20\xff\xff\xff\x21\xff\xff\xfe\xcc" \
	"\xff\xff\xff\x11\xff\xff\xff\x18\x57\x4d\x56\x66"

static void it_asks_and_says_nothing_else(void **state)
{
	static const char *const first[] = {
		[RFB_CLIENT_LOCAL] = RAW_AND ZRLE_AND,
		[RFB_CLIENT_REMOTE] = ZRLE_AND RAW_AND,
	};

	for (int way = RFB_CLIENT_LOCAL; way <= RFB_CLIENT_REMOTE; way++) {
		struct rfb_client c = { 0 };

		assert_ok(rfb_client_init(&c, WIDTH, HEIGHT,
					  (enum rfb_client_way)way));
		assert_num(c.n_out, 20 + 4 + 4 * 9 + 10);
		assert_memory_equal(c.out, FORMAT "\2\0\0\x09", 24);
		assert_memory_equal(c.out + 24, first[way], 8);
		assert_memory_equal(c.out + 32, MORE_ENCODINGS REQUEST_ALL,
				    28 + 10);
		rfb_client_fini(&c);
	}
}

static void it_asks_again_when_an_update_has_come(void **state)
{
	rfb_client_ask(&client);
	assert_num(client.n_out, 0);
	/* Nothing of the screen has come so far. */
	say_update(0);
	hear();
	rfb_client_ask(&client);
	ASSERT_SAYS(REQUEST_ALL);
	say_update(1);
	say_raw(0, 0, 1, 1, RED);
	hear();
	rfb_client_ask(&client);
	rfb_client_ask(&client);
	ASSERT_SAYS(REQUEST);
}

static void sizes_have_limits(void **state)
{
	static const uint16_t sizes[][2] = {
		{ 0, 1 }, { 1, 0 }, { 4097, 1 }, { 1, 4097 }
	};
	static const uint16_t good[][2] = { { 1, 4096 }, { 4096, 1 } };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct rfb_client c = { 0 };

		assert_num(rfb_client_init(&c, sizes[i][0], sizes[i][1],
					   RFB_CLIENT_LOCAL),
			   RFB_CLIENT_E_SIZE);
		assert_null(c.screen.pixels);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct rfb_client c = { 0 };

		assert_ok(rfb_client_init(&c, good[i][0], good[i][1],
					  RFB_CLIENT_LOCAL));
		rfb_client_fini(&c);
	}
}

/* --- rectangles --- */

static void raw_is_drawn_wherever_it_is_split(void **state)
{
	say_update(2);
	say_raw(3, 4, 5, 6, RED);
	say_raw(60, 60, 10, 6, GREEN);
	for (size_t piece = 1; piece < 60; piece++) {
		rfb_screen_fini(&client.screen);
		assert_ok(rfb_screen_resize(&client.screen, WIDTH, HEIGHT));
		client.screen.changed = (struct box){ 0 };
		assert_ok(hear_pieces(piece));
		assert_filled((struct box){ 3, 4, 8, 10 }, RED);
		assert_filled((struct box){ 60, 60, 70, 66 }, GREEN);
		assert_filled((struct box){ 8, 4, 60, 60 }, 0);
		assert_changed(3, 4, 70, 66);
		assert_num(client.updates, piece);
	}
}

static void raw_has_changed_when_all_of_it_has_come(void **state)
{
	client.screen.changed = (struct box){ 0 };
	say_update(1);
	say_raw(3, 4, 5, 6, RED);
	s.n -= 4;
	hear();
	assert_changed(0, 0, 0, 0);
	say_pixel(RED);
	hear();
	assert_changed(3, 4, 8, 10);
}

/* What is at x, y after 10 x 9 pixels at 20, 20 were copied to left, top. */
static int copied(int x, int y, int left, int top)
{
	const bool is = x >= left && x < left + 10 && y >= top && y < top + 9;

	return ((is ? y - top + 20 : y) * WIDTH + (is ? x - left + 20 : x)) *
	       37;
}

static void copies_may_overlap(void **state)
{
	static const int steps[][2] = {
		{ 0, 3 }, { 3, 0 }, { 2, 2 }, { -2, 1 }, { -1, -3 }, { 0, -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const int left = 20 + steps[i][0], top = 20 + steps[i][1];

		say_update(2);
		say_rect(0, 0, WIDTH, HEIGHT, RFB_RAW);
		for (int n = 0; n < WIDTH * HEIGHT; n++)
			say_pixel((uint32_t)n * 37);
		hear();
		client.screen.changed = (struct box){ 0 };
		say_rect(left, top, 10, 9, RFB_COPY_RECT);
		say16(20);
		say16(20);
		hear();
		assert_changed(left, top, left + 10, top + 9);
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				assert_num(pixel(x, y),
					   copied(x, y, left, top));
	}
}

/* From then on only changes are asked for. */
static void screen_begins_with_a_rectangle_of_any_kind(void **state)
{
	for (int kind = 0; kind < 3; kind++) {
		restart(4, 2);
		say_update(1);
		if (kind == 0) {
			say_raw(0, 0, 1, 1, RED);
		} else if (kind == 1) {
			say_rect(0, 0, 1, 1, RFB_COPY_RECT);
			say32(0);
		} else {
			say_rect(0, 0, 1, 1, RFB_ZRLE);
			SAY_TILES("\1" R);
		}
		hear();
		rfb_client_ask(&client);
		ASSERT_SAYS("\3\1\0\0\0\0\0\4\0\2");
	}
}

/* --- the rest of an update --- */

static void screen_follows_the_servers(void **state)
{
	say_update(1);
	say_rect(0, 0, 100, 50, RFB_DESKTOP_SIZE);
	hear();
	assert_num(client.screen.width, 100);
	assert_num(client.screen.height, 50);
	assert_changed(0, 0, 100, 50);
	rfb_client_ask(&client);
	ASSERT_SAYS("\3\0\0\0\0\0\0\x64\0\x32");
	say_update(1);
	say_rect(1, 0, WIDTH, HEIGHT, RFB_EXTENDED_DESKTOP_SIZE);
	SAY("\2\0\0\0"
	    "0123456789abcdef0123456789abcdef");
	say_update(0);
	hear();
	assert_num(client.updates, 3);
	assert_num(client.screen.width, WIDTH);
	rfb_client_ask(&client);
	ASSERT_SAYS(REQUEST_ALL);
	/* The same size: nothing is drawn again. */
	say_update(1);
	say_raw(0, 0, 1, 1, RED);
	hear();
	client.screen.changed = (struct box){ 0 };
	say_update(1);
	say_rect(0, 0, WIDTH, HEIGHT, RFB_DESKTOP_SIZE);
	hear();
	assert_changed(0, 0, 0, 0);
	rfb_client_ask(&client);
	ASSERT_SAYS(REQUEST);
}

static void last_rectangle_ends_an_update(void **state)
{
	say_update(0xffff);
	say_raw(0, 0, 1, 1, RED);
	say_raw(1, 0, 1, 1, GREEN);
	say_rect(0, 0, 0, 0, RFB_LAST_RECT);
	say_update(2);
	say_raw(2, 0, 1, 1, BLUE);
	say_rect(0, 0, 0, 0, RFB_LAST_RECT);
	hear();
	assert_num(client.updates, 2);
	assert_num(client.state, RFB_CLIENT_MESSAGE);
	assert_num(pixel(2, 0), BLUE);
}

static void update_without_a_number_has_no_limit(void **state)
{
	say_update(0xffff);
	hear();
	for (int i = 0; i < 1 << 16; i++) {
		say_rect(0, 0, 0, 0, RFB_RAW);
		hear();
	}
	assert_num(client.updates, 0);
	say_rect(0, 0, 0, 0, RFB_LAST_RECT);
	hear();
	assert_num(client.updates, 1);
}

static void empty_rectangles_are_none(void **state)
{
	say_update(4);
	say_rect(5, 5, 0, 9, RFB_RAW);
	say_rect(WIDTH, HEIGHT, 0, 0, RFB_COPY_RECT);
	say32(0);
	say_rect(0, 0, 9, 0, RFB_ZRLE);
	say32(0);
	say_rect(0, 0, 0, 0, RFB_RAW);
	hear();
	assert_num(client.updates, 1);
	for (int i = 0; i < 2; i++) {
		say_update(1);
		say_rect(0, 0, 9, 0, RFB_ZRLE);
		say32(0);
		hear();
		assert_num(client.updates, 2 + i);
	}
}

static void what_is_no_picture_is_skipped(void **state)
{
	SAY("\2\1\0\0\0\0\2"
	    "abcdefabcdef"
	    "\3\0\0\0\0\0\0\5hello\2");
	say_update(1);
	say_raw(0, 0, 1, 1, RED);
	for (size_t piece = 1; piece < s.n; piece++)
		assert_ok(hear_pieces(piece));
	assert_num(client.updates, (long)s.n - 1);
	assert_num(client.n_out, 0);
}

/* --- servers that lie --- */

static const struct {
	const char *says;
	size_t len;
	int want;
} wrong[] = {
#define UPDATE "\0\0\0\1"
#define WRONG(says, want)                    \
	{                                    \
		says, sizeof(says) - 1, want \
	}
	WRONG("\4", RFB_CLIENT_E_MESSAGE),
	WRONG("\xf8", RFB_CLIENT_E_MESSAGE),
	WRONG(UPDATE "\0\0\0\0\0\1\0\1\0\0\0\2", RFB_CLIENT_E_ENCODING),
	WRONG(UPDATE "\0\0\0\0\0\1\0\1\0\0\0\7", RFB_CLIENT_E_ENCODING),
	WRONG(UPDATE "\0\0\0\0\0\1\0\1\xff\xff\xfe\xff", RFB_CLIENT_E_ENCODING),
	WRONG(UPDATE "\0\0\0\0\0\x47\0\1\0\0\0\0", RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\0\0\0\x42\0\1\0\1\0\0\0\0", RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
	      RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\0\x46\0\0\0\1\0\1\0\0\0\x10", RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\0\0\0\0\0\2\0\2\0\0\0\1\0\x45\0\0", RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\0\0\0\0\0\2\0\2\0\0\0\1\0\0\0\x41", RFB_CLIENT_E_BOX),
	WRONG(UPDATE "\0\0\0\0\0\0\0\1\xff\xff\xff\x21", RFB_CLIENT_E_SIZE),
	WRONG(UPDATE "\0\0\0\0\x10\1\0\1\xff\xff\xff\x21", RFB_CLIENT_E_SIZE),
	WRONG(UPDATE "\0\0\0\0\xff\xff\xff\xff\xff\xff\xfe\xcc",
	      RFB_CLIENT_E_SIZE),
	WRONG(UPDATE "\0\0\0\0\0\1\0\1\0\0\0\x10\0\0\0\4zlib",
	      RFB_CLIENT_E_ZRLE),
	WRONG(UPDATE "\0\0\0\0\0\1\0\1\0\0\0\x10\0\0\0\0", RFB_CLIENT_E_ZRLE),
#undef WRONG
};

static void server_that_lies_is_found_out(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		for (size_t piece = 1; piece <= wrong[i].len; piece++) {
			teardown(state);
			setup(state);
			say(wrong[i].says, wrong[i].len);
			if (hear_pieces(piece) != wrong[i].want)
				fail_msg("row %zu", i);
		}
}

/* --- much work in few bytes --- */

/* Each of these pairs is half of 1024 x 1024. */
static void work_of_a_call_has_a_limit(void **state)
{
	restart(1024, 1024);
	say_update(20);
	for (int i = 0; i < 10; i++) {
		say_rect(0, 0, 1024, 511, RFB_COPY_RECT);
		say32(0);
		say_raw(0, 0, 1024, 1, RED);
	}
	assert_num(hear_calls(), 10);
	say_update(10);
	for (int i = 0; i < 10; i++)
		say_rect(0, 0, i % 2 ? 512 : 1024, i % 2 ? 1024 : 512,
			 RFB_DESKTOP_SIZE);
	assert_num(hear_calls(), 10);
	assert_num(client.updates, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_asks_and_says_nothing_else),
		T(it_asks_again_when_an_update_has_come),
		T(sizes_have_limits),
		T(raw_is_drawn_wherever_it_is_split),
		T(raw_has_changed_when_all_of_it_has_come),
		T(copies_may_overlap),
		T(screen_begins_with_a_rectangle_of_any_kind),
		T(screen_follows_the_servers),
		T(last_rectangle_ends_an_update),
		T(update_without_a_number_has_no_limit),
		T(empty_rectangles_are_none),
		T(what_is_no_picture_is_skipped),
		T(server_that_lies_is_found_out),
		T(work_of_a_call_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
