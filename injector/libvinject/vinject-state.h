/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a source holds: keys, switches, axes, contacts by slot. When frames
 * could not be sent, vinject_state_diff() makes the frame that leads from the
 * state that the device knows to the current one. Pure.
 */
#ifndef VINJECT_STATE_H
#define VINJECT_STATE_H

#include <stddef.h>
#include <stdint.h>
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"

/* ABS_MT_TOUCH_MAJOR..ABS_MT_TOOL_Y; index is code - VINJECT_MT_FIRST. */
#define VINJECT_MT_FIRST ABS_MT_TOUCH_MAJOR
#define VINJECT_MT_AXES	 (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1)

struct vinject_slot {
	int32_t id;	/* tracking ID; -1: no contact, no known axes */
	uint16_t known; /* bit i: axis[i] has a value */
	int32_t axis[VINJECT_MT_AXES];
};

struct vinject_state {
	uint8_t key[KEY_CNT / 8];
	uint8_t sw[(SW_CNT + 7) / 8];
	uint64_t abs_known; /* bit code: abs[code] has a value */
	int32_t abs[ABS_CNT];
	bool plain; /* no multi-touch: ABS_MT_ codes are axes like others */
	int slot;   /* to which MT events apply */
	struct vinject_slot slots[VINJECT_SLOTS_MAX];
	/* That were pressed, or had a contact, at any time. */
	uint8_t key_ever[KEY_CNT / 8];
	uint64_t slot_ever;
};
_Static_assert(VINJECT_SLOTS_MAX <= 64, "slot_ever has a bit for each");

/* The most events of a difference. */
#define VINJECT_DIFF_MAX                                                    \
	(VINJECT_SLOTS_MAX * (4 + VINJECT_MT_AXES) + 2 + KEY_CNT + SW_CNT + \
	 ABS_CNT)

/* The state of a source that has sent nothing. */
void vinject_state_init(struct vinject_state *st);
/* Become a source of a device without slots, or with: contacts are forgotten.
 */
void vinject_state_set_plain(struct vinject_state *st, bool plain);
/* Apply one event, any that vinject_event() accepts. */
void vinject_state_apply(struct vinject_state *st, const struct vi_event *ev);

static inline bool vinject_state_key(const struct vinject_state *st,
				     uint16_t code)
{
	return st->key[code / 8] >> code % 8 & 1;
}

/*
 * The device has an unknown part of what led to `from`, and nothing after it:
 * let the difference release all that it can hold. The codes of `rest`, as
 * bits, are axes that return to 0; what the others are is forgotten.
 */
void vinject_state_withdraw(struct vinject_state *from,
			    struct vinject_state *to, uint64_t rest);

/*
 * Write to out (VINJECT_DIFF_MAX) the events that lead from one state to
 * another, without a SYN_REPORT at the end. Return: number of events.
 */
size_t vinject_state_diff(const struct vinject_state *from,
			  const struct vinject_state *to, struct vi_event *out);

#endif
