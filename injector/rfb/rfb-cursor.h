/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's cursor, where a server sends it apart from the screen (RFC 6143
 * §7.8.1): its shape, and, if that is known, where it is. Pure.
 */
#ifndef VINPUT_RFB_CURSOR_H
#define VINPUT_RFB_CURSOR_H

#include "injector/rfb/rfb-screen.h"

#define RFB_CURSOR_MAX 256 /* pixels, of width and height */

struct rfb_cursor {
	uint16_t width, height; /* 0: there is none */
	uint16_t hot_x, hot_y;	/* the pixel that points */
	/* Pixels, then a mask of one bit for each; owned. */
	uint8_t *shape;
	size_t n;     /* bytes of the shape that came */
	bool changed; /* in shape or place; set to false by who has drawn it */
	bool placed;  /* it is known where it is: */
	int x, y;
};

/* Return: bytes of a shape. */
size_t rfb_cursor_len(uint16_t width, uint16_t height);
/*
 * Another shape, of which nothing came so far. Return: 0; -EINVAL: it is larger
 * than RFB_CURSOR_MAX; -ENOMEM. Then there is none.
 */
int rfb_cursor_begin(struct rfb_cursor *c, uint16_t width, uint16_t height);
void rfb_cursor_fini(struct rfb_cursor *c); /* idempotent */

/* Return: where it is on the screen; empty: it is not to be seen. */
struct box rfb_cursor_box(const struct rfb_cursor *c);
/* pixels: of the box, stride bytes a row; what is covered is drawn over. */
void rfb_cursor_draw(const struct rfb_cursor *c, struct box box,
		     uint8_t *pixels, size_t stride);

#endif
