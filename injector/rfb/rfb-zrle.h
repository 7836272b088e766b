/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoding ZRLE (RFC 6143 §7.7.6): tiles of up to 64 x 64 pixels, packed or
 * with runs, in a stream of zlib that all rectangles of a connection share. A
 * pixel in it has three bytes: blue, green, red. Pure.
 */
#ifndef VINPUT_RFB_ZRLE_H
#define VINPUT_RFB_ZRLE_H

#define ZLIB_CONST
#include <zlib.h>

#include "injector/rfb/rfb-screen.h"

#define RFB_ZRLE_SIDE 64
/* The longest tile: a kind, and runs of one pixel. */
#define RFB_ZRLE_TILE (1 + RFB_ZRLE_SIDE * RFB_ZRLE_SIDE * 4)

enum rfb_zrle_error {
	RFB_ZRLE_E_STREAM = 1, /* not zlib's, or it has an end */
	RFB_ZRLE_E_TILE,       /* not one of the rectangle */
	RFB_ZRLE_E_LENGTH,     /* the data is more, or less, than its tiles */
};

struct rfb_zrle {
	z_stream stream;
	bool open;
	struct box box; /* the rectangle */
	int x, y;	/* of the next tile; y = box.bottom: none */
	size_t left;	/* compressed bytes of the rectangle */
	bool hungry;	/* without more of them there is no tile */
	bool done;	/* all of the rectangle was taken */
	/* Inflated, from `at` to `end`. */
	uint8_t bytes[2 * RFB_ZRLE_TILE];
	size_t at, end;
};

/*
 * z: filled with zeros at first; a rectangle of len compressed bytes begins.
 * Return: 0; -ENOMEM.
 */
int rfb_zrle_begin(struct rfb_zrle *z, struct box box, size_t len);
/*
 * Draw a tile; or, if more bytes are needed, take all and be hungry. box:
 * within the screen. *used: how many bytes were taken.
 * Return: 0; RFB_ZRLE_E_*: the connection MUST end.
 */
int rfb_zrle_take(struct rfb_zrle *z, struct rfb_screen *s, const uint8_t *in,
		  size_t len, size_t *used);
void rfb_zrle_fini(struct rfb_zrle *z); /* idempotent */

#endif
