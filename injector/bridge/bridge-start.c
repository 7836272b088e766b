/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/bridge/bridge-start.h"

/* The wrap counters of a packed ring begin at 1 (virtio 1.3 §2.8.1). */
#define PACKED_BASE 0x80008000

static void make_state(struct vu_message *msg, uint32_t request, uint32_t index,
		       uint32_t num)
{
	bridge_sync_make(msg, request, sizeof(msg->p.state));
	msg->p.state = (struct vu_vring_state){ index, num };
}

static void make_fd(struct vu_message *msg, uint32_t request, unsigned int i,
		    int fd)
{
	bridge_sync_make(msg, request, sizeof(msg->p.u64));
	msg->p.u64 = i | (fd < 0 ? VU_VRING_NOFD : 0);
	if (fd >= 0)
		msg->fds[msg->n_fds++] = fd;
}

static void make_call(struct bridge_sync *s, unsigned int i,
		      struct vu_message *msg)
{
	s->queue[i].call_told = true;
	make_fd(msg, VU_SET_VRING_CALL, i,
		s->vector_fd(s->arg, s->pci->queue[i].vector));
}

static void make_addr(const struct virtio_pci_queue *q, unsigned int i,
		      struct vu_message *msg)
{
	bridge_sync_make(msg, VU_SET_VRING_ADDR, sizeof(msg->p.addr));
	msg->p.addr = (struct vu_vring_addr){ .index = i,
					      .desc_user = q->desc,
					      .avail_user = q->driver,
					      .used_user = q->device };
}

bool bridge_start_is_mapped(struct bridge_sync *s, unsigned int i)
{
	const struct virtio_pci_queue *q = &s->pci->queue[i];

	return vfu_dma_find(s->dma, q->desc) &&
	       vfu_dma_find(s->dma, q->driver) &&
	       vfu_dma_find(s->dma, q->device);
}

/* Return: whether an address lies in memory that nobody but the VMM has. */
static bool is_unshared(struct bridge_sync *s, uint64_t addr)
{
	const struct vfu_map *m = vfu_dma_find(s->dma, addr);

	return m && !m->file;
}

static enum bridge_next check_queue(struct bridge_sync *s,
				    const struct virtio_pci_queue *q)
{
	if (!is_unshared(s, q->desc) && !is_unshared(s, q->driver) &&
	    !is_unshared(s, q->device))
		return BRIDGE_NEXT_SEND;
	s->why = BRIDGE_NOT_SHARED;
	return BRIDGE_NEXT_FAIL;
}

enum {
	START_NUM,
	START_BASE,
	START_ADDR,
	START_CALL,
	START_KICK,
	START_ENABLE,
	STARTED,
};

static uint32_t first_base(const struct bridge_sync *s, unsigned int i)
{
	if (s->queue[i].has_base)
		return s->queue[i].base;
	return vu_feature_in(s->features, VIRTIO_F_RING_PACKED) ? PACKED_BASE
								: 0;
}

static enum bridge_next start_step(struct bridge_sync *s, unsigned int i,
				   struct vu_message *msg)
{
	const struct virtio_pci_queue *q = &s->pci->queue[i];

	switch (s->queue[i].step++) {
	case START_NUM:
		make_state(msg, VU_SET_VRING_NUM, i, q->size);
		return check_queue(s, q);
	case START_BASE:
		make_state(msg, VU_SET_VRING_BASE, i, first_base(s, i));
		break;
	case START_ADDR:
		make_addr(q, i, msg);
		break;
	case START_CALL:
		make_call(s, i, msg);
		break;
	case START_KICK:
		make_fd(msg, VU_SET_VRING_KICK, i, s->kick[i]);
		break;
	case START_ENABLE:
		/* Without the feature a queue is enabled when it starts. */
		if (!vu_feature_in(s->features, VU_F_PROTOCOL_FEATURES))
			return BRIDGE_NEXT_DONE;
		make_state(msg, VU_SET_VRING_ENABLE, i, 1);
		break;
	}
	return BRIDGE_NEXT_SEND;
}

enum bridge_next bridge_start_queue(struct bridge_sync *s, unsigned int i,
				    struct vu_message *msg)
{
	if (s->queue[i].step < STARTED)
		return start_step(s, i, msg);
	if (s->queue[i].call_told)
		return BRIDGE_NEXT_DONE;
	make_call(s, i, msg);
	return BRIDGE_NEXT_SEND;
}
