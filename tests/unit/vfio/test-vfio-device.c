/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfio-device.h before a kernel that is this test: which files and requests it
 * gets, in which order, and what is said when one of them fails. The device's
 * file is a memory file, whose bytes are the registers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "input/vfio/vfio-device.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

#define ADDRESS	       "0000:00:05.0"
#define OFFSET(region) (0x10000u * ((region) + 1u))
#define SIZE(region)   (0x100u + (region))
#define COMMAND	       (OFFSET(PCI_PORT_CONFIG) + 4)
#define BUS	       UINT64_C(0x1000000)
#define HUGE	       ((size_t)2 << 20)

static struct {
	char calls[1024];
	const char *fails; /* this call, with this error */
	int error;
	int version, extension;
	unsigned int status_flags, n_vectors;
	uint64_t pagemap; /* the entry of the huge page */
	bool has_huge_page;
	int registers; /* borrowed: a copy is the device's file */
	int container; /* that the group was put into */
	struct vfio_iommu_type1_dma_map map;
	struct vfio_irq_set irqs;
	int32_t vectors[VFIO_VECTORS_MAX];
	struct vfio_device_ioeventfd ring;
	void *huge;
} k;

static struct vfio_device v;
static struct vfio_place place;
static struct fault why;

/* Note a call. Return: whether it fails. */
static bool called(const char *name)
{
	strcat(k.calls, *k.calls ? ", " : "");
	strcat(k.calls, name);
	if (!k.fails || strcmp(k.fails, name))
		return false;
	errno = k.error;
	return true;
}

static int memory(off_t len)
{
	int fd = memfd_create("device", MFD_CLOEXEC);

	return fd < 0 || ftruncate(fd, len) < 0 ? -1 : fd;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int fd;

	assert_num(flags,
		   (strncmp(path, "/dev/", 5) ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (called(path))
		return -1;
	fd = memory(0);
	if (!strcmp(path, "/proc/self/pagemap") &&
	    pwrite(fd, &k.pagemap, 8, (off_t)((uintptr_t)k.huge / page * 8)) !=
		    8)
		abort();
	return fd;
}

static int get_region(struct vfio_region_info *info)
{
	char name[16];

	snprintf(name, sizeof(name), "region %u", info->index);
	info->offset = OFFSET(info->index);
	info->size = SIZE(info->index);
	return called(name) ? -1 : 0;
}

static int set_irqs(const struct vfio_irq_set *set)
{
	k.irqs = *set;
	if (set->count <= VFIO_VECTORS_MAX)
		memcpy(k.vectors, set->data, set->count * sizeof(int32_t));
	return called("irqs") ? -1 : 0;
}

static int device_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		assert_num(((struct vfio_irq_info *)arg)->index,
			   VFIO_PCI_MSIX_IRQ_INDEX);
		((struct vfio_irq_info *)arg)->count = k.n_vectors;
		return called("irq info") ? -1 : 0;
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(arg);
	case VFIO_DEVICE_IOEVENTFD:
		k.ring = *(struct vfio_device_ioeventfd *)arg;
		return called("ring") ? -1 : 0;
	}
	fail_msg("ioctl %#lx", request);
	return -1;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case VFIO_GET_API_VERSION:
		return called("version") ? -1 : k.version;
	case VFIO_CHECK_EXTENSION:
		return called((uintptr_t)arg == VFIO_NOIOMMU_IOMMU
				      ? "has no-IOMMU"
				      : "has type 1")
			       ? -1
			       : k.extension;
	case VFIO_GROUP_GET_STATUS:
		((struct vfio_group_status *)arg)->flags = k.status_flags;
		return called("status") ? -1 : 0;
	case VFIO_GROUP_SET_CONTAINER:
		k.container = *(int *)arg;
		return called("container") ? -1 : 0;
	case VFIO_SET_IOMMU:
		return called((uintptr_t)arg == VFIO_NOIOMMU_IOMMU ? "no-IOMMU"
								   : "type 1")
			       ? -1
			       : 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return called(arg) ? -1 : dup(k.registers);
	case VFIO_IOMMU_MAP_DMA:
		k.map = *(struct vfio_iommu_type1_dma_map *)arg;
		return called("map") ? -1 : 0;
	}
	return device_ioctl(request, arg);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	const bool huge = flags & MAP_HUGETLB;
	void *got;

	if (huge && called("huge page"))
		return MAP_FAILED;
	got = (void *)syscall(SYS_mmap, at, len, prot,
			      huge ? MAP_SHARED | MAP_ANONYMOUS : flags, fd,
			      offset);
	if (huge)
		k.huge = got;
	return got;
}

