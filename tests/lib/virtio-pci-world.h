/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio PCI device of two queues, and its driver's accesses. */
#ifndef VINPUT_TESTS_VIRTIO_PCI_WORLD_H
#define VINPUT_TESTS_VIRTIO_PCI_WORLD_H

#include "injector/virtio-pci/virtio-pci.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define VERSION_1   (UINT64_C(1) << 32)
#define RING_PACKED (UINT64_C(1) << 34)
#define COMMON	    0x0000
#define ISR	    0x1000
#define DEVICE	    0x2000
#define NOTIFY	    0x3000

/* struct virtio_pci_common_cfg */
enum {
	OFFERED_SELECT = 0,
	OFFERED = 4,
	ACCEPTED_SELECT = 8,
	ACCEPTED = 12,
	CONFIG_VECTOR = 16,
	NUM_QUEUES = 18,
	STATUS = 20,
	GENERATION = 21,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY_OFF = 30,
	QUEUE_DESC = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
};

enum {
	ACKNOWLEDGE = 1,
	DRIVER = 2,
	DRIVER_OK = 4,
	FEATURES_OK = 8,
	NEEDS_RESET = 64,
};

static const struct virtio_pci_kind kind = {
	.virtio_id = 18,
	.class_code = 0x098000,
	.n_queues = 2,
	.n_vectors = 3,
	.config_len = 136,
};

static struct virtio_pci p;
static struct virtio_pci_event event;

static inline int setup(void **state)
{
	fill_with_garbage(&p);
	virtio_pci_init(&p, &kind, 64);
	p.offered = VERSION_1 | RING_PACKED | 1;
	return 0;
}

static inline uint64_t get(unsigned int region, uint64_t offset, size_t len)
{
	uint64_t value = UINT64_MAX; /* all that is read has to be written */

	virtio_pci_read(&p, &(struct virtio_pci_access){ region, offset, len },
			&value);
	return value & UINT64_MAX >> (64 - 8 * len);
}

static inline void set(unsigned int region, uint64_t offset, size_t len,
		       uint64_t value)
{
	static uint64_t from;

	from = value;
	virtio_pci_write(&p, &(struct virtio_pci_access){ region, offset, len },
			 &from, &event);
}

#define bar(offset, len)	   get(VIRTIO_PCI_BAR, offset, len)
#define set_bar(offset, len, v)	   set(VIRTIO_PCI_BAR, offset, len, v)
#define config(offset, len)	   get(VIRTIO_PCI_CONFIG_SPACE, offset, len)
#define set_config(offset, len, v) set(VIRTIO_PCI_CONFIG_SPACE, offset, len, v)

static inline void accept_features(uint64_t features)
{
	for (unsigned int i = 0; i < 2; i++) {
		set_bar(ACCEPTED_SELECT, 4, i);
		set_bar(ACCEPTED, 4, features >> (32 * i));
	}
}

#endif
