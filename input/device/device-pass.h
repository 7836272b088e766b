/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The straight way of frames from a source to the sink, while it is the only
 * one with something to do. A part of device.h. Pure.
 */
#ifndef VINPUT_DEVICE_PASS_H
#define VINPUT_DEVICE_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/device-types.h"

/*
 * The usual case, for which there is a shortcut. Return: whether a frame of
 * this source would be merged and delivered next: the guest takes events,
 * nothing waits, the source's buffer is empty, and nothing outlives the process
 * or is owed to an injector.
 */
static inline bool device_can_pass(const struct device *dev,
				   const struct device_source *src)
{
	return dev->guest && !dev->view.folded &&
	       !guest_view_left(&dev->view) && TAILQ_EMPTY(&dev->waiting) &&
	       src->src.head == src->src.tail && !dev->persistent &&
	       LIST_EMPTY(&dev->askers);
}
/*
 * Then this does, with n events, what device_received() and device_pump() do,
 * at once and without the source's buffer. Frames longer than FRAME_EVENTS_MAX
 * MUST NOT be among them.
 * Return: how many of them were merged. The rest MUST be given to
 * device_received(), and device_pump() called: it is not a whole frame, or one
 * that needs more; or the sink has not taken what was merged.
 */
size_t device_pass(struct device *dev, struct device_source *src,
		   const struct vi_event *ev, size_t n);

/*
 * Deliver the next frames of src, which waits, as they are.
 * Nothing is folded or on its way. Return: false if that is not possible.
 */
bool device_pass_waiting(struct device *dev, struct device_source *src);

#endif
