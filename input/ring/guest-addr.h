/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address spaces that meet here, a type for each, so that they cannot be
 * mixed up: guest-physical (descriptors), the front-end's virtual (ring
 * addresses), and I/O virtual, which takes the place of both behind an IOMMU
 * (VIRTIO_F_ACCESS_PLATFORM). Addresses of ours are plain pointers.
 */
#ifndef VINPUT_GUEST_ADDR_H
#define VINPUT_GUEST_ADDR_H

#include <stdint.h>

struct gpa {
	uint64_t v;
};

struct uva {
	uint64_t v;
};

struct iova {
	uint64_t v;
};

/* Bits, as in an IOTLB message (vhost-user: "An IOTLB message"). */
enum guest_access {
	GUEST_READ = 1,
	GUEST_WRITE = 2,
};

#endif
