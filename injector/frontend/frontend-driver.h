/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's input driver does with its two queues (virtio 1.3 §5.8.6):
 * it keeps 8-byte buffers available on the eventq, makes each available again
 * after reading it, and sends LEDs and sounds on the statusq.
 */
#ifndef VINPUT_FRONTEND_DRIVER_H
#define VINPUT_FRONTEND_DRIVER_H

#include <stdint.h>
#include "injector/frontend/frontend.h"
#include "input/device/event.h"

/* Linux's driver makes no more buffers available. */
#define FE_BUFFERS_MAX 64

/* A ring of num descriptors, of the negotiated layout. */
int fe_make_ring(struct frontend *fe, unsigned int index, uint16_t num);
/* Guest memory, and rings of num descriptors each. */
int fe_make_rings(struct frontend *fe, uint16_t num);

/* Make the first n buffers of a new eventq available. */
void fe_post_buffers(struct frontend *fe, uint16_t n);

/*
 * Take one event from the eventq without waiting. Its buffer is *head, and is
 * not available to the device until the caller posts it again.
 * Return: 0, FE_E_EMPTY, FE_E_RING (also if not 8 bytes were written).
 */
int fe_take_event(struct frontend *fe, struct vi_event *ev, uint16_t *head);

/* Take one event and post its buffer again, unpublished. Return: as above. */
int fe_recycle_event(struct frontend *fe, struct vi_event *ev);

/*
 * Wait for a call on the queue, at most timeout_ms (< 0: without limit). Used
 * buffers that are in the ring already may bring no call: check them first.
 * Return: 0, FE_E_CLOSED, -ETIMEDOUT, -EINTR.
 */
int fe_wait_call(struct frontend *fe, unsigned int index, int timeout_ms);

/* As fe_recycle_event(), but wait for the event, and publish its buffer. */
int fe_next_event(struct frontend *fe, struct vi_event *ev, int timeout_ms);

/* Send one event on the statusq and wait until its buffer is returned. */
int fe_send_status(struct frontend *fe, const struct vi_event *ev);

#endif
