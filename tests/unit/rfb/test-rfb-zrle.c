/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of ZRLE: each kind, in pieces, long ones, and if they lie. */
#include "tests/lib/rfb-speech.h"

/* Each kind of tile, in rectangles of 4 x 2. */
static const struct tile_row {
	const char *bytes;
	size_t len;
	const char *picture; /* r, g, b */
} tiles[] = {
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
		T(tiles_of_each_kind_are_drawn),
		T(tiles_may_be_split_anywhere),
		T(tiles_may_be_long),
		T(tiles_that_lie_are_found_out),
		T(work_of_tiles_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
