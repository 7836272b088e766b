/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "input/vfio/virtio-caps.h"

/* More than that is a circle: each has at least 4 bytes. */
#define CAPS_MAX ((VIRTIO_CAPS_CONFIG_LEN - PCI_STD_HEADER_SIZEOF) / 4)

static bool has_multiplier(const struct virtio_pci_notify_cap *c)
{
	return c->cap.cap_len >= sizeof(*c);
}

static uint32_t at_most(uint32_t len, uint64_t most)
{
	return len < most ? len : (uint32_t)most;
}

static void take_cap(struct virtio_caps *caps, const uint8_t *at, size_t left,
		     const uint64_t bar_size[6])
{
	struct virtio_pci_notify_cap c = { 0 };
	struct virtio_part *part;

	if (left < sizeof(c.cap))
		return;
	memcpy(&c, at, left < sizeof(c) ? left : sizeof(c));
	if (c.cap.cfg_type >= VIRTIO_CAP_TYPES ||
	    c.cap.bar >= PCI_STD_NUM_BARS ||
	    c.cap.offset >= bar_size[c.cap.bar])
		return;
	part = &caps->part[c.cap.cfg_type];
	if (part->there)
		return;
	*part = (struct virtio_part){
		.there = true,
		.bar = c.cap.bar,
		.offset = c.cap.offset,
		.len = at_most(c.cap.length,
			       bar_size[c.cap.bar] - c.cap.offset),
		.multiplier = has_multiplier(&c) ? c.notify_off_multiplier : 0,
	};
}

void virtio_caps_parse(struct virtio_caps *caps,
		       const uint8_t config[VIRTIO_CAPS_CONFIG_LEN],
		       const uint64_t bar_size[6])
{
	size_t at = config[PCI_CAPABILITY_LIST] & ~3u;

	memset(caps, 0, sizeof(*caps));
	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return;
	for (unsigned int i = 0; i < CAPS_MAX && at >= PCI_STD_HEADER_SIZEOF;
	     i++) {
		if (config[at] == PCI_CAP_ID_VNDR)
			take_cap(caps, config + at, VIRTIO_CAPS_CONFIG_LEN - at,
				 bar_size);
		at = config[at + PCI_CAP_LIST_NEXT] & ~3u;
	}
}
