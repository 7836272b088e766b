/* SPDX-License-Identifier: Apache-2.0 */
/* The options of commands ("tap 10 20 --hold=1s") and their values. Pure. */
#ifndef VINPUT_INJECT_SETTINGS_H
#define VINPUT_INJECT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/inject/inject-gesture.h"
#include "injector/inject/inject-layout.h"
#include "injector/inject/inject-unicode.h"
#include "injector/inject/inject-value.h"
#include "input/base/fault.h"

/* Bits of a set of options; each option has a row in inject-settings.c. */
enum inject_option {
	INJECT_OPT_ANGLE,
	INJECT_OPT_BUTTON,
	INJECT_OPT_CLEAR_MODIFIERS,
	INJECT_OPT_COMPOSE,
	INJECT_OPT_COUNT,
	INJECT_OPT_DELAY,
	INJECT_OPT_DEVICE,
	INJECT_OPT_DIAL,
	INJECT_OPT_DISTANCE,
	INJECT_OPT_DOWN,
	INJECT_OPT_DURATION,
	INJECT_OPT_EASING,
	INJECT_OPT_ERASER,
	INJECT_OPT_FINGERS,
	INJECT_OPT_FROM,
	INJECT_OPT_HOLD,
	INJECT_OPT_HOVER,
	INJECT_OPT_KEEP_REPEATS,
	INJECT_OPT_LAYOUT,
	INJECT_OPT_LENIENT,
	INJECT_OPT_LOCALE,
	INJECT_OPT_LOOP,
	INJECT_OPT_MAP,
	INJECT_OPT_MODEL,
	INJECT_OPT_OUTPUT,
	INJECT_OPT_PRESSURE,
	INJECT_OPT_RADIUS,
	INJECT_OPT_RATE,
	INJECT_OPT_SCALE,
	INJECT_OPT_SINGLE,
	INJECT_OPT_SPACING,
	INJECT_OPT_SPEED,
	INJECT_OPT_TILT,
	INJECT_OPT_UNICODE,
	INJECT_OPT_UP,
	INJECT_OPT_VARIANT,
	INJECT_OPT_XKB_OPTIONS,
	INJECT_OPTIONS
};

#define INJECT_OPT(name) (UINT64_C(1) << INJECT_OPT_##name)

/* Frames per second of a motion, by default. */
#define INJECT_RATE 120

/* Times are in ns. They begin as the verb's defaults. */
struct inject_settings {
	uint64_t given; /* INJECT_OPT() bits */
	int64_t hold, duration, delay;
	enum inject_easing easing;
	double angle, radius, spacing; /* degrees; the device's units */
	double speed;		       /* 0: without waiting */
	long fingers, loop, device, rate, pressure, distance;
	long count;  /* -1: no limit */
	long button; /* 0: none */
	struct inject_point tilt;
	struct inject_size from; /* width 0: not given */
	bool clear_modifiers, compose, dial, down, up, eraser, hover,
		keep_repeats, lenient, scale, single;
	struct inject_layout_names names;
	enum inject_unicode unicode;
	const char *locale, *map, *output; /* borrowed from the words */
};

/*
 * Take the option at word[0], which begins with "--", and its value, which may
 * be word[1]; NULL ends the words. allowed: INJECT_OPT() bits.
 * Return: the number of words taken, or -EINVAL with the fault.
 */
int inject_settings_take(struct inject_settings *s, uint64_t allowed,
			 char *const *word, struct fault *f);

#endif
