/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/param.h>
#include "injector/virtio-pci/virtio-pci-common.h"
#include "injector/virtio-pci/virtio-pci.h"

#define PAGE 0x1000
/* The parts of BAR 0, a page each. */
enum {
	AT_COMMON = 0x0000,
	AT_ISR = 0x1000,
	AT_DEVICE = 0x2000,
	AT_NOTIFY = 0x3000,
};

#define NOTIFY_MULTIPLIER 4

#define ISR_CONFIG 2 /* the driver is to look at status and configuration */

#define MSIX_PENDING	0x800
#define MSIX_VECTOR_LEN 16

enum {
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_ISR = 3,
	CAP_DEVICE = 4,
	CAP_WINDOW = 5, /* VIRTIO_PCI_CAP_PCI_CFG */
};

#define CAP_VENDOR 0x09

/* struct virtio_pci_cap, and what follows it in some (virtio 1.3 §4.1.4). */
struct cap {
	uint8_t id, next, len, type;
	uint8_t bar, number, padding[2];
	uint32_t offset, length;
	uint32_t more; /* the notify multiplier; the window's data */
};

#define CAP_LEN	     16
#define CAP_LONG_LEN 20

static size_t add_cap(struct virtio_pci *p, uint8_t type, uint32_t offset,
		      uint32_t length)
{
	const uint8_t len = type == CAP_NOTIFY || type == CAP_WINDOW
				    ? CAP_LONG_LEN
				    : CAP_LEN;
	const struct cap cap = { .id = CAP_VENDOR,
				 .len = len,
				 .type = type,
				 .bar = VIRTIO_PCI_BAR,
				 .offset = offset,
				 .length = length,
				 .more = type == CAP_NOTIFY ? NOTIFY_MULTIPLIER
							    : 0 };

	return pci_config_add_cap(&p->pci, &cap, len);
}

static void add_caps(struct virtio_pci *p)
{
	const struct pci_msix msix = { .n = p->kind->n_vectors,
				       .bar = VIRTIO_PCI_MSIX_BAR,
				       .pending = MSIX_PENDING };

	pci_config_add_msix(&p->pci, &msix);
	add_cap(p, CAP_COMMON, AT_COMMON, PAGE);
	add_cap(p, CAP_ISR, AT_ISR, PAGE);
	add_cap(p, CAP_DEVICE, AT_DEVICE, PAGE);
	add_cap(p, CAP_NOTIFY, AT_NOTIFY, PAGE);
	p->window = add_cap(p, CAP_WINDOW, 0, 0);
	pci_config_open(&p->pci, p->window + offsetof(struct cap, bar), 1);
	pci_config_open(&p->pci, p->window + offsetof(struct cap, offset), 8);
}

static void init_pci(struct virtio_pci *p)
{
	const struct pci_ids ids = {
		.vendor = VIRTIO_PCI_VENDOR,
		.device = (uint16_t)(0x1040 + p->kind->virtio_id),
		.subsystem_vendor = VIRTIO_PCI_VENDOR,
		.subsystem = 0x1100,
		.class_code = p->kind->class_code,
		.revision = 1,
	};

	pci_config_init(&p->pci, &ids);
	pci_config_add_bar(&p->pci, VIRTIO_PCI_BAR, VIRTIO_PCI_BAR_LEN,
			   PCI_BAR_32);
	pci_config_add_bar(&p->pci, VIRTIO_PCI_MSIX_BAR,
			   VIRTIO_PCI_MSIX_BAR_LEN, PCI_BAR_32);
	add_caps(p);
	if (p->kind->extend)
		p->kind->extend(p);
}

void virtio_pci_init(struct virtio_pci *p, const struct virtio_pci_kind *kind,
		     uint16_t queue_max)
{
	*p = (struct virtio_pci){ .kind = kind, .queue_max = queue_max };
	virtio_pci_reset(p);
}

void virtio_pci_reset(struct virtio_pci *p)
{
	init_pci(p);
	memset(p->msix, 0, sizeof(p->msix));
	for (unsigned int i = 0; i < p->kind->n_vectors; i++)
		p->msix[i * MSIX_VECTOR_LEN + 12] = 1; /* masked */
	virtio_pci_common_reset(p);
}

uint64_t virtio_pci_region_size(const struct virtio_pci *p, unsigned int region)
{
	switch (region) {
	case VIRTIO_PCI_BAR:
		return VIRTIO_PCI_BAR_LEN;
	case VIRTIO_PCI_MSIX_BAR:
		return VIRTIO_PCI_MSIX_BAR_LEN;
	case VIRTIO_PCI_CONFIG_SPACE:
		return PCI_CONFIG_LEN;
	}
	return 0;
}

/* --- BAR 0 --- */

static void read_bytes(const void *from, size_t from_len,
		       const struct virtio_pci_access *at, void *to)
{
	const size_t start = MIN(at->offset % PAGE, from_len);

	memcpy(to, (const uint8_t *)from + start,
	       MIN(at->len, from_len - start));
}

