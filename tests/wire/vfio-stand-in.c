/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives a program VFIO and a PCI device in sysfs, where the kernel has neither;
 * put into it by LD_PRELOAD. The device is a vfio-user server's: what the
 *program asks VFIO for, this asks the server for.
 *
 *	program ─► open, ioctl, pread, mmap, ... ─► vfio-user server
 *
 * tests/lib/fake-vfio.h has the folder in which it finds them. Doorbells are
 * rung by a process each, as the kernel does it: besides the program.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/vfio-user/vfu-wire.h"
#include "tests/lib/fake-vfio.h"

/* libc has other names for the arguments of the functions replaced here. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

#define NEXT(f)	 ((__typeof__(f) *)dlsym(RTLD_NEXT, #f))
#define PATH_LEN 200
#define REGION	 40 /* offset >> REGION: as the kernel's vfio-pci has it */
#define MAPS_MAX 16
#define FDS_MAX	 256
#define PHYSICAL UINT64_C(0x7000000)

static int container = -1, group = -1, device = -1, server = -1, pagemap = -1;
static int bar_fd[VFU_PCI_REGIONS] = { [0 ... VFU_PCI_REGIONS - 1] = -1 };

/* Shared anonymous memory of the program is a file, for the server. */
static struct {
	uint8_t *at;
	size_t len;
	int fd;
} maps[MAPS_MAX];
static unsigned int n_maps;

static const char *folder(void)
{
	return getenv(FAKE_VFIO_ENV);
}

/* Return: path, or where it is in the folder. */
static const char *fake_path(const char *path, char fake[PATH_LEN])
{
	if (!folder() || (strncmp(path, "/sys/bus/pci/", 13) != 0 &&
			  strncmp(path, "/dev/vfio/", 10) != 0))
		return path;
	snprintf(fake, PATH_LEN, "%s%s", folder(), path);
	return fake;
}

/* Return: whether the test has made this file in the folder. */
static bool has(const char *name)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s", folder(), name);
	return !access(path, F_OK);
}

/* --- the server --- */

struct message {
	struct vfu_header hdr;
	uint8_t p[VFU_PAYLOAD_MAX];
};

