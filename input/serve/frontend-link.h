/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front-end's connection in the event loop: accepts one front-end at a
 * time, feeds its messages and the answers on the back-end channel to the
 * back-end, and when it breaks the protocol says so in one line, closes, and
 * accepts the next. Loop thread only.
 */
#ifndef VINPUT_FRONTEND_H
#define VINPUT_FRONTEND_H

#include <ev.h>
#include <stdbool.h>
#include "input/base/listener.h"
#include "input/base/log.h"
#include "input/vhost-user/vu-backend.h"
#include "input/vhost-user/vu-socket.h"

struct frontend {
	struct ev_loop *loop;
	void (*left)(void *arg); /* the one connected front-end has left */
	void *arg;
	struct vu_backend backend;
	struct vu_socket socket;     /* fd -1: no front-end is there */
	struct listener listener;    /* fd -1: one connected front-end only */
	ev_io socket_io, channel_io; /* the back-end channel: vu-channel.h */
	bool told_full; /* that this front-end does not read its channel */
	struct log_limit closing_limit;
	uint64_t connections, violations;
};

/*
 * fd: a listening socket (borrowed) or a connected one (taken); listening says
 * which. ops and arg go to the back-end; left (with arg) may end the loop.
 */
void frontend_init(struct frontend *fe, struct ev_loop *loop,
		   const struct vu_ops *ops, void *arg, uint32_t config_len);
/* Return: 0 or -errno. */
int frontend_start(struct frontend *fe, int fd, bool listening,
		   void (*left)(void *arg));
void frontend_fini(struct frontend *fe);

/* Close the connection for a reason other than a message: why, in words. */
void frontend_drop(struct frontend *fe, const char *why);

static inline bool frontend_connected(const struct frontend *fe)
{
	return fe->socket.fd >= 0;
}

#endif