static void read_isr(struct virtio_pci *p, const struct virtio_pci_access *at,
		     void *to)
{
	read_bytes(&p->isr, 1, at, to);
	if (at->offset == AT_ISR)
		p->isr = 0;
}

static void read_bar(struct virtio_pci *p, const struct virtio_pci_access *at,
		     void *to)
{
	uint8_t common[VIRTIO_PCI_COMMON_LEN];

	memset(to, 0, at->len); /* what is read where nothing is */
	switch (at->offset & ~(uint64_t)(PAGE - 1)) {
	case AT_COMMON:
		virtio_pci_common_fill(p, common);
		read_bytes(common, sizeof(common), at, to);
		break;
	case AT_ISR:
		read_isr(p, at, to);
		break;
	case AT_DEVICE:
		read_bytes(p->config, p->kind->config_len, at, to);
		break;
	}
}

static void write_bar(struct virtio_pci *p, const struct virtio_pci_access *at,
		      const void *from, struct virtio_pci_event *event)
{
	const uint64_t offset = at->offset % PAGE;

	switch (at->offset & ~(uint64_t)(PAGE - 1)) {
	case AT_COMMON:
		event->what = virtio_pci_common_write(p, at, from);
		break;
	case AT_DEVICE:
		if (offset + at->len > p->kind->config_len)
			break;
		*event = (struct virtio_pci_event){ .what = VIRTIO_PCI_WRITTEN,
						    .offset = offset,
						    .len = at->len,
						    .from = from };
		break;
	case AT_NOTIFY:
		if (offset / NOTIFY_MULTIPLIER >= p->kind->n_queues)
			break;
		event->what = VIRTIO_PCI_NOTIFY;
		event->queue = (unsigned int)(offset / NOTIFY_MULTIPLIER);
		break;
	}
}

/* --- MSI-X --- */

static void write_msix(struct virtio_pci *p, const struct virtio_pci_access *at,
		       const void *from)
{
	const size_t table = p->kind->n_vectors * MSIX_VECTOR_LEN;

	if (at->offset + at->len <= table)
		memcpy(p->msix + at->offset, from, at->len);
}

/* --- PCI configuration --- */

/*
 * The window: an access to its data is one to a BAR (virtio 1.3 §4.1.4.9).
 * Return: whether *at is such an access, and then the one that it stands for.
 */
static bool through_window(const struct virtio_pci *p,
			   const struct virtio_pci_access *at,
			   struct virtio_pci_access *to)
{
	const uint64_t size = virtio_pci_region_size(p, VIRTIO_PCI_BAR);
	struct cap cap;

	if (at->region != VIRTIO_PCI_CONFIG_SPACE ||
	    at->offset != p->window + offsetof(struct cap, more))
		return false;
	memcpy(&cap, p->pci.bytes + p->window, sizeof(cap));
	if (cap.bar != VIRTIO_PCI_BAR ||
	    (cap.length != 1 && cap.length != 2 && cap.length != 4) ||
	    cap.length > at->len || cap.offset % cap.length ||
	    cap.offset > size - cap.length)
		return false;
	*to = (struct virtio_pci_access){ VIRTIO_PCI_BAR, cap.offset,
					  cap.length };
	return true;
}

bool virtio_pci_reads_config(const struct virtio_pci *p,
			     const struct virtio_pci_access *at)
{
	struct virtio_pci_access real = *at;

	through_window(p, at, &real);
	return real.region == VIRTIO_PCI_BAR && real.offset >= AT_DEVICE &&
	       real.offset < AT_DEVICE + p->kind->config_len;
}

void virtio_pci_read(struct virtio_pci *p, const struct virtio_pci_access *at,
		     void *to)
{
	struct virtio_pci_access real;

	switch (at->region) {
	case VIRTIO_PCI_BAR:
		read_bar(p, at, to);
		break;
	case VIRTIO_PCI_MSIX_BAR:
		memcpy(to, p->msix + at->offset, at->len);
		break;
	case VIRTIO_PCI_CONFIG_SPACE:
		pci_config_read(&p->pci, at->offset, to, at->len);
		if (through_window(p, at, &real))
			read_bar(p, &real, to);
		break;
	}
}

void virtio_pci_write(struct virtio_pci *p, const struct virtio_pci_access *at,
		      const void *from, struct virtio_pci_event *event)
{
	struct virtio_pci_access real;

	*event = (struct virtio_pci_event){ .what = VIRTIO_PCI_NOTHING };
	switch (at->region) {
	case VIRTIO_PCI_BAR:
		write_bar(p, at, from, event);
		break;
	case VIRTIO_PCI_MSIX_BAR:
		write_msix(p, at, from);
		break;
	case VIRTIO_PCI_CONFIG_SPACE:
		pci_config_write(&p->pci, at->offset, from, at->len);
		if (through_window(p, at, &real))
			write_bar(p, &real, from, event);
		break;
	}
}

void virtio_pci_config_changed(struct virtio_pci *p)
{
	p->generation++;
	p->isr = ISR_CONFIG;
}

void virtio_pci_needs_reset(struct virtio_pci *p)
{
	p->status |= VIRTIO_PCI_NEEDS_RESET;
	p->isr = ISR_CONFIG;
}
