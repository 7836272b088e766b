/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eventq (virtio 1.3 §5.8.2): one event per buffer. Stands between the
 * device, which knows events, and the vring, which knows buffers. Pure; loop
 * thread only.
 */
#ifndef VINPUT_EVENTQ_H
#define VINPUT_EVENTQ_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "input/ring/vring.h"

/*
 * Write as many of the n events as buffers are available. The driver sees them
 * after vring_publish().
 * Return: 0 or VRING_E_*; *taken: how many were written, in either case.
 */
static inline int eventq_put(struct vring *vr, const struct vi_event *ev,
			     size_t n, size_t *taken)
{
	return vring_write_each(vr, ev, sizeof(*ev), n, taken);
}

#endif
