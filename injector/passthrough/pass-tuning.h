/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --libinput=NAME[=VALUE],...: how libinput is to treat a device, and the
 * guest's screen for touches. Pure.
 */
#ifndef VINPUT_PASS_TUNING_H
#define VINPUT_PASS_TUNING_H

#include <stdbool.h>
#include <stdint.h>
#include "input/base/fault.h"

/* Settings with a choice of words. */
enum pass_tune {
	PASS_TUNE_TAP,
	PASS_TUNE_DRAG,
	PASS_TUNE_DRAG_LOCK,
	PASS_TUNE_NATURAL,
	PASS_TUNE_LEFT,
	PASS_TUNE_MIDDLE,
	PASS_TUNE_TYPING,
	PASS_TUNE_PINCH, /* ours, not libinput's: the wheel with Ctrl */
	PASS_TUNE_ACCEL,
	PASS_TUNE_SCROLL,
	PASS_TUNE_CLICK,
};
#define PASS_TUNES (PASS_TUNE_CLICK + 1)

/* Choices, by their place in the table of pass-tuning.c. */
enum {
	PASS_OFF,
	PASS_ON
};
enum {
	PASS_ACCEL_FLAT,
	PASS_ACCEL_ADAPTIVE
};
enum {
	PASS_SCROLL_NONE,
	PASS_SCROLL_TWO_FINGER,
	PASS_SCROLL_EDGE,
	PASS_SCROLL_BUTTON
};
enum {
	PASS_CLICK_NONE,
	PASS_CLICK_AREAS,
	PASS_CLICK_FINGER
};

struct pass_tuning {
	int8_t choice[PASS_TUNES]; /* -1: as libinput has it */
	bool has_speed;
	double speed;		/* of acceleration: -1..1 */
	uint32_t width, height; /* of the guest's screen, in pixels */
};

void pass_tuning_init(struct pass_tuning *t);
/* Return: 0, or -EINVAL. */
int pass_tuning_read(struct pass_tuning *t, const char *text,
		     struct fault *why);
/* Return: whether a pinch is the wheel with Ctrl. */
bool pass_tuning_pinches(const struct pass_tuning *t);
/* The setting as it is written. */
const char *pass_tuning_name(enum pass_tune tune);

#endif
