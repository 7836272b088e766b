/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a queue (vhost-user: "Starting and stopping rings", "Ring
 * states"):
 *
 *            SET_VRING_KICK                SET_VRING_ENABLE 1
 *   stopped ───────────────► started ────────────────────────► running
 *      ▲                        │  ▲                              │
 *      └── GET_VRING_BASE, ─────┘  └──── SET_VRING_ENABLE 0 ──────┘
 *          reset
 *
 * A ring that the guest broke stays so until its queue is stopped.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "vu-handlers.h"

static unsigned int index_of(const struct vu_backend *be,
			     const struct vu_queue *q)
{
	return (unsigned int)(q - be->queue);
}

static void signal_fd(struct vu_backend *be, int fd)
{
	static const uint64_t one = 1;

	/*
	 * EAGAIN: the counter is full, so the other side has not looked yet.
	 * EINTR: it is, and the other side took O_NONBLOCK away (watchdog.h).
	 */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		be->blocked = true;
}

void vu_backend_notify(struct vu_backend *be, unsigned int queue)
{
	signal_fd(be, be->queue[queue].call_fd);
}

void vu_backend_break(struct vu_backend *be, unsigned int queue)
{
	struct vu_queue *q = &be->queue[queue];

	vu_queue_stop(be, q);
	q->broken = true;
	signal_fd(be, q->err_fd);
}

void vu_queue_stop(struct vu_backend *be, struct vu_queue *q)
{
	if (!q->running)
		return;
	be->ops->queue_stopped(be->arg, index_of(be, q));
	q->running = false;
	q->stopped = true;
	q->stopped_at = vring_position(&q->ring);
	vring_unmap(&q->ring);
}

void vu_queue_reset(struct vu_backend *be, struct vu_queue *q)
{
	vu_queue_stop(be, q);
	q->kick_fd = close_fd(q->kick_fd);
	q->call_fd = close_fd(q->call_fd);
	q->err_fd = close_fd(q->err_fd);
	q->started = false;
	q->broken = false;
	q->was_reset = true;
	q->has_base = false;
}

static bool is_packed(const struct vu_backend *be)
{
	return be->features >> VIRTIO_F_RING_PACKED & 1;
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

/* Is it the same driver that goes on, or one that began anew? */
static bool is_resumed(const struct vu_queue *q)
{
	if (!q->stopped || !vring_has_history(&q->ring))
		return false;
	return q->has_base ? q->base == q->stopped_at : !q->was_reset;
}

/*
 * Whatever base was given, the ring goes on at used->idx: nothing is in flight
 * here, and a front-end that reconnects after we died knows only avail->idx.
 */
static int start(struct vu_backend *be, struct vu_queue *q)
{
	bool resumed = is_resumed(q);

	q->ring.packed = is_packed(be);
	q->ring.event_idx = be->features >> VIRTIO_F_EVENT_IDX & 1;
	q->ring.indirect = be->features >> VIRTIO_F_INDIRECT_DESC & 1;
	if (vring_map(&q->ring, &be->mem, &q->addrs))
		return vu_fail(be,
			       "the ring of queue %u is outside of the "
			       "shared memory",
			       index_of(be, q));
	if (vring_resume(&q->ring, base_of(be, q))) {
		vring_unmap(&q->ring);
		return vu_fail(be, "base 0x%x of queue %u is past its end",
			       base_of(be, q), index_of(be, q));
	}
	q->running = true;
	q->has_base = false;
	q->was_reset = false;
	be->ops->queue_started(be->arg, index_of(be, q), resumed);
	/* Our forerunner may have died between publishing and notifying. */
	if (vring_has_history(&q->ring))
		vu_backend_notify(be, index_of(be, q));
	return 0;
}

int vu_queue_update(struct vu_backend *be, struct vu_queue *q)
{
	if (q->running && !q->enabled)
		vu_queue_stop(be, q);
	if (q->running || !q->started || !q->enabled || q->broken ||
	    !q->has_addrs)
		return 0;
	return start(be, q);
}

int vu_set_vring_num(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	uint32_t num = msg->p.state.num;

	if (q->running)
		return vu_fail(be, "queue %u runs", index_of(be, q));
	if (!vring_num_valid(num, is_packed(be)))
		return vu_fail(be, "%u is no size of a ring: %s from 1 to %d",
			       num,
			       is_packed(be) ? "a number" : "a power of two",
			       VRING_NUM_MAX);
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
			       index_of(be, q));
	if (!vring_addrs_aligned(&addrs, is_packed(be)))
		return vu_fail(be,
			       "the ring of queue %u is misaligned: "
			       "descriptors 16, avail %d, used 4",
			       index_of(be, q), is_packed(be) ? 4 : 2);
	q->addrs = addrs;
	q->has_addrs = true;
	q->ring.log = addr->flags & VU_VRING_F_LOG;
	q->ring.log_base.v = addr->log_guest;
	if (q->running && vring_map(&q->ring, &be->mem, &q->addrs)) {
		vu_queue_stop(be, q);
		return vu_fail(be,
			       "the ring of queue %u is outside of the "
			       "shared memory",
			       index_of(be, q));
	}
	return vu_queue_update(be, q);
}

int vu_set_vring_base(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (q->running)
		return vu_fail(be, "queue %u runs", index_of(be, q));
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
	q->started = false;
	q->broken = false;
	q->has_base = false;
	q->kick_fd = close_fd(q->kick_fd);
	q->call_fd = close_fd(q->call_fd);
	q->err_fd = close_fd(q->err_fd);
	return 0;
}

/*
 * An fd to poll or to signal: an eventfd as a rule, a pipe or socket perhaps.
 * What never blocks cannot be polled, and what blocks must not block us.
 */
static int take_event_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	struct stat st;
	_cleanup_close_ int taken = -1;

	*fd = close_fd(*fd);
	if (msg->p.u64 & VU_VRING_NOFD)
		return 0;
	taken = vu_message_steal_fd(msg, 0);
	if (fstat(taken, &st) < 0 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode))
		return vu_fail(be, "its fd is not an eventfd");
	if (fd_set_nonblock(taken) < 0)
		return vu_fail(be, "its fd cannot be made non-blocking");
	*fd = steal_fd(&taken);
	return 0;
}

int vu_set_vring_kick(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (q->running) {
		int old = q->kick_fd;

		/* The watcher stops before its fd closes. */
		q->kick_fd = -1;
		be->ops->queue_kick_fd(be->arg, index_of(be, q));
		close_fd(old);
	}
	if (take_event_fd(be, msg, &q->kick_fd))
		return VU_E_VIOLATION;
	q->started = true;
	if (q->running) {
		be->ops->queue_kick_fd(be->arg, index_of(be, q));
		return 0;
	}
	return vu_queue_update(be, q);
}

int vu_set_vring_call(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (take_event_fd(be, msg, &q->call_fd))
		return VU_E_VIOLATION;
	/* What was told while there was no fd to call has gone unnoticed. */
	if (q->running && vring_has_history(&q->ring))
		vu_backend_notify(be, index_of(be, q));
	return 0;
}

int vu_set_vring_err(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	return take_event_fd(be, msg, &q->err_fd);
}

int vu_set_vring_enable(struct vu_backend *be, struct vu_message *msg,
			struct vu_queue *q)
{
	if (msg->p.state.num > 1)
		return vu_fail(be, "%u is neither 0 nor 1", msg->p.state.num);
	q->enabled = msg->p.state.num;
	return vu_queue_update(be, q);
}
