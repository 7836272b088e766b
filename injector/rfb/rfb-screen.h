/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pixels of a VNC server's screen, as it has sent them, and where they have
 * changed. A pixel is four bytes: blue, green, red, and one without a meaning.
 * Pure.
 */
#ifndef VINPUT_RFB_SCREEN_H
#define VINPUT_RFB_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/base/box.h"

#define RFB_PIXEL      4    /* bytes */
#define RFB_SCREEN_MAX 4096 /* pixels, of width and height */

struct rfb_screen {
	uint16_t width, height;
	uint8_t *pixels; /* row by row, without gaps; owned */
	struct box changed;
};

#define RFB_SCREEN_NULL ((struct rfb_screen){ 0 })

/*
 * Black, and all of it changed. screen: RFB_SCREEN_NULL, or of any size.
 * Return: 0; -EINVAL: no size, or more than RFB_SCREEN_MAX; -ENOMEM: both leave
 * the screen as it is.
 */
int rfb_screen_resize(struct rfb_screen *s, uint16_t width, uint16_t height);
void rfb_screen_fini(struct rfb_screen *s); /* idempotent */

static inline struct box rfb_screen_box(const struct rfb_screen *s)
{
	return (struct box){ 0, 0, s->width, s->height };
}

static inline uint8_t *rfb_screen_at(const struct rfb_screen *s, int x, int y)
{
	return s->pixels + ((size_t)y * s->width + (size_t)x) * RFB_PIXEL;
}

/* Pixels of the box, which is within the screen, are others now. */
void rfb_screen_change(struct rfb_screen *s, struct box box);
/* to: of the same size as what begins at x, y; both within the screen. */
void rfb_screen_copy(struct rfb_screen *s, struct box to, int x, int y);

#endif
