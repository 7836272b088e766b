/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/virtio-pci/pci-config.h"

enum {
	OFFSET_VENDOR = 0x00,
	OFFSET_DEVICE = 0x02,
	OFFSET_COMMAND = 0x04,
	OFFSET_STATUS = 0x06,
	OFFSET_REVISION = 0x08,
	OFFSET_CLASS = 0x09,
	OFFSET_CACHE_LINE = 0x0c,
	OFFSET_BAR0 = 0x10,
	OFFSET_SUBSYSTEM_VENDOR = 0x2c,
	OFFSET_SUBSYSTEM = 0x2e,
	OFFSET_CAPABILITIES = 0x34,
	OFFSET_INTERRUPT_LINE = 0x3c,
	OFFSET_FIRST_CAP = 0x40,
};

#define COMMAND_WRITABLE 0x0546 /* memory, master, parity, SERR, INTx off */
#define STATUS_HAS_CAPS	 0x10
#define CAP_MSIX	 0x11
#define MSIX_WRITABLE	 0xc0 /* enable, mask: the upper byte of its control */

static void set16(struct pci_config *c, size_t offset, uint16_t value)
{
	memcpy(c->bytes + offset, &value, sizeof(value));
}

void pci_config_init(struct pci_config *c, const struct pci_ids *ids)
{
	*c = (struct pci_config){ .end = OFFSET_FIRST_CAP,
				  .last_next = OFFSET_CAPABILITIES };
	set16(c, OFFSET_VENDOR, ids->vendor);
	set16(c, OFFSET_DEVICE, ids->device);
	set16(c, OFFSET_SUBSYSTEM_VENDOR, ids->subsystem_vendor);
	set16(c, OFFSET_SUBSYSTEM, ids->subsystem);
	c->bytes[OFFSET_STATUS] = STATUS_HAS_CAPS;
	c->bytes[OFFSET_REVISION] = ids->revision;
	memcpy(c->bytes + OFFSET_CLASS, &ids->class_code, 3);
	c->writable[OFFSET_COMMAND] = COMMAND_WRITABLE & 0xff;
	c->writable[OFFSET_COMMAND + 1] = COMMAND_WRITABLE >> 8;
	pci_config_open(c, OFFSET_CACHE_LINE, 1);
	pci_config_open(c, OFFSET_INTERRUPT_LINE, 1);
}

void pci_config_add_bar(struct pci_config *c, unsigned int bar, uint64_t size,
			unsigned int kind)
{
	const uint64_t mask = ~(size - 1);
	const size_t offset = OFFSET_BAR0 + 4 * bar;

	c->bytes[offset] = (uint8_t)kind;
	memcpy(c->writable + offset, &mask, kind & PCI_BAR_64 ? 8 : 4);
}

size_t pci_config_add_cap(struct pci_config *c, const void *cap, size_t len)
{
	const size_t offset = c->end;

	if (len > PCI_CONFIG_LEN - offset)
		return 0;
	memcpy(c->bytes + offset, cap, len);
	c->bytes[offset + 1] = 0;
	c->bytes[c->last_next] = (uint8_t)offset;
	c->last_next = offset + 1;
	c->end = (offset + len + 3) & ~(size_t)3;
	return offset;
}

size_t pci_config_add_msix(struct pci_config *c, const struct pci_msix *msix)
{
	const struct {
		uint8_t id, next;
		uint16_t control;
		uint32_t table, pending;
	} cap = { CAP_MSIX, 0, (uint16_t)(msix->n - 1), msix->table | msix->bar,
		  msix->pending | msix->bar };
	const size_t offset = pci_config_add_cap(c, &cap, sizeof(cap));

	if (offset)
		c->writable[offset + 3] = MSIX_WRITABLE;
	return offset;
}

void pci_config_open(struct pci_config *c, size_t offset, size_t len)
{
	memset(c->writable + offset, 0xff, len);
}

void pci_config_read(const struct pci_config *c, size_t offset, void *to,
		     size_t len)
{
	memcpy(to, c->bytes + offset, len);
}

void pci_config_write(struct pci_config *c, size_t offset, const void *from,
		      size_t len)
{
	const uint8_t *value = from;

	for (size_t i = 0; i < len; i++) {
		const uint8_t open = c->writable[offset + i];

		c->bytes[offset + i] =
			(uint8_t)((c->bytes[offset + i] & ~open) |
				  (value[i] & open));
	}
}
