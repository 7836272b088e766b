/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a recording fits a device other than the one that it was made of, and
 * how it can be made to. Pure.
 */
#ifndef VINPUT_RECORDING_FIT_H
#define VINPUT_RECORDING_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/recording/recording.h"
#include "input/spec/spec.h"

struct recording_range {
	bool known;
	bool limits; /* a value outside is not sent as it is */
	int32_t min, max;
};

/* What is known of a device. */
struct recording_device {
	const struct spec *spec; /* borrowed; NULL: only some ranges */
	struct recording_range abs[ABS_CNT];
};

void recording_device_by_spec(struct recording_device *dev,
			      const struct spec *spec);
/* Of positions only: 0..width-1, 0..height-1. */
void recording_device_by_size(struct recording_device *dev, int32_t width,
			      int32_t height);

/*
 * Map the values of axes that have a range in both devices. What is no
 * quantity, such as a tracking ID, remains. Return: whether there was such an
 * axis.
 */
bool recording_scale(struct recording *rec, const struct recording_device *from,
		     const struct recording_device *to);

/* Kinds of undeclared events that are named. */
#define RECORDING_KINDS 6

/* Events that the device would not take as they are. */
struct recording_misfits {
	size_t undeclared, outside; /* how many */
	size_t first_undeclared, first_outside;
	struct vi_event kind[RECORDING_KINDS]; /* of undeclared ones */
	unsigned int kinds; /* MAY be more than are in kind */
};

void recording_find_misfits(struct recording_misfits *misfits,
			    const struct recording *rec,
			    const struct recording_device *dev);

/*
 * Remove what is undeclared and what is in a slot that the device lacks, and
 * clamp other values that are outside.
 */
void recording_remove_misfits(struct recording *rec,
			      const struct recording_device *dev);

#endif
