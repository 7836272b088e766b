/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While VIRTIO_F_ACCESS_PLATFORM is acked (vhost-user: "IOMMU support"), the
 * addresses of rings and buffers are I/O virtual, and the front-end translates
 * them on request.
 *
 *   queue ─► guest_mem: unknown ─► vu_iotlb_miss() ─► MISS, the queue waits
 *     ▲                                                        │ channel
 *     └── queue_look() ◄── settled ◄── vu_iotlb_msg() ◄── UPDATE
 *
 * A queue waits for one address at a time, and requests it once. It is broken
 * if access is denied.
 *
 * The ring itself is translated once and used by pointers, so it MUST be
 * contiguous: it is a few pages that Linux and Windows allocate at once. What
 * is invalidated is not used any more when the message is answered, and is
 * requested again only when the queue has work: to some IOMMUs a request for an
 * address that is not mapped any more is a fault.
 */
#include <errno.h>
#include <stdlib.h>

#include "input/ring/iotlb.h"
#include "input/vhost-user/vu-iotlb.h"

int vu_iotlb_use(struct vu_backend *be, bool on)
{
	if (on == !!be->mem.iotlb)
		return 0;
	for (unsigned int i = 0; i < be->n_queues; i++) {
		if (be->queue[i].running)
			return vu_fail(be,
				       "ACCESS_PLATFORM changes while queue %u "
				       "is running",
				       i);
		be->queue[i].ring.waits = false;
	}
	free(be->mem.iotlb);
	be->mem.iotlb = on ? iotlb_new() : NULL;
	if (on && !be->mem.iotlb)
		return vu_host_fail(be, -ENOMEM, "IOTLB");
	return 0;
}

static void iotlb_tell(struct vu_backend *be, const struct vu_queue *q,
		       enum vu_iotlb_type type)
{
	const struct vu_iotlb msg = {
		.iova = q->miss.addr.v,
		.access = (uint8_t)q->miss.access,
		.type = type,
	};

	vu_channel_send(&be->channel, VU_BACKEND_IOTLB_MSG,
			vu_queue_index(be, q), &msg, sizeof(msg));
}

static void iotlb_fail(struct vu_backend *be, struct vu_queue *q, int error)
{
	q->ring.waits = false;
	be->ops->queue_failed(be->arg, vu_queue_index(be, q), error);
}

static void iotlb_refuse(struct vu_backend *be, struct vu_queue *q)
{
	iotlb_tell(be, q, VU_IOTLB_TYPE_ACCESS_FAIL);
	iotlb_fail(be, q, VRING_E_ACCESS);
}

static void iotlb_ask(struct vu_backend *be, struct vu_queue *q)
{
	const struct guest_miss *miss = &be->mem.miss;
	bool asked = q->ring.waits && q->miss.addr.v == miss->addr.v &&
		     q->miss.access == miss->access;

	q->ring.waits = true;
	q->miss = *miss;
	if (!asked)
		iotlb_tell(be, q, VU_IOTLB_TYPE_MISS);
}

void vu_iotlb_ask_again(struct vu_backend *be)
{
	for (unsigned int i = 0; i < be->n_queues; i++)
		if (be->queue[i].ring.waits)
			iotlb_tell(be, &be->queue[i], VU_IOTLB_TYPE_MISS);
}

void vu_iotlb_no_ring(struct vu_backend *be, struct vu_queue *q, int error)
{
	if (error == GUEST_MEM_E_MISS)
		iotlb_ask(be, q);
	else
		iotlb_fail(be, q,
			   error == GUEST_MEM_E_PIECES ? VRING_E_PIECES
						       : VRING_E_OUTSIDE);
}

void vu_iotlb_miss(struct vu_backend *be, struct vu_queue *q)
{
	int r;

	if (q->ring.desc) {
		iotlb_ask(be, q);
		return;
	}
	r = vring_map(&q->ring, &be->mem, &q->addrs);
	if (r)
		vu_iotlb_no_ring(be, q, r);
	else
		be->ops->queue_look(be->arg, vu_queue_index(be, q));
}

void vu_iotlb_answered(struct vu_backend *be, const struct vu_answer *answer)
{
	struct vu_queue *q = &be->queue[answer->queue];

	/* An answer to an older request tells nothing about this one. */
	if (answer->request == VU_BACKEND_IOTLB_MSG && answer->value &&
	    answer->last && q->ring.waits)
		iotlb_fail(be, q, VRING_E_ACCESS);
}

/* The range is known now, or will not be: queues that wait for it continue. */
static void iotlb_wake(struct vu_backend *be, const struct iotlb_range *range,
		       bool stored)
{
	for (unsigned int i = 0; i < be->n_queues; i++) {
		struct vu_queue *q = &be->queue[i];

		if (!q->ring.waits || q->miss.addr.v < range->first.v ||
		    q->miss.addr.v > range->last.v)
			continue;
		if (!stored) {
			iotlb_fail(be, q, VRING_E_OUTSIDE);
		} else if (q->miss.access & ~range->access) {
			iotlb_refuse(be, q);
		} else {
			q->ring.waits = false;
			q->look = true;
		}
	}
}

static int iotlb_update_msg(struct vu_backend *be, struct vu_message *msg)
{
	const struct vu_iotlb *in = &msg->p.iotlb;
	const struct iotlb_range range = {
		.first = { in->iova },
		.last = { in->iova + (in->size - 1) },
		.uva = { in->uaddr },
		.access = in->access,
	};
	/* A guest may map what is not shared: that is no violation. */
	bool shared = guest_mem_has_uva(&be->mem, range.uva, in->size);

	if (!in->size || in->access > (GUEST_READ | GUEST_WRITE))
		return vu_fail(be, "invalid update: 0x%llx bytes, access %u",
			       (unsigned long long)in->size, in->access);
	if (shared && iotlb_update(be->mem.iotlb, range))
		return vu_fail(be,
			       "invalid update: 0x%llx bytes at 0x%llx, past "
			       "the end of the address space",
			       (unsigned long long)in->size,
			       (unsigned long long)in->iova);
	msg->p.u64 = !shared;
	iotlb_wake(be, &range, shared);
	return 0;
}

/* Size 0 at 0 is everything: 2^64 has no room in 64 bits. */
static int iotlb_invalidate_msg(struct vu_backend *be, struct vu_message *msg)
{
	struct iova first = { msg->p.iotlb.iova };
	struct iova last = { first.v + (msg->p.iotlb.size - 1) };

	if (last.v < first.v)
		last.v = UINT64_MAX;
	iotlb_invalidate(be->mem.iotlb, first, last);
	for (unsigned int i = 0; i < be->n_queues; i++) {
		struct vu_queue *q = &be->queue[i];

		if (q->running &&
		    vring_touches(&q->ring, &q->addrs, first.v, last.v))
			vu_queue_lose_ring(q);
	}
	msg->p.u64 = 0;
	return 0;
}

int vu_iotlb_msg(struct vu_backend *be, struct vu_message *msg,
		 struct vu_queue *q)
{
	switch (msg->p.iotlb.type) {
	case VU_IOTLB_TYPE_UPDATE:
		return iotlb_update_msg(be, msg);
	case VU_IOTLB_TYPE_INVALIDATE:
		return iotlb_invalidate_msg(be, msg);
	}
	return vu_fail(be, "invalid type %u: must be UPDATE or INVALIDATE",
		       msg->p.iotlb.type);
}
