/* SPDX-License-Identifier: Apache-2.0 */
/* What is drawn, and that a part of it drawn again leaves no trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/video/video-card.h"
#include "injector/video/video-font.h"
#include "tests/lib/check.h"

static const struct video_colour white = { 235, 128, 128 };

static struct video_picture picture(uint16_t width, uint16_t height)
{
	struct video_picture p;

	assert_ok(video_picture_init(&p, width, height));
	return p;
}

static size_t bytes_of(const struct video_picture *p)
{
	return (size_t)p->width * p->height +
	       2 * (size_t)((p->width + 1) / 2) * ((p->height + 1) / 2);
}

static uint8_t bright(const struct video_picture *p, int x, int y)
{
	return p->y[y * p->width + x];
}

static void sizes_have_limits(void **state)
{
	struct video_picture p;

	assert_rc(video_picture_init(&p, 0, 5), -EINVAL);
	assert_rc(video_picture_init(&p, 5, 0), -EINVAL);
	assert_rc(video_picture_init(&p, VIDEO_SIZE_MAX + 1, 5), -EINVAL);
	assert_null(p.y);
	video_picture_fini(&p);
}

/* ASan sees what is beyond. */
static void what_is_outside_is_cut_off(void **state)
{
	struct video_picture p = picture(7, 5);
	static const struct box boxes[] = {
		{ -9, -9, 99, 99 }, { 7, 0, 9, 5 }, { 0, 5, 7, 9 },
		{ -5, -5, 0, 0 },   { 3, 3, 3, 4 }, { 5, 5, 1, 1 },
		{ 6, 4, 7, 5 },	    { 0, 0, 1, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(boxes); i++)
		video_picture_fill(&p, boxes[i], white);
	for (size_t i = 0; i < 35; i++)
		assert_num(p.y[i], 235);
	for (size_t i = 0; i < 12; i++)
		assert_num(p.u[i], 128);
	assert_num(p.v[11], 128);
	video_picture_fini(&p);
}

static void letters_can_be_read(void **state)
{
	static const char *const seven[] = { "#####", "    #", "    #", "   # ",
					     "  #  ", "  #  ", "  #  " };
	struct video_picture p = picture(40, 30);
	const struct video_text at = { .clip = { 0, 0, 40, 30 },
				       .left = 3,
				       .top = 2,
				       .dot = 2,
				       .colour = white };

	video_font_write(&p, &at, "7");
	for (int y = 0; y < 14; y++)
		for (int x = 0; x < 10; x++)
			assert_num(bright(&p, 3 + x, 2 + y) == 235,
				   seven[y / 2][x / 2] == '#');
	assert_num(video_font_width("7", 2), 12);
	video_picture_fini(&p);
}

static void other_letters_are_boxes(void **state)
{
	struct video_picture a = picture(20, 10), b = picture(20, 10);
	const struct video_text at = { .clip = { 0, 0, 20, 10 },
				       .dot = 1,
				       .colour = white };

	video_font_write(&a, &at, "\xff");
	video_font_write(&b, &at, "%");
	assert_memory_equal(a.y, b.y, bytes_of(&a));
	assert_num(bright(&a, 0, 0), 235);
	video_picture_fini(&a);
	video_picture_fini(&b);
}

static void a_dot_is_where_the_contact_is(void **state)
{
	struct video_picture p = picture(720, 1280);
	struct video_card card = { .title = "display_0" };
	struct video_card_state now = { .n_dots = 1,
					.dot = { { 100, 1000, 0 } } };
	uint8_t ground;

	assert_true(video_card_draw(&card, &p, &(struct video_card_state){ 0 },
				    true));
	ground = bright(&p, 130, 1010);
	assert_true(ground < 60);
	assert_true(video_card_draw(&card, &p, &now, false));
	assert_num(bright(&p, 100, 1000), 180);
	assert_num(bright(&p, 130, 1000), 235); /* its rim */
	assert_num(bright(&p, 133, 1010), ground);
	assert_false(video_card_draw(&card, &p, &now, false));
	now.dot[0].x = 300;
	assert_true(video_card_draw(&card, &p, &now, false));
	assert_num(bright(&p, 300, 1010), 180);
	assert_num(bright(&p, 130, 1010), ground);
	video_picture_fini(&p);
}

/* FNV-1a of all planes. */
static uint32_t fingerprint(const struct video_picture *p)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < bytes_of(p); i++)
		hash = (hash ^ p->y[i]) * 16777619;
	return hash;
}

