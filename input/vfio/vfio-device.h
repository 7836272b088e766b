/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI device that the kernel's vfio-pci lends to this process (Linux:
 * linux/vfio.h): its registers, its memory, its interrupts as event fds, and
 * memory of ours that it may access. All of it goes with its fds. Only reading
 * and writing registers is needed once all else is set up. Loop thread only.
 */
#ifndef VINPUT_VFIO_DEVICE_H
#define VINPUT_VFIO_DEVICE_H

#include <stdbool.h>
#include "input/vfio/pci-port.h"
#include "input/vfio/vfio-find.h"

#define VFIO_VECTORS_MAX 8

/* Memory that the device can access. */
struct vfio_dma {
	uint8_t *at;  /* NULL: none */
	uint64_t bus; /* the device's address of it */
	size_t len;
};

struct vfio_device {
	int container, group;
	int fd; /* its file has no type, and no size */
	bool no_iommu;
	struct pci_port port;
	uint64_t offset[PCI_PORT_REGIONS]; /* of each region in fd */
	unsigned int n_vectors;		   /* of MSI-X */
	struct vfio_dma dma;
};

/* A device that is closed. */
void vfio_device_init(struct vfio_device *v);
/* Return: 0, or -errno with *why. */
int vfio_device_open(struct vfio_device *v, const struct vfio_place *place,
		     struct fault *why);
/* Idempotent. */
void vfio_device_close(struct vfio_device *v);

/*
 * Give the device len bytes of memory, v->dma; once.
 * Return: 0, or -errno with *why.
 */
int vfio_device_share(struct vfio_device *v, size_t len, struct fault *why);
/*
 * Signal fds[i], borrowed, for MSI-X vector i; n: at most VFIO_VECTORS_MAX.
 * Once.
 * Return: 0, or -errno with *why.
 */
int vfio_device_interrupts(struct vfio_device *v, const int *fds,
			   unsigned int n, struct fault *why);
/*
 * Let the kernel write the 16-bit value to a register whenever fd, an eventfd
 * (borrowed), is signalled.
 * Return: 0, or -errno with *why.
 */
int vfio_device_ring(struct vfio_device *v, const struct pci_at *at,
		     uint16_t value, int fd, struct fault *why);

#endif
