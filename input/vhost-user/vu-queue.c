/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue runs while messages allow it (vhost-user: "Ring states"):
 *
 *       SET_VRING_KICK, VRING_KICK         SET_VRING_ENABLE 1
 *   stopped ───────────────► started ────────────────────────► running
 *      ▲                        │  ▲                              │
 *      └── GET_VRING_BASE, ─────┘  └──── SET_VRING_ENABLE 0 ──────┘
 *          reset
 *
 * and it has addresses, is not broken, and memory is not being moved
 * (vu-postcopy.c). A queue whose ring the guest broke stays broken until it is
 * stopped.
 *
 * Deviation: "The back-end must process" a ring that is started but disabled
 * "without causing any side effects", as a network device drops what is sent.
 * Here it is left alone, so an LED that is switched meanwhile is late, not
 * lost: front-ends enable rings only after they have started them.
 *
 * Deviation: a ring starts with SET_VRING_KICK, not with the first kick. After
 * a snapshot or a reconnect nobody may ever kick the eventq, whose buffers are
 * available already.
 */
#include "input/base/fd.h"
#include "input/vhost-user/vu-iotlb.h"
#include "input/vhost-user/vu-notify.h"
#include "input/vhost-user/vu-queue.h"

void vu_queue_stop(struct vu_backend *be, struct vu_queue *q)
{
	q->ring.waits = false;
	if (!q->running)
		return;
	be->ops->queue_stopped(be->arg, vu_queue_index(be, q));
	q->running = false;
	q->stopped = true;
	q->stopped_at = vring_position(&q->ring);
	q->stopped_used = vring_has_history(&q->ring);
	vring_unmap(&q->ring);
}

/*
 * With no queue started the device is suspended and sends nothing to the
 * front-end (vhost-user: "Suspended device state").
 */
void vu_queue_set_started(struct vu_backend *be, struct vu_queue *q,
			  bool started)
{
	bool any = false;

	q->started = started;
	if (!started) {
		vu_channel_forget(&be->channel, VU_BACKEND_VRING_CALL,
				  vu_queue_index(be, q));
		vu_channel_forget(&be->channel, VU_BACKEND_IOTLB_MSG,
				  vu_queue_index(be, q));
	}
	for (unsigned int i = 0; i < be->n_queues; i++)
		any |= be->queue[i].started;
	vu_channel_hold(&be->channel, !any);
}

void vu_queue_reset(struct vu_backend *be, struct vu_queue *q)
{
	vu_queue_stop(be, q);
	q->kick_fd = close_fd(q->kick_fd);
	q->call_fd = close_fd(q->call_fd);
	q->err_fd = close_fd(q->err_fd);
	q->polled = false;
	vu_queue_set_started(be, q, false);
	q->broken = false;
	q->was_reset = true;
	q->has_base = false;
}

void vu_queue_reset_all(struct vu_backend *be)
{
	for (unsigned int i = 0; i < be->n_queues; i++)
		vu_queue_reset(be, &be->queue[i]);
}

void vu_queue_break(struct vu_backend *be, struct vu_queue *q)
{
	vu_queue_stop(be, q);
	q->broken = true;
	vu_notify_broken(be, q);
	if (!vu_has_protocol_feature(be, VU_PROTOCOL_F_STATUS))
		return;
	be->status |= VIRTIO_STATUS_NEEDS_RESET;
	/* "MUST send a device configuration change notification" (§2.1.2). */
	if (be->status & VIRTIO_STATUS_DRIVER_OK)
		vu_notify_config(be);
}

bool vu_queue_any_runs(const struct vu_backend *be)
{
	bool runs = false;

	for (unsigned int i = 0; i < be->n_queues; i++)
		runs |= be->queue[i].running;
	return runs;
}

int vu_queue_check_num(struct vu_backend *be, uint32_t num)
{
	bool packed = vu_has_feature(be, VIRTIO_F_RING_PACKED);

	if (vring_num_valid(num, packed))
		return 0;
	return vu_fail(be, "invalid ring size %u: must be %s from 1 to %d", num,
		       packed ? "a number" : "a power of two", VRING_NUM_MAX);
}

