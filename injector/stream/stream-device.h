/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the guest, as the clients' actions reach it: what it is,
 * libvinject's handle, and which keys are down by how many clients. All clients
 * share the handle, so that a thousand of them cost no connections; contacts
 * carry their client's number. Nothing here waits or needs a loop.
 */
#ifndef VINPUT_STREAM_DEVICE_H
#define VINPUT_STREAM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/libvinject/vinject.h"
#include "injector/stream/stream-action.h"
#include "input/spec/spec.h"

#define STREAM_DEVICES_MAX  64
#define STREAM_DISPLAYS_MAX 16 /* that Cuttlefish's client shows */

/* What a device can be used as, as bits. */
enum stream_role {
	STREAM_KEYBOARD = 1 << 0,
	STREAM_MOUSE = 1 << 1,	 /* moves, or has a wheel beside buttons */
	STREAM_TABLET = 1 << 2,	 /* an absolute mouse */
	STREAM_SURFACE = 1 << 3, /* takes contacts */
	STREAM_STYLUS = 1 << 4,
	STREAM_GAMEPAD = 1 << 5,
	STREAM_ROTARY = 1 << 6,
	STREAM_SWITCHES = 1 << 7,
};

struct stream_device {
	char label[STREAM_LABEL_SIZE];
	uint8_t number; /* in the list */
	unsigned int roles;
	/* Of a touchscreen: which display of Cuttlefish's it is; -1: none. */
	int display;
	bool has_spec; /* or only the label is known */
	struct spec spec;
	struct vinject *v;	/* owned */
	uint16_t down[KEY_CNT]; /* clients that hold it */
	uint64_t dropped;	/* contacts without a slot */
	bool wants_receipt;	/* of the next frame */
	/* Of the last frame with a receipt: until the guest's driver took it.
	 */
	uint64_t latency_ns;
	double latency_at; /* when that was known, by clock_s(); 0: never */
	/* Of a touchscreen: the size of the picture that is shown, where that
	 * is not its own; 0: it is. */
	uint16_t picture_width, picture_height;
	/* Of a tablet: where a client has put it last, in 0..1. */
	double pointer[2];
	double pointer_at; /* when, by clock_s(); 0: never */
};

/* The devices by their numbers; NULL: none. */
struct stream_devices {
	struct stream_device *at[STREAM_DEVICES_MAX]; /* owned */
};

/* What the roles of a device are, by its spec or, without one, its label. */
unsigned int stream_roles_of_spec(const struct spec *spec);
unsigned int stream_roles_of_label(const char *label);

bool stream_devices_full(const struct stream_devices *list);
/*
 * Make a device without a connection: d->v is to be opened. spec: copied; NULL:
 * unknown. Return: it, in the list; NULL: no memory, or the list is full.
 */
struct stream_device *stream_device_new(struct stream_devices *list,
					const char *label,
					const struct spec *spec);
/* Clients MUST hold nothing of it. */
void stream_device_free(struct stream_devices *list, struct stream_device *d);

struct stream_device *stream_device_by_label(const struct stream_devices *list,
					     const char *label);
/* Return: the nth device, from 0, that has the role; NULL: none. */
struct stream_device *stream_device_by_role(const struct stream_devices *list,
					    enum stream_role role, int nth);

/* Return: the touchscreen of this display, or NULL. */
struct stream_device *stream_device_by_display(
	const struct stream_devices *list, int display);

/* Whether the spec declares it; false if the spec is unknown. */
bool stream_device_has(const struct stream_device *d, uint16_t type,
		       uint16_t code);
/* Whether fractions of this axis can be turned into its units. */
bool stream_device_scales(const struct stream_device *d, uint16_t code);
/* fraction: 0..1. Return: of the axis' range, 0 if that is unknown. */
int32_t stream_device_scale(const struct stream_device *d, uint16_t code,
			    double fraction);
/*
 * How many positions a touchscreen, tablet or touchpad has, which is the size
 * of a picture that fits it. Return: whether that is known.
 */
struct stream_size {
	uint32_t width, height;
};
bool stream_device_size(const struct stream_device *d,
			struct stream_size *size);
/* Which size its picture has; 0: its own. */
void stream_device_set_picture(struct stream_device *d, uint16_t width,
			       uint16_t height);
/* A client moves it to this position, in its units. */
void stream_device_point(struct stream_device *d, const int32_t at[2]);
/* Return: the value to which the axis returns. */
int32_t stream_device_rest(const struct stream_device *d, uint16_t code);

/* Send the frame, with a request for a receipt if one is wanted. */
void stream_device_frame(struct stream_device *d);

/* A key goes down by its first client, and up by its last. */
void stream_device_press(struct stream_device *d, uint16_t code, bool down);

#endif
