/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a handle. Three states follow an event on its way:
 *
 *	typed calls ─► frame, draft		vinject_add()
 *	vinject_frame() ─► now			always
 *			└► the socket, sent	if there is space
 *	later: the difference of sent and now	vinject_push()
 */
#ifndef VINJECT_HANDLE_H
#define VINJECT_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/libvinject/vinject-address.h"
#include "injector/libvinject/vinject-control.h"
#include "injector/libvinject/vinject-link.h"
#include "injector/libvinject/vinject-state.h"
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"

/* On the way from the socket to shared memory, see vinject-share.c. */
enum vinject_share_state {
	VINJECT_SHARE_COUNTING,
	VINJECT_SHARE_WANTED,
	VINJECT_SHARE_ASKED,
	VINJECT_SHARE_ALLOWED,
	VINJECT_SHARE_OFFERED,
	VINJECT_SHARE_SETTLED,
};

struct vinject {
	struct vinject_link link;
	struct vinject_error error;
	bool opened;
	unsigned int connection; /* its number */
	bool reconnect;
	bool dispatching; /* callbacks can be running */
	int timeout_ms, wait_ms;

	/* The unfinished frame, and room for its SYN_REPORT. */
	size_t n;
	struct vi_event frame[VINJECT_FRAME_MAX + 1];

	/* With the unfinished frame, without it, and as the device knows it. */
	struct vinject_state draft, now, sent;
	int64_t rel[REL_CNT]; /* motion of folded frames */
	bool behind;	      /* sent can differ from now, or rel from 0 */
	unsigned int folded;  /* frames while behind */
	uint64_t folded_ever;

	/* The rest of a partly sent frame. */
	size_t out_head, out_len;
	union {
		struct vi_event ev[VINJECT_FRAME_MAX + 1];
		uint8_t bytes[(VINJECT_FRAME_MAX + 1) *
			      sizeof(struct vi_event)];
	} out;

	struct vinject_control control;
	struct {
		bool off;    /* the setting */
		bool wanted; /* by vinject_share_memory(); of each connection */
		enum vinject_share_state state;
		unsigned int frames, looks;
		uint64_t since_ns; /* when frames was 0 */
	} share;

	/* What arrives: a partial event, and the LEDs. */
	vinject_status_fn status;
	void *status_arg;
	size_t in_len;
	uint8_t in[sizeof(struct vi_event)];
	uint8_t leds[(LED_CNT + 7) / 8];

	/* What typed calls have to remember. */
	struct {
		int64_t id;
		bool down;
	} contact[VINJECT_SLOTS_MAX]; /* by slot */
	unsigned int slots;	      /* VINJECT_SLOTS_MAX or less; 0: single */
	uint16_t next_id;
	int32_t wheel_part[2]; /* of a notch */
	uint16_t pen;	       /* the tool that is near; 0: none */
	unsigned int pad;      /* bits of the pad's four buttons */
	uint64_t pad_axes;     /* bits of axes whose rest is 0 */
};

/* Return: 0 if n more events can be added; -EMSGSIZE, -EPIPE. */
int vinject_room(const struct vinject *v, size_t n);
/* Add an event. It MUST be valid, and vinject_room() MUST have returned 0. */
void vinject_add(struct vinject *v, uint16_t type, uint16_t code,
		 int32_t value);
/*
 * All frames so far may be withdrawn: hold nothing, with an empty frame, and
 * let the next difference release what the device can hold.
 */
void vinject_withdraw(struct vinject *v);
/* Return: 0 if the server knows control events; -EOPNOTSUPP, -EPIPE. */
int vinject_need_hello(const struct vinject *v);
/* Return: likewise, or -EBUSY in a callback. */
int vinject_need_hello_to_wait(const struct vinject *v);
/* Whether ABS_MT_ codes are axes like others, from now on. */
void vinject_set_plain(struct vinject *v, bool plain);

#endif