static int setup(void **state)
{
	memset(&k, 0, sizeof(k));
	k.version = VFIO_API_VERSION;
	k.extension = 1;
	k.status_flags = VFIO_GROUP_FLAGS_VIABLE;
	k.n_vectors = 3;
	k.pagemap = UINT64_C(1) << 63 | 0x200;
	k.registers = memory(OFFSET(PCI_PORT_CONFIG) + 0x100);
	place = (struct vfio_place){ .address = ADDRESS, .group = 17 };
	memset(&v, 0xa5, sizeof(v));
	memset(&why, 0, sizeof(why));
	vfio_device_init(&v);
	return 0;
}

static int teardown(void **state)
{
	vfio_device_close(&v);
	vfio_device_close(&v);
	close(k.registers);
	return 0;
}

#define OPENED                                                           \
	"/dev/vfio/vfio, version, has type 1, /dev/vfio/17, status, "    \
	"container, type 1, " ADDRESS ", region 0, region 1, region 2, " \
	"region 3, region 4, region 5, region 7, irq info"

static uint16_t command(void)
{
	uint16_t value;

	assert_num(pread(k.registers, &value, 2, COMMAND), 2);
	return value;
}

static void a_device_is_opened_step_by_step(void **state)
{
	assert_num(pwrite(k.registers, "\x01\x04", 2, COMMAND), 2);
	assert_ok(vfio_device_open(&v, &place, &why));
	assert_string_equal(k.calls, OPENED);
	assert_num(k.container, v.container);
	assert_num(v.n_vectors, 3);
	for (unsigned int i = 0; i < 8; i++) {
		assert_num(v.port.size[i], i == 6 ? 0 : SIZE(i));
		assert_num(v.offset[i], i == 6 ? 0 : OFFSET(i));
	}
	/* Memory and bus mastering; what was on stays so. */
	assert_num(command(), 0x0401 | 2 | 4);
}

static void without_an_iommu_it_is_another_group(void **state)
{
	place.no_iommu = true;
	assert_ok(vfio_device_open(&v, &place, &why));
	assert_string_equal(
		k.calls,
		"/dev/vfio/vfio, version, has no-IOMMU, "
		"/dev/vfio/noiommu-17, status, container, no-IOMMU, " ADDRESS
		", region 0, region 1, region 2, region 3, region 4, region 5, "
		"region 7, irq info");
}

static const struct open_row {
	const char *fails;
	int error;
	bool no_iommu;
	const char *text;
} open_rows[] = {
	{ "/dev/vfio/vfio", ENOENT, false,
	  "cannot open /dev/vfio/vfio: no such file; as root: modprobe "
	  "vfio-pci" },
	{ "/dev/vfio/17", EACCES, false,
	  "cannot open /dev/vfio/17: Permission denied; its owner or group "
	  "must be the server's" },
	{ "/dev/vfio/17", EPERM, false,
	  "cannot open /dev/vfio/17: Operation not permitted; its owner or "
	  "group must be the server's" },
	{ "/dev/vfio/noiommu-17", EPERM, true,
	  "cannot open /dev/vfio/noiommu-17: without an IOMMU the server needs "
	  "CAP_SYS_RAWIO to start" },
	{ "/dev/vfio/noiommu-17", EACCES, true,
	  "cannot open /dev/vfio/noiommu-17: Permission denied; its owner or "
	  "group must be the server's" },
	{ "/dev/vfio/17", EBUSY, false,
	  "cannot open /dev/vfio/17: another process uses a device of this "
	  "group" },
	{ "/dev/vfio/17", EIO, false,
	  "cannot open /dev/vfio/17: Input/output error" },
	{ "status", EIO, false, "/dev/vfio/17: Input/output error" },
	{ "container", EIO, false, "/dev/vfio/17: Input/output error" },
	{ "type 1", EIO, false, "cannot use its IOMMU: Input/output error" },
	{ ADDRESS, EIO, false, "cannot be opened: Input/output error" },
	{ "region 0", EIO, false,
	  "cannot find out about its regions: Input/output error" },
	{ "region 5", EIO, false,
	  "cannot find out about its regions: Input/output error" },
	{ "region 7", EIO, false,
	  "cannot find out about its regions: Input/output error" },
	{ "irq info", EIO, false,
	  "cannot find out about its vectors: Input/output error" },
};

