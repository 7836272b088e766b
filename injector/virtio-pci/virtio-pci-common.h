/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common configuration (virtio 1.3 §4.1.4.3): for virtio-pci.c only.
 */
#ifndef VINPUT_VIRTIO_PCI_COMMON_H
#define VINPUT_VIRTIO_PCI_COMMON_H

#include "injector/virtio-pci/virtio-pci-device.h"

#define VIRTIO_PCI_COMMON_LEN  64
#define VIRTIO_PCI_NEEDS_RESET 0x40

void virtio_pci_common_reset(struct virtio_pci *p);
/* What a driver reads. */
void virtio_pci_common_fill(const struct virtio_pci *p,
			    uint8_t to[VIRTIO_PCI_COMMON_LEN]);
/* A write to one field, or to half of one of 64 bits; others are ignored. */
enum virtio_pci_what virtio_pci_common_write(struct virtio_pci *p,
					     const struct virtio_pci_access *at,
					     const void *from);

#endif
