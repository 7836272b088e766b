/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device VM's memory, as its VMM lets the device access it: files, mapped
 * when something in them is first accessed, and of vfu_dma's maps those that
 * were used. Behind an IOMMU maps come and go page by page. Loop thread only.
 */
#ifndef VINPUT_VVU_GUEST_H
#define VINPUT_VVU_GUEST_H

#include "injector/vfio-user/vfu-dma.h"
#include "input/ring/guest-mem.h"

struct vvu_guest {
	struct vfu_dma *dma; /* borrowed */
	struct guest_mem mem;
	/* With another number, rings have to be found in it again. */
	unsigned int changes;
};

/* Return: 0 or -errno. */
int vvu_guest_init(struct vvu_guest *g, struct vfu_dma *dma);
void vvu_guest_fini(struct vvu_guest *g); /* idempotent */

/* The maps of a range are gone: what was in them is not accessed any more. */
void vvu_guest_unmapped(struct vvu_guest *g, uint64_t first, uint64_t last);
/* Unmap all of it; what is still in dma is mapped again when it is used. */
void vvu_guest_clear(struct vvu_guest *g);

/*
 * After GUEST_MEM_E_MISS, or VRING_E_MISS. Return: whether the same can be
 * tried again now; false: there is no memory at that address.
 */
bool vvu_guest_find(struct vvu_guest *g);

#endif
