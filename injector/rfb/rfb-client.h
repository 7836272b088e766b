/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A viewer of a VNC server that decodes what it sees, after the greeting
 * (rfb-greeting.h). It asks for what it shows, and sends nothing else: no key,
 * no pointer, no clipboard.
 *
 *	server ─► rfb_client_take() ─► screen, cursor
 *	       ◄── out ◄── rfb_client_ask()
 *
 * What a server sends is bounded: a screen by RFB_SCREEN_MAX, a cursor by
 * RFB_CURSOR_MAX, and the work of one call by RFB_CLIENT_STEP. Pure.
 */
#ifndef VINPUT_RFB_CLIENT_H
#define VINPUT_RFB_CLIENT_H

#include "injector/rfb/rfb-cursor.h"
#include "injector/rfb/rfb-screen.h"
#include "injector/rfb/rfb-zrle.h"

/* Pixels drawn in a call, and one rectangle or tile more. */
#define RFB_CLIENT_STEP (1 << 19)

enum rfb_client_error {
	RFB_CLIENT_E_MESSAGE = 1, /* unknown: its number is in c->head[0] */
	RFB_CLIENT_E_ENCODING,	  /* of a rectangle, that was not asked for */
	RFB_CLIENT_E_BOX,	  /* a rectangle outside of the screen */
	RFB_CLIENT_E_SIZE,	  /* of the screen: none, or too large */
	RFB_CLIENT_E_ZRLE,	  /* not ZRLE */
};

enum rfb_client_state {
	RFB_CLIENT_MESSAGE, /* waits for a message */
	RFB_CLIENT_UPDATE,  /* FramebufferUpdate: how many rectangles */
	RFB_CLIENT_COLOURS, /* SetColourMapEntries: how many */
	RFB_CLIENT_TEXT,    /* ServerCutText: its length */
	RFB_CLIENT_RECT,
	RFB_CLIENT_COPY, /* CopyRect: from where */
	RFB_CLIENT_ZRLE, /* its length */
	RFB_CLIENT_TILES,
	RFB_CLIENT_RAW,
	RFB_CLIENT_CURSOR,
	RFB_CLIENT_SCREENS, /* ExtendedDesktopSize: how many */
	RFB_CLIENT_SKIP,
};

/* How a server is reached decides on what is better to send. */
enum rfb_client_way {
	RFB_CLIENT_LOCAL, /* bytes cost less than packing them */
	RFB_CLIENT_REMOTE,
};

struct rfb_client {
	enum rfb_client_state state;
	uint8_t head[16]; /* what the state waits for; n bytes came */
	size_t n;
	uint64_t left;	/* bytes to skip, or of a rectangle */
	uint16_t rects; /* of the update, still to come */
	bool endless;	/* until LastRect; rects is not 0 */
	struct box box;
	int32_t encoding;
	bool asked; /* for an update, which has not begun */
	bool blank; /* nothing of the screen, as large as it is, has come */
	uint64_t updates; /* that are whole */
	uint64_t drawn;	  /* pixels, in a call */
	struct rfb_screen screen;
	struct rfb_cursor cursor;
	struct rfb_zrle zrle;
	/* To be sent; the caller sets n_out to 0 when it is. */
	uint8_t out[128];
	size_t n_out;
};

/*
 * c: filled with zeros. A screen of this size, which ServerInit has, and what
 * has to be sent first. Return: 0; RFB_CLIENT_E_SIZE; -ENOMEM.
 */
int rfb_client_init(struct rfb_client *c, uint16_t width, uint16_t height,
		    enum rfb_client_way way);
void rfb_client_fini(struct rfb_client *c); /* idempotent */

/*
 * Take bytes of the server's, split anywhere; *used: how many were taken; if
 * not all, the rest is for the next call. It MAY draw without taking any.
 * Return: 0; RFB_CLIENT_E_*, -ENOMEM: the connection MUST end.
 */
int rfb_client_take(struct rfb_client *c, const uint8_t *in, size_t len,
		    size_t *used);
/* Whether bytes of the server are needed for anything more. */
bool rfb_client_is_hungry(const struct rfb_client *c);
/*
 * Ask for the next change, or for all of a screen that is blank, unless that is
 * done. Nothing of out MAY be left.
 */
void rfb_client_ask(struct rfb_client *c);

#endif
