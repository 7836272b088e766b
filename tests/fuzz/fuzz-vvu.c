/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VVU device whose driver and VMM, and whose sibling, do anything in any
 * order: it stays within the memory that each gave, its work comes to an end,
 * and when both have gone, nothing of them is left.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/vvu/vvu-proxy.h"
#include "input/base/fd-pass.h"
#include "input/base/log.h"
#include "tests/fuzz/fuzz.h"

#define PAGE	    4096
#define DRIVER_LEN  (16 * PAGE)
#define SIBLING_LEN (4 * PAGE)
#define DRIVER_BASE 0x10000
#define BAR_LEN	    (UINT64_C(1) << 30)
#define TURNS	    4

static struct ev_loop *loop;
static struct vvu_proxy p;
static int driver_file, sibling_file;
static uint8_t *driver_mem;
static int sibling = -1;

/* --- the device VM --- */

static void map(struct choices *c)
{
	const uint64_t page = take8(c) % 16;
	const struct vfu_map m = { .addr = DRIVER_BASE + page * PAGE,
				   .size = (uint64_t)(take8(c) % 16) * PAGE,
				   .offset = (uint64_t)(take8(c) % 20) * PAGE,
				   .access = 3 };
	const struct vfu_file_id id = { 1, 1, DRIVER_LEN };
	const int fd =
		take8(c) & 7 ? fcntl(driver_file, F_DUPFD_CLOEXEC, 0) : -1;

	if (!vfu_dma_map(&p.server.dma, &m, fd, &id))
		p.server.ops->mapped(&p, m.addr);
}

static void unmap(struct choices *c)
{
	const uint64_t addr = DRIVER_BASE + (uint64_t)(take8(c) % 16) * PAGE;
	const uint64_t size = (uint64_t)(take8(c) % 17) * PAGE;

	if (!vfu_dma_unmap(&p.server.dma, addr, size))
		p.server.ops->unmapped(&p, addr, addr + (size - 1));
}

static void poke(struct choices *c)
{
	const uint16_t at = take16(c) % (DRIVER_LEN - 16);

	take(c, driver_mem + at, take8(c) % 17);
}

static void region_access(struct choices *c)
{
	static const uint32_t regions[] = { VIRTIO_PCI_BAR, VIRTIO_PCI_BAR,
					    VVU_IO_BAR, VVU_MEMORY_BAR,
					    VIRTIO_PCI_CONFIG_SPACE };
	struct vfu_access at = { .region = regions[take8(c) % 5] };
	const struct vfu_region *region = p.server.ops->region(&p, at.region);
	uint8_t bytes[16];

	at.offset = take16(c) % region->size;
	if (take8(c) & 1)
		at.offset = region->size - 1 - at.offset;
	at.count = 1 + take8(c) % sizeof(bytes);
	if (at.count > region->size - at.offset)
		at.count = (uint32_t)(region->size - at.offset);
	take(c, bytes, sizeof(bytes));
	if (take8(c) & 3)
		p.server.ops->write(&p, &at, bytes);
	else
		p.server.ops->read(&p, &at, bytes);
}

static void write_common(unsigned int offset, uint32_t len, uint64_t value)
{
	const struct vfu_access at = { offset, VIRTIO_PCI_BAR, len };

	p.server.ops->write(&p, &at, &value);
}

/* A driver that does what it should, up to its rings' contents. */
static void start(struct choices *c)
{
	const uint64_t features = UINT64_C(1) << 32 | (uint64_t)take8(c) << 28;

	write_common(20, 1, 0);
	for (uint32_t i = 0; i < 2; i++) {
		write_common(8, 4, i);
		write_common(12, 4, (features & p.pci.pci.offered) >> (32 * i));
	}
	write_common(20, 1, 11);
	for (uint32_t i = 0; i < VVU_QUEUES; i++) {
		write_common(22, 2, i);
		write_common(24, 2, 1U << take8(c) % 9);
		for (unsigned int area = 32; area <= 48; area += 8)
			write_common(area, 8,
				     DRIVER_BASE + (take16(c) & 0xfff0));
		write_common(28, 2, 1);
	}
	write_common(20, 1, 15);
	write_common(0x2000, 4, VVU_BACKEND_UP);
}

