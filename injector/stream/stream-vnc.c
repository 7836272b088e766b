/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "injector/stream/stream-vnc.h"
#include "injector/video/video-convert.h"

static struct box vnc_cursor(const struct stream_vnc *v)
{
	return box_cut(rfb_cursor_box(&v->screen.client.cursor),
		       rfb_screen_box(&v->screen.client.screen));
}

void stream_vnc_point(struct stream_vnc *v, const double at[2])
{
	struct rfb_cursor *c = &v->screen.client.cursor;
	const struct rfb_screen *s = &v->screen.client.screen;
	const int x = (int)lrint(at[0] * (s->width - 1));
	const int y = (int)lrint(at[1] * (s->height - 1));

	if (c->placed && (!v->pointed || (v->x == x && v->y == y)))
		return;
	v->pointed = c->placed = c->changed = true;
	v->x = c->x = x;
	v->y = c->y = y;
}

/* What has to be drawn again; it may be empty. */
static struct box vnc_take_changes(struct stream_vnc *v, bool whole)
{
	struct rfb_client *c = &v->screen.client;
	struct box box = whole ? rfb_screen_box(&c->screen) : c->screen.changed;

	if (c->cursor.changed || whole) {
		box = box_around(box, v->cursor);
		v->cursor = vnc_cursor(v);
		box = box_around(box, v->cursor);
	}
	c->cursor.changed = false;
	c->screen.changed = (struct box){ 0 };
	return box_cut(box, rfb_screen_box(&c->screen));
}

static void vnc_draw_cursor(struct stream_vnc *v, struct video_picture *p)
{
	const struct box box = video_convert_box(p, v->cursor);
	const size_t stride = (size_t)(box.right - box.left) * RFB_PIXEL;

	for (int y = box.top; y < box.bottom; y++)
		memcpy(v->under + (size_t)(y - box.top) * stride,
		       rfb_screen_at(&v->screen.client.screen, box.left, y),
		       stride);
	rfb_cursor_draw(&v->screen.client.cursor, box, v->under, stride);
	video_convert(p, box, v->under, stride);
}

bool stream_vnc_draw(struct stream_vnc *v, struct video_picture *p, bool whole)
{
	const struct rfb_screen *s = &v->screen.client.screen;
	const struct box changed = vnc_take_changes(v, whole);
	struct box box;

	if (box_is_empty(changed))
		return false;
	box = video_convert_box(p, changed);
	video_convert(p, box, rfb_screen_at(s, box.left, box.top),
		      (size_t)s->width * RFB_PIXEL);
	if (!box_is_empty(v->cursor))
		vnc_draw_cursor(v, p);
	return true;
}
