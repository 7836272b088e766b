/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logs of the children and of the launcher, with time stamps: in a file for
 * each, or all on stderr with the label in front. Never blocks: lines that
 * stderr does not accept at once are lost. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_LOG_H
#define VINPUT_LAUNCH_LOG_H

#include <stddef.h>
#include "input/base/log.h"
#include "injector/launch/launch-lines.h"

struct launch_log {
	enum log_level level;
	const char *dir; /* borrowed; NULL: stderr */
	int fd;		 /* the launcher's own file, -1: none */
};

#define LAUNCH_LOG_NULL ((struct launch_log){ .fd = -1 })

/* dir is made if it does not exist. Return: 0 or -errno. */
int launch_log_init(struct launch_log *log, enum log_level level,
		    const char *dir);
void launch_log_fini(struct launch_log *log); /* idempotent */

/* The file of a child. *fd: owned, -1: stderr. Return: 0 or -errno. */
int launch_log_open(const struct launch_log *log, const char *label, int *fd);
/* A child's line, without newline, to its fd. */
void launch_log_put(int fd, const char *label, const char *text);
/* The launcher's own. */
__attribute__((format(printf, 3, 4))) void launch_log_line(
	const struct launch_log *log, enum log_level level, const char *fmt,
	...);

#endif
