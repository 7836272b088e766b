/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statusq (virtio 1.3 §5.8.2): LEDs and sounds that the guest sets. Buffers
 * are used with length 0. Pure; loop thread only.
 */
#ifndef VINPUT_STATUSQ_H
#define VINPUT_STATUSQ_H

#include <stddef.h>
#include "input/device/event.h"
#include "input/ring/vring.h"

/* Events looked at in one buffer; Linux sends one. */
#define STATUSQ_EVENTS_MAX 64
/* Buffers used in one call: each may be sent to many injectors. */
#define STATUSQ_BUFFERS_MAX 64

/*
 * Called with the events of one buffer that are for the injectors. EV_MSC is
 * not among them: it would return to the injector that sent it, for ever.
 */
typedef void statusq_fn(void *arg, const struct vi_event *ev, size_t n);

/*
 * Use the buffers that are available, up to the limits above: a driver that
 * never stops MUST NOT keep us from other work. Return: 0 or VRING_E_*.
 */
int statusq_take(struct vring *vr, statusq_fn *fn, void *arg);

#endif