/* fds: those that come with it, at most one, or -1. */
static bool receive(void *to, size_t len, int *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { to, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n;

	/* The kernel would wait for a byte. */
	if (!len)
		return true;
	n = recvmsg(server, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	if (n == (ssize_t)len && msg.msg_controllen)
		memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(*fd));
	return n == (ssize_t)len;
}

static bool transmit(const void *from, size_t len, const int *fds,
		     unsigned int n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(VFU_FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)from, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.align = (struct cmsghdr){ CMSG_LEN(n * sizeof(int)),
						  SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
	}
	return sendmsg(server, &msg, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Return: 0, or -1 with errno. *fd: the reply's. */
static int ask(struct message *m, uint16_t command, size_t len, int *fd)
{
	static uint16_t id;
	int unwanted = -1;

	m->hdr = (struct vfu_header){ ++id, command,
				      (uint32_t)(sizeof(m->hdr) + len), 0, 0 };
	errno = EIO;
	if (!transmit(m, m->hdr.size, fd, fd && *fd >= 0) ||
	    !receive(&m->hdr, sizeof(m->hdr), fd ? fd : &unwanted) ||
	    m->hdr.size > sizeof(*m) ||
	    !receive(m->p, m->hdr.size - sizeof(m->hdr), &unwanted))
		return -1;
	errno = (int)m->hdr.error;
	return m->hdr.flags & VFU_FLAG_ERROR ? -1 : 0;
}

static int negotiate(void)
{
	static const char json[] = "{\"capabilities\":{\"max_msg_fds\":8}}";
	struct message m;

	memset(m.p, 0, sizeof(struct vfu_version));
	memcpy(m.p + sizeof(struct vfu_version), json, sizeof(json));
	return ask(&m, VFU_VERSION, sizeof(struct vfu_version) + sizeof(json),
		   NULL);
}

/* --- VFIO --- */

/* It has no type, as the kernel's. Return: the device's fd, or -1. */
static int open_device(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/" FAKE_VFIO_SERVER,
		 folder());
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(server, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    negotiate() < 0)
		return -1;
	device = eventfd(0, EFD_CLOEXEC);
	return device;
}

static int region_info(struct vfio_region_info *info)
{
	struct message m;
	struct vfu_region_info of = { .argsz = sizeof(of),
				      .index = info->index };
	int fd = -1;

	/* Room for what the server has to say of areas. */
	of.argsz = 256;
	memcpy(m.p, &of, sizeof(of));
	if (ask(&m, VFU_DEVICE_GET_REGION_INFO, sizeof(of), &fd) < 0)
		return -1;
	memcpy(&of, m.p, sizeof(of));
	info->size = of.size;
	info->flags = of.flags & (VFU_REGION_READABLE | VFU_REGION_WRITEABLE |
				  VFU_REGION_MMAP);
	info->offset = (uint64_t)info->index << REGION;
	bar_fd[info->index] = fd;
	return 0;
}

static int irq_info(struct vfio_irq_info *info)
{
	struct message m;
	struct vfu_irq_info of = { sizeof(of), 0, info->index, 0 };

	memcpy(m.p, &of, sizeof(of));
	if (ask(&m, VFU_DEVICE_GET_IRQ_INFO, sizeof(of), NULL) < 0)
		return -1;
	memcpy(&of, m.p, sizeof(of));
	info->count = has(FAKE_VFIO_FEW_VECTORS) ? 2 : of.count;
	return 0;
}

static int set_irqs(const struct vfio_irq_set *set)
{
	const int *fds = (const int *)set->data;
	struct vfu_irq_set of = { sizeof(of), set->flags, set->index,
				  set->start, set->count };
	struct message m = { .hdr = { 0, VFU_DEVICE_SET_IRQS,
				      sizeof(m.hdr) + sizeof(of), 0, 0 } };
	int unwanted = -1;

	memcpy(m.p, &of, sizeof(of));
	errno = EIO;
	return transmit(&m, m.hdr.size, fds, set->count) &&
			       receive(&m.hdr, sizeof(m.hdr), &unwanted) &&
			       !(m.hdr.flags & VFU_FLAG_ERROR)
		       ? 0
		       : -1;
}

/* Let the device access memory of the program, at an address of its own. */
static int map_file(unsigned int i, uint64_t bus)
{
	const struct vfu_dma_map of = { sizeof(of),
					VFU_DMA_READABLE | VFU_DMA_WRITEABLE, 0,
					bus, maps[i].len };
	struct message m;
	int fd = maps[i].fd;

	memcpy(m.p, &of, sizeof(of));
	return ask(&m, VFU_DMA_MAP, sizeof(of), &fd);
}

static int map_dma(const struct vfio_iommu_type1_dma_map *map)
{
	unsigned int i = 0;

	while (i < n_maps && (uintptr_t)maps[i].at != map->vaddr)
		i++;
	errno = has(FAKE_VFIO_NO_LOCK) ? ENOMEM : EFAULT;
	if (i == n_maps || has(FAKE_VFIO_NO_LOCK))
		return -1;
	return map_file(i, map->iova);
}

/* Until the program ends. Nobody waits for an answer. */
static void ring(const struct vfio_device_ioeventfd *bell, int program)
{
	const struct vfu_access access = {
		bell->offset & ((UINT64_C(1) << REGION) - 1),
		(uint32_t)(bell->offset >> REGION), 2
	};
	struct message m = { .hdr = { 0, VFU_REGION_WRITE,
				      sizeof(m.hdr) + sizeof(access) + 2,
				      VFU_FLAG_NO_REPLY, 0 } };
	struct pollfd p[] = { { .fd = bell->fd, .events = POLLIN },
			      { .fd = program } };
	uint64_t count;

	memcpy(m.p, &access, sizeof(access));
	memcpy(m.p + sizeof(access), &bell->data, 2);
	while (poll(p, 2, -1) > 0 && !p[1].revents)
		if (read(bell->fd, &count, sizeof(count)) > 0)
			transmit(&m, m.hdr.size, NULL, 0);
}

/*
 * A signal for the death of the program would not be sent: its sandbox does not
 * let it signal others. So a pipe shows that it is there.
 */
static int start_ringing(const struct vfio_device_ioeventfd *bell)
{
	int alive[2];
	pid_t pid;

	if (pipe2(alive, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid) {
		close(alive[0]);
		return pid < 0 ? -1 : 0;
	}
	for (int fd = 0; fd < FDS_MAX; fd++)
		if (fd != bell->fd && fd != server && fd != alive[0])
			close(fd);
	ring(bell, alive[0]);
	_exit(0);
}

static int ioctl_device(unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_DEVICE_GET_REGION_INFO:
		return region_info(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return irq_info(arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(arg);
	case VFIO_DEVICE_IOEVENTFD:
		return start_ringing(arg);
	}
	errno = ENOTTY;
	return -1;
}

static int ioctl_group(unsigned long request, void *arg)
{
	struct vfio_group_status *status = arg;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		status->flags =
			has(FAKE_VFIO_NOT_VIABLE) ? 0 : VFIO_GROUP_FLAGS_VIABLE;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return open_device();
	}
	errno = ENOTTY;
	return -1;
}

static int ioctl_container(unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return !has(FAKE_VFIO_NO_TYPE1);
	case VFIO_SET_IOMMU:
		return 0;
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(arg);
	}
	errno = ENOTTY;
	return -1;
}

/* --- libc --- */

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd >= 0 && fd == container)
		return ioctl_container(request, arg);
	if (fd >= 0 && fd == group)
		return ioctl_group(request, arg);
	if (fd >= 0 && fd == device)
		return ioctl_device(request, arg);
	return NEXT(ioctl)(fd, request, arg);
}