uint32_t vu_queue_base(const struct vu_backend *be, const struct vu_queue *q)
{
	if (q->running)
		return vring_position(&q->ring);
	if (q->has_base)
		return q->base;
	if (q->stopped && !q->was_reset)
		return q->stopped_at;
	/* The wrap counters of a packed ring begin at 1 (virtio 1.3 §2.8.1). */
	return vu_has_feature(be, VIRTIO_F_RING_PACKED) ? 0x80008000 : 0;
}

/*
 * Return: whether the driver is the one that the queue stopped with. Its ring
 * may be unused still, but a used one that is unused now is another driver's.
 */
static bool is_resumed(const struct vu_queue *q)
{
	if (!q->stopped || q->stopped_used != vring_has_history(&q->ring))
		return false;
	return q->has_base ? q->base == q->stopped_at : !q->was_reset;
}

static int ring_is_outside(struct vu_backend *be, const struct vu_queue *q)
{
	return vu_fail(be,
		       "the ring of queue %u is outside the shared memory%s",
		       vu_queue_index(be, q),
		       be->mem.n ? "" : ", of which there is none" VU_SHARE);
}

static void queue_started(struct vu_backend *be, struct vu_queue *q)
{
	bool resumed = is_resumed(q);

	q->running = true;
	q->look = false;
	q->ring.waits = false;
	q->has_base = false;
	q->was_reset = false;
	if (!resumed)
		vring_forget_pool(&q->ring);
	be->ops->queue_started(be->arg, vu_queue_index(be, q), resumed);
	/* A predecessor may have died between publishing and notifying. */
	if (vring_has_history(&q->ring))
		vu_notify_driver(be, q);
}

/*
 * Whatever base was given, the ring continues where the device was: nothing is
 * in flight here, and a front-end that reconnects after we died does not know
 * the position.
 */
static int queue_start(struct vu_backend *be, struct vu_queue *q)
{
	int r;

	q->ring.packed = vu_has_feature(be, VIRTIO_F_RING_PACKED);
	q->ring.event_idx = vu_has_feature(be, VIRTIO_F_EVENT_IDX);
	q->ring.indirect = vu_has_feature(be, VIRTIO_F_INDIRECT_DESC);
	/* The layout may have been negotiated after the size. */
	if (vu_queue_check_num(be, q->ring.num))
		return VU_E_VIOLATION;
	r = vring_map(&q->ring, &be->mem, &q->addrs);
	if (r && be->mem.iotlb) {
		vu_iotlb_no_ring(be, q, r);
		return 0;
	}
	if (r)
		return ring_is_outside(be, q);
	if (vring_resume(&q->ring, vu_queue_base(be, q))) {
		vring_unmap(&q->ring);
		return vu_fail(
			be, "base 0x%x of queue %u is past the end of its ring",
			vu_queue_base(be, q), vu_queue_index(be, q));
	}
	queue_started(be, q);
	return 0;
}

/* Return: whether messages allow the queue to run. */
static bool may_run(const struct vu_backend *be, const struct vu_queue *q)
{
	return q->started && q->enabled && !q->broken && q->has_addrs &&
	       !be->postcopy.unacked;
}

static int queue_settle(struct vu_backend *be, struct vu_queue *q)
{
	if (!may_run(be, q)) {
		vu_queue_stop(be, q);
		return 0;
	}
	if (!q->running)
		return q->ring.waits && !q->look ? 0 : queue_start(be, q);
	/* Behind an IOMMU the ring is found when it is needed. */
	if (q->ring.desc || be->mem.iotlb)
		return 0;
	return vring_map(&q->ring, &be->mem, &q->addrs) ? ring_is_outside(be, q)
							: 0;
}

/* Pass on what a message says about a queue, if it runs. */
static void queue_tell(struct vu_backend *be, struct vu_queue *q)
{
	bool look = q->look, kicked = q->kicked;

	q->look = false;
	q->kicked = false;
	if (look && q->running)
		be->ops->queue_look(be->arg, vu_queue_index(be, q));
	if (kicked && q->running)
		be->ops->queue_kicked(be->arg, vu_queue_index(be, q));
}

int vu_queue_settle(struct vu_backend *be)
{
	for (unsigned int i = 0; i < be->n_queues; i++) {
		if (queue_settle(be, &be->queue[i]))
			return VU_E_VIOLATION;
		queue_tell(be, &be->queue[i]);
	}
	return 0;
}
