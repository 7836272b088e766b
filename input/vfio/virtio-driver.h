/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's side of a virtio PCI device's registers (virtio 1.3 §3.1,
 * §4.1.4). Knows no kind of device. Loop thread only.
 */
#ifndef VINPUT_VIRTIO_DRIVER_H
#define VINPUT_VIRTIO_DRIVER_H

#include "input/vfio/pci-port.h"
#include "input/vfio/virtio-caps.h"

struct virtio_driver {
	const struct pci_port *port; /* borrowed */
	struct virtio_caps caps;
	uint64_t features; /* that were negotiated */
};

/* A queue as its device has to know it; addresses are the device's. */
struct virtio_driver_queue {
	uint16_t index, size, vector;
	uint64_t desc, avail, used;
};

/* Errors of the device. */
#define VIRTIO_DRIVER_E_CAPS	 1 /* not a virtio 1 device */
#define VIRTIO_DRIVER_E_RESET	 2 /* it does not reset */
#define VIRTIO_DRIVER_E_FEATURES 3 /* it lacks or rejects features */
#define VIRTIO_DRIVER_E_QUEUE	 4 /* it has no such queue, or vector */

/* All return 0, -errno, or VIRTIO_DRIVER_E_*. */

/* Find the registers. */
int virtio_driver_find(struct virtio_driver *d, const struct pci_port *port);
int virtio_driver_reset(struct virtio_driver *d);
/* Accept those of wanted that are offered; needed: those that must be. */
int virtio_driver_negotiate(struct virtio_driver *d, uint64_t wanted,
			    uint64_t needed);
/* Interrupt for a change of the configuration. */
int virtio_driver_set_config_vector(struct virtio_driver *d, uint16_t vector);
/* *size: the largest that a queue can have; 0: there is no such queue. */
int virtio_driver_queue_size(struct virtio_driver *d, uint16_t index,
			     uint16_t *size);
int virtio_driver_set_queue(struct virtio_driver *d,
			    const struct virtio_driver_queue *q);
/* DRIVER_OK. */
int virtio_driver_start(struct virtio_driver *d);
/* status: the device status field, 0xff if the device is not there any more. */
int virtio_driver_status(struct virtio_driver *d, uint8_t *status);
/* Buffers are available. */
int virtio_driver_kick(struct virtio_driver *d, uint16_t index);

/*
 * Access a register of 1, 2 or 4 bytes in the structure of a capability; the
 * region in at does not count. -ERANGE: it is not in the structure.
 */
int virtio_driver_read(struct virtio_driver *d, unsigned int type,
		       const struct pci_at *at, void *to);
int virtio_driver_write(struct virtio_driver *d, unsigned int type,
			const struct pci_at *at, const void *from);

#endif
