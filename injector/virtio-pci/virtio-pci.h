/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio device as a PCI function (virtio 1.3 §4.1): what its driver reads
 * and writes of it, and nothing of what the device does.
 *
 *	region		PCI 'config', BAR 0, BAR 1, what a kind adds
 *	BAR 0		common, ISR, notify, device's configuration
 *	BAR 1		MSI-X table and pending bits
 *
 * A write tells what has happened in a struct virtio_pci_event. Pure: any
 * access is in bounds, whatever its offset and size. Loop thread only.
 */
#ifndef VINPUT_VIRTIO_PCI_H
#define VINPUT_VIRTIO_PCI_H

#include "injector/virtio-pci/virtio-pci-device.h"

/* kind: borrowed. queue_max: a power of two. */
void virtio_pci_init(struct virtio_pci *p, const struct virtio_pci_kind *kind,
		     uint16_t queue_max);
/* As after power-on; offered, config and generation stay. */
void virtio_pci_reset(struct virtio_pci *p);

/* Return: the size of a region, 0: it is not ours. */
uint64_t virtio_pci_region_size(const struct virtio_pci *p,
				unsigned int region);

/* Return: whether a read needs p->config to be fresh. */
bool virtio_pci_reads_config(const struct virtio_pci *p,
			     const struct virtio_pci_access *at);
void virtio_pci_read(struct virtio_pci *p, const struct virtio_pci_access *at,
		     void *to);
void virtio_pci_write(struct virtio_pci *p, const struct virtio_pci_access *at,
		      const void *from, struct virtio_pci_event *event);

/* The device's configuration has changed (virtio 1.3 §4.1.4.3.1). */
void virtio_pci_config_changed(struct virtio_pci *p);
/* The device has failed: the driver has to reset it (virtio 1.3 §2.1.2). */
void virtio_pci_needs_reset(struct virtio_pci *p);

#endif
