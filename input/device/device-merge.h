/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of a device that wait in line, and the frame of the next one
 * merged: the way of every frame that device-pass.c does not take.
 */
#ifndef VINPUT_DEVICE_MERGE_H
#define VINPUT_DEVICE_MERGE_H

#include <stdbool.h>
#include "input/device/device-types.h"

/* At the end of the line, if src is not in it. */
void device_wait_in_line(struct device *dev, struct device_source *src);

/*
 * Merge the next frame of src, which waits, or the release of one that is gone,
 * into *out. Return: false if src is NULL.
 */
bool device_merge_next(struct device *dev, struct device_source *src,
		       struct frame *out);

#endif
