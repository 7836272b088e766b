/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>
#include "injector/bridge/bridge-shared.h"
#include "input/base/watchdog.h"

/* struct virtq_avail (virtio 1.3 §2.7.6), struct pvirtq_desc (§2.8.13). */
#define AVAIL_IDX_AT  2
#define DESC_FLAGS_AT 14

bool bridge_shared_has_buffer(struct bridge_sync *s, unsigned int queue)
{
	const struct virtio_pci_queue *q = &s->pci->queue[queue];
	const bool packed =
		vu_feature_in(s->pci->accepted, VIRTIO_F_RING_PACKED);
	const uint64_t addr =
		packed ? q->desc + DESC_FLAGS_AT : q->driver + AVAIL_IDX_AT;
	const struct vfu_map *m = vfu_dma_find(s->dma, addr);
	uint16_t value;
	ssize_t n;

	if (!m || !m->file)
		return true;
	watchdog_touch();
	n = pread(m->file->fd, &value, sizeof(value),
		  (off_t)(m->offset + (addr - m->addr)));
	watchdog_rest();
	return n != sizeof(value) || value;
}
