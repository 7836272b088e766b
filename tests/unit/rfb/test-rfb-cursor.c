/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor that a server sends apart from its screen. */
#include <errno.h>

#include "tests/lib/rfb-speech.h"

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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cursor_is_drawn_where_it_is),
		T(cursor_is_cut_at_each_side),
		T(cursor_has_a_shape_a_place_and_a_limit),
		T(cursor_changes_with_each_part_of_it),
		T(cursor_that_is_too_large_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
