/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each state waits for a head of some bytes, and then decides on the next one.
 * What follows a head, and may be long, is drawn or skipped as it comes.
 */
#include <errno.h>
#include <string.h>

#include "injector/rfb/rfb-client.h"
#include "injector/rfb/rfb-wire.h"

/* --- what is sent --- */

static void client_say(struct rfb_client *c, const void *bytes, size_t len)
{
	memcpy(c->out + c->n_out, bytes, len);
	c->n_out += len;
}

/* Four bytes, of which the second is red: 0xRRGGBB, little-endian. */
static void client_say_format(struct rfb_client *c)
{
	static const uint8_t message[] = { RFB_SET_PIXEL_FORMAT,
					   0,
					   0,
					   0,
					   32,
					   24,
					   0,
					   1, /* of true colour */
					   0,
					   255,
					   0,
					   255,
					   0,
					   255,
					   16,
					   8,
					   0,
					   0,
					   0,
					   0 };

	client_say(c, message, sizeof(message));
}

/* The first is preferred. */
static void client_say_encodings(struct rfb_client *c, enum rfb_client_way way)
{
	static const int32_t last[] = {
		RFB_COPY_RECT,	     RFB_LAST_RECT,
		RFB_DESKTOP_SIZE,    RFB_EXTENDED_DESKTOP_SIZE,
		RFB_CURSOR,	     RFB_POINTER_POSITION,
		RFB_CURSOR_POSITION,
	};
	const size_t n = sizeof(last) / sizeof(last[0]);
	uint8_t message[4 + 4 * (2 + sizeof(last) / sizeof(last[0]))] = {
		RFB_SET_ENCODINGS
	};
	uint8_t *at = message + 4;

	net_put16(message + 2, (uint16_t)(2 + n));
	net_put32(at, way == RFB_CLIENT_LOCAL ? RFB_RAW : RFB_ZRLE);
	net_put32(at + 4, way == RFB_CLIENT_LOCAL ? RFB_ZRLE : RFB_RAW);
	for (size_t i = 0; i < n; i++)
		net_put32(at + 8 + 4 * i, (uint32_t)last[i]);
	client_say(c, message, sizeof(message));
}

void rfb_client_ask(struct rfb_client *c)
{
	uint8_t message[10] = { RFB_UPDATE_REQUEST };

	if (c->asked)
		return;
	message[1] = !c->blank;
	net_put16(message + 6, c->screen.width);
	net_put16(message + 8, c->screen.height);
	client_say(c, message, sizeof(message));
	c->asked = true;
}

/* --- the size --- */

/* Return: 0; RFB_CLIENT_E_SIZE; -ENOMEM. */
static int client_resize(struct rfb_client *c, uint16_t width, uint16_t height)
{
	int r;

	if (c->screen.width == width && c->screen.height == height)
		return 0;
	r = rfb_screen_resize(&c->screen, width, height);
	if (r)
		return r == -EINVAL ? RFB_CLIENT_E_SIZE : r;
	c->blank = true;
	c->drawn += (uint64_t)width * height;
	return 0;
}

int rfb_client_init(struct rfb_client *c, uint16_t width, uint16_t height,
		    enum rfb_client_way way)
{
	const int r = client_resize(c, width, height);

	if (r)
		return r;
	client_say_format(c);
	client_say_encodings(c, way);
	rfb_client_ask(c);
	return 0;
}

void rfb_client_fini(struct rfb_client *c)
{
	rfb_screen_fini(&c->screen);
	rfb_cursor_fini(&c->cursor);
	rfb_zrle_fini(&c->zrle);
}

/* --- from state to state --- */

static int client_go(struct rfb_client *c, enum rfb_client_state next)
{
	c->state = next;
	c->n = 0;
	return 0;
}

/* The update is whole. */
static int client_end_update(struct rfb_client *c)
{
	c->rects = 0;
	c->updates++;
	return client_go(c, RFB_CLIENT_MESSAGE);
}

/* A rectangle is done. */
static int client_next(struct rfb_client *c)
{
	if (!c->endless && c->rects == 1)
		return client_end_update(c);
	c->rects -= !c->endless;
	return client_go(c, RFB_CLIENT_RECT);
}

/* What was skipped or kept is over; outside of an update no rectangle is. */
static int client_end_body(struct rfb_client *c)
{
	return c->rects ? client_next(c) : client_go(c, RFB_CLIENT_MESSAGE);
}

static int client_begin_body(struct rfb_client *c, enum rfb_client_state state,
			     uint64_t len)
{
	c->left = len;
	return len ? client_go(c, state) : client_end_body(c);
}

/* --- messages --- */

