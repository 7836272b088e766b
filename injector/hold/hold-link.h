/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user socket in the event loop: one message in, one message out. A
 * message that its owner does not take yet stays, and the socket is not read
 * meanwhile. Loop thread only.
 */
#ifndef VINPUT_HOLD_LINK_H
#define VINPUT_HOLD_LINK_H

#include <ev.h>
#include <stdbool.h>
#include "input/vhost-user/vu-socket.h"

struct hold_link {
	struct ev_loop *loop;
	struct vu_socket socket;
	vu_check_header_fn *check_header;
	bool has_message; /* socket.in */
	int error;	  /* -errno; 0: none. -EPROTO: a header was rejected */
	int full;	  /* VU_SOCKET_*: not all was sent */
	ev_io io;
	ev_timer later;
	/* has_message, error or full has changed. MAY close the link. */
	void (*changed)(void *arg);
	void *arg;
};

/* The other members are 0; check_header, changed and arg: set by the owner. */
void hold_link_init(struct hold_link *l, struct ev_loop *loop);
/* fd: taken. The link MUST be closed. */
void hold_link_open(struct hold_link *l, int fd);
void hold_link_close(struct hold_link *l); /* idempotent */

static inline bool hold_link_is_open(const struct hold_link *l)
{
	return l->socket.fd >= 0;
}

/* Return: whether a message can be sent. */
static inline bool hold_link_has_room(const struct hold_link *l)
{
	return hold_link_is_open(l) && !l->full && !l->error;
}

/*
 * Send a message, whose fds are copied; there MUST be room. Errors are in
 * l->error.
 */
void hold_link_send(struct hold_link *l, const struct vu_message *msg);
/* The message was taken: read the next one. Closes fds that are left in it. */
void hold_link_next(struct hold_link *l);
/*
 * Read only if there is no message that waits: to be called when the owner has
 * done all that it can do.
 */
void hold_link_settle(struct hold_link *l);

#endif
