/* SPDX-License-Identifier: Apache-2.0 */
/* What a child writes to a pipe, line by line. Loop thread only. */
#ifndef VINPUT_LAUNCH_LINES_H
#define VINPUT_LAUNCH_LINES_H

#include <ev.h>
#include <stddef.h>

#define LAUNCH_LINE_MAX 2048

struct launch_lines {
	struct ev_loop *loop;
	int fd; /* owned, -1: none */
	ev_io io;
	char *rest; /* owned; of a line that is not complete, or NULL */
	size_t len;
	void (*line)(void *arg, const char *text);
	void *arg;
};

void launch_lines_init(struct launch_lines *l, struct ev_loop *loop,
		       void (*line)(void *arg, const char *text), void *arg);
/* Read this pipe (taken). Return: 0 or -errno. */
int launch_lines_start(struct launch_lines *l, int fd);
/* Take what has been written by now. */
void launch_lines_read(struct launch_lines *l);
/* The same, and close it. Idempotent. */
void launch_lines_end(struct launch_lines *l);

#endif
