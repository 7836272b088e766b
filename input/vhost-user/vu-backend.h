/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vhost-user back-end of a virtio device, and the first file to read here:
 * negotiation, memory, queues and configuration space of one connection. It
 * takes whole messages and makes replies. It knows no socket but the back-end
 * channel (vu-socket.h is one transport), no loop, no log, and nothing of
 * input. Loop thread only.
 *
 *   message ─► row of the table ─► handler changes ─► queues settle ─► reply
 *              vu-backend.c        what it says       vu-queue.c
 *                                     │                  │
 *                                     └──► vu-ops.h ◄────┘
 *                                     config, reset,  started, stopped, ...
 *
 * Only a queue that runs touches guest memory. vu-queue.c has the conditions,
 * and only vu_queue_settle() starts one. Each file includes only those below:
 *
 *   vu-backend                                       the table of messages
 *   vu-features, vu-device, vu-vring, vu-memory      handlers
 *   vu-queue, vu-log, vu-postcopy, vu-inflight
 *   vu-iotlb                                         addresses behind an IOMMU
 *   vu-notify                                        waking the other side
 *   vu-handler                                       how a message fails
 *   vu-session, vu-ops                               what all of them share
 *   vu-channel, vu-socket, vu-message, vhost-user-wire
 *
 * HACKING.md says how to add a message.
 */
#ifndef VINPUT_VU_BACKEND_H
#define VINPUT_VU_BACKEND_H

#include "input/vhost-user/vu-iotlb.h"
#include "input/vhost-user/vu-notify.h"
#include "input/vhost-user/vu-postcopy.h"
#include "input/vhost-user/vu-queue.h"
#include "input/vhost-user/vu-session.h"

/*
 * ops, arg: the device, borrowed. n_queues: at most VU_QUEUES_MAX. config_len:
 * bytes of the configuration space.
 */
void vu_backend_init(struct vu_backend *be, const struct vu_ops *ops, void *arg,
		     unsigned int n_queues, uint32_t config_len);
/* The front-end has gone: stop, unmap and close all. Idempotent. */
void vu_backend_disconnect(struct vu_backend *be);

/* Return: the rule of a request, or NULL if it is unknown. */
const struct vu_rule *vu_backend_rule(uint32_t request);

/*
 * Handle one message whose header vu_header_check() passed. Takes the fds it
 * needs out of msg and closes the others.
 * Return: 0;
 * VU_HAS_REPLY: msg is the reply, to be sent;
 * VU_E_VIOLATION: the front-end broke the protocol, or its request cannot be
 * met; the connection MUST be closed, after msg is sent if VU_FLAG_REPLY is set
 * in it;
 * -errno: the host failed, and the session continues; msg is a reply under the
 * same condition.
 * vu_backend_why() explains the last two.
 */
int vu_backend_handle(struct vu_backend *be, struct vu_message *msg);

/* Return: why the last message failed. */
static inline const char *vu_backend_why(const struct vu_backend *be)
{
	return be->why;
}

/* Notify the driver of a running queue. */
static inline void vu_backend_notify(struct vu_backend *be, unsigned int queue)
{
	vu_notify_driver(be, &be->queue[queue]);
}

/*
 * The guest broke its ring: stop the queue until it is reset or GET_VRING_BASE
 * comes, and notify the front-end.
 */
static inline void vu_backend_break(struct vu_backend *be, unsigned int queue)
{
	vu_queue_break(be, &be->queue[queue]);
}

/*
 * A running queue got VRING_E_MISS: ask the front-end's IOMMU. The queue waits
 * for queue_look() or queue_failed(), which may be called before this returns.
 */
static inline void vu_backend_miss(struct vu_backend *be, unsigned int queue)
{
	vu_iotlb_miss(be, &be->queue[queue]);
}

/* The front-end answered a request on the back-end channel. */
static inline void vu_backend_answered(struct vu_backend *be,
				       const struct vu_answer *answer)
{
	vu_iotlb_answered(be, answer);
}

/* Return: whether pages were logged: vu_backend_tell_logged() is due. */
static inline bool vu_backend_logged(const struct vu_backend *be)
{
	return be->mem.logged;
}

static inline void vu_backend_tell_logged(struct vu_backend *be)
{
	vu_notify_logged(be);
}

/* The configuration space has changed: notify the driver. */
static inline void vu_backend_config_changed(struct vu_backend *be)
{
	vu_notify_config(be);
}

/*
 * Offer postcopy migration: see vu-postcopy.c for what that means.
 * Return: 0 or -errno: this host has no userfaultfd, or not for us.
 */
static inline int vu_backend_offer_postcopy(struct vu_backend *be)
{
	return vu_postcopy_offer(be);
}

/* Offer VIRTIO_F_ACCESS_PLATFORM, INBAND_NOTIFICATIONS. */
static inline void vu_backend_offer_iommu(struct vu_backend *be)
{
	be->offers_iommu = true;
}

static inline void vu_backend_offer_inband(struct vu_backend *be)
{
	be->offers_inband = true;
}

/*
 * The front-end is behind a PCI device (VFIO): its memory is the device's, and
 * nothing is offered whose messages have fds but those of memory, kicks, calls
 * and the back-end channel.
 */
static inline void vu_backend_set_behind_device(struct vu_backend *be)
{
	be->behind_device = true;
	be->mem.of_device = true;
}

/*
 * Return: the ring of a queue that runs, valid until queue_stopped(); NULL if
 * the queue does not run.
 */
static inline struct vring *vu_backend_ring(struct vu_backend *be,
					    unsigned int queue)
{
	return be->queue[queue].running ? &be->queue[queue].ring : NULL;
}

/* The channel to the front-end: vu-channel.h. */
static inline struct vu_channel *vu_backend_channel(struct vu_backend *be)
{
	return &be->channel;
}

/* Return: borrowed; -1: the queue has none. */
static inline int vu_backend_kick_fd(const struct vu_backend *be,
				     unsigned int queue)
{
	return be->queue[queue].kick_fd;
}

/* Return: whether the queue runs and its driver does not kick. */
static inline bool vu_backend_polled(const struct vu_backend *be,
				     unsigned int queue)
{
	return be->queue[queue].running && be->queue[queue].polled;
}

/* An event fd of the front-end blocks: the connection MUST be closed. */
static inline void vu_backend_set_blocked(struct vu_backend *be)
{
	be->blocked = true;
}

static inline bool vu_backend_blocked(const struct vu_backend *be)
{
	return be->blocked;
}

#endif
