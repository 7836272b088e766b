/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The positions of fingers during a gesture: a path, a pinch or a rotation,
 * each a function of the fraction of its time that has passed. Pure.
 */
#ifndef VINPUT_INJECT_GESTURE_H
#define VINPUT_INJECT_GESTURE_H

#include <stddef.h>
#include "injector/inject/inject-point.h"
#include "input/base/fault.h"

#define INJECT_FINGERS_MAX 64
#define INJECT_POINTS_MAX  256

enum inject_easing {
	INJECT_EASE_LINEAR,
	INJECT_EASE_IN,	    /* starts slowly */
	INJECT_EASE_OUT,    /* ends slowly */
	INJECT_EASE_IN_OUT, /* both */
};

/* "linear", "in", "out", "in-out", or with "ease-". Return: 0, -EINVAL. */
int inject_easing_read(enum inject_easing *easing, const char *word,
		       struct fault *f);

/* time: from 0 to 1. Return: the fraction of the way, from 0 to 1. */
double inject_ease(enum inject_easing easing, double time);

enum inject_gesture_kind {
	/* Fingers, side by side, follow point[0..n_points-1]. */
	INJECT_GESTURE_PATH,
	/* Fingers on a circle around point[0], which resizes or turns. */
	INJECT_GESTURE_PINCH,
};

struct inject_gesture {
	enum inject_gesture_kind kind;
	enum inject_easing easing;
	unsigned int fingers;
	struct inject_point point[INJECT_POINTS_MAX];
	size_t n_points;
	double spacing; /* PATH: from one finger to the next, to the right */
	/* PINCH: diameters, and degrees clockwise from the right. */
	double from, to;
	double angle_from, angle_to;
};

/* finger: from 0. time: from 0 to 1. Return: where the finger is. */
struct inject_point inject_gesture_at(const struct inject_gesture *g,
				      unsigned int finger, double time);

/* part: of the path's length, from 0 to 1. Return: the point there. */
struct inject_point inject_path_at(const struct inject_point *point, size_t n,
				   double part);

#endif
