/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers and structures of the vfio-user protocol, version 0.1
 * (vfio-user.rst of libvfio-user: "Protocol Specification"). All are
 * little-endian on the wire; so is every host that QEMU's client runs on, and
 * vfu-server refuses to start on another.
 */
#ifndef VINPUT_VFU_WIRE_H
#define VINPUT_VFU_WIRE_H

#include <stdint.h>

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,  /* by the server */
	VFU_DMA_WRITE = 12, /* by the server */
	VFU_DEVICE_RESET = 13,
	VFU_DIRTY_PAGES = 14,
};

struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /* of the whole message */
	uint32_t flags;
	uint32_t error; /* errno, of a reply with VFU_FLAG_ERROR */
};

#define VFU_TYPE_MASK	  0xfu
#define VFU_TYPE_COMMAND  0x0u
#define VFU_TYPE_REPLY	  0x1u
#define VFU_FLAG_NO_REPLY 0x10u
#define VFU_FLAG_ERROR	  0x20u

#define VFU_MAJOR 0
#define VFU_MINOR 1

/* VFU_VERSION; JSON follows, with its NUL. */
struct vfu_version {
	uint16_t major, minor;
};

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;	 /* VFU_DMA_READABLE, VFU_DMA_WRITEABLE */
	uint64_t offset; /* into the fd's file */
	uint64_t addr;
	uint64_t size;
};

#define VFU_DMA_READABLE  0x1u
#define VFU_DMA_WRITEABLE 0x2u

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr;
	uint64_t size;
};

#define VFU_UNMAP_DIRTY 0x1u
#define VFU_UNMAP_ALL	0x2u

struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t n_regions;
	uint32_t n_irqs;
};

#define VFU_DEVICE_RESETS 0x1u
#define VFU_DEVICE_PCI	  0x2u

struct vfu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset; /* from the beginning of this structure */
	uint64_t size;
	uint64_t offset; /* of the region in its fd */
};

#define VFU_REGION_READABLE  0x1u
#define VFU_REGION_WRITEABLE 0x2u
#define VFU_REGION_MMAP	     0x4u
#define VFU_REGION_CAPS	     0x8u

/* VFIO_REGION_INFO_CAP_SPARSE_MMAP: which parts of a region can be mapped. */
struct vfu_sparse_mmap {
	uint16_t id;
	uint16_t version;
	uint32_t next;
	uint32_t n_areas;
	uint32_t reserved;
};

#define VFU_CAP_SPARSE_MMAP 1

struct vfu_area {
	uint64_t offset;
	uint64_t size;
};

struct vfu_irq_info {
	uint32_t argsz;
	uint32_t flags; /* VFU_IRQ_EVENTFD, ... */
	uint32_t index;
	uint32_t count;
};

#define VFU_IRQ_EVENTFD	 0x1u
#define VFU_IRQ_NORESIZE 0x8u

/* Booleans follow, with VFU_SET_DATA_BOOL. */
struct vfu_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

#define VFU_SET_DATA_NONE      0x1u
#define VFU_SET_DATA_BOOL      0x2u
#define VFU_SET_DATA_EVENTFD   0x4u
#define VFU_SET_DATA_MASK      0x7u
#define VFU_SET_ACTION_MASK    0x8u
#define VFU_SET_ACTION_UNMASK  0x10u
#define VFU_SET_ACTION_TRIGGER 0x20u
#define VFU_SET_ACTIONS	       0x38u

/* VFU_REGION_READ, VFU_REGION_WRITE; the data follow. */
struct vfu_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

/* The regions and interrupts of a PCI device (VFIO_PCI_*, linux/vfio.h). */
enum vfu_pci_region {
	VFU_PCI_BAR0 = 0,
	VFU_PCI_BAR5 = 5,
	VFU_PCI_ROM = 6,
	VFU_PCI_CONFIG = 7,
	VFU_PCI_VGA = 8,
	VFU_PCI_REGIONS = 9,
};

enum vfu_pci_irq {
	VFU_PCI_INTX = 0,
	VFU_PCI_MSI = 1,
	VFU_PCI_MSIX = 2,
	VFU_PCI_ERR = 3,
	VFU_PCI_REQ = 4,
	VFU_PCI_IRQS = 5,
};

/* Of the data of one access. */
#define VFU_DATA_MAX 4096
/* Of a message, without its header. */
#define VFU_PAYLOAD_MAX (sizeof(struct vfu_access) + VFU_DATA_MAX)
/* Of one message: QEMU accepts at most 16. */
#define VFU_FDS_MAX 16

#endif
