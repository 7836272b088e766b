/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where fingers are while a gesture lasts: a path, a pinch or a turn, each a
 * function of the part of its time that has gone. Pure.
 */
#ifndef VINPUT_INJECT_GESTURE_H
#define VINPUT_INJECT_GESTURE_H

#include <stddef.h>
#include "injector/inject/inject-point.h"
#include "input/base/fault.h"

#define INJECT_FINGERS_MAX 64
#define INJECT_POINTS_MAX  256

enum inject_easing {
	INJECT_LINEAR,
	INJECT_EASE_IN,	    /* begins slowly */
	INJECT_EASE_OUT,    /* ends slowly */
	INJECT_EASE_IN_OUT, /* both */
};

/* "linear", "in", "out", "in-out", also with "ease-". Return: 0, -EINVAL. */
int inject_easing_read(enum inject_easing *easing, const char *word,
		       struct fault *f);

/* The part of the way at a part of the time; both from 0 to 1. */
double inject_ease(enum inject_easing easing, double time);

enum inject_gesture_kind {
	INJECT_PATH,  /* fingers side by side follow point[0..n_points-1] */
	INJECT_PINCH, /* on a circle around point[0] that grows or shrinks */
};

struct inject_gesture {
	enum inject_gesture_kind kind;
	enum inject_easing easing;
	unsigned int fingers;
	struct inject_point point[INJECT_POINTS_MAX];
	size_t n_points;
	double spacing; /* PATH: between neighbours, from left to right */
	/* PINCH: diameters, and degrees clockwise; 0 is to the right. */
	double from, to;
	double angle_from, angle_to;
};

/* Return: where a finger (from 0) is at a part of the time, from 0 to 1. */
struct inject_point inject_gesture_at(const struct inject_gesture *g,
				      unsigned int finger, double time);

/* Return: the place at a part of the length of a path. */
struct inject_point inject_path_at(const struct inject_point *point, size_t n,
				   double part);

#endif
