/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VVU device as its driver sees it (vvu-layout.h): a virtio PCI function, and
 * what BAR 2 has besides. Pure: any access within a region is in bounds. Loop
 * thread only.
 */
#ifndef VINPUT_VVU_PCI_H
#define VINPUT_VVU_PCI_H

#include "injector/virtio-pci/virtio-pci.h"
#include "input/vvu/vvu-layout.h"

/* Queues of the sibling's device, at most. */
#define VVU_VHOST_QUEUES 16
/* Of MSI-X: for the configuration, the queues, and the sibling's queues. */
#define VVU_VECTORS (1 + VVU_QUEUES + VVU_VHOST_QUEUES)
/* Entries of a queue: its parts are then a page long, or shorter. */
#define VVU_QUEUE_MAX 256

struct vvu_pci {
	struct virtio_pci pci;
	uint64_t memory_len; /* of BAR 4 */
	uint16_t selected;   /* VVU_NOTIFY_SELECT */
	uint16_t vector[VVU_VHOST_QUEUES];
};

/* memory_len: a power of two. */
void vvu_pci_init(struct vvu_pci *p, uint64_t memory_len);
/* As after power-on. */
void vvu_pci_reset(struct vvu_pci *p);
/* The driver has reset the device: what virtio-pci.h does not know of. */
void vvu_pci_driver_reset(struct vvu_pci *p);

/* Return: the size of a region, 0: there is none. */
uint64_t vvu_pci_region_size(const struct vvu_pci *p, unsigned int region);

/* Bits of enum vvu_status. */
uint32_t vvu_pci_status(const struct vvu_pci *p);
void vvu_pci_set_status(struct vvu_pci *p, uint32_t status);
/* Return: the status that a VIRTIO_PCI_WRITTEN asks for. */
uint32_t vvu_pci_written_status(const struct vvu_pci *p,
				const struct virtio_pci_event *event);

/* BAR 2. */
void vvu_pci_read_io(const struct vvu_pci *p,
		     const struct virtio_pci_access *at, void *to);
/* Return: the queue whose doorbell this was, or -1. */
int vvu_pci_write_io(struct vvu_pci *p, const struct virtio_pci_access *at,
		     const void *from);

#endif
