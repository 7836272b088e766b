/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a handle, for the files of libvinject only.
 *
 *	typed calls ─► frame, said          vinject_add()
 *	vinject_frame() ─► the socket, told     if there is room
 *	                └► now                  in any case
 *	later: told ─► now, in one frame        vinject_push()
 */
#ifndef VINJECT_HANDLE_H
#define VINJECT_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"
#include "injector/libvinject/vinject.h"
#include "injector/libvinject/vinject-address.h"
#include "injector/libvinject/vinject-link.h"
#include "injector/libvinject/vinject-state.h"

struct vinject {
	struct vinject_link link;
	struct vinject_error error;
	bool opened;
	unsigned int connection; /* counts them */
	bool reconnect;
	int timeout_ms, wait_ms;

	/* The unfinished frame; its last place is for SYN_REPORT. */
	size_t n;
	struct vi_event frame[VINJECT_FRAME_MAX + 1];

	/* With the unfinished frame, without it, and as the device has it. */
	struct vinject_state said, now, told;
	int64_t rel[REL_CNT]; /* motion of folded frames */
	bool behind;	      /* told is not now, or rel not 0 */
	unsigned int folded;  /* frames since it is behind */
	uint64_t folded_ever;

	/* The rest of a frame that did not go out whole. */
	size_t out_head, out_len;
	union {
		struct vi_event ev[VINJECT_FRAME_MAX + 1];
		uint8_t bytes[(VINJECT_FRAME_MAX + 1) *
			      sizeof(struct vi_event)];
	} out;

	/* Status: a piece of an event, and what was said of LEDs. */
	vinject_status_fn status;
	void *status_arg;
	size_t in_len;
	uint8_t in[sizeof(struct vi_event)];
	uint8_t leds[(LED_CNT + 7) / 8];

	/* What typed calls remember. */
	struct {
		int64_t id;
		bool down;
	} contact[VINJECT_SLOTS_MAX]; /* by slot */
	unsigned int slots;	      /* VINJECT_SLOTS_MAX or less; 0: single */
	uint16_t next_id;
	int32_t wheel_part[2]; /* of a notch */
	uint16_t pen;	       /* the tool that is near, 0: none */
	unsigned int pad;      /* bits of the pad's four buttons */
	uint64_t pad_axes;     /* axes that go to rest at 0 */
};

/* Return: 0 if n more events can be added, -EMSGSIZE or -EPIPE. */
int vinject_room(const struct vinject *v, size_t n);
/* Add an event that vinject_room() had room for, and that is valid. */
void vinject_add(struct vinject *v, uint16_t type, uint16_t code,
		 int32_t value);

#endif
