/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of an input device as a guest's kernel keeps it: keys, switches,
 * axes, contacts by slot. There are two: what the injectors sent (merge.h) and
 * what the guest has been sent (guest-view.h); state_diff() makes the frame
 * that leads from one to the other. Pure.
 *
 * Two things are simpler than in the kernel. An unknown axis is 0, as in a new
 * kernel. And a contact takes its axes with it: the next one in its slot has
 * none. A kernel would keep the last values, so a new contact is always sent
 * with all of its axes.
 */
#ifndef VINPUT_STATE_H
#define VINPUT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/frame.h"
#include "input/spec/spec.h"

/* ABS_MT_TOUCH_MAJOR..ABS_MT_TOOL_Y; index is code - STATE_MT_FIRST. */
#define STATE_MT_FIRST ABS_MT_TOUCH_MAJOR
#define STATE_MT_AXES  (ABS_MT_TOOL_Y - ABS_MT_TOUCH_MAJOR + 1)

/*
 * Return: the index of the axis of a contact that the event is about; of other
 * events STATE_MT_AXES at least.
 */
static inline uint32_t state_mt_axis(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS ? (uint32_t)vi_code(ev) - STATE_MT_FIRST
				     : UINT32_MAX;
}

struct state_contact {
	int32_t id;	/* tracking ID, -1: no contact, and then no axes */
	uint16_t known; /* bit i: axis[i] has a value */
	int32_t axis[STATE_MT_AXES];
};

/* What most events change is last: beside what most users have behind it. */
struct state {
	struct state_contact contact[SPEC_SLOTS_MAX];
	int32_t abs[ABS_CNT];
	uint64_t abs_known; /* bit code: abs[code] has a value */
	uint8_t key[KEY_CNT / 8];
	uint8_t sw[(SW_CNT + 7) / 8];
	int slot;   /* of the next MT events; -1: unknown, send ABS_MT_SLOT */
	bool plain; /* no multi-touch: ABS_MT_ codes are axes like others */
};

/*
 * Nothing pressed, no contact. If spec is not NULL, switches and axes as it
 * says that the device starts, and other axes at their rest.
 */
void state_init(struct state *st, const struct spec *spec);

/*
 * Apply one event of the stream, whatever it is. EV_REL, EV_MSC, ... change
 * nothing, nor do an MT axis in a slot without a contact and an MT event while
 * the slot is unknown.
 */
void state_apply(struct state *st, const struct vi_event *ev);
void state_apply_all(struct state *st, const struct vi_event *ev, size_t n);

/*
 * Whether the guest still believes what it was sent. After its driver started
 * again it may have forgotten everything or, resumed by an old kernel, nothing:
 * a diff then has everything that is on in either state, so that the result is
 * right in both cases.
 */
enum state_belief {
	STATE_CERTAIN,
	STATE_FORGOTTEN_PERHAPS,
};

/*
 * Append to out the events that lead a guest from seen to now, without
 * SYN_REPORT. Order: contacts lifted, contacts put down or moved, now's slot
 * selected (if it is known and differs from the guest's), keys up, keys down,
 * switches, axes. A slot whose tracking ID changed gets -1 first, which
 * requires a frame of its own: merge_lifts_first(). LEDs, sounds and relative
 * motion are not part of a state. Return: the number of events appended.
 */
size_t state_diff(const struct spec *spec, const struct state *seen,
		  enum state_belief belief, const struct state *now,
		  struct frame *out);

#endif
