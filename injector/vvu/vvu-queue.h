/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of the two queues of a VVU device, which carry messages: the device's
 * side. Loop thread only.
 */
#ifndef VINPUT_VVU_QUEUE_H
#define VINPUT_VVU_QUEUE_H

#include "injector/virtio-pci/virtio-pci-device.h"
#include "injector/vvu/vvu-guest.h"
#include "input/ring/vring-types.h"

struct vvu_queue {
	struct vvu_guest *guest; /* borrowed */
	bool runs;
	bool resumed;	      /* its position is known */
	unsigned int changes; /* of the guest, when it was found there */
	struct vring vring;
	struct vring_addrs addrs;
	const char *why; /* of VVU_QUEUE_BROKEN */
};

enum vvu_queue_result {
	VVU_QUEUE_EMPTY,  /* no buffer is available */
	VVU_QUEUE_DONE,	  /* a buffer was used */
	VVU_QUEUE_READY,  /* one can be */
	VVU_QUEUE_BROKEN, /* by the driver, until it resets the device */
};

/* from: as the driver has set it up. features: accepted. */
void vvu_queue_start(struct vvu_queue *q, struct vvu_guest *guest,
		     const struct virtio_pci_queue *from, uint64_t features);
void vvu_queue_stop(struct vvu_queue *q); /* idempotent */

/*
 * Is a buffer available? If none is, the driver notifies when it makes one
 * available. Return: VVU_QUEUE_READY, VVU_QUEUE_EMPTY, VVU_QUEUE_BROKEN.
 */
enum vvu_queue_result vvu_queue_ready(struct vvu_queue *q);
/* Read of the next buffer at most size bytes, *len of them. */
enum vvu_queue_result vvu_queue_read(struct vvu_queue *q, void *to,
				     uint32_t size, uint32_t *len);
/* Write into the next buffer. */
enum vvu_queue_result vvu_queue_write(struct vvu_queue *q, const void *from,
				      uint32_t len);
/* Show the driver what was used. Return: whether to interrupt it. */
bool vvu_queue_publish(struct vvu_queue *q);

#endif