static int client_message(struct rfb_client *c)
{
	switch (c->head[0]) {
	case RFB_UPDATE:
		return client_go(c, RFB_CLIENT_UPDATE);
	case RFB_COLOURS:
		return client_go(c, RFB_CLIENT_COLOURS);
	case RFB_BELL:
		return client_go(c, RFB_CLIENT_MESSAGE);
	case RFB_SERVER_CUT_TEXT:
		return client_go(c, RFB_CLIENT_TEXT);
	}
	return RFB_CLIENT_E_MESSAGE;
}

/* A number of 0xffff is none: LastRect ends it. */
static int client_update(struct rfb_client *c)
{
	c->asked = false;
	c->rects = net_get16(c->head + 1);
	c->updates += !c->rects;
	c->endless = c->rects == 0xffff;
	return client_go(c, c->rects ? RFB_CLIENT_RECT : RFB_CLIENT_MESSAGE);
}

/* --- rectangles --- */

static int client_place_cursor(struct rfb_client *c, uint16_t x, uint16_t y)
{
	c->cursor.placed = c->cursor.changed = true;
	c->cursor.x = x;
	c->cursor.y = y;
	return client_next(c);
}

/* One that is too large is not drawn. */
static int client_begin_cursor(struct rfb_client *c, uint16_t width,
			       uint16_t height)
{
	const size_t len = rfb_cursor_len(width, height);
	const int r = rfb_cursor_begin(&c->cursor, width, height);

	c->cursor.hot_x = net_get16(c->head);
	c->cursor.hot_y = net_get16(c->head + 2);
	if (r == -ENOMEM)
		return r;
	return client_begin_body(c, r ? RFB_CLIENT_SKIP : RFB_CLIENT_CURSOR,
				 len);
}

/* What is only said of the screen. Return: as client_rect(). */
static int client_pseudo(struct rfb_client *c)
{
	const uint16_t width = net_get16(c->head + 4);
	const uint16_t height = net_get16(c->head + 6);
	int r;

	switch (c->encoding) {
	case RFB_LAST_RECT:
		return client_end_update(c);
	case RFB_DESKTOP_SIZE:
		r = client_resize(c, width, height);
		return r ? r : client_next(c);
	case RFB_EXTENDED_DESKTOP_SIZE:
		r = client_resize(c, width, height);
		return r ? r : client_go(c, RFB_CLIENT_SCREENS);
	case RFB_CURSOR:
		return client_begin_cursor(c, width, height);
	case RFB_POINTER_POSITION:
	case RFB_CURSOR_POSITION:
		return client_place_cursor(c, net_get16(c->head),
					   net_get16(c->head + 2));
	}
	return RFB_CLIENT_E_ENCODING;
}

static bool client_has(const struct rfb_client *c, struct box box)
{
	return box.right <= c->screen.width && box.bottom <= c->screen.height;
}

static struct box client_box_at(const uint8_t *at, int width, int height)
{
	const int x = net_get16(at), y = net_get16(at + 2);

	return (struct box){ x, y, x + width, y + height };
}

static uint64_t client_pixels(const struct rfb_client *c)
{
	return (uint64_t)(c->box.right - c->box.left) *
	       (uint64_t)(c->box.bottom - c->box.top);
}

static int client_rect(struct rfb_client *c)
{
	static const struct {
		int32_t encoding;
		enum rfb_client_state state;
	} rows[] = {
		{ RFB_RAW, RFB_CLIENT_RAW },
		{ RFB_COPY_RECT, RFB_CLIENT_COPY },
		{ RFB_ZRLE, RFB_CLIENT_ZRLE },
	};

	c->encoding = (int32_t)net_get32(c->head + 8);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].encoding != c->encoding)
			continue;
		c->box = client_box_at(c->head, net_get16(c->head + 4),
				       net_get16(c->head + 6));
		if (!client_has(c, c->box))
			return RFB_CLIENT_E_BOX;
		if (rows[i].state == RFB_CLIENT_RAW)
			return client_begin_body(c, RFB_CLIENT_RAW,
						 client_pixels(c) * RFB_PIXEL);
		return client_go(c, rows[i].state);
	}
	return client_pseudo(c);
}

static int client_copy(struct rfb_client *c)
{
	const struct box from =
		client_box_at(c->head, c->box.right - c->box.left,
			      c->box.bottom - c->box.top);

	if (!client_has(c, from))
		return RFB_CLIENT_E_BOX;
	rfb_screen_copy(&c->screen, c->box, from.left, from.top);
	c->blank = false;
	c->drawn += client_pixels(c);
	return client_next(c);
}

static int client_zrle(struct rfb_client *c)
{
	const int r = rfb_zrle_begin(&c->zrle, c->box, net_get32(c->head));

	return r ? r : client_go(c, RFB_CLIENT_TILES);
}