/*
 * What somebody has looked at stays as it was: a new fingerprint asks for a
 * new look.
 */
static void the_card_looks_as_it_did(void **state)
{
	static const struct {
		uint16_t width, height;
		unsigned int seconds;
		uint32_t fingerprint;
	} rows[] = {
		{ 720, 1280, 359999, 0x5031468c },
		{ 1920, 1080, 3661, 0x8fdeeb77 },
		{ 321, 203, 59, 0x77c3762e },
		{ 64, 64, 0, 0xb0e4a0f3 },
		{ 9, 400, 360000, 0xb9669b30 },
		{ 400, 801, 86400, 0x44d325c4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct video_picture p = picture(rows[i].width, rows[i].height);
		struct video_card card = { .title = "display_0" };
		const struct video_card_state now = {
			.seconds = rows[i].seconds,
			.n_dots = 2,
			.dot = { { p.width / 3, p.height / 3, 8 },
				 { 5, p.height - 5, 5 } },
		};

		video_card_draw(&card, &p, &now, true);
		if (fingerprint(&p) != rows[i].fingerprint)
			fail_msg("%u x %u: %#x", p.width, p.height,
				 fingerprint(&p));
		video_picture_fini(&p);
	}
}

/* Of a state only n_dots are looked at, and each of them. */
static void each_dot_counts(void **state)
{
	struct video_picture p = picture(320, 240);
	struct video_card card = { .title = "display_0" };
	struct video_card_state now = {
		.n_dots = 2,
		.dot = { { 50, 50, 0 }, { 90, 50, 1 }, { 130, 50, 2 } },
	};

	assert_true(video_card_draw(&card, &p, &now, true));
	now.dot[2].x++;
	assert_false(video_card_draw(&card, &p, &now, false));
	now.dot[1].x++;
	assert_true(video_card_draw(&card, &p, &now, false));
	now.dot[1].y++;
	assert_true(video_card_draw(&card, &p, &now, false));
	now.dot[1].number++;
	assert_true(video_card_draw(&card, &p, &now, false));
	now.n_dots++;
	assert_true(video_card_draw(&card, &p, &now, false));
	video_picture_fini(&p);
}

static void time_passes(void **state)
{
	struct video_picture p = picture(320, 240);
	struct video_card card = { .title = "display_0" };
	struct video_card_state now = { .seconds = 59 };

	assert_true(video_card_draw(&card, &p, &now, true));
	assert_false(video_card_draw(&card, &p, &now, false));
	now.seconds++;
	assert_true(video_card_draw(&card, &p, &now, false));
	video_picture_fini(&p);
}

static void move_dots(struct video_card_state *now,
		      const struct video_picture *p)
{
	now->n_dots = (unsigned int)rand() % 6;
	now->seconds += (unsigned int)rand() % 2;
	for (unsigned int i = 0; i < now->n_dots; i++)
		now->dot[i] =
			(struct video_dot){ rand() % (p->width + 200) - 100,
					    rand() % (p->height + 200) - 100,
					    (uint32_t)rand() };
}

/* Each part that is drawn again has to look as if all were. */
static void a_part_drawn_again_is_as_the_whole(void **state)
{
	static const uint16_t sizes[][2] = {
		{ 720, 1280 }, { 321, 203 }, { 64, 64 }, { 1, 1 }, { 7, 300 },
	};

	srand(1);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct video_picture p = picture(sizes[i][0], sizes[i][1]);
		struct video_picture q = picture(sizes[i][0], sizes[i][1]);
		struct video_card card = { .title = "display_0  1 x 1" };
		struct video_card other = card;
		struct video_card_state now = { .seconds = 0 };

		video_card_draw(&card, &p, &now, true);
		for (int n = 0; n < 20; n++) {
			move_dots(&now, &p);
			video_card_draw(&card, &p, &now, false);
			video_card_draw(&other, &q, &now, true);
			assert_memory_equal(p.y, q.y, bytes_of(&p));
		}
		video_picture_fini(&p);
		video_picture_fini(&q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_limits),
		cmocka_unit_test(what_is_outside_is_cut_off),
		cmocka_unit_test(letters_can_be_read),
		cmocka_unit_test(other_letters_are_boxes),
		cmocka_unit_test(a_dot_is_where_the_contact_is),
		cmocka_unit_test(the_card_looks_as_it_did),
		cmocka_unit_test(each_dot_counts),
		cmocka_unit_test(time_passes),
		cmocka_unit_test(a_part_drawn_again_is_as_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
