/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of a VNC server, without a socket: what such a server says, in
 * pieces of any length, and what the client has of it then.
 */
#ifndef VINPUT_TESTS_RFB_SPEECH_H
#define VINPUT_TESTS_RFB_SPEECH_H

#include <string.h>

#include "injector/rfb/rfb-client.h"
#include "injector/rfb/rfb-wire.h"
#include "tests/lib/check.h"

#define WIDTH  70
#define HEIGHT 66

#define RED   0xff0000
#define GREEN 0x00ff00
#define BLUE  0x0000ff

/* The same as bytes of a tile. */
#define R "\0\0\xff"
#define G "\0\xff\0"
#define B "\xff\0\0"

/* What a server says. */
static struct speech {
	uint8_t bytes[1 << 16];
	size_t n;
	z_stream zlib;
} s;

static struct rfb_client client;

static inline int setup(void **state)
{
	memset(&s, 0, sizeof(s));
	assert_num(deflateInit(&s.zlib, 6), Z_OK);
	memset(&client, 0, sizeof(client));
	assert_ok(rfb_client_init(&client, WIDTH, HEIGHT, RFB_CLIENT_REMOTE));
	client.n_out = 0;
	return 0;
}

static inline int teardown(void **state)
{
	deflateEnd(&s.zlib);
	rfb_client_fini(&client);
	rfb_client_fini(&client);
	assert_null(client.screen.pixels);
	assert_null(client.cursor.shape);
	assert_null(client.zrle.stream.state);
	return 0;
}

/* A client whose screen has this size, and has seen nothing. */
static inline void restart(uint16_t width, uint16_t height)
{
	teardown(NULL);
	setup(NULL);
	rfb_client_fini(&client);
	memset(&client, 0, sizeof(client));
	assert_ok(rfb_client_init(&client, width, height, RFB_CLIENT_LOCAL));
	client.n_out = 0;
}

/* --- what is said --- */

static inline void say(const void *bytes, size_t len)
{
	assert_true(s.n + len <= sizeof(s.bytes));
	memcpy(s.bytes + s.n, bytes, len);
	s.n += len;
}

#define SAY(literal) say(literal, sizeof(literal) - 1)

static inline void say16(unsigned int value)
{
	uint8_t bytes[2];

	net_put16(bytes, (uint16_t)value);
	say(bytes, 2);
}

static inline void say32(uint32_t value)
{
	uint8_t bytes[4];

	net_put32(bytes, value);
	say(bytes, 4);
}

static inline void say_update(unsigned int n)
{
	SAY("\0\0");
	say16(n);
}

static inline void say_rect(int x, int y, int width, int height,
			    int32_t encoding)
{
	say16((unsigned int)x);
	say16((unsigned int)y);
	say16((unsigned int)width);
	say16((unsigned int)height);
	say32((uint32_t)encoding);
}

static inline void say_pixel(uint32_t colour)
{
	const uint8_t bytes[] = { (uint8_t)colour, (uint8_t)(colour >> 8),
				  (uint8_t)(colour >> 16), 0xee };

	say(bytes, 4);
}

static inline void say_raw(int x, int y, int width, int height, uint32_t colour)
{
	say_rect(x, y, width, height, RFB_RAW);
	for (int i = 0; i < width * height; i++)
		say_pixel(colour);
}

/* Tiles, deflated. */
static inline void say_tiles(const void *tiles, size_t len)
{
	static uint8_t out[1 << 15];

	s.zlib.next_in = (const uint8_t *)tiles;
	s.zlib.avail_in = (unsigned int)len;
	s.zlib.next_out = out;
	s.zlib.avail_out = sizeof(out);
	assert_num(deflate(&s.zlib, Z_SYNC_FLUSH), Z_OK);
	say32((uint32_t)(sizeof(out) - s.zlib.avail_out));
	say(out, sizeof(out) - s.zlib.avail_out);
}

#define SAY_TILES(literal) say_tiles(literal, sizeof(literal) - 1)

/* --- what is heard --- */

static inline uint32_t pixel(int x, int y)
{
	const uint8_t *at = rfb_screen_at(&client.screen, x, y);

	return (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static inline void assert_filled(struct box box, uint32_t colour)
{
	for (int y = box.top; y < box.bottom; y++)
		for (int x = box.left; x < box.right; x++)
			if (pixel(x, y) != colour)
				fail_msg("%d, %d is %06x, not %06x", x, y,
					 pixel(x, y), colour);
}

/* In pieces of this length. Return: the verdict. */
static inline int hear_pieces(size_t piece)
{
	size_t at = 0;
	int r = 0;

	while (!r && at < s.n) {
		const size_t n = piece < s.n - at ? piece : s.n - at;
		size_t used;

		r = rfb_client_take(&client, s.bytes + at, n, &used);
		assert_true(used <= n);
		at += used;
	}
	while (!r && !rfb_client_is_hungry(&client)) {
		size_t used;

		r = rfb_client_take(&client, s.bytes, 0, &used);
		assert_num(used, 0);
	}
	return r;
}

static inline void hear(void)
{
	assert_ok(hear_pieces(sizeof(s.bytes)));
	s.n = 0;
}

/* Return: how many calls it takes. */
static inline int hear_calls(void)
{
	size_t at = 0;
	int calls = 0;

	while (at < s.n || !rfb_client_is_hungry(&client)) {
		size_t used;

		assert_ok(rfb_client_take(&client, s.bytes + at, s.n - at,
					  &used));
		assert_true(client.drawn <= RFB_CLIENT_STEP);
		at += used;
		calls++;
	}
	s.n = 0;
	return calls;
}

static inline void assert_says(const char *bytes, size_t len)
{
	assert_num(client.n_out, (long)len);
	assert_memory_equal(client.out, bytes, len);
	client.n_out = 0;
}

#define ASSERT_SAYS(literal) assert_says(literal, sizeof(literal) - 1)

static inline void assert_box(struct box is, int left, int top, int right,
			      int bottom)
{
	if (is.left != left || is.top != top || is.right != right ||
	    is.bottom != bottom)
		fail_msg("%d,%d to %d,%d", is.left, is.top, is.right,
			 is.bottom);
}

static inline void assert_changed(int left, int top, int right, int bottom)
{
	assert_box(client.screen.changed, left, top, right, bottom);
	client.screen.changed = (struct box){ 0 };
}

#endif
