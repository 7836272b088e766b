/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address spaces that meet here, a type for each so that they cannot be
 * mixed up. Local addresses are plain pointers.
 */
#ifndef VINPUT_GUEST_ADDR_H
#define VINPUT_GUEST_ADDR_H

#include <stdint.h>

_Static_assert(sizeof(void *) == 8,
	       "vinput supports 64-bit systems only: a 32-bit process cannot "
	       "map a guest's memory");

/* Guest-physical: what descriptors hold. */
struct gpa {
	uint64_t v;
};

/* The front-end's virtual: what ring addresses are. */
struct uva {
	uint64_t v;
};

/* I/O virtual: takes the place of both behind an IOMMU. */
struct iova {
	uint64_t v;
};

/* Bits, as in an IOTLB message (vhost-user: "An IOTLB message"). */
enum guest_access {
	GUEST_READ = 1,
	GUEST_WRITE = 2,
};

#endif
