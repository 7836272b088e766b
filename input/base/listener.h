/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening socket in the event loop: accepts connections and hands them
 * over. When no fd or memory is left it says so and tries again later, instead
 * of being woken for the same connection for ever. Loop thread only.
 */
#ifndef VINPUT_LISTENER_H
#define VINPUT_LISTENER_H

#include <ev.h>
#include "input/base/log.h"

struct listener {
	struct ev_loop *loop;
	int fd;		  /* borrowed, -1: not listening */
	const char *what; /* who comes here, for the log: "a front-end" */
	void (*accepted)(void *arg, int fd); /* takes the fd */
	void *arg;
	ev_io io;
	ev_timer retry;
	struct log_limit limit;
};

void listener_init(struct listener *l, struct ev_loop *loop, const char *what,
		   void (*accepted)(void *arg, int fd), void *arg);
/* Listen on fd (borrowed). Return: 0 or -errno. */
int listener_start(struct listener *l, int fd);
/* Let connections wait in the socket's queue, and take them again. */
void listener_pause(struct listener *l);
void listener_resume(struct listener *l);
/* Stop for good. Idempotent. */
void listener_fini(struct listener *l);

#endif