/* SetColourMapEntries: of no use, as colours are true. */
static int client_colours(struct rfb_client *c)
{
	return client_begin_body(c, RFB_CLIENT_SKIP,
				 6 * (uint64_t)net_get16(c->head + 3));
}

static int client_text(struct rfb_client *c)
{
	return client_begin_body(c, RFB_CLIENT_SKIP, net_get32(c->head + 3));
}

static int client_screens(struct rfb_client *c)
{
	return client_begin_body(c, RFB_CLIENT_SKIP, 16 * (uint64_t)c->head[0]);
}

/* What the states with a head wait for; the others have no bytes here. */
static const struct client_head {
	size_t len; /* at most that of c->head */
	/* It is whole. Return: 0; RFB_CLIENT_E_*; -ENOMEM. */
	int (*decide)(struct rfb_client *c);
} client_heads[] = {
	[RFB_CLIENT_MESSAGE] = { 1, client_message },
	[RFB_CLIENT_UPDATE] = { 3, client_update },
	[RFB_CLIENT_COLOURS] = { 5, client_colours },
	[RFB_CLIENT_TEXT] = { 7, client_text },
	[RFB_CLIENT_RECT] = { 12, client_rect },
	[RFB_CLIENT_COPY] = { 4, client_copy },
	[RFB_CLIENT_ZRLE] = { 4, client_zrle },
	[RFB_CLIENT_SCREENS] = { 4, client_screens },
	[RFB_CLIENT_SKIP] = { 0, NULL },
};

/* --- what follows a head --- */

/* Row by row, and parts of a row. */
static void client_draw_raw(struct rfb_client *c, const uint8_t *in, size_t n)
{
	const size_t row = (size_t)(c->box.right - c->box.left) * RFB_PIXEL;
	const uint64_t all = client_pixels(c) * RFB_PIXEL;

	uint64_t at = all - c->left;

	c->blank = false;
	c->drawn += n / RFB_PIXEL;
	while (n) {
		const size_t column = (size_t)(at % row);
		const size_t rest = row - column;
		const size_t part = n < rest ? n : rest;

		memcpy(rfb_screen_at(&c->screen, c->box.left,
				     c->box.top + (int)(at / row)) +
			       column,
		       in, part);
		in += part;
		n -= part;
		at += part;
	}
	if (at == all)
		rfb_screen_change(&c->screen, c->box);
}

/* Return: 0; RFB_CLIENT_E_ZRLE. */
static int client_take_tile(struct rfb_client *c, const uint8_t *in, size_t len,
			    size_t *used)
{
	if (rfb_zrle_take(&c->zrle, &c->screen, in, len, used))
		return RFB_CLIENT_E_ZRLE;
	c->blank = false;
	c->drawn += RFB_ZRLE_SIDE * RFB_ZRLE_SIDE;
	return c->zrle.done ? client_next(c) : 0;
}

static int client_take_body(struct rfb_client *c, const uint8_t *in, size_t len,
			    size_t *used)
{
	const size_t n = len < c->left ? len : (size_t)c->left;

	*used = n;
	if (c->state == RFB_CLIENT_RAW) {
		client_draw_raw(c, in, n);
	} else if (c->state == RFB_CLIENT_CURSOR) {
		memcpy(c->cursor.shape + c->cursor.n, in, n);
		c->cursor.n += n;
		c->cursor.changed = true;
	}
	c->left -= n;
	return c->left ? 0 : client_end_body(c);
}

static int client_take_head(struct rfb_client *c, const uint8_t *in, size_t len,
			    size_t *used)
{
	const struct client_head *head = &client_heads[c->state];
	const size_t missing = head->len - c->n;

	*used = len < missing ? len : missing;
	memcpy(c->head + c->n, in, *used);
	c->n += *used;
	return c->n < head->len ? 0 : head->decide(c);
}

static int client_step(struct rfb_client *c, const uint8_t *in, size_t len,
		       size_t *used)
{
	if (client_heads[c->state].len)
		return client_take_head(c, in, len, used);
	if (c->state == RFB_CLIENT_TILES)
		return client_take_tile(c, in, len, used);
	return client_take_body(c, in, len, used);
}

bool rfb_client_is_hungry(const struct rfb_client *c)
{
	return c->state != RFB_CLIENT_TILES || c->zrle.hungry;
}

int rfb_client_take(struct rfb_client *c, const uint8_t *in, size_t len,
		    size_t *used)
{
	int r = 0;

	*used = 0;
	c->drawn = 0;
	while (!r && c->drawn < RFB_CLIENT_STEP &&
	       (*used < len || !rfb_client_is_hungry(c))) {
		size_t n;

		r = client_step(c, in + *used, len - *used, &n);
		*used += n;
	}
	return r;
}
