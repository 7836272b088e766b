/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of it is boxes, and each part can be drawn within a clip. So where a dot
 * was, or the time, the parts below are drawn again.
 */
#include <stdio.h>
#include <string.h>

#include "injector/video/video-card.h"
#include "injector/video/video-font.h"

#define GRID_LINES 8 /* about so many across the shorter side */

static const struct video_colour card_ground = { 40, 138, 122 };
static const struct video_colour card_line = { 84, 136, 122 };
static const struct video_colour card_mark = { 130, 134, 122 };
static const struct video_colour card_text = { 225, 128, 128 };
static const struct video_colour card_rim = { 235, 128, 128 };
static const struct video_colour card_dots[] = {
	{ 180, 54, 160 },  { 150, 60, 60 },  { 130, 190, 80 },
	{ 120, 110, 210 }, { 200, 30, 140 }, { 170, 150, 50 },
};

static int card_short_side(const struct video_picture *p)
{
	return p->width < p->height ? p->width : p->height;
}

/* Pixels of a dot of small letters, for coordinates. */
static int card_small(const struct video_picture *p)
{
	const int dot = card_short_side(p) / 360;

	return dot ? dot : 1;
}

/* A round number of pixels between lines: 1, 2 or 5 and zeros. */
static int card_grid(const struct video_picture *p)
{
	static const int factors[] = { 2, 5, 10 };
	const int wanted = card_short_side(p) / GRID_LINES;
	int ten = 1, step = 1;

	while (step < wanted) {
		for (int i = 0; i < 3 && step < wanted; i++)
			step = ten * factors[i];
		ten *= 10;
	}
	return step;
}

static void card_draw_lines(struct video_picture *p, struct box clip, int step)
{
	for (int x = step; x < p->width; x += step)
		video_picture_fill(
			p,
			box_cut((struct box){ x, 0, x + 2, p->height }, clip),
			card_line);
	for (int y = step; y < p->height; y += step)
		video_picture_fill(
			p, box_cut((struct box){ 0, y, p->width, y + 2 }, clip),
			card_line);
}

static void card_draw_marks(struct video_picture *p, struct box clip, int step)
{
	struct video_text at = { .clip = clip,
				 .dot = card_small(p),
				 .colour = card_mark };
	char text[12];

	for (int x = step; x < p->width; x += step) {
		snprintf(text, sizeof(text), "%d", x);
		at.left = x + 2 * at.dot + 2;
		at.top = 2 * at.dot;
		video_font_write(p, &at, text);
	}
	for (int y = step; y < p->height; y += step) {
		snprintf(text, sizeof(text), "%d", y);
		at.left = 2 * at.dot;
		at.top = y + 2 * at.dot + 2;
		video_font_write(p, &at, text);
	}
}

/* As large as fits, in the middle; row 0 is above row 1, and that above 2. */
static struct video_text card_line_of_text(const struct video_picture *p,
					   const char *text, int row)
{
	static const int tops[] = { -10, 3, 16 };
	struct video_text at = { .clip = video_picture_box(p),
				 .colour = card_text };

	at.dot = p->width * 3 / 4 / video_font_width(text, 1);
	if (at.dot > card_short_side(p) / 80)
		at.dot = card_short_side(p) / 80;
	if (at.dot < 1)
		at.dot = 1;
	at.left = (p->width - video_font_width(text, at.dot)) / 2;
	at.top = p->height / 2 + tops[row] * at.dot;
	return at;
}

static void card_write(struct video_picture *p, struct box clip,
		       const char *text, int row)
{
	struct video_text at = card_line_of_text(p, text, row);

	at.clip = clip;
	video_font_write(p, &at, text);
}

static void card_tell_time(char text[16], unsigned int seconds)
{
	snprintf(text, 16, "%02u:%02u:%02u", seconds / 3600 % 100,
		 seconds / 60 % 60, seconds % 60);
}

static struct box card_box_of_time(const struct video_picture *p)
{
	const struct video_text at = card_line_of_text(p, "00:00:00", 1);

	return (struct box){ at.left, at.top,
			     at.left + video_font_width("00:00:00", at.dot),
			     at.top + VIDEO_FONT_HEIGHT * at.dot };
}

/* All but the dots. */
static void card_draw_ground(const struct video_card *card,
			     struct video_picture *p, struct box clip)
{
	const int step = card_grid(p);
	char text[16];

	video_picture_fill(p, clip, card_ground);
	card_draw_lines(p, clip, step);
	card_draw_marks(p, clip, step);
	card_write(p, clip, card->title, 0);
	card_tell_time(text, card->shown.seconds);
	card_write(p, clip, text, 1);
	if (*card->note)
		card_write(p, clip, card->note, 2);
}

static int card_radius(const struct video_picture *p)
{
	return card_short_side(p) / 24 + 2;
}

static struct box card_box_of_dot(const struct video_picture *p,
				  const struct video_dot *d)
{
	const int r = card_radius(p);

	return (struct box){ d->x - r, d->y - r, d->x + r + 1, d->y + r + 1 };
}

/* A disc, row by row. */
static void card_draw_disc(struct video_picture *p, const struct video_dot *d,
			   int radius, struct video_colour colour)
{
	int half = 0;

	for (int y = -radius; y <= radius; y++) {
		while (half * half + y * y < radius * radius)
			half++;
		while (half && half * half + y * y > radius * radius)
			half--;
		video_picture_fill(p,
				   (struct box){ d->x - half, d->y + y,
						 d->x + half + 1,
						 d->y + y + 1 },
				   colour);
	}
}

static void card_draw_dot(struct video_picture *p, const struct video_dot *d)
{
	const size_t n = sizeof(card_dots) / sizeof(card_dots[0]);
	const int r = card_radius(p);

	card_draw_disc(p, d, r, card_rim);
	card_draw_disc(p, d, r - r / 4 - 1, card_dots[d->number % n]);
}

static bool card_same_dots(const struct video_card_state *a,
			   const struct video_card_state *b)
{
	if (a->n_dots != b->n_dots)
		return false;
	for (unsigned int i = 0; i < a->n_dots; i++)
		if (a->dot[i].x != b->dot[i].x || a->dot[i].y != b->dot[i].y ||
		    a->dot[i].number != b->dot[i].number)
			return false;
	return true;
}

bool video_card_draw(struct video_card *card, struct video_picture *p,
		     const struct video_card_state *now, bool whole)
{
	const struct video_card_state was = card->shown;
	const bool later = now->seconds != was.seconds;

	if (!whole && !later && card_same_dots(now, &was))
		return false;
	card->shown = *now;
	if (whole)
		card_draw_ground(card, p, video_picture_box(p));
	for (unsigned int i = 0; !whole && i < was.n_dots; i++)
		card_draw_ground(card, p, card_box_of_dot(p, &was.dot[i]));
	if (!whole && later)
		card_draw_ground(card, p, card_box_of_time(p));
	for (unsigned int i = 0; i < now->n_dots; i++)
		card_draw_dot(p, &now->dot[i]);
	return true;
}
