/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eventq (virtio 1.3 §5.8.2): events into the guest's buffers, one event a
 * buffer. Between the device, which knows events, and the vring, which knows
 * buffers. Pure; loop thread only.
 */
#ifndef VINPUT_EVENTQ_H
#define VINPUT_EVENTQ_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "input/ring/vring.h"

/*
 * Write as many of the n events as there are buffers. They become visible with
 * vring_publish().
 * Return: 0 or VRING_E_*; *taken says how many either way.
 */
int eventq_put(struct vring *vr, const struct vi_event *ev, size_t n,
	       size_t *taken);

#endif
