/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration space of a conventional PCI function (PCI 3.0 §6): its
 * bytes, and which of their bits a driver can write. Pure; loop thread only.
 */
#ifndef VINPUT_PCI_CONFIG_H
#define VINPUT_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_CONFIG_LEN 256
#define PCI_BARS       6

struct pci_ids {
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint32_t class_code; /* class, subclass, interface: 24 bits */
	uint8_t revision;
};

struct pci_config {
	uint8_t bytes[PCI_CONFIG_LEN];
	uint8_t writable[PCI_CONFIG_LEN]; /* bits */
	size_t end;			  /* of the last capability */
	size_t last_next;		  /* where its successor is named */
};

void pci_config_init(struct pci_config *c, const struct pci_ids *ids);

/* Kinds of memory BARs: bits. */
enum pci_bar {
	PCI_BAR_32 = 0,
	PCI_BAR_64 = 0x4,	/* takes two of six */
	PCI_BAR_PREFETCH = 0x8, /* reads have no side effects */
};

/* size: a power of two, at least 16. kind: bits of enum pci_bar. */
void pci_config_add_bar(struct pci_config *c, unsigned int bar, uint64_t size,
			unsigned int kind);

/*
 * A capability, whose second byte is set here.
 * Return: its offset; 0: there is no room.
 */
size_t pci_config_add_cap(struct pci_config *c, const void *cap, size_t len);

/* Of MSI-X: n vectors, the table and pending bits in a BAR. */
struct pci_msix {
	unsigned int n, bar;
	uint32_t table, pending;
};
/* Return: as above. */
size_t pci_config_add_msix(struct pci_config *c, const struct pci_msix *msix);

/* Let a driver write to these bytes. */
void pci_config_open(struct pci_config *c, size_t offset, size_t len);

/* offset + len is at most PCI_CONFIG_LEN. */
void pci_config_read(const struct pci_config *c, size_t offset, void *to,
		     size_t len);
void pci_config_write(struct pci_config *c, size_t offset, const void *from,
		      size_t len);

#endif
