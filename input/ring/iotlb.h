/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the front-end's IOMMU lets the device reach (vhost-user: "IOMMU
 * support"): ranges of I/O virtual addresses, each with where it lies in the
 * front-end's address space and what may be done there.
 *
 * A cache of fixed size: a range that is not found is asked for, so any may be
 * forgotten, and when there is no room the oldest is. Pure; loop thread only.
 */
#ifndef VINPUT_IOTLB_H
#define VINPUT_IOTLB_H

#include <stdint.h>
#include "input/ring/guest-addr.h"

/* As many as the descriptors of the longest chain: it fits in whole. */
#define IOTLB_RANGES_MAX 1024

struct iotlb_range {
	struct iova first, last; /* both are in it: it may end at 2^64 - 1 */
	struct uva uva;		 /* of `first` */
	uint32_t access;	 /* enum guest_access */
	uint32_t age;		 /* lower: older */
};

struct iotlb {
	unsigned int n;
	unsigned int hit; /* the last one found: the next one's too */
	uint32_t age;
	struct iotlb_range range[IOTLB_RANGES_MAX]; /* by address, apart */
};

/* Return: a new empty one on the heap (it is large), or NULL. */
struct iotlb *iotlb_new(void);
void iotlb_clear(struct iotlb *t);

/*
 * Add a range; what was known of these addresses is replaced. `age` is set
 * here.
 * Return: 0 or IOTLB_E_RANGE: it ends before it begins, or goes past the end
 * of the front-end's address space.
 */
#define IOTLB_E_RANGE 1
int iotlb_update(struct iotlb *t, struct iotlb_range range);
/* Forget what is known of first .. last. */
void iotlb_invalidate(struct iotlb *t, struct iova first, struct iova last);
/* Return: the range that has this address, or NULL; until the next change. */
const struct iotlb_range *iotlb_find(struct iotlb *t, struct iova addr);

#endif
