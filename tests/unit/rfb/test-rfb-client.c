/* SPDX-License-Identifier: Apache-2.0 */
/* What a server sends, and what is seen of it: in pieces, too, and if it lies.
 */
#include <stdlib.h>
#include <string.h>

#include "injector/rfb/rfb-client.h"
#include "injector/rfb/rfb-wire.h"
#include "tests/lib/check.h"

#define WIDTH  70
#define HEIGHT 66

#define RED   0xff0000
#define GREEN 0x00ff00
#define BLUE  0x0000ff

#define REQUEST	    "\3\1\0\0\0\0\0\x46\0\x42"
#define REQUEST_ALL "\3\0\0\0\0\0\0\x46\0\x42"

/* What a server says. */
static struct speech {
	uint8_t bytes[1 << 16];
	size_t n;
	z_stream zlib;
} s;

static struct rfb_client client;

static int setup(void **state)
{
	memset(&s, 0, sizeof(s));
	assert_num(deflateInit(&s.zlib, 6), Z_OK);
	memset(&client, 0, sizeof(client));
	assert_ok(rfb_client_init(&client, WIDTH, HEIGHT, RFB_CLIENT_REMOTE));
	client.n_out = 0;
	return 0;
}

static int teardown(void **state)
{
	deflateEnd(&s.zlib);
	rfb_client_fini(&client);
	return 0;
}

/* --- what is said --- */

static void say(const void *bytes, size_t len)
{
	assert_true(s.n + len <= sizeof(s.bytes));
	memcpy(s.bytes + s.n, bytes, len);
	s.n += len;
}

#define SAY(literal) say(literal, sizeof(literal) - 1)

static void say16(unsigned int value)
{
	uint8_t bytes[2];

	rfb_put16(bytes, (uint16_t)value);
	say(bytes, 2);
}

static void say32(uint32_t value)
{
	uint8_t bytes[4];

	rfb_put32(bytes, value);
	say(bytes, 4);
}

static void say_update(unsigned int n)
{
	SAY("\0\0");
	say16(n);
}

static void say_rect(int x, int y, int width, int height, int32_t encoding)
{
	say16((unsigned int)x);
	say16((unsigned int)y);
	say16((unsigned int)width);
	say16((unsigned int)height);
	say32((uint32_t)encoding);
}

static void say_pixel(uint32_t colour)
{
	const uint8_t bytes[] = { (uint8_t)colour, (uint8_t)(colour >> 8),
				  (uint8_t)(colour >> 16), 0xee };

	say(bytes, 4);
}

static void say_raw(int x, int y, int width, int height, uint32_t colour)
{
	say_rect(x, y, width, height, RFB_RAW);
	for (int i = 0; i < width * height; i++)
		say_pixel(colour);
}

/* Tiles, deflated. */
static void say_tiles(const void *tiles, size_t len)
{
	static uint8_t out[1 << 15];

	s.zlib.next_in = (const uint8_t *)tiles;
	s.zlib.avail_in = (unsigned int)len;
	s.zlib.next_out = out;
	s.zlib.avail_out = sizeof(out);
	assert_num(deflate(&s.zlib, Z_SYNC_FLUSH), Z_OK);
	say32((uint32_t)(sizeof(out) - s.zlib.avail_out));
	say(out, sizeof(out) - s.zlib.avail_out);
}

#define SAY_TILES(literal) say_tiles(literal, sizeof(literal) - 1)

/* --- what is heard --- */

