/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a device that serves control events (control.h): what injectors
 * ask for, and what they are answered. Pure.
 */
#ifndef VINPUT_DEVICE_CONTROL_H
#define VINPUT_DEVICE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/device-types.h"

/* --- for the device's owner --- */

/*
 * Answer receipts. MUST be called after device_pump() if dev->owed, when what
 * was put into the sink was published, and when the eventq has stopped, if
 * there are askers. unreturned: how many of those events are in buffers that
 * the driver has not returned.
 */
void device_answer(struct device *dev, uint64_t unreturned);
/* The same while there is no driver: it returns nothing. */
void device_answer_stopped(struct device *dev);
/* The driver has gone for good, not only been suspended. */
void device_driver_gone(struct device *dev);
/*
 * Tell those who WATCH, if they do not know. MUST be called after a change, and
 * before device_answer() about what a driver takes that has started: who is
 * answered that there was none can then tell that there is another.
 */
void device_set_driver(struct device *dev, enum control_driver driver);
/*
 * Frames that wait for a limited time (LOSSLESS) are folded by the next
 * device_pump() if it has passed. now_ms: of any clock that is not set, not 0.
 * Return: in how many ms to call this again, -1: when something has changed.
 */
int64_t device_limits(struct device *dev, uint64_t now_ms);

/* --- for device.c, device-merge.c and snapshot.c --- */

/*
 * A frame of the source begins with this control event: is it a HELLO, or a
 * request for a ring?
 */
void device_control_greet(struct device *dev, struct device_source *src,
			  const struct vi_event *first);
/* A persistent source may have said HELLO to the previous process. */
void device_control_resume(struct device *dev, struct device_source *src);
/*
 * n bytes are new: act on all control events but RECEIPT. The source MUST have
 * said HELLO.
 */
void device_control_received(struct device *dev, struct device_source *src,
			     size_t n);
/*
 * A frame with control events was merged, all parts of it. first: the first
 * event of the last part, in the source's buffer.
 */
void device_control_merged(struct device *dev, struct device_source *src,
			   const struct vi_event *first);

/* Return: whether the source's next frame was cancelled. */
static inline bool device_control_cancelled(const struct device_source *src)
{
	return src->cancel && !src->partial;
}

/* n events of what it sent are done with, in either way. */
static inline void device_control_passed(struct device_source *src, size_t n)
{
	const size_t len = n * sizeof(struct vi_event);

	src->cancel -= src->cancel < len ? src->cancel : len;
}

/* Its next frame, of n events, was cancelled and is dropped. */
void device_control_dropped(struct device_source *src,
			    const struct vi_event *ev, size_t n);

/* Return: whether the source's frames wait while others are folded. */
bool device_control_waits(const struct device_source *src);

/* Return: whether the frame on its way is one that waits. */
bool device_control_keeps_out(const struct device *dev);

/* The frame on its way is dropped; what it leads to is sent or not. */
void device_control_folded(struct device *dev, bool no_driver);

/*
 * A driver has started anew. What waits of a source that another driver has
 * been sent a part of will be taken, but not by that one: it had no driver.
 * Those who WATCH are told even if they did not notice that the other one went.
 */
void device_control_other_driver(struct device *dev);

/* The source has been released: nothing is owed to it any more. */
void device_control_end(struct device *dev, struct device_source *src);

#endif
