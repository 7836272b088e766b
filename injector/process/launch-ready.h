/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher's end of a child's --ready-fd: a newline when it is ready, the
 * end of the pipe if it never is. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_READY_H
#define VINPUT_LAUNCH_READY_H

#include <ev.h>

struct launch_ready {
	struct ev_loop *loop;
	int fd; /* owned; -1: not awaited */
	ev_io io;
	void (*ready)(void *arg);
	void *arg;
};

void launch_ready_init(struct launch_ready *r, struct ev_loop *loop,
		       void (*ready)(void *arg), void *arg);
/* Make the pipe. Return: the child's end, the caller's; or -errno. */
int launch_ready_open(struct launch_ready *r);
/* Await it at the end of a pipe that exists. fd: taken. */
void launch_ready_watch(struct launch_ready *r, int fd);
/*
 * The child has ended: it may have been ready for less time than it took us to
 * see that. Nothing is awaited any more.
 */
void launch_ready_finish(struct launch_ready *r);
/* Nothing is awaited any more. Idempotent. */
void launch_ready_close(struct launch_ready *r);

#endif