int open(const char *path, int flags, ...)
{
	char fake[PATH_LEN];
	mode_t mode = 0;
	va_list ap;
	int fd;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	fd = NEXT(open)(fake_path(path, fake), flags, mode);
	if (!strcmp(path, "/dev/vfio/vfio"))
		container = fd;
	else if (!strncmp(path, "/dev/vfio/", 10))
		group = fd;
	else if (folder() && !strcmp(path, "/proc/self/pagemap"))
		pagemap = fd;
	return fd;
}

ssize_t readlink(const char *path, char *to, size_t size)
{
	char fake[PATH_LEN];

	return NEXT(readlink)(fake_path(path, fake), to, size);
}

/* Of registers. */
static ssize_t access_region(const struct vfu_access *at, void *to,
			     const void *from)
{
	struct message m;

	memcpy(m.p, at, sizeof(*at));
	if (from)
		memcpy(m.p + sizeof(*at), from, at->count);
	if (ask(&m, from ? VFU_REGION_WRITE : VFU_REGION_READ,
		sizeof(*at) + (from ? at->count : 0), NULL) < 0)
		return -1;
	if (to)
		memcpy(to, m.p + sizeof(*at), at->count);
	return at->count;
}

static struct vfu_access access_at(off_t offset, size_t len)
{
	return (struct vfu_access){ (uint64_t)offset &
					    ((UINT64_C(1) << REGION) - 1),
				    (uint32_t)(offset >> REGION),
				    (uint32_t)len };
}

ssize_t pread(int fd, void *to, size_t len, off_t offset)
{
	const struct vfu_access at = access_at(offset, len);
	const uint64_t entry = PHYSICAL >> 12 | UINT64_C(1) << 63;

	if (fd >= 0 && fd == pagemap) {
		memcpy(to, &entry, len);
		return (ssize_t)len;
	}
	if (fd < 0 || fd != device)
		return NEXT(pread)(fd, to, len, offset);
	return access_region(&at, to, NULL);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t offset)
{
	const struct vfu_access at = access_at(offset, len);

	if (fd < 0 || fd != device)
		return NEXT(pwrite)(fd, from, len, offset);
	return access_region(&at, NULL, from);
}

/* Without an IOMMU the device can access it at once. */
static void *map_memory(size_t len, int prot, bool huge)
{
	int fd = memfd_create("dma", MFD_CLOEXEC);
	void *at = MAP_FAILED;

	if (n_maps < MAPS_MAX && ftruncate(fd, (off_t)len) == 0)
		at = NEXT(mmap)(NULL, len, prot, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return at;
	maps[n_maps].at = at;
	maps[n_maps].len = len;
	maps[n_maps++].fd = fd;
	if (huge && map_file(n_maps - 1, PHYSICAL) < 0)
		return MAP_FAILED;
	return at;
}

/* Whoever maps a region has another fd of the device, but no other file ends
 * up there. */
void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	const uint64_t region = (uint64_t)offset >> REGION;

	if (folder() && flags & MAP_SHARED && flags & MAP_ANONYMOUS)
		return map_memory(len, prot, flags & MAP_HUGETLB);
	if (!folder() || !region)
		return NEXT(mmap)(at, len, prot, flags, fd, offset);
	errno = ENODEV;
	if (region >= VFU_PCI_REGIONS || bar_fd[region] < 0)
		return MAP_FAILED;
	return NEXT(mmap)(at, len, prot, flags, bar_fd[region],
			  offset & ((INT64_C(1) << REGION) - 1));
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
