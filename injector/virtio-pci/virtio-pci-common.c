/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/virtio-pci/virtio-pci-common.h"

#define FEATURE_VERSION_1   (UINT64_C(1) << 32)
#define FEATURE_RING_PACKED (UINT64_C(1) << 34)
#define STATUS_FEATURES_OK  0x08

/* struct virtio_pci_common_cfg; all fields are where C puts them. */
struct common {
	uint32_t offered_select, offered;
	uint32_t accepted_select, accepted;
	uint16_t config_vector, n_queues;
	uint8_t status, generation;
	uint16_t queue_select, queue_size, queue_vector;
	uint16_t queue_enable, queue_notify_off;
	uint64_t queue_desc, queue_driver, queue_device;
	uint16_t queue_notify_data, queue_reset;
	uint32_t reserved;
};

_Static_assert(sizeof(struct common) == VIRTIO_PCI_COMMON_LEN,
	       "virtio 1.3 §4.1.4.3");

void virtio_pci_common_reset(struct virtio_pci *p)
{
	p->accepted = 0;
	p->status = p->isr = 0;
	p->config_vector = VIRTIO_PCI_NO_VECTOR;
	p->offered_select = p->accepted_select = 0;
	p->queue_select = 0;
	for (unsigned int i = 0; i < p->kind->n_queues; i++)
		p->queue[i] = (struct virtio_pci_queue){
			.size = p->queue_max, .vector = VIRTIO_PCI_NO_VECTOR
		};
}

static struct virtio_pci_queue *common_selected(struct virtio_pci *p)
{
	return p->queue_select < p->kind->n_queues ? &p->queue[p->queue_select]
						   : NULL;
}

/* 32 of 64 features; there are none above. */
static uint32_t half_of(uint64_t features, uint32_t select)
{
	return select < 2 ? (uint32_t)(features >> (32 * select)) : 0;
}

void virtio_pci_common_fill(const struct virtio_pci *p,
			    uint8_t to[VIRTIO_PCI_COMMON_LEN])
{
	struct common c = {
		.offered_select = p->offered_select,
		.offered = half_of(p->offered, p->offered_select),
		.accepted_select = p->accepted_select,
		.accepted = half_of(p->accepted, p->accepted_select),
		.config_vector = p->config_vector,
		.n_queues = (uint16_t)p->kind->n_queues,
		.status = p->status,
		.generation = p->generation,
		.queue_select = p->queue_select,
	};

	if (p->queue_select < p->kind->n_queues) {
		const struct virtio_pci_queue *q = &p->queue[p->queue_select];

		c.queue_size = q->size;
		c.queue_vector = q->vector;
		c.queue_enable = q->enabled;
		c.queue_notify_off = p->queue_select;
		c.queue_desc = q->desc;
		c.queue_driver = q->driver;
		c.queue_device = q->device;
	}
	memcpy(to, &c, sizeof(c));
}

/* --- writes --- */

/*
 * "The device SHOULD NOT offer a feature ... MUST NOT accept" a set that it
 * does not support: then FEATURES_OK stays clear (virtio 1.3 §2.2.2, §3.1.1).
 */
static enum virtio_pci_what set_status(struct virtio_pci *p, uint8_t status)
{
	const uint8_t before = p->status;

	if (!status) {
		virtio_pci_common_reset(p);
		return VIRTIO_PCI_STATUS;
	}
	if (p->accepted & ~p->offered || !(p->accepted & FEATURE_VERSION_1))
		status &= (uint8_t)~STATUS_FEATURES_OK;
	p->status = status | (before & VIRTIO_PCI_NEEDS_RESET);
	return VIRTIO_PCI_STATUS;
}

static void set_accepted(struct virtio_pci *p, uint32_t value)
{
	const unsigned int shift = 32 * p->accepted_select;

	if (p->accepted_select > 1 || p->status & STATUS_FEATURES_OK)
		return;
	p->accepted &= ~((uint64_t)UINT32_MAX << shift);
	p->accepted |= (uint64_t)value << shift;
}

static uint16_t vector_of(const struct virtio_pci *p, uint16_t vector)
{
	return vector < p->kind->n_vectors ? vector : VIRTIO_PCI_NO_VECTOR;
}

static bool size_is_valid(const struct virtio_pci *p, uint16_t size)
{
	return size && size <= p->queue_max &&
	       (!(size & (size - 1)) || p->accepted & FEATURE_RING_PACKED);
}

static enum virtio_pci_what set_queue(struct virtio_pci *p,
				      struct virtio_pci_queue *q, size_t field,
				      uint16_t value)
{
	switch (field) {
	case offsetof(struct common, queue_size):
		if (!q->enabled && size_is_valid(p, value))
			q->size = value;
		break;
	case offsetof(struct common, queue_vector):
		q->vector = vector_of(p, value);
		return VIRTIO_PCI_VECTOR;
	case offsetof(struct common, queue_enable):
		q->enabled |= value == 1;
		break;
	}
	return VIRTIO_PCI_NOTHING;
}

static enum virtio_pci_what common_set_16(struct virtio_pci *p, size_t field,
					  uint16_t value)
{
	struct virtio_pci_queue *q = common_selected(p);

	switch (field) {
	case offsetof(struct common, config_vector):
		p->config_vector = vector_of(p, value);
		return VIRTIO_PCI_VECTOR;
	case offsetof(struct common, queue_select):
		p->queue_select = value;
		return VIRTIO_PCI_NOTHING;
	}
	return q ? set_queue(p, q, field, value) : VIRTIO_PCI_NOTHING;
}

static void set_32(struct virtio_pci *p, size_t field, uint32_t value)
{
	switch (field) {
	case offsetof(struct common, offered_select):
		p->offered_select = value;
		break;
	case offsetof(struct common, accepted_select):
		p->accepted_select = value;
		break;
	case offsetof(struct common, accepted):
		set_accepted(p, value);
		break;
	}
}

/* Of the selected queue, or half of one. */
static void set_address(struct virtio_pci *p,
			const struct virtio_pci_access *at, const void *from)
{
	static const size_t first = offsetof(struct common, queue_desc);
	struct virtio_pci_queue *q = common_selected(p);
	const size_t half = at->offset % sizeof(uint64_t);
	uint64_t *address;

	if (!q || q->enabled || at->offset < first ||
	    at->offset >= offsetof(struct common, queue_notify_data))
		return;
	if (at->offset < offsetof(struct common, queue_driver))
		address = &q->desc;
	else if (at->offset < offsetof(struct common, queue_device))
		address = &q->driver;
	else
		address = &q->device;
	memcpy((uint8_t *)address + half, from, at->len);
}

enum virtio_pci_what virtio_pci_common_write(struct virtio_pci *p,
					     const struct virtio_pci_access *at,
					     const void *from)
{
	uint16_t u16;
	uint32_t u32;

	/* Its natural width (virtio 1.3 §4.1.3.1). */
	if (at->offset % at->len)
		return VIRTIO_PCI_NOTHING;
	switch (at->len) {
	case 1:
		if (at->offset == offsetof(struct common, status))
			return set_status(p, *(const uint8_t *)from);
		break;
	case 2:
		memcpy(&u16, from, sizeof(u16));
		return common_set_16(p, at->offset, u16);
	case 4:
		memcpy(&u32, from, sizeof(u32));
		set_32(p, at->offset, u32);
		__attribute__((fallthrough));
	case 8:
		set_address(p, at, from);
	}
	return VIRTIO_PCI_NOTHING;
}
