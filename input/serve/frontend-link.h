/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front-end's connection in the event loop: accepts one front-end at a
 * time, feeds its messages and the answers on the back-end channel to the
 * back-end, and when it breaks the protocol says so in one line, closes, and
 * accepts the next. Loop thread only.
 */
#ifndef VINPUT_FRONTEND_LINK_H
#define VINPUT_FRONTEND_LINK_H

#include <ev.h>
#include <stdbool.h>
#include "input/base/listener.h"
#include "input/base/log.h"
#include "input/serve/counters.h"
#include "input/vhost-user/vu-backend.h"
#include "input/vhost-user/vu-socket.h"

struct frontend_link {
	struct ev_loop *loop;
	void (*left)(void *arg); /* the one connected front-end has left */
	void *arg;
	struct vu_backend backend;
	struct vu_socket socket;     /* fd -1: no front-end is there */
	struct listener listener;    /* fd -1: one connected front-end only */
	ev_io socket_io, channel_io; /* the back-end channel: vu-channel.h */
	bool told_full; /* that this front-end does not read its channel */
	struct log_limit connected_limit, disconnected_limit, closing_limit;
	uint64_t connections, violations;
};

/*
 * fd: a listening socket (borrowed) or a connected one (taken); listening says
 * which. ops and arg go to the back-end; left (with arg) may end the loop.
 */
void frontend_link_init(struct frontend_link *link, struct ev_loop *loop,
			const struct vu_ops *ops, void *arg,
			uint32_t config_len);
/* Return: 0 or -errno. */
int frontend_link_start(struct frontend_link *link, int fd, bool listening,
			void (*left)(void *arg));
void frontend_link_fini(struct frontend_link *link);

/* Close the connection for a reason other than a message: why, in words. */
void frontend_link_drop(struct frontend_link *link, const char *why);

void frontend_link_count(const struct frontend_link *link, struct counters *c);

/*
 * Is it certain that nothing more comes from the front-end? May be called from
 * a signal handler.
 */
bool frontend_link_has_hung_up(const struct frontend_link *link);

static inline bool frontend_link_connected(const struct frontend_link *link)
{
	return link->socket.fd >= 0;
}

/* Return: borrowed; the same for as long as the link exists. */
static inline struct vu_backend *frontend_link_backend(
	struct frontend_link *link)
{
	return &link->backend;
}

#endif