static void whatever_fails_is_named(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(open_rows); i++) {
		const struct open_row *row = &open_rows[i];

		k.calls[0] = '\0';
		k.fails = row->fails;
		k.error = row->error;
		place.no_iommu = row->no_iommu;
		assert_rc(vfio_device_open(&v, &place, &why), -row->error);
		assert_string_equal(why.text, row->text);
		/* Nothing follows it. */
		assert_string_equal(k.calls + strlen(k.calls) -
					    strlen(row->fails),
				    row->fails);
		vfio_device_close(&v);
	}
	assert_num(command(), 0);
}

static void expect_refused(int error, const char *text)
{
	assert_rc(vfio_device_open(&v, &place, &why), error);
	assert_string_equal(why.text, text);
	vfio_device_close(&v);
}

static void a_kernel_or_group_that_cannot_do_it_is_named(void **state)
{
	k.version = VFIO_API_VERSION + 1;
	expect_refused(-ENOTSUP, "/dev/vfio/vfio: another version of VFIO");
	k.version = VFIO_API_VERSION;
	k.extension = 0;
	expect_refused(-ENOTSUP, "the kernel lacks type1v2; as root: modprobe "
				 "vfio_iommu_type1");
	place.no_iommu = true;
	expect_refused(-ENOTSUP, "the kernel lacks VFIO_NOIOMMU");
	place.no_iommu = false;
	k.extension = 1;
	k.status_flags = VFIO_GROUP_FLAGS_CONTAINER_SET;
	expect_refused(-EBUSY, "group 17 has devices of other drivers: bind "
			       "all of ls /sys/kernel/iommu_groups/17/devices "
			       "to vfio-pci");
}

static void registers_that_end_early_are_an_error(void **state)
{
	for (off_t len = COMMAND + 1; len >= COMMAND; len--) {
		assert_sys(ftruncate(k.registers, len));
		errno = 0;
		expect_refused(-EIO, "cannot be enabled: Input/output error");
	}
}

static void registers_are_in_their_regions(void **state)
{
	struct pci_at at = { 2, 0x10, 4 };
	uint32_t value = 0x12345678;

	assert_ok(vfio_device_open(&v, &place, &why));
	assert_ok(v.port.write(v.port.arg, &at, &value));
	value = 0;
	assert_num(pread(k.registers, &value, 4, OFFSET(2) + 0x10), 4);
	assert_num(value, 0x12345678);
	value = 0;
	assert_ok(v.port.read(v.port.arg, &at, &value));
	assert_num(value, 0x12345678);
	close(v.fd);
	v.fd = -1;
	assert_rc(v.port.read(v.port.arg, &at, &value), -EBADF);
	assert_rc(v.port.write(v.port.arg, &at, &value), -EBADF);
}

/* --- memory --- */

static void memory_is_mapped_for_the_device(void **state)
{
	assert_ok(vfio_device_open(&v, &place, &why));
	assert_ok(vfio_device_share(&v, 8192, &why));
	assert_num(k.map.argsz, sizeof(k.map));
	assert_num(k.map.flags,
		   VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE);
	assert_num(k.map.iova, BUS);
	assert_num(k.map.size, 8192);
	assert_num(k.map.vaddr, (uintptr_t)v.dma.at);
	assert_num(v.dma.bus, BUS);
	assert_num(v.dma.len, 8192);
	v.dma.at[8191] = 1;
	vfio_device_close(&v);
	assert_null(v.dma.at);
	assert_num(v.dma.len, 0);
}

static void memory_that_cannot_be_mapped_is_named(void **state)
{
	assert_ok(vfio_device_open(&v, &place, &why));
	k.fails = "map";
	k.error = ENOMEM;
	assert_rc(vfio_device_share(&v, 8192, &why), -ENOMEM);
	assert_string_equal(why.text, "8 KiB cannot be locked: raise the limit "
				      "(ulimit -l, LimitMEMLOCK=)");
	munmap(v.dma.at, v.dma.len);
	k.error = EIO;
	assert_rc(vfio_device_share(&v, 8192, &why), -EIO);
	assert_string_equal(why.text, "its queues cannot be mapped for it: "
				      "Input/output error");
}

