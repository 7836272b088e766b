/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statusq (virtio 1.3 §5.8.2): LEDs and sounds that the guest sets. Every
 * buffer is given back with used length 0. Pure; loop thread only.
 */
#ifndef VINPUT_STATUSQ_H
#define VINPUT_STATUSQ_H

#include <stddef.h>
#include "input/device/event.h"
#include "input/ring/vring.h"

/* Events looked at in one buffer; Linux sends one. */
#define STATUSQ_EVENTS_MAX 64
/* Buffers taken at once: each may be told to many injectors. */
#define STATUSQ_BUFFERS_MAX 64

/*
 * Called with the events of one buffer that are for the injectors. EV_MSC is
 * not: an injector that sent it would get it back for ever.
 */
typedef void statusq_fn(void *arg, const struct vi_event *ev, size_t n);

/*
 * Take the buffers that the driver has made available, but not so many that a
 * driver that never stops, or has much to say, keeps us from all else.
 * Return: 0 or VRING_E_*.
 */
int statusq_take(struct vring *vr, statusq_fn *fn, void *arg);

#endif
