/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vfio-user device whose client, driver and back-end say anything, in any
 * order: each fd that came is dropped once, maps stay sorted, no access leaves
 * its region, and what the back-end is told fits into a message, comes to an
 * end, and has fds that are open.
 */
#include "injector/bridge/bridge-sync.h"
#include "injector/vfio-user/vfu-irqs.h"
#include "tests/fuzz/fuzz.h"

#define FDS_MAX	  2048
#define STEPS_MAX 1000

static bool is_open[FDS_MAX];
static int n_fds;
static struct vfu_dma dma;
static struct vfu_irqs irqs;
static struct virtio_pci pci;
static struct bridge_sync sync;

static void drop(void *arg, int fd)
{
	must(fd >= 0 && fd < n_fds && is_open[fd]);
	is_open[fd] = false;
}

static int new_fd(void)
{
	is_open[n_fds] = true;
	return n_fds++;
}

static int vector_fd(void *arg, unsigned int vector)
{
	return vector < irqs.n ? irqs.fd[vector] : -1;
}

/* --- the client --- */

static void check_maps(void)
{
	for (size_t i = 0; i < dma.n; i++) {
		const struct vfu_map *m = &dma.map[i];

		must(m->size && m->addr + (m->size - 1) >= m->addr);
		must(!i ||
		     m->addr > dma.map[i - 1].addr + (dma.map[i - 1].size - 1));
		must(!m->file || is_open[m->file->fd]);
		must(vfu_dma_find(&dma, m->addr) == m);
	}
}

static void map(struct choices *c)
{
	const struct vfu_map m = { .addr = (uint64_t)take16(c) << 12,
				   .size = take8(c) & 1
						   ? take64(c)
						   : (uint64_t)take8(c) << 12,
				   .offset = (uint64_t)take16(c) << 8,
				   .access = take8(c) & 3 };
	const struct vfu_file_id id = { 1, take8(c), (uint64_t)take16(c) << 8 };
	const bool shared = take8(c) & 1;

	if (n_fds == FDS_MAX)
		return;
	vfu_dma_map(&dma, &m, shared ? new_fd() : -1, &id);
}

static void unmap(struct choices *c)
{
	const uint64_t addr = (uint64_t)take16(c) << 12;
	const uint64_t size =
		take8(c) & 1 ? take64(c) : (uint64_t)take8(c) << 12;

	if (!vfu_dma_unmap(&dma, addr, size))
		bridge_memory_unmapped(&sync, addr, addr + (size - 1));
}

static void message(struct choices *c)
{
	static struct vfu_message msg;
	struct vfu_caps caps;
	uint64_t fire;

	take(c, &msg.hdr, sizeof(msg.hdr));
	msg.hdr.size = sizeof(msg.hdr) + take16(c);
	memset(&msg.p, 0, sizeof(msg.p));
	take(c, &msg.p, take8(c));
	msg.n_fds = take8(c) % (VFU_FDS_MAX + 1);
	if (vfu_header_check(&msg.hdr) ||
	    vfu_message_check(&msg, msg.hdr.command != VFU_VERSION))
		return;
	must(vfu_command_name(msg.hdr.command));
	if (msg.hdr.command == VFU_VERSION) {
		if (!vfu_version_read(&msg, &caps))
			vfu_version_reply(&msg);
		must(vfu_message_len(&msg) <= VFU_PAYLOAD_MAX);
	}
	if (msg.hdr.command != VFU_DEVICE_SET_IRQS ||
	    n_fds + VFU_FDS_MAX > FDS_MAX)
		return;
	for (unsigned int i = 0; i < msg.n_fds; i++)
		msg.fds[i] = new_fd();
	if (!vfu_irqs_set(&irqs, &msg, &fire))
		bridge_sync_vectors_changed(&sync);
	must(!(fire >> irqs.n));
	while (msg.n_fds)
		drop(NULL, msg.fds[--msg.n_fds]);
}

/* --- the driver --- */

