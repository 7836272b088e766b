/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libinput makes of a device (motion, scrolling, clicks, touches) as
 * events of the shipped mouse, tablet or multi-touchscreen. Pure.
 *
 * libinput's motion and scrolling have fractions, events have not: what is left
 * of one is a part of the next. A wheel's notch is 120, a finger's 15 units of
 * libinput; REL_WHEEL_HI_RES has all of it, REL_WHEEL whole notches.
 */
#ifndef VINPUT_PASS_COOKED_H
#define VINPUT_PASS_COOKED_H

#include <linux/input.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/device/state.h"
#include "input/spec/spec.h"

#define PASS_COOKED_MAX 256 /* events in a frame */
#define PASS_NOTCH	120

enum pass_axis {
	PASS_X,
	PASS_Y
};

struct pass_cooked {
	const struct spec *spec; /* borrowed: of the guest's device */
	int64_t time_us;	 /* of the next events */
	double rest[2];		 /* of motion */
	double wheel_rest[2];	 /* of a 120th of a notch */
	int32_t notch_rest[2];	 /* of a notch, in 120ths */
	double pinch;		 /* the last scale; 0: no pinch */
	int32_t next_id;
	int slot; /* the last event's; -1: none */
	struct state now;
	struct input_event ev[PASS_COOKED_MAX]; /* the frame so far */
	size_t n;
};

void pass_cooked_init(struct pass_cooked *c, const struct spec *spec);

/*
 * Each adds to the frame what the guest's device has of it. Positive is right
 * and down.
 */
void pass_cooked_motion(struct pass_cooked *c, double dx, double dy);
/* From 0 to below 1: a part of the width or height. */
void pass_cooked_position(struct pass_cooked *c, double x, double y);
/* In 120ths of a notch. */
void pass_cooked_wheel(struct pass_cooked *c, enum pass_axis axis, double v120);
/* In libinput's units; 0: the fingers are gone. */
void pass_cooked_finger(struct pass_cooked *c, enum pass_axis axis,
			double units);
/*
 * Two fingers are so many times as far apart as at their begin: the wheel with
 * Ctrl, if the guest's device has such a key; and they are gone.
 */
void pass_cooked_pinch(struct pass_cooked *c, double scale);
void pass_cooked_pinch_end(struct pass_cooked *c);
void pass_cooked_button(struct pass_cooked *c, uint32_t code, bool down);

/* slot: one that the guest's device lacks is ignored. */
void pass_cooked_down(struct pass_cooked *c, int slot);
void pass_cooked_up(struct pass_cooked *c, int slot);
/* As pass_cooked_position(), of the contact in this slot. */
void pass_cooked_move(struct pass_cooked *c, int slot, double x, double y);

/* Return: the number of events in c->ev, SYN_REPORT last; 0: none. */
size_t pass_cooked_end(struct pass_cooked *c);

#endif
