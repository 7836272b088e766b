/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/rfb/rfb-screen.h"

int rfb_screen_resize(struct rfb_screen *s, uint16_t width, uint16_t height)
{
	uint8_t *pixels;

	if (!width || !height || width > RFB_SCREEN_MAX ||
	    height > RFB_SCREEN_MAX)
		return -EINVAL;
	pixels = calloc((size_t)width * height, RFB_PIXEL);
	if (!pixels)
		return -ENOMEM;
	free(s->pixels);
	*s = (struct rfb_screen){ .width = width,
				  .height = height,
				  .pixels = pixels };
	s->changed = rfb_screen_box(s);
	return 0;
}

void rfb_screen_fini(struct rfb_screen *s)
{
	free(s->pixels);
	*s = RFB_SCREEN_NULL;
}

void rfb_screen_change(struct rfb_screen *s, struct box box)
{
	s->changed = box_around(s->changed, box);
}

/* Rows may overlap: those that are read first are written first. */
void rfb_screen_copy(struct rfb_screen *s, struct box to, int x, int y)
{
	const int rows = to.bottom - to.top;
	const size_t len = (size_t)(to.right - to.left) * RFB_PIXEL;

	for (int i = 0; i < rows; i++) {
		const int row = y < to.top ? rows - 1 - i : i;

		memmove(rfb_screen_at(s, to.left, to.top + row),
			rfb_screen_at(s, x, y + row), len);
	}
	rfb_screen_change(s, to);
}