static void driver(struct choices *c)
{
	static const unsigned int regions[] = { VIRTIO_PCI_BAR, VIRTIO_PCI_BAR,
						VIRTIO_PCI_MSIX_BAR,
						VIRTIO_PCI_CONFIG_SPACE };
	const unsigned int region = regions[take8(c) % 4];
	const uint64_t size = virtio_pci_region_size(&pci, region);
	struct virtio_pci_access at = { region, take16(c) % size, 0 };
	struct virtio_pci_event event;
	uint8_t bytes[16];

	at.len = 1 + take8(c) % 9;
	if (at.len > size - at.offset)
		at.len = size - at.offset;
	if (take8(c) & 1) {
		virtio_pci_reads_config(&pci, &at);
		virtio_pci_read(&pci, &at, bytes);
		return;
	}
	take(c, bytes, sizeof(bytes));
	virtio_pci_write(&pci, &at, bytes, &event);
	must(event.what != VIRTIO_PCI_NOTIFY || event.queue < BRIDGE_QUEUES);
	if (event.what == VIRTIO_PCI_WRITTEN)
		bridge_sync_written(&sync, event.offset, event.from, event.len);
	if (event.what == VIRTIO_PCI_VECTOR)
		bridge_sync_vectors_changed(&sync);
}

/* --- the back-end --- */

static void answer(struct choices *c)
{
	static struct vu_message msg;

	msg.hdr = (struct vu_header){ take8(c) & 7 ? sync.asked : take8(c), 5,
				      take8(c) & 7 ? 8 : take8(c) };
	if (sync.asked == VU_GET_CONFIG)
		msg.hdr.size = 12 + BRIDGE_CONFIG_LEN;
	memset(&msg.p, 0, sizeof(msg.p));
	if (sync.asked == VU_GET_FEATURES ||
	    sync.asked == VU_GET_PROTOCOL_FEATURES || take8(c) == 1)
		take(c, &msg.p, 8);
	if (bridge_sync_answer(&sync, &msg)) {
		must(sync.why);
		bridge_sync_begin(&sync);
	}
}

static void talk(struct choices *c)
{
	static struct vu_message msg;
	enum bridge_next next = BRIDGE_NEXT_SEND;

	for (int i = 0; next == BRIDGE_NEXT_SEND; i++) {
		must(i < STEPS_MAX);
		next = bridge_sync_next(&sync, &msg);
		if (next == BRIDGE_NEXT_SEND) {
			must(msg.hdr.size <= VU_PAYLOAD_MAX);
			must(msg.n_fds <= VU_FDS_MAX);
		}
		for (unsigned int j = 0;
		     next == BRIDGE_NEXT_SEND && j < msg.n_fds; j++)
			must(msg.fds[j] >= FDS_MAX || is_open[msg.fds[j]]);
		if (next == BRIDGE_NEXT_WAIT && c->left) {
			answer(c);
			next = BRIDGE_NEXT_SEND;
		}
	}
	if (next == BRIDGE_NEXT_FAIL) {
		must(sync.why);
		bridge_sync_begin(&sync);
	}
}

static void (*const acts[])(struct choices *c) = { map,	   unmap,  message,
						   driver, driver, talk };

static const struct virtio_pci_kind kind = { .virtio_id = 18,
					     .n_queues = BRIDGE_QUEUES,
					     .n_vectors = BRIDGE_QUEUES + 1,
					     .config_len = BRIDGE_CONFIG_LEN };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = { data, size };

	n_fds = 0;
	vfu_dma_init(&dma, drop, NULL);
	vfu_irqs_init(&irqs, 3, drop, NULL);
	virtio_pci_init(&pci, &kind, 64);
	pci.offered = take64(&c);
	sync = (struct bridge_sync){ .pci = &pci,
				     .dma = &dma,
				     .kick = { FDS_MAX, FDS_MAX + 1 },
				     .vector_fd = vector_fd };
	bridge_sync_begin(&sync);
	while (c.left) {
		acts[take8(&c) % (sizeof(acts) / sizeof(*acts))](&c);
		check_maps();
	}
	vfu_dma_fini(&dma);
	vfu_irqs_fini(&irqs);
	for (int i = 0; i < n_fds; i++)
		must(!is_open[i]);
	return 0;
}
