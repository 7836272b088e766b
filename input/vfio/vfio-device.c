/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of Documentation/driver-api/vfio.rst: a container, the device's
 * group in it, an IOMMU of type 1 for both, and the device.
 *
 * In a group without an IOMMU the device uses physical addresses. Only a huge
 * page is one piece there, and stays where it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/vfio/vfio-device.h"

#define CONTAINER "/dev/vfio/vfio"
/* Above what firmware reserves, below 4 GiB, and not where MSIs are sent. */
#define DMA_BUS	  UINT64_C(0x1000000)
#define HUGE_PAGE ((size_t)2 << 20)

/* --- registers --- */

static int done(ssize_t n, size_t len)
{
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int vfio_read(void *arg, const struct pci_at *at, void *to)
{
	const struct vfio_device *v = arg;

	return done(pread(v->fd, to, at->len,
			  (off_t)(v->offset[at->region] + at->offset)),
		    at->len);
}

static int vfio_write(void *arg, const struct pci_at *at, const void *from)
{
	const struct vfio_device *v = arg;

	return done(pwrite(v->fd, from, at->len,
			   (off_t)(v->offset[at->region] + at->offset)),
		    at->len);
}

/* --- opening --- */

static int open_failed(const char *path, struct fault *why)
{
	switch (errno) {
	case ENOENT:
		return fault_errno(why, -errno,
				   "cannot open %s: no such file; as root: "
				   "modprobe vfio-pci",
				   path);
	case EACCES:
	case EPERM:
		return fault_errno(why, -errno,
				   "cannot open %s: %s; its owner or group "
				   "must be the server's",
				   path, strerror(errno));
	case EBUSY:
		return fault_errno(why, -errno,
				   "cannot open %s: another process uses a "
				   "device of this group",
				   path);
	}
	return fault_errno(why, -errno, "cannot open %s: %s", path,
			   strerror(errno));
}

static int failed(const char *what, struct fault *why)
{
	return fault_errno(why, -errno, "%s: %s", what, strerror(errno));
}

static int open_container(struct vfio_device *v, struct fault *why)
{
	const int type = v->no_iommu ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU;

	v->container = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return open_failed(CONTAINER, why);
	if (ioctl(v->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		return fault_errno(why, -ENOTSUP,
				   CONTAINER ": another version of VFIO");
	if (ioctl(v->container, VFIO_CHECK_EXTENSION, type) <= 0)
		return fault_errno(why, -ENOTSUP, "the kernel lacks %s",
				   v->no_iommu ? "VFIO_NOIOMMU"
					       : "type1v2; as root: modprobe "
						 "vfio_iommu_type1");
	return 0;
}

static int open_group(struct vfio_device *v, const struct vfio_place *place,
		      struct fault *why)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[48];

	snprintf(path, sizeof(path), "/dev/vfio/%s%u",
		 v->no_iommu ? "noiommu-" : "", place->group);
	v->group = open(path, O_RDWR | O_CLOEXEC);
	if (v->group < 0 && v->no_iommu && errno == EPERM)
		return fault_errno(why, -EPERM,
				   "cannot open %s: without an IOMMU the "
				   "server needs CAP_SYS_RAWIO to start",
				   path);
	if (v->group < 0)
		return open_failed(path, why);
	if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return failed(path, why);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fault_errno(why, -EBUSY,
				   "group %u has devices of other drivers: "
				   "bind all of ls /sys/kernel/iommu_groups/"
				   "%u/devices to vfio-pci",
				   place->group, place->group);
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) < 0)
		return failed(path, why);
	return 0;
}

static int get_region(struct vfio_device *v, unsigned int i, struct fault *why)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = i };

	if (ioctl(v->fd, VFIO_DEVICE_GET_REGION_INFO, &info) < 0)
		return failed("cannot find out about its regions", why);
	v->port.size[i] = info.size;
	v->offset[i] = info.offset;
	return 0;
}

static int get_info(struct vfio_device *v, struct fault *why)
{
	struct vfio_irq_info irq = { .argsz = sizeof(irq),
				     .index = VFIO_PCI_MSIX_IRQ_INDEX };
	int r = 0;

	for (unsigned int i = 0; i < PCI_PORT_BARS && !r; i++)
		r = get_region(v, i, why);
	if (!r)
		r = get_region(v, PCI_PORT_CONFIG, why);
	if (r)
		return r;
	if (ioctl(v->fd, VFIO_DEVICE_GET_IRQ_INFO, &irq) < 0)
		return failed("cannot find out about its vectors", why);
	v->n_vectors = irq.count;
	return 0;
}

/* It may access our memory, and its registers can be reached. */
static int enable(struct vfio_device *v, struct fault *why)
{
	const struct pci_at at = { PCI_PORT_CONFIG, PCI_COMMAND, 2 };
	uint16_t command = 0;
	int r = vfio_read(v, &at, &command);

	command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	if (!r)
		r = vfio_write(v, &at, &command);
	return r ? fault_errno(why, r, "cannot be enabled: %s", strerror(-r))
		 : 0;
}

