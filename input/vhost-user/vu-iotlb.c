/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device behind the guest's IOMMU (vhost-user: "IOMMU support"): while
 * VIRTIO_F_ACCESS_PLATFORM is acked, rings and buffers lie at I/O virtual
 * addresses, and the front-end says where that is, when it is asked.
 *
 *   queue ─► guest_mem: not known ─► vu_backend_miss() ─► MISS, the queue waits
 *     ▲                                                          │ channel
 *     └── looked at again ◄── vu_iotlb_msg() ◄── UPDATE ◄────────┘
 *
 * A queue waits for one address at a time, and asks for it once. It stops if
 * the answer says that there is no access.
 *
 * The ring itself is found once and used by pointers, so it has to lie in one
 * piece of the shared memory: it is a few pages that Linux and Windows allocate
 * at once. What is invalidated is no longer used when the message is answered,
 * and looked up anew when the queue next has something to do: an address that
 * nobody needs any more is not asked for, since that is a fault to some IOMMUs.
 */
#include <errno.h>
#include <stdlib.h>

#include "input/ring/iotlb.h"
#include "input/vhost-user/vu-handlers.h"

int vu_iotlb_use(struct vu_backend *be, bool on)
{
	if (on == !!be->mem.iotlb)
		return 0;
	for (unsigned int i = 0; i < be->n_queues; i++) {
		if (be->queue[i].running)
			return vu_fail(be,
				       "ACCESS_PLATFORM is changed while "
				       "queue %u runs",
				       i);
		be->queue[i].ring.waits = false;
	}
	free(be->mem.iotlb);
	be->mem.iotlb = on ? iotlb_new() : NULL;
	if (on && !be->mem.iotlb)
		return vu_host_fail(be, -ENOMEM, "what the IOMMU maps");
	return 0;
}

static void tell(struct vu_backend *be, const struct vu_queue *q,
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

/* The queue cannot go on. */
static void fail(struct vu_backend *be, struct vu_queue *q, int error)
{
	q->ring.waits = false;
	be->ops->queue_failed(be->arg, vu_queue_index(be, q), error);
}

static void refuse(struct vu_backend *be, struct vu_queue *q)
{
	tell(be, q, VU_IOTLB_TYPE_ACCESS_FAIL);
	fail(be, q, VRING_E_ACCESS);
}

static void ask(struct vu_backend *be, struct vu_queue *q)
{
	const struct guest_miss *miss = &be->mem.miss;
	bool asked = q->ring.waits && q->miss.addr.v == miss->addr.v &&
		     q->miss.access == miss->access;

	q->ring.waits = true;
	q->miss = *miss;
	if (!asked)
		tell(be, q, VU_IOTLB_TYPE_MISS);
}

void vu_iotlb_ask_again(struct vu_backend *be)
{
	for (unsigned int i = 0; i < be->n_queues; i++)
		if (be->queue[i].ring.waits)
			tell(be, &be->queue[i], VU_IOTLB_TYPE_MISS);
}

void vu_iotlb_no_ring(struct vu_backend *be, struct vu_queue *q, int error)
{
	if (error == GUEST_MEM_E_MISS)
		ask(be, q);
	else
		fail(be, q,
		     error == GUEST_MEM_E_PIECES ? VRING_E_PIECES
						 : VRING_E_OUTSIDE);
}

void vu_backend_miss(struct vu_backend *be, unsigned int queue)
{
	struct vu_queue *q = &be->queue[queue];
	int r;

	if (q->ring.desc) {
		ask(be, q);
		return;
	}
	r = vring_map(&q->ring, &be->mem, &q->addrs);
	if (r)
		vu_iotlb_no_ring(be, q, r);
	else
		be->ops->queue_look(be->arg, queue);
}

void vu_iotlb_lose_ring(struct vu_backend *be, struct vu_queue *q)
{
	bool waited = q->ring.waits;

	vring_unmap(&q->ring);
	q->ring.waits = false;
	if (waited)
		be->ops->queue_look(be->arg, vu_queue_index(be, q));
}

void vu_iotlb_forget(struct vu_backend *be)
{
	iotlb_clear(be->mem.iotlb);
	for (unsigned int i = 0; i < be->n_queues; i++)
		if (be->queue[i].running)
			vu_iotlb_lose_ring(be, &be->queue[i]);
}

void vu_backend_answered(struct vu_backend *be, const struct vu_answer *answer)
{
	struct vu_queue *q = &be->queue[answer->queue];

	/* An answer to what was asked before says nothing about this. */
	if (answer->request == VU_BACKEND_IOTLB_MSG && answer->value &&
	    answer->last && q->ring.waits)
		fail(be, q, VRING_E_ACCESS);
}

/* What the queue waits for is known. Return: as a handler. */
static int go_on(struct vu_backend *be, struct vu_queue *q)
{
	q->ring.waits = false;
	if (!q->running)
		return vu_queue_update(be, q);
	be->ops->queue_look(be->arg, vu_queue_index(be, q));
	return 0;
}

/* Return: as a handler. */
static int wake(struct vu_backend *be, const struct iotlb_range *range,
		bool stored)
{
	int r = 0;

	for (unsigned int i = 0; i < be->n_queues && !r; i++) {
		struct vu_queue *q = &be->queue[i];

		if (!q->ring.waits || q->miss.addr.v < range->first.v ||
		    q->miss.addr.v > range->last.v)
			continue;
		if (!stored)
			fail(be, q, VRING_E_OUTSIDE);
		else if (q->miss.access & ~range->access)
			refuse(be, q);
		else
			r = go_on(be, q);
	}
	return r;
}

static int update(struct vu_backend *be, struct vu_message *msg)
{
	const struct vu_iotlb *in = &msg->p.iotlb;
	const struct iotlb_range range = {
		.first = { in->iova },
		.last = { in->iova + (in->size - 1) },
		.uva = { in->uaddr },
		.access = in->access,
	};
	/* A guest may map what is not shared: that is told, and it goes on. */
	bool shared = guest_mem_has_uva(&be->mem, range.uva, in->size);

	if (!in->size || in->access > (GUEST_READ | GUEST_WRITE))
		return vu_fail(be, "update of 0x%llx bytes, permissions %u",
			       (unsigned long long)in->size, in->access);
	if (shared && iotlb_update(be->mem.iotlb, range))
		return vu_fail(be,
			       "update past the end: 0x%llx bytes at 0x%llx",
			       (unsigned long long)in->size,
			       (unsigned long long)in->iova);
	msg->p.u64 = !shared;
	return wake(be, &range, shared);
}

/* Size 0 at 0 is everything: 2^64 has no room in 64 bits. */
static int invalidate(struct vu_backend *be, struct vu_message *msg)
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
			vu_iotlb_lose_ring(be, q);
	}
	msg->p.u64 = 0;
	return 0;
}

int vu_iotlb_msg(struct vu_backend *be, struct vu_message *msg,
		 struct vu_queue *q)
{
	if (!be->mem.iotlb)
		return vu_fail(be, "ACCESS_PLATFORM was not acked");
	switch (msg->p.iotlb.type) {
	case VU_IOTLB_TYPE_UPDATE:
		return update(be, msg);
	case VU_IOTLB_TYPE_INVALIDATE:
		return invalidate(be, msg);
	}
	return vu_fail(be, "type %u is not for a device", msg->p.iotlb.type);
}
