/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vhost-user back-end of a virtio device: negotiation, memory, queues,
 * configuration space, as one connection of one front-end sees them. It takes
 * whole messages and makes replies; it knows no socket (vu-socket.h is one
 * transport), no loop, no log and nothing of input. Loop thread only.
 *
 *   message ─► rule checked ─► handler ─► ops: queue started, stopped, ...
 *                                     └─► reply
 *
 * A queue runs while it is started (SET_VRING_KICK .. GET_VRING_BASE), enabled
 * (SET_VRING_ENABLE) and not broken. Only then is guest memory touched.
 *
 * With INBAND_NOTIFICATIONS, what would be signalled by an fd is a message
 * where the front-end gave no fd: VRING_KICK on its socket, VRING_CALL and
 * VRING_ERR on the back-end channel. A queue then starts with a VRING_KICK,
 * too. SET_VRING_KICK with the no-fd bit still means that the queue is polled,
 * as without that feature; messages are taken beside it.
 *
 * BACKEND_SEND_FD allows fds to come with messages on that channel. Those that
 * may have some (host notifiers, shared objects, shared memory) are none of an
 * input device's, so it is offered for front-ends that ask for it, and kept by
 * sending none.
 */
#ifndef VINPUT_VU_BACKEND_H
#define VINPUT_VU_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"
#include "input/ring/vring.h"
#include "input/vhost-user/vu-channel.h"
#include "input/vhost-user/vu-message.h"

#define VU_QUEUES_MAX 2

struct vu_queue {
	struct vring ring; /* ring.num is 0 before SET_VRING_NUM */
	struct vring_addrs addrs;
	bool has_addrs;
	bool started, enabled, broken;
	/* All of that; ring is mapped, or waits for the IOMMU. */
	bool running;
	struct guest_miss miss; /* what it waits for, if ring.waits */
	bool polled;		/* SET_VRING_KICK said that nobody will kick */
	/*
	 * A driver that was only suspended goes on where GET_VRING_BASE left
	 * it; one that starts anew begins elsewhere: at 0.
	 */
	bool stopped; /* stopped_at is valid */
	uint32_t stopped_at;
	bool was_reset; /* since it stopped */
	bool has_base;	/* SET_VRING_BASE since it stopped */
	uint32_t base;
	int kick_fd, call_fd, err_fd; /* owned, -1: none */
};

/*
 * What the device behind the back-end does. None of these may call back into
 * the back-end, except vu_backend_break(), vu_backend_notify() and
 * vu_backend_miss().
 */
struct vu_ops {
	/* resumed: the driver is the one that was there before. */
	void (*queue_started)(void *arg, unsigned int queue, bool resumed);
	/* The ring's memory may be gone already: it is not to be touched. */
	void (*queue_stopped)(void *arg, unsigned int queue);
	/* kick_fd of a running queue is another one now, or closed (-1). */
	void (*queue_kick_fd)(void *arg, unsigned int queue);
	/*
	 * A running queue was kicked by a message, whose ack says that what
	 * was there has been looked at.
	 */
	void (*queue_kicked)(void *arg, unsigned int queue);
	/* A running queue that has waited for the IOMMU may go on. */
	void (*queue_look)(void *arg, unsigned int queue);
	/* It cannot, or cannot start, for a VRING_E_*: it is to be broken. */
	void (*queue_failed)(void *arg, unsigned int queue, int error);
	/* VHOST_USER_SET_CONFIG, VHOST_USER_GET_CONFIG: inside config_len. */
	void (*config_write)(void *arg, uint32_t offset, const uint8_t *data,
			     uint32_t len);
	void (*config_read)(void *arg, uint32_t offset, uint8_t *data,
			    uint32_t len);
	/* The device as a whole is reset; its queues have stopped. */
	void (*reset)(void *arg);
	/*
	 * VHOST_USER_SET_DEVICE_STATE_FD: begin to write the state into fd, or
	 * to read it; fd is taken. VHOST_USER_CHECK_DEVICE_STATE: it is over.
	 * Return: whether it went well.
	 */
	bool (*state_transfer)(void *arg, const struct vu_device_state *what,
			       int fd);
	bool (*state_check)(void *arg);
};

/* vu-postcopy.c */
struct vu_postcopy {
	int uffd;	/* owned; -1: POSTCOPY_ADVISE has not come */
	bool listening; /* POSTCOPY_LISTEN .. POSTCOPY_END */
	/*
	 * The front-end was told where memory is here, and has not said yet
	 * that it brings the pages: no queue runs.
	 */
	bool unacked;
};

struct vu_backend {
	const struct vu_ops *ops;
	void *arg;
	unsigned int n_queues;
	uint32_t config_len;
	bool offers_postcopy;
	bool offers_iommu;  /* VIRTIO_F_ACCESS_PLATFORM */
	bool offers_inband; /* INBAND_NOTIFICATIONS */