void vfio_device_init(struct vfio_device *v)
{
	*v = (struct vfio_device){
		.container = -1,
		.group = -1,
		.fd = -1,
		.port = { .read = vfio_read, .write = vfio_write, .arg = v },
	};
}

int vfio_device_open(struct vfio_device *v, const struct vfio_place *place,
		     struct fault *why)
{
	int r;

	v->no_iommu = place->no_iommu;
	r = open_container(v, why);
	if (!r)
		r = open_group(v, place, why);
	if (r)
		return r;
	if (ioctl(v->container, VFIO_SET_IOMMU,
		  v->no_iommu ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU) < 0)
		return failed("cannot use its IOMMU", why);
	v->fd = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, place->address);
	if (v->fd < 0)
		return failed("cannot be opened", why);
	r = get_info(v, why);
	return r ? r : enable(v, why);
}

void vfio_device_close(struct vfio_device *v)
{
	/* First: with its last fd it stops accessing memory. */
	v->fd = close_fd(v->fd);
	v->group = close_fd(v->group);
	v->container = close_fd(v->container);
	if (v->dma.at)
		munmap(v->dma.at, v->dma.len);
	v->dma = (struct vfio_dma){ 0 };
}

/* --- memory --- */

/* See Documentation/admin-guide/mm/pagemap.rst. */
static int find_physical(struct vfio_dma *dma, struct fault *why)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	_cleanup_close_ int fd =
		open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (off_t)((uintptr_t)dma->at / page *
				    sizeof(entry))) != sizeof(entry))
		return failed("/proc/self/pagemap", why);
	dma->bus = (entry & ((UINT64_C(1) << 55) - 1)) * page;
	if (!dma->bus)
		return fault_errno(why, -EPERM,
				   "the kernel hides physical addresses: "
				   "without an IOMMU the server needs "
				   "CAP_SYS_ADMIN to start");
	return 0;
}

static int share_physical(struct vfio_dma *dma, struct fault *why)
{
	void *at = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB |
				MAP_HUGE_2MB | MAP_POPULATE,
			-1, 0);

	if (at == MAP_FAILED)
		return fault_errno(why, -errno,
				   "no huge page, which is needed without an "
				   "IOMMU; as root: sysctl vm.nr_hugepages=1");
	dma->at = at;
	dma->len = HUGE_PAGE;
	return find_physical(dma, why);
}

static int share_mapped(struct vfio_device *v, size_t len, struct fault *why)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)at,
		.iova = DMA_BUS,
		.size = len,
	};

	if (at == MAP_FAILED)
		return failed("no memory for its queues", why);
	v->dma = (struct vfio_dma){ at, DMA_BUS, len };
	if (!ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map))
		return 0;
	if (errno == ENOMEM)
		return fault_errno(why, -ENOMEM,
				   "%zu KiB cannot be locked: raise the limit "
				   "(ulimit -l, LimitMEMLOCK=)",
				   len >> 10);
	return failed("its queues cannot be mapped for it", why);
}

int vfio_device_share(struct vfio_device *v, size_t len, struct fault *why)
{
	return v->no_iommu ? share_physical(&v->dma, why)
			   : share_mapped(v, len, why);
}

/* --- interrupts and doorbells --- */

int vfio_device_interrupts(struct vfio_device *v, const int *fds,
			   unsigned int n, struct fault *why)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) +
			      VFIO_VECTORS_MAX * sizeof(int32_t)];
	} irqs = { .set = { .flags = VFIO_IRQ_SET_DATA_EVENTFD |
				     VFIO_IRQ_SET_ACTION_TRIGGER,
			    .index = VFIO_PCI_MSIX_IRQ_INDEX,
			    .count = n } };

	irqs.set.argsz = (uint32_t)(sizeof(irqs.set) + n * sizeof(int32_t));
	if (n > v->n_vectors)
		return fault_errno(why, -ENOSPC,
				   "%u MSI-X vectors: at least %u needed",
				   v->n_vectors, n);
	memcpy(irqs.set.data, fds, n * sizeof(int32_t));
	if (ioctl(v->fd, VFIO_DEVICE_SET_IRQS, &irqs) < 0)
		return failed("cannot be given MSI-X vectors", why);
	return 0;
}

int vfio_device_ring(struct vfio_device *v, const struct pci_at *at,
		     uint16_t value, int fd, struct fault *why)
{
	struct vfio_device_ioeventfd ring = {
		.argsz = sizeof(ring),
		.flags = VFIO_DEVICE_IOEVENTFD_16,
		.offset = v->offset[at->region] + at->offset,
		.data = value,
		.fd = fd,
	};

	if (ioctl(v->fd, VFIO_DEVICE_IOEVENTFD, &ring) < 0)
		return failed("its doorbells cannot be rung by event fds", why);
	return 0;
}
