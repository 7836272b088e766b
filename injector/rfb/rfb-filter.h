/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a viewer that only looks may say to a VNC server. The viewer speaks RFB
 * 3.8 with security type None; of its messages pass
 *
 *	SetPixelFormat, SetEncodings, FramebufferUpdateRequest
 *
 * Keys, pointers, clipboards, the size of the desktop, what shuts a guest down,
 * continuous updates and fences are dropped and counted. What is unknown has no
 * length that could be skipped: it ends the connection.
 *
 * Of the encodings in SetEncodings those that are known to be of the picture
 * pass. All others are replaced by one of no meaning, which keeps the length:
 * a pseudo-encoding may change what a server sends besides pictures, such as
 * the guest's clipboard, whether it draws the pointer itself, and which
 * messages the viewer may send, and how long these are (a PointerEvent with
 * more buttons has seven bytes). Pure.
 */
#ifndef VINPUT_RFB_FILTER_H
#define VINPUT_RFB_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/rfb/rfb-wire.h"

/* The handshake: a version, a security type, and whether it shares. */
#define RFB_FILTER_GREETING (RFB_VERSION_LEN + 2)
/* Of a message whose length is known after so many bytes, at most. */
#define RFB_FILTER_HEAD 10

enum rfb_filter_error {
	RFB_FILTER_E_VERSION = 1, /* not 3.8 */
	RFB_FILTER_E_SECURITY,	  /* another type than None */
	RFB_FILTER_E_MESSAGE,	  /* unknown: its number is in f->type */
	RFB_FILTER_E_LENGTH,	  /* too long */
};

/* Filled with zeros: a viewer that has said nothing. */
struct rfb_filter {
	unsigned int greeted;	       /* bytes of the handshake that came */
	uint8_t head[RFB_FILTER_HEAD]; /* or an encoding */
	size_t n;		       /* bytes in head */
	size_t left;		       /* of a message whose head is done */
	bool passes;		       /* that message */
	uint8_t type;		       /* of the last message */
	uint64_t dropped;	       /* messages */
	/*
	 * The caller's: the pointer comes apart from the picture. Only for a
	 * server that never draws it itself.
	 */
	bool passes_cursor;
};

/*
 * Take bytes of the viewer's, split anywhere. out: what is for the server,
 * room for RFB_FILTER_HEAD + len bytes; *n_out: how many it is. The handshake
 * is taken, not passed on: the caller has one of its own (rfb-greeting.h).
 * Return: 0; RFB_FILTER_E_*: the viewer MUST be disconnected, and what is in
 * out belongs to messages before.
 */
int rfb_filter_take(struct rfb_filter *f, const uint8_t *in, size_t len,
		    uint8_t *out, size_t *n_out);

/* For messages to people: "KeyEvent". Return: NULL: unknown. */
const char *rfb_filter_name(uint8_t type);

#endif
