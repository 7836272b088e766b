/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multi-touch protocol A to protocol B. A sender of type A lists all contacts
 * in each frame, each ended by SYN_MT_REPORT. One that is no longer listed is
 * lifted, and a SYN_MT_REPORT with nothing before it is not a contact:
 *
 *	ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20, SYN_MT_REPORT,
 *	ABS_MT_POSITION_X 90, ABS_MT_POSITION_Y 80, SYN_MT_REPORT, SYN_REPORT
 *
 * A contact continues the one with its tracking ID or, if it is sent without
 * ID, the one that was nearest in the frame before. Pure.
 */
#ifndef VINPUT_TYPE_A_H
#define VINPUT_TYPE_A_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"
#include "input/spec/spec.h"

/* How many more events than were given a converted frame has at most. */
#define TYPE_A_EXTRA (3 * SPEC_SLOTS_MAX)

/* No driver sends such an ID, which has 16 bits. */
#define TYPE_A_OWN_IDS 0x10000

struct type_a_contact {
	int32_t id; /* -1: none in this slot */
	int32_t x, y;
};

struct type_a {
	unsigned int slots; /* contacts beyond them are dropped */
	/* For contacts that are sent without ID: 16 bits from first_id on. */
	int32_t first_id;
	int32_t next_id;
	struct type_a_contact contact[SPEC_SLOTS_MAX];
};

static inline bool type_a_is_end(const struct vi_event *ev)
{
	return vi_type(ev) == EV_SYN && vi_code(ev) == SYN_MT_REPORT;
}

/* No contacts; slots: SPEC_SLOTS_MAX at most. */
void type_a_init(struct type_a *ta, unsigned int slots);

/*
 * Convert a frame of n events, the last of which is SYN_REPORT. One without
 * SYN_MT_REPORT says nothing about contacts, which stay.
 * out: n + TYPE_A_EXTRA events. Return: the number of events in it.
 */
size_t type_a_convert(struct type_a *ta, const struct vi_event *ev, size_t n,
		      struct vi_event *out);

#endif
