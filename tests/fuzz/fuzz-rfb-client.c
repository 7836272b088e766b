/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a VNC server sends after its greeting, or as tiles of ZRLE,
 * which are deflated for it; in pieces of any length. In whole or in pieces the
 * verdict and the screen must be the same, and nothing but looking is answered.
 */
#include "injector/rfb/rfb-client.h"
#include "injector/rfb/rfb-wire.h"
#include "tests/fuzz/fuzz.h"

#define MAX	8192
#define WIDTH	80
#define HEIGHT	70
#define COMPARE 65536 /* pixels, at most */

/* What is answered: messages as a client of this kind may send them. */
static void check_said(struct rfb_client *c)
{
	size_t at = 0;

	must(c->n_out <= sizeof(c->out));
	while (at < c->n_out) {
		const uint8_t *m = c->out + at;

		must(m[0] == RFB_UPDATE_REQUEST || m[0] == RFB_SET_ENCODINGS ||
		     m[0] == RFB_SET_PIXEL_FORMAT);
		at += m[0] == RFB_UPDATE_REQUEST  ? 10
		      : m[0] == RFB_SET_ENCODINGS ? 4 + 4 * net_get16(m + 2)
						  : 20;
	}
	must(at == c->n_out);
	c->n_out = 0;
}

static void check_cursor(const struct rfb_client *c)
{
	uint8_t pixels[16 * 16 * RFB_PIXEL];

	must(c->cursor.width <= RFB_CURSOR_MAX);
	must(c->cursor.height <= RFB_CURSOR_MAX);
	if (!box_is_empty(rfb_cursor_box(&c->cursor)))
		rfb_cursor_draw(&c->cursor, (struct box){ 0, 0, 16, 16 },
				pixels, 16 * (size_t)RFB_PIXEL);
}

static int take_all(struct rfb_client *c, const uint8_t *in, size_t len)
{
	size_t at = 0;
	int r = 0;

	while (!r && (at < len || !rfb_client_is_hungry(c))) {
		const bool drew = !rfb_client_is_hungry(c);
		size_t used;

		r = rfb_client_take(c, in + at, len - at, &used);
		must(used <= len - at);
		must(used || drew || r);
		at += used;
	}
	return r;
}

/* piece: 0: as one. Return: the verdict. */
static int take_pieces(struct rfb_client *c, const uint8_t *data, size_t size,
		       size_t piece)
{
	int r = 0;

	*c = (struct rfb_client){ .n = 0 };
	must(!rfb_client_init(c, WIDTH, HEIGHT, RFB_CLIENT_REMOTE));
	for (size_t at = 0; at < size && !r;) {
		const size_t n = piece && piece < size - at ? piece : size - at;

		check_said(c);
		r = take_all(c, data + at, n);
		must(c->screen.width && c->screen.width <= RFB_SCREEN_MAX);
		must(c->screen.height && c->screen.height <= RFB_SCREEN_MAX);
		if (!r)
			rfb_client_ask(c);
		at += n;
	}
	check_said(c);
	check_cursor(c);
	return r;
}

static void compare(const uint8_t *data, size_t size, size_t piece)
{
	static struct rfb_client whole, parts;
	const int r = take_pieces(&whole, data, size, 0);

	must(take_pieces(&parts, data, size, piece) == r);
	must(whole.updates == parts.updates);
	must(whole.screen.width == parts.screen.width);
	must(whole.screen.height == parts.screen.height);
	/* A rectangle that lies may be drawn in part. */
	if (!r && (size_t)whole.screen.width * whole.screen.height <= COMPARE)
		must(!memcmp(whole.screen.pixels, parts.screen.pixels,
			     (size_t)whole.screen.width * whole.screen.height *
				     RFB_PIXEL));
	rfb_client_fini(&whole);
	rfb_client_fini(&parts);
}

/* Tiles of a rectangle, which is the whole screen. */
static void compare_tiles(const uint8_t *data, size_t size, size_t piece)
{
	static uint8_t out[2 * MAX] = {
		0, 0, 0, 1, 0, 0, 0, 0, 0, WIDTH, 0, HEIGHT, 0, 0, 0, RFB_ZRLE
	};
	z_stream z = { .next_in = data,
		       .avail_in = (unsigned int)size,
		       .next_out = out + 20,
		       .avail_out = sizeof(out) - 20 };

	must(deflateInit(&z, 1) == Z_OK);
	must(deflate(&z, Z_SYNC_FLUSH) == Z_OK && !z.avail_in);
	net_put32(out + 16, (uint32_t)z.total_out);
	compare(out, 20 + z.total_out, piece);
	deflateEnd(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > MAX)
		return 0;
	if (data[0] % 2)
		compare_tiles(data + 2, size - 2, data[1]);
	else
		compare(data + 2, size - 2, data[1]);
	return 0;
}
