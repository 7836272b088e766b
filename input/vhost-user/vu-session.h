/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the one front-end's session, on which all other files of the
 * back-end stand. Loop thread only.
 */
#ifndef VINPUT_VU_SESSION_H
#define VINPUT_VU_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"
#include "input/ring/vring.h"
#include "input/vhost-user/vu-channel.h"
#include "input/vhost-user/vu-message.h"
#include "input/vhost-user/vu-ops.h"

#define VU_QUEUES_MAX 2

struct vu_queue {
	struct vring ring;	      /* ring.num is 0 before SET_VRING_NUM */
	int call_fd, kick_fd, err_fd; /* owned, -1: none */
	struct vring_addrs addrs;
	bool has_addrs;
	bool started, enabled, broken; /* see vu-queue.c */
	/* ring is mapped, or will be when the IOMMU has answered. */
	bool running;
	bool look;   /* queue_look() is due, or another try to start */
	bool kicked; /* queue_kicked() is due */
	struct guest_miss miss; /* what it waits for, if ring.waits */
	bool polled;		/* SET_VRING_KICK: the driver does not kick */
	/*
	 * A driver that was only suspended continues where GET_VRING_BASE left
	 * it; one that starts anew begins elsewhere: at 0.
	 */
	bool stopped; /* stopped_at and stopped_used are valid */
	uint32_t stopped_at;
	bool stopped_used; /* the ring had history */
	bool was_reset;	   /* since it stopped */
	bool has_base;	   /* SET_VRING_BASE since it stopped */
	uint32_t base;
};

/* vu-postcopy.c */
struct vu_postcopy {
	int uffd;	/* owned; -1: before POSTCOPY_ADVISE */
	bool listening; /* POSTCOPY_LISTEN .. POSTCOPY_END */
	/*
	 * The front-end got the addresses of memory here, and has not acked
	 * yet that it provides the pages: no queue may run.
	 */
	bool unacked;
};

struct vu_backend {
	/* What each frame uses is together, so that it is on one page. */
	struct vu_queue queue[VU_QUEUES_MAX];
	/* An event fd made us wait: the connection MUST be closed. */
	bool blocked;
	struct guest_mem mem;

	const struct vu_ops *ops;
	void *arg;
	unsigned int n_queues;
	uint32_t config_len;
	bool offers_postcopy;
	bool offers_iommu;  /* VIRTIO_F_ACCESS_PLATFORM */
	bool offers_inband; /* INBAND_NOTIFICATIONS */
	bool behind_device; /* see vu_backend_set_behind_device() */

	uint64_t features;	    /* acked: vu_has_feature() */
	uint64_t protocol_features; /* acked: vu_has_protocol_feature() */
	uint8_t status;		    /* device status field, virtio 1.3 §2.1 */
	struct vu_channel channel;  /* for requests to the front-end */
	struct guest_log log; /* mapped by SET_LOG_BASE; used by mem if acked */
	int log_fd; /* owned; signalled when it is written; -1: none */
	struct vu_postcopy postcopy;
	char why[160]; /* what was wrong with the last message */
};

/* Return: whether a feature was acked. Nothing else reads these bits. */
static inline bool vu_has_feature(const struct vu_backend *be, unsigned int bit)
{
	return vu_feature_in(be->features, bit);
}

static inline bool vu_has_protocol_feature(const struct vu_backend *be,
					   enum vu_protocol_feature bit)
{
	return vu_feature_in(be->protocol_features, bit);
}

static inline unsigned int vu_queue_index(const struct vu_backend *be,
					  const struct vu_queue *q)
{
	return (unsigned int)(q - be->queue);
}

/*
 * The ring of a running queue may lie elsewhere now: it is not used before it
 * was found again, by vu_queue_settle(), or behind an IOMMU when the queue next
 * has work.
 */
static inline void vu_queue_lose_ring(struct vu_queue *q)
{
	q->look |= q->ring.waits;
	q->ring.waits = false;
	vring_unmap(&q->ring);
}

#endif
