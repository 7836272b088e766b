/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tile is drawn as soon as enough was inflated for all of it; before that it
 * is read again from its begin. So what is kept is no more than two tiles,
 * whatever a rectangle's bytes inflate to.
 */
#include <errno.h>
#include <string.h>

#include "injector/rfb/rfb-zrle.h"

#define CPIXEL	    3 /* bytes */
#define PIXELS_MAX  (RFB_ZRLE_SIDE * RFB_ZRLE_SIDE)
#define PALETTE_MAX 127
#define PACKED_MAX  16	/* colours of a palette without runs */
#define RUNS	    128 /* the kind: runs; more: with a palette */
#define INCOMPLETE  (-1)

/* What is left of a tile's bytes, and where its pixels are. */
struct tile {
	const uint8_t *in, *end;
	struct rfb_screen *screen;
	struct box box;
	int x, y; /* of the next pixel, for runs */
	unsigned int n_colours;
	uint8_t palette[PALETTE_MAX][CPIXEL];
};

static bool tile_has(const struct tile *t, size_t n)
{
	return (size_t)(t->end - t->in) >= n;
}

static void tile_put(struct tile *t, int x, int y, const uint8_t *colour)
{
	memcpy(rfb_screen_at(t->screen, x, y), colour, CPIXEL);
}

/* --- runs --- */

/* Return: whether the tile has so many more pixels. */
static bool tile_put_run(struct tile *t, const uint8_t *colour, size_t n)
{
	for (; n; n--) {
		if (t->y == t->box.bottom)
			return false;
		tile_put(t, t->x, t->y, colour);
		if (++t->x == t->box.right) {
			t->x = t->box.left;
			t->y++;
		}
	}
	return true;
}

/* Bytes of 255, and one that is less, unless it is too long already. Return: 0;
 * INCOMPLETE. */
static int tile_get_run(struct tile *t, size_t *n)
{
	uint8_t byte;

	*n = 1;
	do {
		if (!tile_has(t, 1))
			return INCOMPLETE;
		byte = *t->in++;
		*n += byte;
	} while (byte == 255 && *n <= PIXELS_MAX);
	return 0;
}

/* A run's colour: of the palette, whose runs of one have no length. */
static int tile_get_colour(struct tile *t, const uint8_t **colour, bool *runs)
{
	const size_t len = t->n_colours ? 1 : CPIXEL;
	unsigned int index;

	if (!tile_has(t, len))
		return INCOMPLETE;
	*colour = t->in;
	*runs = true;
	t->in += len;
	if (!t->n_colours)
		return 0;
	index = **colour & 127;
	*runs = **colour & 128;
	if (index >= t->n_colours)
		return RFB_ZRLE_E_TILE;
	*colour = t->palette[index];
	return 0;
}

static int tile_draw_runs(struct tile *t)
{
	while (t->y < t->box.bottom) {
		const uint8_t *colour;
		size_t n = 1;
		bool runs;
		int r = tile_get_colour(t, &colour, &runs);

		if (!r && runs)
			r = tile_get_run(t, &n);
		if (r)
			return r;
		if (!tile_put_run(t, colour, n))
			return RFB_ZRLE_E_TILE;
	}
	return 0;
}

/* --- without runs --- */

static int tile_draw_raw(struct tile *t)
{
	const int width = t->box.right - t->box.left;
	const int height = t->box.bottom - t->box.top;

	if (!tile_has(t, (size_t)width * (size_t)height * CPIXEL))
		return INCOMPLETE;
	for (int y = t->box.top; y < t->box.bottom; y++)
		for (int x = t->box.left; x < t->box.right; x++) {
			tile_put(t, x, y, t->in);
			t->in += CPIXEL;
		}
	return 0;
}

/* One row, which begins with a byte of its own. */
static int tile_draw_packed_row(struct tile *t, int y, int bits)
{
	const uint8_t *at = t->in;
	int shift = 8;

	for (int x = t->box.left; x < t->box.right; x++) {
		unsigned int index;

		if (!shift) {
			shift = 8;
			at++;
		}
		shift -= bits;
		index = (unsigned int)*at >> shift & ((1U << bits) - 1);
		if (index >= t->n_colours)
			return RFB_ZRLE_E_TILE;
		tile_put(t, x, y, t->palette[index]);
	}
	return 0;
}

static int tile_draw_packed(struct tile *t)
{
	const int bits = t->n_colours == 2 ? 1 : t->n_colours <= 4 ? 2 : 4;
	const int width = t->box.right - t->box.left;
	const int height = t->box.bottom - t->box.top;
	const size_t row = ((size_t)width * (size_t)bits + 7) / 8;
	int r = 0;

	if (!tile_has(t, row * (size_t)height))
		return INCOMPLETE;
	for (int y = t->box.top; y < t->box.bottom && !r; y++) {
		r = tile_draw_packed_row(t, y, bits);
		t->in += row;
	}
	return r;
}

