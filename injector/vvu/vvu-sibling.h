/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session with the sibling's VMM: its vhost-user socket, its back-end
 * channel, and what came in fds: memory, kicks and calls.
 *
 *	sibling's VMM ◄─► link, channel ◄─► messages	the owner's to pass on
 *	              ─── kicks ─────────► kicked()
 *	              ◄── calls ────────── vvu_sibling_call()
 *
 * Loop thread only.
 */
#ifndef VINPUT_VVU_SIBLING_H
#define VINPUT_VVU_SIBLING_H

#include "injector/hold/hold-link.h"
#include "injector/vvu/vvu-memory.h"
#include "injector/vvu/vvu-pci.h"
#include "input/base/log.h"

struct vvu_sibling_ops {
	/* A message has come, there is room for one, or the session is over. */
	void (*changed)(void *arg);
	/* A queue has buffers. */
	void (*kicked)(void *arg, unsigned int queue);
};

struct vvu_vhost_queue {
	struct vvu_sibling *sibling;
	ev_io kick; /* its fd: owned, -1: none */
	int call;   /* owned, -1: none */
};

/* What all kicks together may cost. */
struct vvu_kicks {
	int64_t since_ns; /* clock_ns() */
	unsigned int n;	  /* kicks since then */
	ev_timer again;	  /* until then kicks are put off */
};

struct vvu_sibling {
	struct ev_loop *loop;
	const struct vvu_sibling_ops *ops;
	void *arg;
	struct hold_link link, channel;
	struct vvu_vhost_queue queue[VVU_VHOST_QUEUES];
	struct vvu_kicks kicks;
	struct vvu_memory memory;
};

/* ops, arg: borrowed. The memory is the owner's to initialize. */
void vvu_sibling_init(struct vvu_sibling *s, struct ev_loop *loop,
		      const struct vvu_sibling_ops *ops, void *arg);
/* fd: taken. There MUST NOT be a session. */
void vvu_sibling_open(struct vvu_sibling *s, int fd);
/* Idempotent. */
void vvu_sibling_close(struct vvu_sibling *s);
static inline bool vvu_sibling_is_open(const struct vvu_sibling *s)
{
	return hold_link_is_open(&s->link);
}
/* Return: NULL, or why the session has ended: a static text. */
const char *vvu_sibling_lost(const struct vvu_sibling *s);

/* Return: the link with a message for the driver, or NULL. */
struct hold_link *vvu_sibling_waiting(struct vvu_sibling *s);
/*
 * Take the fds of that message, and make of it the one for the driver.
 * Return: NULL, or why the session MUST end.
 */
const char *vvu_sibling_take(struct vvu_sibling *s, struct hold_link *link);

/* Return: whether a message by the driver can be sent, or dropped. */
bool vvu_sibling_has_room(struct vvu_sibling *s, const struct vu_message *msg);
/* Send it; there MUST be room. Whom nobody waits for is dropped. */
void vvu_sibling_send(struct vvu_sibling *s, struct vu_message *msg);

/* The driver rings a doorbell. */
void vvu_sibling_call(struct vvu_sibling *s, unsigned int queue);

#endif
