/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/vvu/vvu-pci.h"
#include "input/base/container.h"

#define CAP_VENDOR  0x09
#define CLASS_OTHER 0xff0000

/* Of the BAR with the sibling's memory: its own size does not fit. */
#define SHOWN_LEN 0x1000

/* The features of the queues that vvu-queue.h has. */
#define FEATURES                                   \
	(UINT64_C(1) << VIRTIO_F_INDIRECT_DESC |   \
	 UINT64_C(1) << VIRTIO_F_EVENT_IDX |       \
	 UINT64_C(1) << VIRTIO_F_VERSION_1 |       \
	 UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM | \
	 UINT64_C(1) << VIRTIO_F_RING_PACKED)

/* multiplier: 0: there is none. */
static void vvu_pci_add_cap(struct pci_config *c, struct vvu_cap cap,
			    uint32_t multiplier)
{
	struct vvu_doorbell_cap whole = { cap, multiplier };

	whole.cap.id = CAP_VENDOR;
	whole.cap.len = multiplier ? sizeof(whole) : sizeof(cap);
	pci_config_add_cap(c, &whole, whole.cap.len);
}

static void vvu_pci_extend(struct virtio_pci *pci)
{
	const struct vvu_pci *p = container_of(pci, struct vvu_pci, pci);
	const struct vvu_cap doorbells = { .type = VVU_CAP_DOORBELL,
					   .bar = VVU_IO_BAR,
					   .offset = VVU_DOORBELLS,
					   .length = VVU_DOORBELLS_LEN };
	const struct vvu_cap notifications = {
		.type = VVU_CAP_NOTIFICATION,
		.bar = VVU_IO_BAR,
		.offset = VVU_NOTIFICATIONS,
		.length = VVU_NOTIFICATIONS_LEN,
	};
	const struct vvu_cap memory = { .type = VVU_CAP_SHARED_MEMORY,
					.bar = VVU_MEMORY_BAR,
					.length = SHOWN_LEN };

	pci_config_add_bar(&pci->pci, VVU_IO_BAR, VVU_IO_BAR_LEN, PCI_BAR_64);
	pci_config_add_bar(&pci->pci, VVU_MEMORY_BAR, p->memory_len,
			   PCI_BAR_64 | PCI_BAR_PREFETCH);
	vvu_pci_add_cap(&pci->pci, doorbells, VVU_DOORBELL_MULTIPLIER);
	vvu_pci_add_cap(&pci->pci, notifications, 0);
	vvu_pci_add_cap(&pci->pci, memory, 0);
}

static const struct virtio_pci_kind kind = {
	.virtio_id = VVU_ID_PACKED,
	.class_code = CLASS_OTHER,
	.n_queues = VVU_QUEUES,
	.n_vectors = VVU_VECTORS,
	.config_len = sizeof(struct vvu_config),
	.extend = vvu_pci_extend,
};

void vvu_pci_init(struct vvu_pci *p, uint64_t memory_len)
{
	static const struct vvu_config config = {
		.max_vhost_queues = VVU_VHOST_QUEUES,
	};

	p->memory_len = memory_len;
	virtio_pci_init(&p->pci, &kind, VVU_QUEUE_MAX);
	p->pci.offered = FEATURES;
	memcpy(p->pci.config, &config, sizeof(config));
	vvu_pci_driver_reset(p);
}

void vvu_pci_reset(struct vvu_pci *p)
{
	virtio_pci_reset(&p->pci);
	vvu_pci_driver_reset(p);
}

void vvu_pci_driver_reset(struct vvu_pci *p)
{
	p->selected = 0;
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++)
		p->vector[i] = VVU_NO_VECTOR;
	vvu_pci_set_status(p, 0);
}

uint64_t vvu_pci_region_size(const struct vvu_pci *p, unsigned int region)
{
	switch (region) {
	case VVU_IO_BAR:
		return VVU_IO_BAR_LEN;
	case VVU_MEMORY_BAR:
		return p->memory_len;
	}
	return virtio_pci_region_size(&p->pci, region);
}

/* --- the status of the device configuration --- */

uint32_t vvu_pci_status(const struct vvu_pci *p)
{
	uint32_t status;

	memcpy(&status, p->pci.config + offsetof(struct vvu_config, status),
	       sizeof(status));
	return status;
}

void vvu_pci_set_status(struct vvu_pci *p, uint32_t status)
{
	memcpy(p->pci.config + offsetof(struct vvu_config, status), &status,
	       sizeof(status));
}

uint32_t vvu_pci_written_status(const struct vvu_pci *p,
				const struct virtio_pci_event *event)
{
	struct vvu_config config;

	memcpy(&config, p->pci.config, sizeof(config));
	memcpy((uint8_t *)&config + event->offset, event->from, event->len);
	return config.status;
}

/* --- BAR 2 --- */

static uint16_t vvu_pci_register(const struct vvu_pci *p, uint64_t offset)
{
	switch (offset) {
	case VVU_NOTIFICATIONS + VVU_NOTIFY_SELECT:
		return p->selected;
	case VVU_NOTIFICATIONS + VVU_NOTIFY_VECTOR:
		return p->selected < VVU_VHOST_QUEUES ? p->vector[p->selected]
						      : VVU_NO_VECTOR;
	}
	return 0;
}

void vvu_pci_read_io(const struct vvu_pci *p,
		     const struct virtio_pci_access *at, void *to)
{
	const uint16_t value = vvu_pci_register(p, at->offset);

	memset(to, 0, at->len);
	memcpy(to, &value, at->len < sizeof(value) ? at->len : sizeof(value));
}

static void vvu_pci_write_register(struct vvu_pci *p, uint64_t offset,
				   uint16_t value)
{
	switch (offset) {
	case VVU_NOTIFICATIONS + VVU_NOTIFY_SELECT:
		p->selected = value;
		break;
	case VVU_NOTIFICATIONS + VVU_NOTIFY_VECTOR:
		if (p->selected < VVU_VHOST_QUEUES)
			p->vector[p->selected] =
				value < VVU_VECTORS ? value : VVU_NO_VECTOR;
		break;
	}
}

int vvu_pci_write_io(struct vvu_pci *p, const struct virtio_pci_access *at,
		     const void *from)
{
	uint16_t value;

	if (at->offset < VVU_DOORBELLS_LEN) {
		const uint64_t queue = at->offset / VVU_DOORBELL_MULTIPLIER;

		return queue < VVU_VHOST_QUEUES ? (int)queue : -1;
	}
	if (at->len < sizeof(value))
		return -1;
	memcpy(&value, from, sizeof(value));
	vvu_pci_write_register(p, at->offset, value);
	return -1;
}