	uint64_t features;	    /* acked */
	uint64_t protocol_features; /* acked */
	uint8_t status;		    /* device status field, virtio 1.3 §2.1 */
	struct vu_channel channel;  /* to ask the front-end; see there */
	struct guest_mem mem;
	struct guest_log log; /* mapped by SET_LOG_BASE; used by mem if acked */
	int log_fd; /* owned; signalled when it is written; -1: none */
	struct vu_postcopy postcopy;
	struct vu_queue queue[VU_QUEUES_MAX];
	/* An event fd made us wait: the connection is to be closed. */
	bool blocked;
	char why[160]; /* what was wrong with the last message */
};

/* The one way to ask what was negotiated. */
static inline bool vu_has_feature(const struct vu_backend *be, unsigned int bit)
{
	return vu_feature_in(be->features, bit);
}

static inline bool vu_has_protocol_feature(const struct vu_backend *be,
					   enum vu_protocol_feature bit)
{
	return vu_feature_in(be->protocol_features, bit);
}

void vu_backend_init(struct vu_backend *be, const struct vu_ops *ops, void *arg,
		     unsigned int n_queues, uint32_t config_len);
/* The front-end has gone: stop, unmap and close all. Idempotent. */
void vu_backend_disconnect(struct vu_backend *be);

/* Return: the row for a request, NULL if there is none. */
const struct vu_rule *vu_backend_rule(uint32_t request);

/*
 * Handle one message whose header vu_header_check() passed. Takes what fds it
 * wants out of msg and closes the others.
 * Return: 0; VU_HAS_REPLY: msg has been turned into the reply, to be sent;
 * VU_E_VIOLATION: the front-end broke the protocol, or what it asked for could
 * not be done: be->why says it, the connection is to be closed; *msg is then
 * still the reply to send first if VU_FLAG_REPLY is set in it.
 * -errno: the host failed: be->why says at what, *msg is the reply as above,
 * and the session goes on.
 */
#define VU_HAS_REPLY   1
#define VU_E_VIOLATION 2
int vu_backend_handle(struct vu_backend *be, struct vu_message *msg);

/* Signal the driver of a running queue (SET_VRING_CALL's fd). */
void vu_backend_notify(struct vu_backend *be, unsigned int queue);
/* The guest broke its ring: stop the queue for good, signal VRING_ERR. */
void vu_backend_break(struct vu_backend *be, unsigned int queue);

/*
 * A running queue said VRING_E_MISS: ask the front-end's IOMMU. The queue waits
 * for the answer: queue_look(), queue_failed(), perhaps at once.
 */
void vu_backend_miss(struct vu_backend *be, unsigned int queue);
/* The front-end answered what it was asked on the back-end channel. */
void vu_backend_answered(struct vu_backend *be, const struct vu_answer *answer);

/* Something was logged (mem.logged): tell a front-end that wants to know. */
void vu_backend_tell_logged(struct vu_backend *be);

/* The configuration space is another one: say so on the channel. */
void vu_backend_config_changed(struct vu_backend *be);

/*
 * Offer postcopy migration: see vu-postcopy.c for what that means. Return: 0 or
 * -errno: this host has no userfaultfd, or not for us.
 */
int vu_backend_offer_postcopy(struct vu_backend *be);

/* Offer VIRTIO_F_ACCESS_PLATFORM, INBAND_NOTIFICATIONS. */
static inline void vu_backend_offer_iommu(struct vu_backend *be)
{
	be->offers_iommu = true;
}

static inline void vu_backend_offer_inband(struct vu_backend *be)
{
	be->offers_inband = true;
}

/* The features this back-end offers. */
uint64_t vu_backend_features(const struct vu_backend *be);
uint64_t vu_backend_protocol_features(const struct vu_backend *be);

/*
 * Return: the ring of a queue that runs, valid until queue_stopped(); NULL if
 * the queue does not run.
 */
static inline struct vring *vu_backend_ring(struct vu_backend *be,
					    unsigned int queue)
{
	return be->queue[queue].running ? &be->queue[queue].ring : NULL;
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

/* Return: whether vu_backend_tell_logged() is due. */
static inline bool vu_backend_logged(const struct vu_backend *be)
{
	return be->mem.logged;
}

/* An event fd of the front-end blocks: the connection is to be closed. */
static inline void vu_backend_set_blocked(struct vu_backend *be)
{
	be->blocked = true;
}

static inline bool vu_backend_blocked(const struct vu_backend *be)
{
	return be->blocked;
}

/* What was wrong with the last message. */
static inline const char *vu_backend_why(const struct vu_backend *be)
{
	return be->why;
}

#endif
