/* SPDX-License-Identifier: Apache-2.0 */
#include "input/base/fd.h"
#include "input/vhost-user/vu-notify.h"
#include "input/vhost-user/vu-queue.h"
#include "input/vhost-user/vu-vring.h"

int vu_set_vring_num(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	if (vu_queue_check_num(be, msg->p.state.num))
		return VU_E_VIOLATION;
	q->ring.num = (uint16_t)msg->p.state.num;
	return 0;
}

int vu_set_vring_addr(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	const struct vu_vring_addr *addr = &msg->p.addr;
	const bool packed = vu_has_feature(be, VIRTIO_F_RING_PACKED);
	struct vring_addrs addrs = { { addr->desc_user },
				     { addr->avail_user },
				     { addr->used_user } };

	if (addr->flags & ~VU_VRING_F_LOG)
		return vu_fail(be, "unknown flags 0x%x", addr->flags);
	if (!vring_addrs_aligned(&addrs, packed))
		return vu_fail(be,
			       "misaligned ring of queue %u: descriptors must "
			       "be aligned to 16, avail to %d, used to 4",
			       vu_queue_index(be, q), packed ? 4 : 2);
	q->addrs = addrs;
	q->has_addrs = true;
	q->ring.log = addr->flags & VU_VRING_F_LOG;
	q->ring.log_base.v = addr->log_guest;
	if (q->running)
		vu_queue_lose_ring(q);
	else
		q->look = true;
	return 0;
}

int vu_set_vring_base(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (!vu_has_feature(be, VIRTIO_F_RING_PACKED) &&
	    msg->p.state.num > UINT16_MAX)
		return vu_fail(be,
			       "invalid base %u of a split ring: at most %d",
			       msg->p.state.num, UINT16_MAX);
	q->has_base = true;
	q->base = msg->p.state.num;
	return 0;
}

int vu_get_vring_base(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	vu_queue_stop(be, q);
	msg->p.state.num = vu_queue_base(be, q);
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
		return vu_fail(be, "invalid value %u: must be 0 or 1",
			       msg->p.state.num);
	q->enabled = msg->p.state.num;
	return 0;
}

static int take_vring_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	if (!(msg->p.u64 & VU_VRING_NOFD))
		return vu_notify_take_fd(be, msg, fd);
	*fd = close_fd(*fd);
	return 0;
}

int vu_set_vring_kick(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	int old = q->kick_fd, fd = -1;

	if (take_vring_fd(be, msg, &fd))
		return VU_E_VIOLATION;
	q->kick_fd = fd;
	q->polled = msg->p.u64 & VU_VRING_NOFD;
	vu_queue_set_started(be, q, true);
	/* The watcher of the old fd stops before that is closed. */
	if (q->running)
		be->ops->queue_kick_fd(be->arg, vu_queue_index(be, q));
	close_fd(old);
	return 0;
}

/* The same as a signal of the kick fd, and as SET_VRING_KICK: starts it. */
int vu_vring_kick(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	if (msg->p.state.num)
		return vu_fail(be, "invalid num %u: must be 0",
			       msg->p.state.num);
	vu_queue_set_started(be, q, true);
	q->kicked = true;
	return 0;
}

int vu_set_vring_call(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (take_vring_fd(be, msg, &q->call_fd))
		return VU_E_VIOLATION;
	/* What was used while there was no fd to signal went unnoticed. */
	if (q->running && vring_has_history(&q->ring))
		vu_notify_driver(be, q);
	return 0;
}

int vu_set_vring_err(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	return take_vring_fd(be, msg, &q->err_fd);
}
