/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back-end channel (vhost-user: "Back-end communication") of a session. The
 * front-end's socket stays here; each back-end gets one of a fresh pair.
 *
 *	back-end ─► request ─► front-end
 *	back-end ◄─ answer ◄── front-end	those that a dead back-end
 *						asked for are swallowed
 *
 * Loop thread only.
 */
#ifndef VINPUT_HOLD_CHANNEL_H
#define VINPUT_HOLD_CHANNEL_H

#include "injector/hold/hold-link.h"

struct hold_channel {
	struct hold_link frontend, backend;
	uint64_t owed; /* answers that the front-end has not given yet */
	void (*requested)(void *arg); /* the back-end sends a request */
	void *requested_arg;
	uint64_t stale; /* of them, the first: to a back-end that died */
};

void hold_channel_init(struct hold_channel *c, struct ev_loop *loop);
/* fd: the front-end's, taken. Return: 0; -EINVAL: not a stream socket. */
int hold_channel_open(struct hold_channel *c, int fd);
/* Return: a socket for a new back-end, owned by the caller; or -errno. */
int hold_channel_connect(struct hold_channel *c);
/* The back-end has died. */
void hold_channel_disconnect(struct hold_channel *c);
/* Let the guest look at a queue: BACKEND_VRING_CALL. */
void hold_channel_call(struct hold_channel *c, unsigned int queue);
void hold_channel_close(struct hold_channel *c); /* idempotent */

#endif
