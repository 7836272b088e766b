/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>
#include "injector/bridge/bridge-shared.h"
#include "input/base/watchdog.h"

/*
 * struct virtq_avail, virtq_used (virtio 1.3 §2.7.6, §2.7.8), struct
 * pvirtq_desc (§2.8.13).
 */
#define IDX_AT	      2
#define DESC_FLAGS_AT 14

/* Return: whether that can be read, and is 0. */
static bool shared_is_zero(struct bridge_sync *s, uint64_t addr, size_t len)
{
	const struct vfu_map *m = vfu_dma_find(s->dma, addr);
	uint64_t value = 0;
	ssize_t n;

	if (!m || !m->file)
		return false;
	watchdog_touch();
	n = pread(m->file->fd, &value, len,
		  (off_t)(m->offset + (addr - m->addr)));
	watchdog_rest();
	return n == (ssize_t)len && !value;
}

/* An index wraps to 0, and flags are 0 in every other round of a ring. */
bool bridge_shared_has_buffer(struct bridge_sync *s, unsigned int queue)
{
	const struct virtio_pci_queue *q = &s->pci->queue[queue];

	if (vu_feature_in(s->pci->accepted, VIRTIO_F_RING_PACKED))
		return !shared_is_zero(s, q->desc + DESC_FLAGS_AT, 2) ||
		       !shared_is_zero(s, q->desc, sizeof(uint64_t));
	return !shared_is_zero(s, q->driver + IDX_AT, 2) ||
	       !shared_is_zero(s, q->device + IDX_AT, 2);
}
