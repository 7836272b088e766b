/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest memory that the front-end shared, as a table of regions, and the
 * only way to it: every access names an address and a length and is checked
 * against the table. Pure: whoever fills the table owns the mappings
 * (guest-map.h).
 *
 * With an IOMMU (VIRTIO_F_ACCESS_PLATFORM) the addresses of descriptors and of
 * rings are I/O virtual. They are translated here (iotlb.h), whatever type the
 * caller passes, so that only this file need know.
 */
#ifndef VINPUT_GUEST_MEM_H
#define VINPUT_GUEST_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "input/ring/guest-addr.h"

#ifdef __has_feature
#define GUEST_MEM_TSAN __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define GUEST_MEM_TSAN 1
#else
#define GUEST_MEM_TSAN 0
#endif

struct guest_region {
	struct gpa gpa;
	struct uva uva;
	uint64_t size;	/* bytes */
	uint8_t *local; /* size bytes of ours */
};

#define GUEST_REGIONS_MAX 64

/*
 * The front-end's log of written pages (vhost-user: "Migration"), for as long
 * as it copies the memory of a running guest: a bit a page, set atomically.
 */
/* Bytes of guest memory to a bit. */
#define GUEST_LOG_PAGE 4096

struct guest_log {
	uint8_t *bits; /* NULL: nothing is logged */
	uint64_t len;  /* bytes */
};

/* What the IOMMU has to be asked for. */
struct guest_miss {
	struct iova addr;
	uint32_t access; /* enum guest_access */
};

struct guest_mem {
	struct guest_log log;
	struct iotlb *iotlb;	/* NULL: there is no IOMMU */
	struct guest_miss miss; /* after GUEST_MEM_E_MISS */
	bool logged; /* something, since whoever cares took this back */
	unsigned int n;
	unsigned int last; /* region of the last hit: the next one's too */
	struct guest_region region[GUEST_REGIONS_MAX]; /* from n on: size 0 */
};

/*
 * Copy to or from memory that the guest may write meanwhile: what arrives is
 * any mix of old and new bytes, which ThreadSanitizer is told is meant.
 */
static inline void guest_copy(void *to, const void *from, size_t len)
{
#if GUEST_MEM_TSAN
	for (size_t i = 0; i < len; i++)
		__atomic_store_n((uint8_t *)to + i,
				 __atomic_load_n((const uint8_t *)from + i,
						 __ATOMIC_RELAXED),
				 __ATOMIC_RELAXED);
#else
	memcpy(to, from, len);
#endif
}

/* Errors of the front-end and the guest. */
#define GUEST_MEM_E_OUTSIDE 1 /* not (wholly) in the table */
#define GUEST_MEM_E_OVERLAP 2 /* overlaps a region that is there */
#define GUEST_MEM_E_WRAPS   3 /* size 0, or goes past 2^64 */
#define GUEST_MEM_E_FULL    4 /* GUEST_REGIONS_MAX regions are there */
/* Nobody's fault: the IOMMU has to be asked, and then it can be tried again. */
#define GUEST_MEM_E_MISS   5
#define GUEST_MEM_E_PIECES 6 /* a ring that does not lie in one piece */

/*
 * Check whether a region could be added (local is not looked at).
 * Return: 0, GUEST_MEM_E_WRAPS, GUEST_MEM_E_OVERLAP, GUEST_MEM_E_FULL.
 */
int guest_mem_check(const struct guest_mem *mem,
		    const struct guest_region *region);
/* Add a region that guest_mem_check() passed. */
void guest_mem_add(struct guest_mem *mem, const struct guest_region *region);
/*
 * Take out the region with exactly these addresses and size, into *region.
 * Return: 0 or GUEST_MEM_E_OUTSIDE.
 */
int guest_mem_remove(struct guest_mem *mem, struct guest_region *region);

/* Return: whether the region has all len bytes at addr. */
static inline bool guest_region_has(const struct guest_region *r,
				    struct gpa addr, uint64_t len)
{
	return len <= r->size && addr.v - r->gpa.v <= r->size - len;
}

/* Return: len bytes in one region, or NULL. */
void *guest_mem_at_gpa(struct guest_mem *mem, struct gpa addr, uint64_t len);
/* Return: whether all of it is in regions. */
bool guest_mem_has_uva(const struct guest_mem *mem, struct uva addr,
		       uint64_t len);

/* Guest memory that lies in one piece. */
struct guest_piece {
	uint8_t *at;
	struct gpa gpa; /* guest-physical in any case */
	uint64_t len;
};

/*
 * Find len bytes of a ring; addr is I/O virtual if there is an IOMMU.
 * Return: 0 and *piece, GUEST_MEM_E_OUTSIDE, GUEST_MEM_E_MISS,
 * GUEST_MEM_E_PIECES.
 */
int guest_mem_ring(struct guest_mem *mem, struct uva addr, uint64_t len,
		   uint32_t access, struct guest_piece *piece);

/*
 * Copy to or from guest memory, also across regions that touch each other; addr
 * is I/O virtual if there is an IOMMU.
 * Return: 0, GUEST_MEM_E_OUTSIDE or GUEST_MEM_E_MISS (then some bytes may have
 * been copied).
 */
int guest_mem_write(struct guest_mem *mem, struct gpa addr, const void *from,
		    size_t len);
/*
 * Mark len bytes as written, for who writes without guest_mem_write(). Pages
 * past the log's end are left out.
 */
void guest_mem_log(struct guest_mem *mem, struct gpa addr, uint64_t len);
/* The same for len bytes at an address of ours. */
void guest_mem_log_local(struct guest_mem *mem, const void *at, uint64_t len);
int guest_mem_read(struct guest_mem *mem, struct gpa addr, void *to,
		   size_t len);

#endif
