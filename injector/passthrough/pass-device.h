/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node in the event loop: it is taken as soon as it can be, what it sends is
 * forwarded, and the guest's LEDs are shown on it. Chords that are played on it
 * are reported to its owner, who gives it to the host and back. Loop thread
 * only.
 */
#ifndef VINPUT_PASS_DEVICE_H
#define VINPUT_PASS_DEVICE_H

#include "injector/passthrough/pass-device-types.h"

/*
 * Not open. All members above the blank line in pass-device-types.h MUST be set
 * until it starts.
 */
void pass_device_init(struct pass_device *d);
/* Open the node at d->path. Return: 0 or -errno. */
int pass_device_open(struct pass_device *d, struct fault *why);
/* Who is to have it? The guest gets it now, or when its keys are up. */
void pass_device_start(struct pass_device *d, bool to_guest);
/* Another one is to have it, or a guest with another outlet. */
void pass_device_give(struct pass_device *d, bool to_guest);
/* Release what it holds, and let the host have it. */
void pass_device_stop(struct pass_device *d);
void pass_device_close(struct pass_device *d); /* idempotent */

/* The outlet has space again. */
void pass_outlet_resume(struct pass_outlet *o);
/* Status events from the guest. */
void pass_outlet_status(struct pass_outlet *o, const struct vi_event *ev,
			size_t n);

#endif
