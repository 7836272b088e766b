/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/rfb/rfb-cursor.h"

static size_t cursor_mask_row(uint16_t width)
{
	return ((size_t)width + 7) / 8;
}

size_t rfb_cursor_len(uint16_t width, uint16_t height)
{
	return ((size_t)width * RFB_PIXEL + cursor_mask_row(width)) * height;
}

int rfb_cursor_begin(struct rfb_cursor *c, uint16_t width, uint16_t height)
{
	free(c->shape);
	c->shape = NULL;
	c->width = c->height = 0;
	c->n = 0;
	c->changed = true;
	if (width > RFB_CURSOR_MAX || height > RFB_CURSOR_MAX)
		return -EINVAL;
	if (!width || !height)
		return 0;
	c->shape = malloc(rfb_cursor_len(width, height));
	if (!c->shape)
		return -ENOMEM;
	c->width = width;
	c->height = height;
	return 0;
}

void rfb_cursor_fini(struct rfb_cursor *c)
{
	free(c->shape);
	*c = (struct rfb_cursor){ 0 };
}

struct box rfb_cursor_box(const struct rfb_cursor *c)
{
	const int left = c->x - c->hot_x, top = c->y - c->hot_y;

	if (!c->placed || !c->shape ||
	    c->n < rfb_cursor_len(c->width, c->height))
		return (struct box){ 0 };
	return (struct box){ left, top, left + c->width, top + c->height };
}

void rfb_cursor_draw(const struct rfb_cursor *c, struct box box,
		     uint8_t *pixels, size_t stride)
{
	const struct box own = rfb_cursor_box(c);
	const struct box both = box_cut(own, box);
	const uint8_t *mask =
		c->shape + (size_t)c->width * c->height * RFB_PIXEL;

	for (int y = both.top; y < both.bottom; y++)
		for (int x = both.left; x < both.right; x++) {
			const size_t column = (size_t)(x - own.left);
			const size_t row = (size_t)(y - own.top);
			const uint8_t bits =
				mask[row * cursor_mask_row(c->width) +
				     column / 8];

			if (bits << column % 8 & 0x80)
				memcpy(pixels + (size_t)(y - box.top) * stride +
					       (size_t)(x - box.left) *
						       RFB_PIXEL,
				       c->shape + (row * c->width + column) *
							  RFB_PIXEL,
				       RFB_PIXEL);
		}
}