static uint32_t pixel(int x, int y)
{
	const uint8_t *at = rfb_screen_at(&client.screen, x, y);

	return (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void assert_filled(struct box box, uint32_t colour)
{
	for (int y = box.top; y < box.bottom; y++)
		for (int x = box.left; x < box.right; x++)
			if (pixel(x, y) != colour)
				fail_msg("%d, %d is %06x, not %06x", x, y,
					 pixel(x, y), colour);
}

/* In pieces of this length. Return: the verdict. */
static int hear_pieces(size_t piece)
{
	size_t at = 0;
	int r = 0;

	while (!r && at < s.n) {
		const size_t n = piece < s.n - at ? piece : s.n - at;
		size_t used;

		r = rfb_client_take(&client, s.bytes + at, n, &used);
		assert_true(used <= n);
		at += used;
	}
	while (!r && !rfb_client_is_hungry(&client)) {
		size_t used;

		r = rfb_client_take(&client, s.bytes, 0, &used);
		assert_num(used, 0);
	}
	return r;
}

static void hear(void)
{
	assert_ok(hear_pieces(sizeof(s.bytes)));
	s.n = 0;
}

static void assert_says(const char *bytes, size_t len)
{
	assert_num(client.n_out, (long)len);
	assert_memory_equal(client.out, bytes, len);
	client.n_out = 0;
}

#define ASSERT_SAYS(literal) assert_says(literal, sizeof(literal) - 1)

static void assert_changed(int left, int top, int right, int bottom)
{
	const struct box is = client.screen.changed;

	if (is.left != left || is.top != top || is.right != right ||
	    is.bottom != bottom)
		fail_msg("changed: %d,%d to %d,%d", is.left, is.top, is.right,
			 is.bottom);
	client.screen.changed = (struct box){ 0 };
}

/* --- what it says --- */

static void it_asks_and_says_nothing_else(void **state)
{
	struct rfb_client c = { 0 };

	assert_ok(rfb_client_init(&c, WIDTH, HEIGHT, RFB_CLIENT_REMOTE));
	assert_num(c.n_out, 20 + 4 + 4 * 9 + 10);
	assert_memory_equal(c.out,
			    "\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0"
			    "\0\0\0"
			    "\2\0\0\x09\0\0\0\x10\0\0\0\0\0\0\0\1",
			    36);
	assert_memory_equal(c.out + 60, REQUEST_ALL, 10);
	rfb_client_fini(&c);
	assert_ok(rfb_client_init(&c, WIDTH, HEIGHT, RFB_CLIENT_LOCAL));
	rfb_client_fini(&c);
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

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct rfb_client c = { 0 };

		assert_num(rfb_client_init(&c, sizes[i][0], sizes[i][1],
					   RFB_CLIENT_LOCAL),
			   RFB_CLIENT_E_SIZE);
		assert_null(c.screen.pixels);
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

static void copies_may_overlap(void **state)
{
	static const int steps[][2] = {
		{ 0, 3 }, { 3, 0 }, { 2, 2 }, { -2, 1 }, { -1, -3 }, { 0, -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const int dx = steps[i][0], dy = steps[i][1];

		say_update(2);
		say_rect(0, 0, WIDTH, HEIGHT, RFB_RAW);
		for (int n = 0; n < WIDTH * HEIGHT; n++)
			say_pixel((uint32_t)n * 37);
		say_rect(20 + dx, 20 + dy, 10, 9, RFB_COPY_RECT);
		say16(20);
		say16(20);
		hear();
		for (int y = 20; y < 29; y++)
			for (int x = 20; x < 30; x++)
				assert_num(pixel(x + dx, y + dy),
					   (y * WIDTH + x) * 37);
	}
}

/* Each kind of tile, in rectangles of 4 x 2. */
static const struct tile_row {
	const char *bytes;
	size_t len;
	const char *picture; /* r, g, b */
} tiles[] = {
#define R "\0\0\xff"
#define G "\0\xff\0"
#define B "\xff\0\0"
#define TILE(bytes, picture)                      \
	{                                         \
		bytes, sizeof(bytes) - 1, picture \
	}
	TILE("\0" R G B R G B R G, "rgbrgbrg"),
	TILE("\1" G, "gggggggg"),
	TILE("\2" R G "\x50\xa0", "rgrggrgr"),
	TILE("\3" R G B "\x18\x90", "rgbrbgrr"),
	TILE("\5" R G B R G "\x01\x23\x40\x12", "rgbrgrgb"),
	TILE("\x80" R "\2" G "\4", "rrrggggg"),
	TILE("\x80" B "\7", "bbbbbbbb"),
	TILE("\x82" R G "\x80\2\1\x81\3", "rrrggggg"),
	TILE("\x83" R G B "\2\x82\1\0\1\x80\1\1", "bbbrgrrg"),
#undef TILE
};

static uint32_t colour_of(char letter)
{
	return letter == 'r' ? RED : letter == 'g' ? GREEN : BLUE;
}

static void say_row(const struct tile_row *row)
{
	say_rect(1, 1, 4, 2, RFB_ZRLE);
	say_tiles(row->bytes, row->len);
}

static void tiles_of_each_kind_are_drawn(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
		say_update(1);
		say_row(&tiles[i]);
		hear();
		for (int n = 0; n < 8; n++)
			if (pixel(1 + n % 4, 1 + n / 4) !=
			    colour_of(tiles[i].picture[n]))
				fail_msg("row %zu, pixel %d is %06x", i, n,
					 pixel(1 + n % 4, 1 + n / 4));
		assert_changed(i ? 1 : 0, i ? 1 : 0, i ? 5 : WIDTH,
			       i ? 3 : HEIGHT);
	}
}

/* A client is as a new one for each length, and so is zlib's stream. */
static void tiles_may_be_split_anywhere(void **state)
{
	for (size_t piece = 1; piece < 40; piece++) {
		teardown(state);
		setup(state);
		say_update(ARRAY_LEN(tiles) + 1);
		for (size_t i = 0; i < ARRAY_LEN(tiles); i++)
			say_row(&tiles[i]);
		/* Of 64, 6, 64 and 6 columns. */
		say_rect(0, 0, WIDTH, HEIGHT, RFB_ZRLE);
		SAY_TILES("\1" R "\1" G "\1" B "\1" R);
		/* Its last byte inflates to nothing. */
		assert_ok(hear_pieces(piece));
		assert_num(client.updates, 1);
		assert_filled((struct box){ 0, 0, 64, 64 }, RED);
		assert_filled((struct box){ 64, 0, WIDTH, 64 }, GREEN);
		assert_filled((struct box){ 0, 64, 64, HEIGHT }, BLUE);
		assert_filled((struct box){ 64, 64, WIDTH, HEIGHT }, RED);
	}
}

static void tile_may_be_long(void **state)
{
	static uint8_t tile[RFB_ZRLE_TILE];
	const size_t last = sizeof(tile) - 4;

	tile[0] = 0x80;
	for (size_t at = 1; at <= last; at += 4) {
		tile[at] = (uint8_t)(at * 7);
		tile[at + 1] = (uint8_t)(at * 3);
		tile[at + 2] = (uint8_t)(at >> 5);
	}
	say_update(1);
	say_rect(0, 0, 64, 64, RFB_ZRLE);
	say_tiles(tile, sizeof(tile));
	assert_ok(hear_pieces(100));
	assert_num(client.updates, 1);
	assert_num(pixel(63, 63),
		   tile[last + 2] << 16 | tile[last + 1] << 8 | tile[last]);
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

/* --- the cursor --- */

static void cursor_is_drawn_where_it_is(void **state)
{
	uint8_t under[6 * 4 * RFB_PIXEL] = { 0 };
	const struct box box = { 8, 9, 14, 13 };

	say_update(2);
	say_rect(1, 0, 9, 2, RFB_CURSOR);
	for (int i = 0; i < 18; i++)
		say_pixel(RED + (uint32_t)i);
	SAY("\x40\x80\x80\0");
	say_rect(10, 10, 0, 0, RFB_POINTER_POSITION);
	assert_ok(hear_pieces(7));
	assert_num(rfb_cursor_box(&client.cursor).left, 9);
	assert_num(rfb_cursor_box(&client.cursor).right, 18);
	rfb_cursor_draw(&client.cursor, box, under, 6 * RFB_PIXEL);
	for (int i = 0; i < 24; i++) {
		/* The pixels 1 and 8 of row 0, of which 8 is outside; 0 of 1.
		 */
		const bool at = i == 6 + 2 || i == 12 + 1;

		assert_num(under[i * RFB_PIXEL + 2], at ? 0xff : 0);
	}
	s.n = 0;
	say_update(2);
	say_rect(20, 30, 0, 0, RFB_CURSOR_POSITION);
	say_rect(0, 0, 0, 0, RFB_CURSOR);
	hear();
	assert_true(box_is_empty(rfb_cursor_box(&client.cursor)));
}

static void cursor_that_is_too_large_is_left_out(void **state)
{
	static const uint8_t shape[257 * 1 * 5];

	say_update(2);
	say_rect(0, 0, 1, 257, RFB_CURSOR);
	say(shape, sizeof(shape));
	say_rect(10, 10, 0, 0, RFB_POINTER_POSITION);
	hear();
	assert_num(client.updates, 1);
	assert_null(client.cursor.shape);
	assert_true(box_is_empty(rfb_cursor_box(&client.cursor)));
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

static void tiles_that_lie_are_found_out(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
#define ROW(bytes) { bytes, sizeof(bytes) - 1 }
		ROW("\x11" R R R R R R R R R R R R R R R R R),
		ROW("\x7f" R),
		ROW("\x81" R),
		ROW("\3" R G B "\xff\xff"),
		ROW("\x82" R G "\x82\7"),
		ROW("\x82" R G "\2\0\0\0\0\0\0\0"),
		ROW("\x80" R "\x08"),
		ROW("\x80" R "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		    "\xff\xff\xff\xff\xff\xff\xff\xff"),
		ROW("\x80" R "\6"),
		ROW("\0" R),
		ROW("\1"),
#undef ROW
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		teardown(state);
		setup(state);
		say_update(1);
		say_rect(0, 0, 4, 2, RFB_ZRLE);
		say_tiles(rows[i].bytes, rows[i].len);
		if (hear_pieces(sizeof(s.bytes)) != RFB_CLIENT_E_ZRLE)
			fail_msg("row %zu", i);
	}
}

/* A few bytes mean much work: not all of it is done at once. */
static void work_of_a_call_has_a_limit(void **state)
{
	size_t at = 0, calls = 0;

	teardown(state);
	setup(state);
	rfb_client_fini(&client);
	memset(&client, 0, sizeof(client));
	assert_ok(rfb_client_init(&client, 1024, 1024, RFB_CLIENT_LOCAL));
	say_update(11);
	for (int i = 0; i < 10; i++) {
		say_rect(0, 0, 1024, 1024, RFB_COPY_RECT);
		say32(0);
	}
	say_rect(0, 0, 1024, 1024, RFB_ZRLE);
	{
		static uint8_t solid[256 * 4];

		for (size_t i = 0; i < sizeof(solid); i += 4)
			solid[i] = 1;
		say_tiles(solid, sizeof(solid));
	}
	while (at < s.n || !rfb_client_is_hungry(&client)) {
		size_t used;

		assert_ok(rfb_client_take(&client, s.bytes + at, s.n - at,
					  &used));
		assert_true(client.drawn <= RFB_CLIENT_STEP + 1024 * 1024);
		at += used;
		calls++;
	}
	assert_true(calls >= 11);
	assert_num(client.updates, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_asks_and_says_nothing_else),
		T(it_asks_again_when_an_update_has_come),
		T(sizes_have_limits),
		T(raw_is_drawn_wherever_it_is_split),
		T(copies_may_overlap),
		T(tiles_of_each_kind_are_drawn),
		T(tiles_may_be_split_anywhere),
		T(tile_may_be_long),
		T(screen_follows_the_servers),
		T(last_rectangle_ends_an_update),
		T(empty_rectangles_are_none),
		T(what_is_no_picture_is_skipped),
		T(cursor_is_drawn_where_it_is),
		T(cursor_that_is_too_large_is_left_out),
		T(server_that_lies_is_found_out),
		T(tiles_that_lie_are_found_out),
		T(work_of_a_call_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