static int tile_draw_solid(struct tile *t)
{
	for (int y = t->box.top; y < t->box.bottom; y++)
		for (int x = t->box.left; x < t->box.right; x++)
			tile_put(t, x, y, t->palette[0]);
	return 0;
}

/* --- a tile --- */

static int tile_get_palette(struct tile *t, unsigned int n)
{
	if (!tile_has(t, (size_t)n * CPIXEL))
		return INCOMPLETE;
	memcpy(t->palette, t->in, (size_t)n * CPIXEL);
	t->in += (size_t)n * CPIXEL;
	t->n_colours = n;
	return 0;
}

/* Return: 0; INCOMPLETE; RFB_ZRLE_E_TILE. */
static int tile_draw(struct tile *t)
{
	unsigned int kind, colours;
	int r;

	if (!tile_has(t, 1))
		return INCOMPLETE;
	kind = *t->in++;
	colours = kind & 127;
	if (kind & RUNS ? colours == 1 : colours > PACKED_MAX)
		return RFB_ZRLE_E_TILE;
	r = tile_get_palette(t, colours);
	if (r)
		return r;
	if (kind >= RUNS)
		return tile_draw_runs(t);
	if (!colours)
		return tile_draw_raw(t);
	return colours == 1 ? tile_draw_solid(t) : tile_draw_packed(t);
}

/* --- the stream --- */

int rfb_zrle_begin(struct rfb_zrle *z, struct box box, size_t len)
{
	if (!z->open && inflateInit(&z->stream) != Z_OK)
		return -ENOMEM;
	z->open = true;
	z->box = box;
	z->x = box.left;
	z->y = box_is_empty(box) ? box.bottom : box.top;
	z->left = len;
	z->hungry = z->done = false;
	return 0;
}

void rfb_zrle_fini(struct rfb_zrle *z)
{
	inflateEnd(&z->stream);
}

/* Return: 0; INCOMPLETE: there is no more; RFB_ZRLE_E_STREAM. */
static int zrle_inflate(struct rfb_zrle *z)
{
	const unsigned int had = z->stream.avail_in;
	const size_t kept = z->end - z->at;
	int r;

	memmove(z->bytes, z->bytes + z->at, kept);
	z->at = 0;
	z->stream.next_out = z->bytes + kept;
	z->stream.avail_out = (unsigned int)(sizeof(z->bytes) - kept);
	r = inflate(&z->stream, Z_SYNC_FLUSH);
	z->end = sizeof(z->bytes) - z->stream.avail_out;
	if (r != Z_OK && r != Z_BUF_ERROR)
		return RFB_ZRLE_E_STREAM;
	return z->end == kept && z->stream.avail_in == had ? INCOMPLETE : 0;
}

/* The tile at z->x, z->y. Return: as tile_draw(). */
static int zrle_draw(struct rfb_zrle *z, struct rfb_screen *s)
{
	struct tile t = { .in = z->bytes + z->at,
			  .end = z->bytes + z->end,
			  .screen = s,
			  .box = box_cut(z->box,
					 (struct box){ z->x, z->y,
						       z->x + RFB_ZRLE_SIDE,
						       z->y + RFB_ZRLE_SIDE }),
			  .x = z->x,
			  .y = z->y };
	const int r = tile_draw(&t);

	if (r)
		return r;
	rfb_screen_change(s, t.box);
	z->at = (size_t)(t.in - z->bytes);
	z->x = t.box.right;
	if (z->x == z->box.right) {
		z->x = z->box.left;
		z->y = t.box.bottom;
	}
	return 0;
}

/* All tiles are drawn: only bytes that inflate to nothing may follow. */
static int zrle_finish(struct rfb_zrle *z)
{
	int r = 0;

	while (!r && z->at == z->end)
		r = zrle_inflate(z);
	return z->at != z->end ? RFB_ZRLE_E_LENGTH : r;
}

int rfb_zrle_take(struct rfb_zrle *z, struct rfb_screen *s, const uint8_t *in,
		  size_t len, size_t *used)
{
	const size_t most = len < z->left ? len : z->left;
	int r;

	z->stream.next_in = in;
	z->stream.avail_in = (unsigned int)most;
	if (z->y == z->box.bottom) {
		r = zrle_finish(z);
	} else {
		while ((r = zrle_draw(z, s)) == INCOMPLETE)
			if ((r = zrle_inflate(z)))
				break;
	}
	*used = most - z->stream.avail_in;
	z->left -= *used;
	z->hungry = r == INCOMPLETE;
	if (!z->hungry)
		return r;
	z->done = !z->left && z->y == z->box.bottom;
	return z->left || z->done ? 0 : RFB_ZRLE_E_LENGTH;
}
