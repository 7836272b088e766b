/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest memory that the front-end shared, as a table of regions, and the
 * only way to it: every access names an address and a length, and is checked
 * against the table. Pure: guest-map.h owns the mappings. Loop thread only.
 *
 * Behind an IOMMU (VIRTIO_F_ACCESS_PLATFORM) the addresses of descriptors and
 * rings are I/O virtual. They are translated here, whatever type they come in,
 * so that callers need not know.
 */
#ifndef VINPUT_GUEST_MEM_H
#define VINPUT_GUEST_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/ring/guest-addr.h"

struct guest_region {
	struct gpa gpa;
	struct uva uva;
	uint64_t size;	/* bytes */
	uint8_t *local; /* where its size bytes are mapped */
};

#define GUEST_REGIONS_MAX 64

/* Bytes of guest memory per bit of the log. */
#define GUEST_LOG_PAGE 4096

/*
 * The front-end's log of written pages (vhost-user: "Migration"), while it
 * copies the memory of a running guest: a bit per page, set atomically.
 */
struct guest_log {
	uint8_t *bits; /* NULL: writes are not logged */
	uint64_t len;  /* bytes */
};

/* What the IOMMU must be asked for. */
struct guest_miss {
	struct iova addr;
	uint32_t access; /* enum guest_access */
};

struct guest_mem {
	struct guest_log log;
	struct iotlb *iotlb;	/* owned by the caller; NULL: no IOMMU */
	struct guest_miss miss; /* after GUEST_MEM_E_MISS */
	bool logged; /* set with each write to the log, cleared by the caller */
	/* Set by the caller: fds of regions are a PCI device's (VFIO). */
	bool of_device;
	unsigned int n;
	/* Region of the last hit, tried first; without any, its size is 0. */
	unsigned int last;
	struct guest_region region[GUEST_REGIONS_MAX]; /* n of them */
};

/* Errors of the front-end and the guest. */
#define GUEST_MEM_E_OUTSIDE 1 /* not wholly in the table */
#define GUEST_MEM_E_OVERLAP 2 /* overlaps a region of the table */
#define GUEST_MEM_E_WRAPS   3 /* size 0, or past 2^64 */
#define GUEST_MEM_E_FULL    4 /* GUEST_REGIONS_MAX regions are in use */
/* No error: ask the IOMMU for mem->miss, then try again. */
#define GUEST_MEM_E_MISS   5
#define GUEST_MEM_E_PIECES 6 /* a ring that is not contiguous */

/*
 * Check whether a region can be added; local is ignored.
 * Return: 0, GUEST_MEM_E_WRAPS, GUEST_MEM_E_OVERLAP, GUEST_MEM_E_FULL.
 */
int guest_mem_check(const struct guest_mem *mem,
		    const struct guest_region *region);
/* Add a region; guest_mem_check() MUST have passed it. */
void guest_mem_add(struct guest_mem *mem, const struct guest_region *region);
/*
 * Remove the region with exactly these addresses and size, and copy it into
 * *region.
 * Return: 0 or GUEST_MEM_E_OUTSIDE.
 */
int guest_mem_remove(struct guest_mem *mem, struct guest_region *region);

/* Return: whether all len bytes at addr are in the region. */
static inline bool guest_region_has(const struct guest_region *r,
				    struct gpa addr, uint64_t len)
{
	return len <= r->size && addr.v - r->gpa.v <= r->size - len;
}

/* Return: a pointer to len bytes in one region, or NULL. */
void *guest_mem_at_gpa(struct guest_mem *mem, struct gpa addr, uint64_t len);
/* Return: whether all len bytes are in regions. */
bool guest_mem_has_uva(const struct guest_mem *mem, struct uva addr,
		       uint64_t len);

/* Guest memory that is contiguous here and in the guest. */
struct guest_piece {
	uint8_t *at;
	struct gpa gpa; /* guest-physical, also behind an IOMMU */
	uint64_t len;
};

/*
 * Find len bytes of a ring; addr is I/O virtual behind an IOMMU. access: bits
 * of enum guest_access.
 * Return: 0 with *piece, GUEST_MEM_E_OUTSIDE, GUEST_MEM_E_MISS,
 * GUEST_MEM_E_PIECES.
 */
int guest_mem_ring(struct guest_mem *mem, struct uva addr, uint64_t len,
		   uint32_t access, struct guest_piece *piece);

/*
 * Copy len bytes to or from guest memory, also across adjacent regions; addr is
 * I/O virtual behind an IOMMU. A write is logged.
 * Return: 0, GUEST_MEM_E_OUTSIDE or GUEST_MEM_E_MISS; after an error some bytes
 * may have been copied.
 */
int guest_mem_write(struct guest_mem *mem, struct gpa addr, const void *from,
		    size_t len);
int guest_mem_read(struct guest_mem *mem, struct gpa addr, void *to,
		   size_t len);

/*
 * Log len bytes that were written without guest_mem_write(). Pages past the end
 * of the log are ignored.
 */
void guest_mem_log(struct guest_mem *mem, struct gpa addr, uint64_t len);
/* The same for len bytes at a local address. */
void guest_mem_log_local(struct guest_mem *mem, const void *at, uint64_t len);

#endif
