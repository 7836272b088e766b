/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the front-end's IOMMU lets the device access (vhost-user: "IOMMU
 * support"): ranges of I/O virtual addresses, each with its address in the
 * front-end and the access that is granted.
 *
 * A cache of fixed size: what is not found is asked for, so any range may be
 * evicted, and the oldest is when there is no room. Pure; loop thread only.
 */
#ifndef VINPUT_IOTLB_H
#define VINPUT_IOTLB_H

#include <stdint.h>
#include "input/ring/guest-addr.h"

/* As many as the longest chain has descriptors: all of it fits. */
#define IOTLB_RANGES_MAX 1024

struct iotlb_range {
	struct iova first, last; /* inclusive: it may end at 2^64 - 1 */
	struct uva uva;		 /* of `first` */
	uint32_t access;	 /* enum guest_access */
	uint32_t age;		 /* lower: older */
};

struct iotlb {
	unsigned int n;
	unsigned int hit; /* the last one found: tried first */
	uint32_t age;
	struct iotlb_range range[IOTLB_RANGES_MAX]; /* sorted, disjoint */
};

/* Return: an empty one, to be freed with free(), or NULL. */
struct iotlb *iotlb_new(void);
void iotlb_clear(struct iotlb *t);

/*
 * Add a range, in place of what is known of these addresses. range.age is
 * ignored.
 * Return: 0 or IOTLB_E_RANGE: it ends before it begins, or past the end of the
 * front-end's address space.
 */
#define IOTLB_E_RANGE 1
int iotlb_update(struct iotlb *t, struct iotlb_range range);
/* Remove first .. last. */
void iotlb_invalidate(struct iotlb *t, struct iova first, struct iova last);
/* Return: the range with this address, valid until the next change; or NULL. */
const struct iotlb_range *iotlb_find(struct iotlb *t, struct iova addr);

#endif
