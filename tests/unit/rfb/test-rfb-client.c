/* SPDX-License-Identifier: Apache-2.0 */
/* What a server sends, and what is seen of it: in pieces, too, and if it lies.
 */
#include <errno.h>
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
	rfb_client_fini(&client);
	assert_null(client.screen.pixels);
	assert_null(client.cursor.shape);
	assert_null(client.zrle.stream.state);
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

	net_put16(bytes, (uint16_t)value);
	say(bytes, 2);
}

static void say32(uint32_t value)
{
	uint8_t bytes[4];

	net_put32(bytes, value);
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

static void assert_box(struct box is, int left, int top, int right, int bottom)
{
	if (is.left != left || is.top != top || is.right != right ||
	    is.bottom != bottom)
		fail_msg("%d,%d to %d,%d", is.left, is.top, is.right,
			 is.bottom);
}

static void assert_changed(int left, int top, int right, int bottom)
{
	assert_box(client.screen.changed, left, top, right, bottom);
	client.screen.changed = (struct box){ 0 };
}

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
	TILE("\4" R G B G "\x1b\xe4", "rgbggbgr"),
	TILE("\5" R G B R G "\x01\x23\x40\x12", "rgbrgrgb"),
	TILE("\x10" R R R R R R R R R R R R R R G B "\xe0\x1f\xdc\xba",
	     "grrbrrrr"),
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

/* A client whose screen has this size, and has seen nothing. */
static void restart(uint16_t width, uint16_t height)
{
	teardown(NULL);
	setup(NULL);
	rfb_client_fini(&client);
	memset(&client, 0, sizeof(client));
	assert_ok(rfb_client_init(&client, width, height, RFB_CLIENT_LOCAL));
	client.n_out = 0;
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

/* The longest ones, of which only two can wait, after a short one. */
static void tiles_may_be_long(void **state)
{
	static uint8_t bytes[4 + 3 * RFB_ZRLE_TILE] = { 1, 9, 9, 9 };

	for (int tile = 0; tile < 3; tile++) {
		uint8_t *at = bytes + 4 + tile * RFB_ZRLE_TILE;

		*at++ = 0x80;
		for (int i = 0; i < 64 * 64; i++, at += 4) {
			at[0] = (uint8_t)(i * 7 + tile);
			at[1] = (uint8_t)(i * 3);
			at[2] = (uint8_t)(i >> 5);
		}
	}
	restart(64, 256);
	for (size_t piece = 100; piece < 100000; piece *= 10) {
		s.n = 0;
		say_update(1);
		say_rect(0, 0, 64, 256, RFB_ZRLE);
		say_tiles(bytes, sizeof(bytes));
		assert_ok(hear_pieces(piece));
		for (int i = 0; i < 3 * 64 * 64; i++) {
			const uint8_t *at = bytes + 4 + i / 4096 + 1 + i * 4;

			assert_num(pixel(i % 64, 64 + i / 64),
				   at[2] << 16 | at[1] << 8 | at[0]);
		}
		assert_num(pixel(63, 63), 0x090909);
	}
	assert_num(client.updates, 3);
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

/* --- the cursor --- */

static void cursor_is_drawn_where_it_is(void **state)
{
	uint8_t under[6 * 4 * RFB_PIXEL] = { 0 };
	const struct box box = { 8, 9, 14, 13 };

	say_update(2);
	say_rect(1, 2, 9, 2, RFB_CURSOR);
	for (int i = 0; i < 18; i++)
		say_pixel(RED + (uint32_t)i);
	SAY("\x40\x80\x80\0");
	say_rect(10, 12, 0, 0, RFB_POINTER_POSITION);
	assert_ok(hear_pieces(7));
	assert_box(rfb_cursor_box(&client.cursor), 9, 10, 18, 12);
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

/* In rows of 11 pixels, of which a third is seen. */
static bool cursor_shows(int x, int y)
{
	return (x * 5 + y * 7) % 3 == 0;
}

/* A complete one of 11 x 5 pixels. */
static void give_cursor(struct rfb_cursor *c)
{
	uint8_t *mask;

	assert_ok(rfb_cursor_begin(c, 11, 5));
	c->n = rfb_cursor_len(11, 5);
	assert_num(c->n, 11 * 5 * 4 + 5 * 2);
	memset(c->shape, 0, c->n);
	mask = c->shape + 11 * 5 * 4;
	for (int y = 0; y < 5; y++)
		for (int x = 0; x < 11; x++) {
			c->shape[(y * 11 + x) * 4] = (uint8_t)(1 + y * 11 + x);
			if (cursor_shows(x, y))
				mask[y * 2 + x / 8] |= (uint8_t)(128 >> x % 8);
		}
}

#define BOX    ((struct box){ 20, 30, 40, 42 })
#define STRIDE 25 /* pixels from one of the box's rows to the next */

static void check_cursor_at(struct rfb_cursor *c, int x, int y)
{
	uint8_t pixels[STRIDE * 13 * RFB_PIXEL] = { 0 };

	c->x = x + c->hot_x;
	c->y = y + c->hot_y;
	rfb_cursor_draw(c, BOX, pixels, STRIDE * RFB_PIXEL);
	for (int i = 0; i < STRIDE * 13; i++) {
		const int column = 20 + i % STRIDE - x,
			  row = 30 + i / STRIDE - y;
		const bool is = i % STRIDE < 20 && i / STRIDE < 12 &&
				column >= 0 && column < 11 && row >= 0 &&
				row < 5 && cursor_shows(column, row);

		assert_num(pixels[i * RFB_PIXEL],
			   is ? 1 + row * 11 + column : 0);
	}
}

static void cursor_is_cut_at_each_side(void **state)
{
	static const int at[][2] = { { 25, 33 }, { 15, 33 }, { 35, 33 },
				     { 25, 28 }, { 25, 40 }, { 14, 27 },
				     { 50, 50 } };
	struct rfb_cursor c = { .placed = true, .hot_x = 3, .hot_y = 2 };

	give_cursor(&c);
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		check_cursor_at(&c, at[i][0], at[i][1]);
	rfb_cursor_fini(&c);
	rfb_cursor_fini(&c);
}

static void cursor_has_a_shape_a_place_and_a_limit(void **state)
{
	static const struct {
		uint16_t width, height;
		int want;
		bool exists;
	} rows[] = {
		{ 256, 256, 0, true },	    { 257, 1, -EINVAL, false },
		{ 1, 257, -EINVAL, false }, { 0, 5, 0, false },
		{ 5, 0, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rfb_cursor c = { .placed = true };

		give_cursor(&c);
		assert_box(rfb_cursor_box(&c), 0, 0, 11, 5);
		c.placed = false;
		assert_true(box_is_empty(rfb_cursor_box(&c)));
		c.placed = true;
		c.changed = false;
		assert_rc(rfb_cursor_begin(&c, rows[i].width, rows[i].height),
			  rows[i].want);
		assert_true(c.changed);
		assert_num(c.n, 0);
		assert_true(box_is_empty(rfb_cursor_box(&c)));
		assert_num(c.shape != NULL, rows[i].exists);
		assert_num(c.width, rows[i].exists ? rows[i].width : 0);
		assert_num(c.height, rows[i].exists ? rows[i].height : 0);
		rfb_cursor_fini(&c);
	}
}

/* Whoever has drawn it has to do so again. */
static void cursor_changes_with_each_part_of_it(void **state)
{
	say_update(2);
	say_rect(0, 0, 1, 1, RFB_CURSOR);
	hear();
	assert_true(client.cursor.changed);
	client.cursor.changed = false;
	say_pixel(RED);
	SAY("\x80");
	hear();
	assert_true(client.cursor.changed);
	client.cursor.changed = false;
	say_rect(2, 3, 0, 0, RFB_POINTER_POSITION);
	hear();
	assert_true(client.cursor.changed);
	assert_num(client.cursor.x, 2);
	assert_num(client.cursor.y, 3);
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

/* --- much work in few bytes --- */

/* Return: how many calls it takes. */
static int hear_calls(void)
{
	size_t at = 0;
	int calls = 0;

	while (at < s.n || !rfb_client_is_hungry(&client)) {
		size_t used;

		assert_ok(rfb_client_take(&client, s.bytes + at, s.n - at,
					  &used));
		assert_true(client.drawn <= RFB_CLIENT_STEP);
		at += used;
		calls++;
	}
	s.n = 0;
	return calls;
}

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

static void work_of_tiles_has_a_limit(void **state)
{
	static uint8_t solid[256 * 4];

	for (size_t i = 0; i < sizeof(solid); i += 4)
		solid[i] = 1;
	restart(1024, 1024);
	say_update(1);
	say_rect(0, 0, 1024, 1024, RFB_ZRLE);
	say_tiles(solid, sizeof(solid));
	/* After the last tile it is seen that no more follow. */
	assert_num(hear_calls(), 3);
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
		T(raw_has_changed_when_all_of_it_has_come),
		T(copies_may_overlap),
		T(tiles_of_each_kind_are_drawn),
		T(tiles_may_be_split_anywhere),
		T(screen_begins_with_a_rectangle_of_any_kind),
		T(tiles_may_be_long),
		T(screen_follows_the_servers),
		T(last_rectangle_ends_an_update),
		T(update_without_a_number_has_no_limit),
		T(empty_rectangles_are_none),
		T(what_is_no_picture_is_skipped),
		T(cursor_is_drawn_where_it_is),
		T(cursor_is_cut_at_each_side),
		T(cursor_has_a_shape_a_place_and_a_limit),
		T(cursor_changes_with_each_part_of_it),
		T(cursor_that_is_too_large_is_left_out),
		T(server_that_lies_is_found_out),
		T(tiles_that_lie_are_found_out),
		T(work_of_a_call_has_a_limit),
		T(work_of_tiles_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
