/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a queue (vhost-user: "Starting and stopping rings", "Ring
 * states"):
 *
 *       SET_VRING_KICK, VRING_KICK         SET_VRING_ENABLE 1
 *   stopped ───────────────► started ────────────────────────► running
 *      ▲                        │  ▲                              │
 *      └── GET_VRING_BASE, ─────┘  └──── SET_VRING_ENABLE 0 ──────┘
 *          reset
 *
 * A ring that the guest broke stays so until its queue is stopped.
 *
 * Deviation: "The back-end must process" a ring that is started but disabled
 * "without causing any side effects", as a network device drops what is sent.
 * Here it is left alone, so an LED that is switched meanwhile is late, not
 * lost: front-ends enable rings only after they have started them.
 *
 * Deviation: a ring starts with SET_VRING_KICK, not with the first kick. After
 * a snapshot or a new connection nobody may ever kick the eventq, whose buffers
 * are there already.
 */
#include "input/base/fd.h"
#include "input/vhost-user/vu-handlers.h"

void vu_queue_stop(struct vu_backend *be, struct vu_queue *q)
{
	q->ring.waits = false;
	if (!q->running)
		return;
	be->ops->queue_stopped(be->arg, vu_queue_index(be, q));
	q->running = false;
	q->stopped = true;
	q->stopped_at = vring_position(&q->ring);
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

static bool is_packed(const struct vu_backend *be)
{
	return vu_has_feature(be, VIRTIO_F_RING_PACKED);
}

static int check_num(struct vu_backend *be, uint32_t num)
{
	if (vring_num_valid(num, is_packed(be)))
		return 0;
	return vu_fail(be, "%u is no size of a ring: %s from 1 to %d", num,
		       is_packed(be) ? "a number" : "a power of two",
		       VRING_NUM_MAX);
}

/* Return: where the ring begins, or would if it were started now. */
static uint32_t base_of(const struct vu_backend *be, const struct vu_queue *q)
{
	if (q->has_base)
		return q->base;
	if (q->stopped && !q->was_reset)
		return q->stopped_at;
	/* The wrap counters of a packed ring begin at 1 (virtio 1.3 §2.8.1). */
	return is_packed(be) ? 0x80008000 : 0;
}

/* Is it the same driver that goes on in the ring, or one that began anew? */
static bool is_resumed(const struct vu_queue *q)
{
	if (!q->stopped || !vring_has_history(&q->ring))
		return false;
	return q->has_base ? q->base == q->stopped_at : !q->was_reset;
}

/*
 * Whatever base was given, the ring goes on where the device was: nothing is in
 * flight here, and a front-end that reconnects after we died does not know it.
 */
static int start(struct vu_backend *be, struct vu_queue *q)
{
	bool resumed;
	int r;

	q->ring.packed = is_packed(be);
	q->ring.event_idx = vu_has_feature(be, VIRTIO_F_EVENT_IDX);
	q->ring.indirect = vu_has_feature(be, VIRTIO_F_INDIRECT_DESC);
	/* The layout may have been settled after the size. */
	if (check_num(be, q->ring.num))
		return VU_E_VIOLATION;
	r = vring_map(&q->ring, &be->mem, &q->addrs);
	if (r && be->mem.iotlb) {
		vu_iotlb_no_ring(be, q, r);
		return 0;
	}
	if (r)
		return vu_fail(be,
			       "the ring of queue %u is outside of the "
			       "shared memory",
			       vu_queue_index(be, q));
	/* It may have waited for where it was before SET_VRING_ADDR. */
	q->ring.waits = false;
	if (vring_resume(&q->ring, base_of(be, q))) {
		vring_unmap(&q->ring);
		return vu_fail(be, "base 0x%x of queue %u is past its end",
			       base_of(be, q), vu_queue_index(be, q));
	}
	resumed = is_resumed(q);
	q->running = true;
	q->has_base = false;
	q->was_reset = false;
	be->ops->queue_started(be->arg, vu_queue_index(be, q), resumed);
	/* Our forerunner may have died between publishing and notifying. */
	if (vring_has_history(&q->ring))
		vu_backend_notify(be, vu_queue_index(be, q));
	return 0;
}

int vu_queue_update(struct vu_backend *be, struct vu_queue *q)
{
	if (q->running && !q->enabled)
		vu_queue_stop(be, q);
	if (q->running || !q->started || !q->enabled || q->broken ||
	    !q->has_addrs || be->postcopy.unacked)
		return 0;
	return start(be, q);
}

int vu_set_vring_num(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	uint32_t num = msg->p.state.num;

	if (q->running)
		return vu_fail(be, "queue %u runs", vu_queue_index(be, q));
	if (check_num(be, num))
		return VU_E_VIOLATION;
	q->ring.num = (uint16_t)num;
	return 0;
}

int vu_set_vring_addr(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	const struct vu_vring_addr *addr = &msg->p.addr;
	struct vring_addrs addrs = { { addr->desc_user },
				     { addr->avail_user },
				     { addr->used_user } };

	if (addr->flags & ~VU_VRING_F_LOG)
		return vu_fail(be, "unknown flags 0x%x", addr->flags);
	if (!q->ring.num)
		return vu_fail(be,
			       "queue %u has no size yet: SET_VRING_NUM "
			       "comes first",
			       vu_queue_index(be, q));
	if (!vring_addrs_aligned(&addrs, is_packed(be)))
		return vu_fail(be,
			       "the ring of queue %u is misaligned: "
			       "descriptors 16, avail %d, used 4",
			       vu_queue_index(be, q), is_packed(be) ? 4 : 2);
	q->addrs = addrs;
	q->has_addrs = true;
	q->ring.log = addr->flags & VU_VRING_F_LOG;
	q->ring.log_base.v = addr->log_guest;
	if (q->running && be->mem.iotlb) {
		vu_iotlb_lose_ring(be, q);
		return 0;
	}
	if (q->running && vring_map(&q->ring, &be->mem, &q->addrs)) {
		vu_queue_stop(be, q);
		return vu_fail(be,
			       "the ring of queue %u is outside of the "
			       "shared memory",
			       vu_queue_index(be, q));
	}
	return vu_queue_update(be, q);
}

int vu_set_vring_base(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (q->running)
		return vu_fail(be, "queue %u runs", vu_queue_index(be, q));
	if (!is_packed(be) && msg->p.state.num > UINT16_MAX)
		return vu_fail(be, "%u is no index of a split ring",
			       msg->p.state.num);
	q->has_base = true;
	q->base = msg->p.state.num;
	return 0;
}

int vu_get_vring_base(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	vu_queue_stop(be, q);
	msg->p.state.num = base_of(be, q);
	q->polled = false;
	vu_queue_set_started(be, q, false);
	q->broken = false;
	q->has_base = false;
	q->kick_fd = close_fd(q->kick_fd);
	q->call_fd = close_fd(q->call_fd);
	q->err_fd = close_fd(q->err_fd);
	return 0;
}

int vu_set_vring_enable(struct vu_backend *be, struct vu_message *msg,
			struct vu_queue *q)
{
	if (msg->p.state.num > 1)
		return vu_fail(be, "%u is neither 0 nor 1", msg->p.state.num);
	q->enabled = msg->p.state.num;
	return vu_queue_update(be, q);
}
