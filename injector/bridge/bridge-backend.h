/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back-end of a bridge: a front-end of our own, and the holder's engine
 * behind it (hold-device.h), so that back-ends may die and be replaced.
 *
 *	sync ─► link ◄─ socket pair ─► hold_device ◄─► back-ends
 *	     channel ◄───────────────────────┘
 *
 * Loop thread only.
 */
#ifndef VINPUT_BRIDGE_BACKEND_H
#define VINPUT_BRIDGE_BACKEND_H

#include "injector/bridge/bridge-sync.h"
#include "injector/hold/hold-device.h"

struct bridge_backend_ops {
	/* The back-end is up to date. */
	void (*settled)(void *arg);
	/* Its configuration has changed (CONFIG_CHANGE_MSG). */
	void (*config_changed)(void *arg);
	/*
	 * The device cannot work; for the log, why, a static text. The
	 * connection has ended.
	 */
	void (*lost)(void *arg, const char *why);
};

struct bridge_backend {
	struct ev_loop *loop;
	const struct bridge_backend_ops *ops;
	void *arg;
	struct bridge_sync sync;
	struct hold_device hold;
	struct hold_link link, channel;
	int kick[BRIDGE_QUEUES]; /* owned */
	struct vu_message out;	 /* being made */
	bool unsettled;		 /* settled() is to be called */
};

/*
 * to: where back-ends listen, borrowed. ops, arg: borrowed. The members pci,
 * dma, vector_fd and arg of sync are the owner's to set. Return: 0 or -errno.
 */
int bridge_backend_init(struct bridge_backend *b, struct ev_loop *loop,
			const char *to);
/* Idempotent. */
void bridge_backend_fini(struct bridge_backend *b);

/* Begin a session with the back-end. Return: 0 or -errno. */
int bridge_backend_attach(struct bridge_backend *b);
static inline bool bridge_backend_attached(const struct bridge_backend *b)
{
	return hold_link_is_open(&b->link);
}
/* End it. Idempotent. */
void bridge_backend_detach(struct bridge_backend *b);

/*
 * Tell it what has changed. Return: whether there is nothing to wait for: it
 * is up to date, or was lost; if not, settled() or lost() follows.
 */
bool bridge_backend_update(struct bridge_backend *b);
/* The driver has made buffers available. */
void bridge_backend_kick(struct bridge_backend *b, unsigned int queue);

#endif
