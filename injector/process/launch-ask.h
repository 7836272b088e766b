/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a device for its counters, at its --stats-path. Loop thread only. */
#ifndef VINPUT_LAUNCH_ASK_H
#define VINPUT_LAUNCH_ASK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#define LAUNCH_ANSWER_MAX 8192

struct launch_ask {
	struct ev_loop *loop;
	int fd; /* owned, -1: not asking */
	ev_io io;
	char *text; /* owned; NULL: not asking, as most of the time */
	size_t len;
	/* text: the answer, terminated by NUL; NULL: none came. */
	void (*answered)(void *arg, const char *text);
	void *arg;
};

void launch_ask_init(struct launch_ask *ask, struct ev_loop *loop,
		     void (*answered)(void *arg, const char *text), void *arg);
/* Return: 0, or -errno: -ENOENT or -ECONNREFUSED if nobody listens. */
int launch_ask_start(struct launch_ask *ask, const char *path);
void launch_ask_stop(struct launch_ask *ask); /* idempotent */

/* Connect to a Unix socket. Return: a nonblocking fd or -errno. */
int launch_connect(const char *path);

#endif
