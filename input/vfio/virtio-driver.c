/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#include "input/vfio/virtio-driver.h"

/* How often the status is read after a reset: each time is a VM exit. */
#define RESET_READS 10000

/* --- registers --- */

/* at->region does not count. Return: 0, or -ERANGE: not in the structure. */
static int place(const struct virtio_driver *d, unsigned int type,
		 const struct pci_at *at, struct pci_at *real)
{
	const struct virtio_part *part = &d->caps.part[type];

	if (at->offset + at->len > part->len)
		return -ERANGE;
	*real = (struct pci_at){ part->bar, part->offset + at->offset,
				 at->len };
	return 0;
}

int virtio_driver_read(struct virtio_driver *d, unsigned int type,
		       const struct pci_at *at, void *to)
{
	struct pci_at real;
	int r = place(d, type, at, &real);

	return r ? r : d->port->read(d->port->arg, &real, to);
}

int virtio_driver_write(struct virtio_driver *d, unsigned int type,
			const struct pci_at *at, const void *from)
{
	struct pci_at real;
	int r = place(d, type, at, &real);

	return r ? r : d->port->write(d->port->arg, &real, from);
}

/* A register of the common configuration, with its size as virtio has it. */
static int common_read(struct virtio_driver *d, uint64_t offset, size_t len,
		       void *to)
{
	const struct pci_at at = { .offset = offset, .len = len };

	return virtio_driver_read(d, VIRTIO_CAP_COMMON, &at, to);
}

static int common_write(struct virtio_driver *d, uint64_t offset, size_t len,
			uint32_t value)
{
	const struct pci_at at = { .offset = offset, .len = len };

	return virtio_driver_write(d, VIRTIO_CAP_COMMON, &at, &value);
}

/* Of 64 bits: its halves are written (virtio 1.3 §4.1.3.1). */
static int common_write_addr(struct virtio_driver *d, uint64_t offset,
			     uint64_t value)
{
	int r = common_write(d, offset, 4, (uint32_t)value);

	return r ? r : common_write(d, offset + 4, 4, (uint32_t)(value >> 32));
}

/* A vector that the device does not have reads back as none. */
static int common_write_vector(struct virtio_driver *d, uint64_t offset,
			       uint16_t vector)
{
	uint16_t is = VIRTIO_MSI_NO_VECTOR;
	int r = common_write(d, offset, 2, vector);

	if (!r)
		r = common_read(d, offset, 2, &is);
	return !r && is != vector ? VIRTIO_DRIVER_E_QUEUE : r;
}

static int select_queue(struct virtio_driver *d, uint16_t index)
{
	return common_write(d, VIRTIO_PCI_COMMON_Q_SELECT, 2, index);
}

/* --- the device --- */

int virtio_driver_find(struct virtio_driver *d, const struct pci_port *port)
{
	const struct pci_at all = { PCI_PORT_CONFIG, 0,
				    VIRTIO_CAPS_CONFIG_LEN };
	uint8_t config[VIRTIO_CAPS_CONFIG_LEN];
	int r;

	*d = (struct virtio_driver){ .port = port };
	if (port->size[PCI_PORT_CONFIG] < sizeof(config))
		return VIRTIO_DRIVER_E_CAPS;
	r = port->read(port->arg, &all, config);
	if (r)
		return r;
	virtio_caps_parse(&d->caps, config, port->size);
	if (d->caps.part[VIRTIO_CAP_COMMON].len <
		    sizeof(struct virtio_pci_common_cfg) ||
	    !d->caps.part[VIRTIO_CAP_NOTIFY].there ||
	    !d->caps.part[VIRTIO_CAP_DEVICE].there)
		return VIRTIO_DRIVER_E_CAPS;
	return 0;
}

int virtio_driver_status(struct virtio_driver *d, uint8_t *status)
{
	return common_read(d, VIRTIO_PCI_COMMON_STATUS, 1, status);
}

static int set_status(struct virtio_driver *d, uint8_t status)
{
	return common_write(d, VIRTIO_PCI_COMMON_STATUS, 1, status);
}

int virtio_driver_reset(struct virtio_driver *d)
{
	uint8_t status = 0xff;
	int r = set_status(d, 0);

	for (int i = 0; i < RESET_READS && status && !r; i++)
		r = virtio_driver_status(d, &status);
	return !r && status ? VIRTIO_DRIVER_E_RESET : r;
}

