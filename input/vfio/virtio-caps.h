/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capabilities of a virtio PCI device (virtio 1.3 §4.1.4), as its driver
 * reads them: where in which BAR each of its structures is. Pure: the device is
 * a peer, and nothing of what it says lies outside of its BARs afterwards.
 */
#ifndef VINPUT_VIRTIO_CAPS_H
#define VINPUT_VIRTIO_CAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Types of capabilities; 6 to 8: see vvu-layout.h. */
enum virtio_cap_type {
	VIRTIO_CAP_COMMON = 1,
	VIRTIO_CAP_NOTIFY = 2,
	VIRTIO_CAP_ISR = 3,
	VIRTIO_CAP_DEVICE = 4,
	VIRTIO_CAP_TYPES = 9,
};

struct virtio_part {
	bool there;
	unsigned int bar;
	uint32_t offset;
	uint32_t len;	     /* at most up to the BAR's end */
	uint32_t multiplier; /* of notifications and doorbells */
};

struct virtio_caps {
	struct virtio_part part[VIRTIO_CAP_TYPES];
};

#define VIRTIO_CAPS_CONFIG_LEN 256

/*
 * config: the device's PCI configuration space. bar_size: of its 6 BARs. Of
 * capabilities of the same type the first that begins in a BAR counts.
 */
void virtio_caps_parse(struct virtio_caps *caps,
		       const uint8_t config[VIRTIO_CAPS_CONFIG_LEN],
		       const uint64_t bar_size[6]);

#endif
