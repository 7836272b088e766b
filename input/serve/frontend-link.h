/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front-end's connection in the event loop: accepts one front-end at a
 * time, and passes its messages, and its replies on the back-end channel, to
 * the back-end. A front-end that violates the protocol is disconnected, with
 * one line in the log, and the next one is accepted. Loop thread only.
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
	struct vu_backend backend; /* first, as its own first members are hot */
	struct ev_loop *loop;
	struct vu_socket socket;     /* fd -1: no front-end is connected */
	struct listener listener;    /* fd -1: the socket came connected */
	ev_io socket_io, channel_io; /* the back-end channel: vu-channel.h */
	ev_timer later;	      /* sends the rest of a reply (VU_SOCKET_LATER) */
	unsigned int n_later; /* in a row */
	bool heard;	      /* this front-end has sent a message */
	bool logged_full; /* that this front-end does not read its channel */
	struct log_limit connected_limit, disconnected_limit, closing_limit,
		waiting_limit;
	uint64_t connections, violations;
	/* May be set: one connected or disconnected. */
	void (*changed)(void *arg);
	void *changed_arg;
	/* May be set: one of frontend_link_connect() has disconnected. */
	void (*ended)(void *arg);
	void *ended_arg;
};

/* ops and arg are the back-end's, which offers config_len bytes. */
void frontend_link_init(struct frontend_link *link, struct ev_loop *loop,
			const struct vu_ops *ops, void *arg,
			uint32_t config_len);
/*
 * fd: a listening socket (borrowed) or a connected one (taken); listening says
 * which. The end of a connection that was taken breaks the loop. Return: 0 or
 * -errno.
 */
int frontend_link_start(struct frontend_link *link, int fd, bool listening);
/*
 * A front-end has connected: at fd, a socket that does not block, taken. None
 * is connected. If neither the listener nor frontend_link_start() calls this,
 * ended is set, which is called when it has gone.
 */
void frontend_link_connect(struct frontend_link *link, int fd);
void frontend_link_fini(struct frontend_link *link);

/* Disconnect the front-end, if any. why: for the log. */
void frontend_link_drop(struct frontend_link *link, const char *why);

void frontend_link_count(const struct frontend_link *link, struct counters *c);

/*
 * Return: whether the front-end has closed its side. MAY be called from a
 * signal handler.
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
