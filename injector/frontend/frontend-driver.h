/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest's input driver does with its two queues (virtio 1.3 §5.8.6):
 * keeps the eventq full of 8-byte buffers, gives each back after it has read
 * it, and sends LEDs and sounds on the statusq.
 */
#ifndef VINPUT_FRONTEND_DRIVER_H
#define VINPUT_FRONTEND_DRIVER_H

#include "injector/frontend/frontend.h"

/* Linux's driver posts no more than these. */
#define FE_BUFFERS_MAX 64

/* A ring of num descriptors, of the layout that was negotiated. */
int fe_make_ring(struct frontend *fe, unsigned int index, uint16_t num);
/* Memory and rings of num descriptors each. Return: 0 or a negative errno. */
int fe_make_rings(struct frontend *fe, uint16_t num);

/* Post the first n buffers of a fresh eventq. */
void fe_post_buffers(struct frontend *fe, uint16_t n);

/*
 * Take one event out of the eventq; its buffer stays taken until the driver
 * posts *head again.
 * Return: 0, FE_E_EMPTY, FE_E_RING (also: not 8 bytes written).
 */
int fe_take_event(struct frontend *fe, struct vi_event *ev, uint16_t *head);

/* Take one and post its buffer again, not yet published. Return: as above. */
int fe_recycle_event(struct frontend *fe, struct vi_event *ev);

/*
 * Wait for a call on the queue, at most timeout_ms (< 0: for ever). What is in
 * the ring already does not count: look there first.
 * Return: 0, FE_E_CLOSED, -ETIMEDOUT, -EINTR.
 */
int fe_wait_call(struct frontend *fe, unsigned int index, int timeout_ms);

/* As fe_recycle_event(), but waits for the event, and publishes. */
int fe_next_event(struct frontend *fe, struct vi_event *ev, int timeout_ms);

/* Send one event over the statusq and wait until its buffer is back. */
int fe_send_status(struct frontend *fe, const struct vi_event *ev);

#endif
