/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client wants done: a message is a list of actions. Pure.
 */
#ifndef VINPUT_STREAM_ACTION_H
#define VINPUT_STREAM_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/stream/stream-fields.h"

#define STREAM_ACTIONS_MAX 64	 /* of a message */
#define STREAM_TEXT_SIZE   4096	 /* text to type, with its NUL */
#define STREAM_OFFER_SIZE  16384 /* of an offer: it has all codecs */
#define STREAM_LAYOUT_SIZE 64	 /* "de(neo)", with its NUL */
#define STREAM_LABEL_SIZE  33	 /* a device's label, with its NUL */
#define STREAM_PADS_MAX	   8	 /* gamepads of a client */

enum stream_kind {
	STREAM_HELLO,	   /* code: the version */
	STREAM_KEY,	   /* code: KEY_*; down */
	STREAM_BUTTON,	   /* code: 0..4 as in DOM; down */
	STREAM_MOTION,	   /* x, y: counts, down and to the right */
	STREAM_WHEEL,	   /* x, y: 1/120 of a notch, up and to the right */
	STREAM_TURN,	   /* y: the same of a rotary */
	STREAM_POSITION,   /* x, y */
	STREAM_TOUCH,	   /* id, down, x, y; size and pressure if given */
	STREAM_PEN,	   /* down: near; x, y, pressure; tilt if given */
	STREAM_PAD_BUTTON, /* id: the pad; code: 0..16; x: 0..1 */
	STREAM_PAD_AXIS,   /* id: the pad; code: 0..3; x: -1..1 */
	STREAM_PAD_EVENT,  /* code: ABS_*; x: its value */
	STREAM_PAD_GONE,   /* id: the pad */
	STREAM_SWITCH,	   /* code: SW_*; down: on */
	STREAM_TEXT,	   /* the message's text and layout; down: type it */
	STREAM_LAYOUTS,	   /* which there are */
	STREAM_OFFER,	   /* of WebRTC: the message's text */
	STREAM_ROTATE,	   /* code: degrees clockwise */
	STREAM_PING,	   /* id: comes back */
};

/* What a touch or a pen has besides its position. */
enum stream_given {
	STREAM_HAS_POSITION = 1 << 0,
	STREAM_HAS_PRESSURE = 1 << 1,
	STREAM_HAS_SIZE = 1 << 2,
	STREAM_HAS_TILT = 1 << 3,
};

struct stream_action {
	enum stream_kind kind;
	/* The device: its label, or its number; "" and -1: the usual one. */
	char label[STREAM_LABEL_SIZE];
	int16_t number;
	bool down;
	bool cuttlefish; /* its client's: a touch is in the display's pixels */
	bool repeat;	 /* of a key */
	bool eraser;	 /* of a pen */
	uint8_t buttons; /* of a pen, as bits */
	uint8_t given;	 /* enum stream_given */
	uint16_t code;
	int32_t id;
	double x, y;	       /* of a device's range: 0..1 */
	double pressure;       /* 0..1 */
	double major, minor;   /* 0..1 of the device's width */
	double tilt_x, tilt_y; /* degrees, to the right and to the user */
};

struct stream_message {
	/*
	 * It is a heartbeat: the actions are all keys, buttons, contacts, pens
	 * and pads that the client holds, and nothing is to be done.
	 */
	bool is_held;
	size_t n;
	struct stream_action action[STREAM_ACTIONS_MAX];
	char text[STREAM_OFFER_SIZE];	 /* of STREAM_TEXT, STREAM_OFFER */
	char layout[STREAM_LAYOUT_SIZE]; /* of STREAM_TEXT; "": the usual */
};

/* Return: a new action of the message; NULL, with a fault of f: too many. */
struct stream_action *stream_action_add(struct stream_message *m,
					enum stream_kind kind,
					struct stream_fields *f);
/*
 * Return: the kernel's key of a KeyboardEvent's code; 0: it has none, or, with
 * a fault of f, there is no such code.
 */
uint16_t stream_action_key(struct stream_fields *f, const char *code);

#endif
