/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds a PCI device in sysfs, and what has to be opened to drive it from user
 * space (Linux: Documentation/driver-api/vfio.rst). What is wrong is said with
 * what would be right: a fault has one line.
 */
#ifndef VINPUT_VFIO_FIND_H
#define VINPUT_VFIO_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include "input/base/fault.h"

struct vfio_place {
	char address[16]; /* DDDD:BB:DD.F */
	uint16_t vendor, device;
	unsigned int group;
	bool no_iommu; /* the group is one without an IOMMU */
};

/*
 * address: DDDD:BB:DD.F, or BB:DD.F in domain 0. All but group and no_iommu is
 * found.
 * Return: 0, or -EINVAL with *why.
 */
int vfio_find(struct vfio_place *p, const char *address, struct fault *why);
/*
 * The rest. The device MUST be bound to vfio-pci.
 * Return: 0, or -EINVAL with *why.
 */
int vfio_find_group(struct vfio_place *p, struct fault *why);

#endif
