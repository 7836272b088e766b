/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a virtio PCI device is made of: for virtio-pci.h, which explains it, and
 * its parts.
 */
#ifndef VINPUT_VIRTIO_PCI_DEVICE_H
#define VINPUT_VIRTIO_PCI_DEVICE_H

#include "injector/virtio-pci/pci-config.h"

#define VIRTIO_PCI_QUEUES_MAX 8
#define VIRTIO_PCI_CONFIG_MAX 256
#define VIRTIO_PCI_NO_VECTOR  0xffff
#define VIRTIO_PCI_VENDOR     0x1af4

/* The regions of our own, as vfio-user numbers them. */
enum {
	VIRTIO_PCI_BAR = 0,
	VIRTIO_PCI_MSIX_BAR = 1,
	VIRTIO_PCI_CONFIG_SPACE = 7,
};

#define VIRTIO_PCI_BAR_LEN	0x4000
#define VIRTIO_PCI_MSIX_BAR_LEN 0x1000

struct virtio_pci;

struct virtio_pci_kind {
	uint16_t virtio_id;  /* the PCI device is 0x1040 + this */
	uint32_t class_code; /* 24 bits */
	unsigned int n_queues;
	unsigned int n_vectors; /* of MSI-X: at least one more than queues */
	size_t config_len;	/* of the device's own configuration */
	/* Adds BARs 2 to 5 and capabilities to p->pci; NULL: none. */
	void (*extend)(struct virtio_pci *p);
};

struct virtio_pci_queue {
	uint16_t size, vector;
	bool enabled;
	uint64_t desc, driver, device; /* as the driver knows them */
};

struct virtio_pci {
	const struct virtio_pci_kind *kind;
	struct pci_config pci;
	uint64_t offered;   /* features; MAY be set while status is 0 */
	uint64_t accepted;  /* by the driver */
	uint16_t queue_max; /* entries of a queue */
	uint8_t status, generation, isr;
	uint16_t config_vector;
	uint32_t offered_select, accepted_select;
	uint16_t queue_select;
	struct virtio_pci_queue queue[VIRTIO_PCI_QUEUES_MAX];
	uint8_t config[VIRTIO_PCI_CONFIG_MAX]; /* the owner keeps it fresh */
	uint8_t msix[VIRTIO_PCI_MSIX_BAR_LEN];
	size_t window; /* the capability with which BARs are read and written */
};

enum virtio_pci_what {
	VIRTIO_PCI_NOTHING,
	VIRTIO_PCI_STATUS,  /* status has changed; 0: a reset */
	VIRTIO_PCI_NOTIFY,  /* a queue has buffers */
	VIRTIO_PCI_VECTOR,  /* of a queue, or of config, has changed */
	VIRTIO_PCI_WRITTEN, /* to the device's configuration */
};

struct virtio_pci_event {
	enum virtio_pci_what what;
	unsigned int queue; /* VIRTIO_PCI_NOTIFY */
	size_t offset, len; /* VIRTIO_PCI_WRITTEN */
	const uint8_t *from;
};

/* An access of at least one byte; all of them are in the region. */
struct virtio_pci_access {
	unsigned int region;
	uint64_t offset;
	size_t len;
};

#endif
