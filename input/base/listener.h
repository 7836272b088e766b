/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening socket in the event loop: accepts connections and passes them on.
 * Out of fds or memory, it logs that and tries again later, rather than being
 * woken for the same connection over and over. Loop thread only.
 */
#ifndef VINPUT_LISTENER_H
#define VINPUT_LISTENER_H

#include <ev.h>
#include <stdbool.h>
#include "input/base/log.h"

struct listener {
	struct ev_loop *loop;
	int fd;		  /* borrowed, -1: not listening */
	const char *what; /* what connects, for the log: "a front-end" */
	void (*accepted)(void *arg, int fd); /* takes the fd */
	bool paused;
	bool blocks; /* may be set: connections are without O_NONBLOCK */
	/*
	 * May be set: while paused, another one has connected, and has not been
	 * accepted for a moment. Called once for each pause.
	 */
	void (*waits)(void *arg);
	void *arg;
	ev_io io; /* while paused, of who waits */
	ev_timer retry, waiting;
	struct log_limit limit;
};

void listener_init(struct listener *l, struct ev_loop *loop, const char *what,
		   void (*accepted)(void *arg, int fd), void *arg);
/* Listen on fd (borrowed). Return: 0 or -errno. */
int listener_start(struct listener *l, int fd);
/* Leave connections in the socket's queue; accept them again. */
void listener_pause(struct listener *l);
void listener_resume(struct listener *l);
/* Return: " (process N)" for the log, empty if that is unknown; in name. */
const char *listener_peer_name(int fd, char name[32]);
/* Stop listening; fd stays open. Idempotent. */
void listener_fini(struct listener *l);

#endif