static void without_an_iommu_memory_is_a_huge_page(void **state)
{
	place.no_iommu = true;
	assert_ok(vfio_device_open(&v, &place, &why));
	k.fails = "huge page";
	k.error = ENOMEM;
	assert_rc(vfio_device_share(&v, 8192, &why), -ENOMEM);
	assert_string_equal(why.text,
			    "no huge page, which is needed without an IOMMU; "
			    "as root: sysctl vm.nr_hugepages=1");
	k.fails = NULL;
	assert_ok(vfio_device_share(&v, 8192, &why));
	assert_num(v.dma.len, HUGE);
	assert_num(v.dma.bus, 0x200 * (uint64_t)sysconf(_SC_PAGESIZE));
	munmap(v.dma.at, v.dma.len);
	k.pagemap = UINT64_C(1) << 63;
	assert_rc(vfio_device_share(&v, 8192, &why), -EPERM);
	assert_string_equal(why.text, "the kernel hides physical addresses: "
				      "without an IOMMU the server needs "
				      "CAP_SYS_ADMIN to start");
	munmap(v.dma.at, v.dma.len);
	k.fails = "/proc/self/pagemap";
	k.error = EACCES;
	assert_rc(vfio_device_share(&v, 8192, &why), -EACCES);
	assert_string_equal(why.text, "/proc/self/pagemap: Permission denied");
}

/* --- interrupts and doorbells --- */

static void vectors_signal_their_fds(void **state)
{
	static const int fds[] = { 7, 8, 9, 10 };

	assert_ok(vfio_device_open(&v, &place, &why));
	assert_ok(vfio_device_interrupts(&v, fds, 3, &why));
	assert_num(k.irqs.argsz, sizeof(k.irqs) + 3 * sizeof(int32_t));
	assert_num(k.irqs.flags,
		   VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER);
	assert_num(k.irqs.index, VFIO_PCI_MSIX_IRQ_INDEX);
	assert_num(k.irqs.start, 0);
	assert_num(k.irqs.count, 3);
	assert_memory_equal(k.vectors, fds, 3 * sizeof(int));
	assert_rc(vfio_device_interrupts(&v, fds, 4, &why), -ENOSPC);
	assert_string_equal(why.text, "3 MSI-X vectors: at least 4 needed");
	k.fails = "irqs";
	k.error = EIO;
	assert_rc(vfio_device_interrupts(&v, fds, 3, &why), -EIO);
	assert_string_equal(why.text, "cannot be given MSI-X vectors: "
				      "Input/output error");
}

static void doorbells_are_rung_by_fds(void **state)
{
	const struct pci_at at = { 2, 0x44, 2 };

	assert_ok(vfio_device_open(&v, &place, &why));
	assert_ok(vfio_device_ring(&v, &at, 5, 77, &why));
	assert_num(k.ring.argsz, sizeof(k.ring));
	assert_num(k.ring.flags, VFIO_DEVICE_IOEVENTFD_16);
	assert_num(k.ring.offset, OFFSET(2) + 0x44);
	assert_num(k.ring.data, 5);
	assert_num(k.ring.fd, 77);
	k.fails = "ring";
	k.error = ENOTTY;
	assert_rc(vfio_device_ring(&v, &at, 5, 77, &why), -ENOTTY);
	assert_string_equal(why.text,
			    "its doorbells cannot be rung by event fds: "
			    "Inappropriate ioctl for device");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_is_opened_step_by_step),
		T(without_an_iommu_it_is_another_group),
		T(whatever_fails_is_named),
		T(a_kernel_or_group_that_cannot_do_it_is_named),
		T(registers_that_end_early_are_an_error),
		T(registers_are_in_their_regions),
		T(memory_is_mapped_for_the_device),
		T(memory_that_cannot_be_mapped_is_named),
		T(without_an_iommu_memory_is_a_huge_page),
		T(vectors_signal_their_fds),
		T(doorbells_are_rung_by_fds),
	};

	return cmocka_run_group_tests_name("vfio-device", tests, NULL, NULL);
}
