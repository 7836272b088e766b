/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one client holds of the devices: all that has an end, which is keys and
 * buttons, contacts, the pen, and buttons and axes of pads. Switches stay. Each
 * call adds events to the devices' frames; stream_hold_finish() sends them.
 */
#ifndef VINPUT_STREAM_HOLD_H
#define VINPUT_STREAM_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "injector/stream/stream-device.h"

#define STREAM_KEYS_MAX	    64 /* of a client at a time */
#define STREAM_CONTACTS_MAX 32
#define STREAM_PAD_AXES	    4

struct stream_pad {
	struct stream_device *device; /* NULL: no such pad */
	uint32_t buttons;	      /* of the standard gamepad, as bits */
	int32_t trigger[2], axis[STREAM_PAD_AXES];
	uint32_t events; /* ABS_ codes that were moved by their names */
};

struct stream_hold {
	uint32_t client; /* a number that no other client has */
	unsigned int n_keys, n_contacts;
	struct stream_held_key {
		struct stream_device *device;
		uint16_t code;
	} key[STREAM_KEYS_MAX];
	struct stream_held_contact {
		struct stream_device *device;
		int32_t id;
		int32_t at[2]; /* in the device's units */
	} contact[STREAM_CONTACTS_MAX];
	struct stream_device *pen; /* where it is near; NULL: nowhere */
	uint8_t pen_buttons;
	struct stream_pad pad[STREAM_PADS_MAX];
	uint64_t unfinished; /* devices with events since their last frame */
};

void stream_hold_init(struct stream_hold *h, uint32_t client);
/* Whether anything is held. */
bool stream_hold_any(const struct stream_hold *h);

/* Whether the device has its key down for this client. */
bool stream_hold_has_key(const struct stream_hold *h,
			 const struct stream_device *d, uint16_t code);
/* Press or release; what is so already is ignored. Return: 0; -ENOSPC. */
int stream_hold_key(struct stream_hold *h, struct stream_device *d,
		    uint16_t code, bool down);

/* Put a contact down or move it. Return: 0; -ENOSPC: too many. */
int stream_hold_contact(struct stream_hold *h, struct stream_device *d,
			int32_t id, const int32_t at[2]);
/* One that is not down is ignored. */
void stream_hold_lift(struct stream_hold *h, struct stream_device *d,
		      int32_t id);
/* Return: libvinject's ID of a contact. */
int64_t stream_hold_contact_id(const struct stream_hold *h, int32_t id);

/* Bring the pen near, to one device at a time, with these buttons. */
void stream_hold_pen(struct stream_hold *h, struct stream_device *d,
		     enum vinject_pen tool, uint8_t buttons);
void stream_hold_pen_away(struct stream_hold *h);

/* The client's pad is this device, which it stays until it is gone. */
void stream_hold_pad_open(struct stream_hold *h, struct stream_pad *pad,
			  struct stream_device *d);
/* Of an open one. value: 0..1 and -1..1 */
void stream_hold_pad_button(struct stream_hold *h, struct stream_pad *pad,
			    unsigned int button, double value);
void stream_hold_pad_axis(struct stream_hold *h, struct stream_pad *pad,
			  unsigned int axis, double value);
void stream_hold_pad_event(struct stream_hold *h, struct stream_pad *pad,
			   uint16_t code, int32_t value);
/* All of it to rest; then there is no such pad. */
void stream_hold_pad_gone(struct stream_hold *h, struct stream_pad *pad);

void stream_hold_release_all(struct stream_hold *h);
/* The device is about to be freed: hold nothing of it. */
void stream_hold_forget(struct stream_hold *h, const struct stream_device *d);

/* There are events for the device. */
void stream_hold_touch(struct stream_hold *h, const struct stream_device *d);
/* Send the frames. */
void stream_hold_finish(struct stream_hold *h,
			const struct stream_devices *devices);

#endif