static int read_features(struct virtio_driver *d, uint64_t *offered)
{
	uint32_t half[2] = { 0 };
	int r = 0;

	for (uint32_t i = 0; i < 2 && !r; i++) {
		r = common_write(d, VIRTIO_PCI_COMMON_DFSELECT, 4, i);
		if (!r)
			r = common_read(d, VIRTIO_PCI_COMMON_DF, 4, &half[i]);
	}
	*offered = half[0] | (uint64_t)half[1] << 32;
	return r;
}

static int write_features(struct virtio_driver *d)
{
	int r = 0;

	for (uint32_t i = 0; i < 2 && !r; i++) {
		r = common_write(d, VIRTIO_PCI_COMMON_GFSELECT, 4, i);
		if (!r)
			r = common_write(d, VIRTIO_PCI_COMMON_GF, 4,
					 (uint32_t)(d->features >> (32 * i)));
	}
	return r;
}

int virtio_driver_negotiate(struct virtio_driver *d, uint64_t wanted,
			    uint64_t needed)
{
	const uint8_t found =
		VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	uint64_t offered;
	uint8_t status = 0;
	int r = set_status(d, found);

	if (!r)
		r = read_features(d, &offered);
	if (r)
		return r;
	d->features = offered & wanted;
	if (needed & ~offered)
		return VIRTIO_DRIVER_E_FEATURES;
	r = write_features(d);
	if (!r)
		r = set_status(d, found | VIRTIO_CONFIG_S_FEATURES_OK);
	if (!r)
		r = virtio_driver_status(d, &status);
	return !r && !(status & VIRTIO_CONFIG_S_FEATURES_OK)
		       ? VIRTIO_DRIVER_E_FEATURES
		       : r;
}

int virtio_driver_set_config_vector(struct virtio_driver *d, uint16_t vector)
{
	return common_write_vector(d, VIRTIO_PCI_COMMON_MSIX, vector);
}

int virtio_driver_start(struct virtio_driver *d)
{
	return set_status(d, VIRTIO_CONFIG_S_ACKNOWLEDGE |
				     VIRTIO_CONFIG_S_DRIVER |
				     VIRTIO_CONFIG_S_FEATURES_OK |
				     VIRTIO_CONFIG_S_DRIVER_OK);
}

/* --- queues --- */

int virtio_driver_queue_size(struct virtio_driver *d, uint16_t index,
			     uint16_t *size)
{
	int r = select_queue(d, index);

	return r ? r : common_read(d, VIRTIO_PCI_COMMON_Q_SIZE, 2, size);
}

static int set_addresses(struct virtio_driver *d,
			 const struct virtio_driver_queue *q)
{
	int r = common_write_addr(d, VIRTIO_PCI_COMMON_Q_DESCLO, q->desc);

	if (!r)
		r = common_write_addr(d, VIRTIO_PCI_COMMON_Q_AVAILLO, q->avail);
	if (!r)
		r = common_write_addr(d, VIRTIO_PCI_COMMON_Q_USEDLO, q->used);
	return r;
}

int virtio_driver_set_queue(struct virtio_driver *d,
			    const struct virtio_driver_queue *q)
{
	int r = select_queue(d, q->index);

	if (!r)
		r = common_write(d, VIRTIO_PCI_COMMON_Q_SIZE, 2, q->size);
	if (!r)
		r = set_addresses(d, q);
	if (!r)
		r = common_write_vector(d, VIRTIO_PCI_COMMON_Q_MSIX, q->vector);
	if (!r)
		r = common_write(d, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	return r;
}

int virtio_driver_kick(struct virtio_driver *d, uint16_t index)
{
	const struct virtio_part *part = &d->caps.part[VIRTIO_CAP_NOTIFY];
	struct pci_at at = { .len = sizeof(index) };
	uint16_t notify_off = 0;
	int r = select_queue(d, index);

	if (!r)
		r = common_read(d, VIRTIO_PCI_COMMON_Q_NOFF, 2, &notify_off);
	at.offset = (uint64_t)notify_off * part->multiplier;
	return r ? r : virtio_driver_write(d, VIRTIO_CAP_NOTIFY, &at, &index);
}
