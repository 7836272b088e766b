/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a driver reaches the registers of its PCI device: VFIO's device
 * (vfio-device.h), or a test's.
 */
#ifndef VINPUT_PCI_PORT_H
#define VINPUT_PCI_PORT_H

#include <stddef.h>
#include <stdint.h>

/* Regions, as VFIO numbers them. */
enum {
	PCI_PORT_BARS = 6, /* BAR i is region i */
	PCI_PORT_CONFIG = 7,
	PCI_PORT_REGIONS = 8,
};

struct pci_at {
	unsigned int region;
	uint64_t offset;
	size_t len;
};

struct pci_port {
	/* Return: 0 or -errno. */
	int (*read)(void *arg, const struct pci_at *at, void *to);
	int (*write)(void *arg, const struct pci_at *at, const void *from);
	void *arg;
	uint64_t size[PCI_PORT_REGIONS]; /* 0: no such region */
};

#endif
