/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-vnc.h and video-convert.h: a screen and a cursor that change at random
 * are drawn bit by bit, and look as if they had been drawn at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-vnc.h"
#include "injector/video/video-convert.h"
#include "tests/lib/check.h"
#include "tests/lib/random.h"

#define WIDTH  53
#define HEIGHT 37
#define STEPS  3000

static struct stream_vnc v;
static struct video_picture picture;
static struct rfb_cursor *const cursor = &v.screen.client.cursor;
static struct rfb_screen *const screen = &v.screen.client.screen;

static int setup(void **state)
{
	memset(&v, 0, sizeof(v));
	assert_ok(rfb_screen_resize(screen, WIDTH, HEIGHT));
	return video_picture_init(&picture, WIDTH, HEIGHT);
}

static int teardown(void **state)
{
	video_picture_fini(&picture);
	rfb_cursor_fini(cursor);
	rfb_screen_fini(screen);
	return 0;
}

static struct rnd rnd = { 1 };

static int below(int n)
{
	return (int)rnd_below(&rnd, (unsigned int)n);
}

static void fill(uint8_t *bytes, size_t n)
{
	while (n--)
		*bytes++ = (uint8_t)below(256);
}

static void change_screen(void)
{
	struct box box = { below(WIDTH), below(HEIGHT), 0, 0 };

	box.right = box.left + 1 + below(WIDTH - box.left);
	box.bottom = box.top + 1 + below(HEIGHT - box.top);
	for (int y = box.top; y < box.bottom; y++)
		fill(rfb_screen_at(screen, box.left, y),
		     (size_t)(box.right - box.left) * RFB_PIXEL);
	rfb_screen_change(screen, box);
}

static void change_cursor(void)
{
	const uint16_t width = (uint16_t)below(12);
	const uint16_t height = (uint16_t)below(12);

	assert_ok(rfb_cursor_begin(cursor, width, height));
	cursor->hot_x = (uint16_t)below(width + 1);
	cursor->hot_y = (uint16_t)below(height + 1);
	cursor->n = rfb_cursor_len(width, height);
	fill(cursor->shape, cursor->n);
	cursor->changed = true;
}

static void move_cursor(void)
{
	const double at[] = { below(WIDTH) / (WIDTH - 1.0),
			      below(HEIGHT) / (HEIGHT - 1.0) };

	stream_vnc_point(&v, at);
}

/* The cursor's pixel here, or NULL. */
static const uint8_t *cursor_at(int x, int y)
{
	const int row = (cursor->width + 7) / 8;
	const uint8_t *mask;

	x -= cursor->x - cursor->hot_x;
	y -= cursor->y - cursor->hot_y;
	if (!cursor->placed || x < 0 || x >= cursor->width || y < 0 ||
	    y >= cursor->height)
		return NULL;
	mask = cursor->shape + cursor->width * cursor->height * RFB_PIXEL;
	return mask[y * row + x / 8] << x % 8 & 0x80
		       ? cursor->shape + (y * cursor->width + x) * RFB_PIXEL
		       : NULL;
}

static void expect_picture(int step)
{
	static uint8_t pixels[WIDTH * HEIGHT * RFB_PIXEL];
	struct video_picture whole;
	const size_t colours = (size_t)((WIDTH + 1) / 2) * ((HEIGHT + 1) / 2);

	memcpy(pixels, screen->pixels, sizeof(pixels));
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			if (cursor_at(x, y))
				memcpy(pixels + (y * WIDTH + x) * RFB_PIXEL,
				       cursor_at(x, y), RFB_PIXEL);
	assert_ok(video_picture_init(&whole, WIDTH, HEIGHT));
	video_convert(&whole, video_picture_box(&whole), pixels,
		      WIDTH * RFB_PIXEL);
	if (memcmp(whole.y, picture.y, WIDTH * HEIGHT) ||
	    memcmp(whole.u, picture.u, colours) ||
	    memcmp(whole.v, picture.v, colours))
		fail_msg("differs after step %d", step);
	video_picture_fini(&whole);
}

static void what_changes_is_drawn(void **state)
{
	assert_true(stream_vnc_draw(&v, &picture, true));
	for (int i = 0; i < STEPS; i++) {
		switch (below(4)) {
		case 0:
			change_screen();
			break;
		case 1:
			change_cursor();
			break;
		default:
			move_cursor();
		}
		stream_vnc_draw(&v, &picture, !below(50));
		expect_picture(i);
		assert_false(stream_vnc_draw(&v, &picture, false));
	}
}

static void colours_are_those_of_video(void **state)
{
	uint8_t white[4 * RFB_PIXEL];
	const struct box box = { 2, 4, 4, 6 };

	memset(white, 255, sizeof(white));
	memset(picture.y, 1, WIDTH * HEIGHT);
	video_convert(&picture, (struct box){ 2, 4, 2, 6 }, white, 0);
	assert_num(picture.y[4 * WIDTH + 2], 1);
	video_convert(&picture, box, white, 2 * RFB_PIXEL);
	assert_num(picture.y[4 * WIDTH + 2], 235);
	assert_num(picture.y[5 * WIDTH + 3], 235);
	assert_num(picture.y[4 * WIDTH + 1], 1);
	assert_num(picture.y[6 * WIDTH + 2], 1);
	assert_num(picture.u[2 * ((WIDTH + 1) / 2) + 1], 128);
	assert_num(picture.v[2 * ((WIDTH + 1) / 2) + 1], 128);
}

static void box_is_made_even_within_the_picture(void **state)
{
	static const struct box boxes[][2] = {
		{ { 3, 5, 7, 9 }, { 2, 4, 8, 10 } },
		{ { 2, 4, 8, 10 }, { 2, 4, 8, 10 } },
		{ { 51, 35, 53, 37 }, { 50, 34, 53, 37 } },
		{ { -3, -1, 60, 40 }, { 0, 0, 53, 37 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		const struct box box = video_convert_box(&picture, boxes[i][0]);

		assert_memory_equal(&box, &boxes[i][1], sizeof(box));
	}
}

static void point(double x, double y)
{
	cursor->changed = false;
	stream_vnc_point(&v, (const double[]){ x, y });
}

static void expect_cursor(int x, int y, bool changed)
{
	assert_true(cursor->placed);
	assert_num(cursor->x, x);
	assert_num(cursor->y, y);
	assert_num(cursor->changed, changed);
}

static void cursor_is_where_a_client_puts_it(void **state)
{
	point(0, 0);
	expect_cursor(0, 0, true);
	point(1, 0);
	expect_cursor(WIDTH - 1, 0, true);
	point(1, 1);
	expect_cursor(WIDTH - 1, HEIGHT - 1, true);
	point(1, 1);
	expect_cursor(WIDTH - 1, HEIGHT - 1, false);
	point(0.5, 1);
	expect_cursor((WIDTH - 1) / 2, HEIGHT - 1, true);
}

static void server_that_says_where_it_is_is_believed(void **state)
{
	point(0, 0);
	cursor->x = cursor->y = 5;
	point(0, 0);
	expect_cursor(5, 5, false);
	point(1, 0);
	expect_cursor(WIDTH - 1, 0, true);
	/* Always, if it did so first. */
	v.pointed = false;
	cursor->x = 7;
	point(0, 0);
	expect_cursor(7, 0, false);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_changes_is_drawn),
		T(colours_are_those_of_video),
		T(box_is_made_even_within_the_picture),
		T(cursor_is_where_a_client_puts_it),
		T(server_that_says_where_it_is_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