static void reset(struct choices *c)
{
	p.server.ops->reset(&p);
}

/* --- the sibling --- */

static void end_sibling(struct choices *c)
{
	if (sibling >= 0)
		close(sibling);
	sibling = -1;
}

/* As the listener does when the device wants one. */
static void connect_sibling(struct choices *c)
{
	int fds[2];

	end_sibling(c);
	if (vvu_sibling_is_open(&p.sibling) || !p.runs || p.owes_end ||
	    !(vvu_pci_status(&p.pci) & VVU_BACKEND_UP))
		return;
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			 fds));
	sibling = fds[0];
	p.listener.accepted(p.listener.arg, fds[1]);
}

static void sibling_says(struct choices *c)
{
	static const uint32_t requests[] = { VU_SET_MEM_TABLE,
					     VU_SET_BACKEND_REQ_FD,
					     VU_SET_VRING_ERR,
					     VU_GET_FEATURES };
	struct vu_header hdr = { requests[take8(c) % 4], VU_FLAG_VERSION_1,
				 take8(c) };
	uint8_t bytes[sizeof(hdr) + 255];
	const struct iovec iov = { bytes, sizeof(hdr) + hdr.size };
	int fds[VU_FDS_MAX];
	const unsigned int n = take8(c) % (VU_FDS_MAX + 1);

	if (take8(c) == 1)
		hdr.request = take8(c);
	memcpy(bytes, &hdr, sizeof(hdr));
	take(c, bytes + sizeof(hdr), hdr.size);
	for (unsigned int i = 0; i < n; i++)
		fds[i] = hdr.request == VU_SET_MEM_TABLE ? sibling_file
							 : sibling;
	if (sibling >= 0)
		(void)!fd_pass_send(sibling, &iov, fds, n);
}

static void sibling_reads(struct choices *c)
{
	uint8_t bytes[512];

	if (sibling >= 0)
		(void)!recv(sibling, bytes, sizeof(bytes), MSG_DONTWAIT);
}

static void (*const acts[])(struct choices *c) = {
	map,	      unmap,	       poke,	      poke,
	poke,	      region_access,   region_access, start,
	reset,	      connect_sibling, end_sibling,   sibling_says,
	sibling_says, sibling_reads,
};

/* --- */

static uint8_t *make_memory(int *fd, size_t len)
{
	uint8_t *at;

	*fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	must(*fd >= 0 && !ftruncate(*fd, (off_t)len));
	at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	must(at != MAP_FAILED);
	return at;
}

static void set_up(void)
{
	log_set_level(LOG_OFF);
	loop = ev_loop_new(EVFLAG_AUTO);
	driver_mem = make_memory(&driver_file, DRIVER_LEN);
	make_memory(&sibling_file, SIBLING_LEN);
	must(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = { data, size };

	if (!loop)
		set_up();
	memset(driver_mem, 0, DRIVER_LEN);
	must(!vvu_proxy_init(&p, loop, BAR_LEN, size & 1 ? sibling_file : -1));
	while (c.left) {
		acts[take8(&c) % (sizeof(acts) / sizeof(*acts))](&c);
		for (int i = 0; i < TURNS; i++)
			ev_run(loop, EVRUN_NOWAIT);
	}
	end_sibling(&c);
	p.server.ops->disconnected(&p);
	vfu_dma_fini(&p.server.dma);
	must(!vvu_sibling_is_open(&p.sibling));
	must(!p.guest.mem.n && !p.sibling.memory.now.n);
	vvu_proxy_fini(&p);
	return 0;
}
