/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last line of a child's process. Until the child was ready for the first
 * time, it is held: if the process cannot start, that is why, and what the
 * launcher says when it ends. All others are in the log.
 */
#ifndef VINPUT_LAUNCH_LAST_H
#define VINPUT_LAUNCH_LAST_H

#include "injector/process/launch-child.h"

struct launch_last {
	struct launch_child *child;   /* borrowed */
	struct launch_log_file *file; /* the same */
	char text[LAUNCH_WHY_MAX];    /* "": none of this process */
	bool held;		      /* it is not in the log */
};

/* Another process starts. */
void launch_last_begin(struct launch_last *last);
/* Return: the line without the program's name that begins it. */
const char *launch_last_strip(const char *line);
void launch_last_put(struct launch_last *last, const char *text);
/* Log the line that is held, if there is one. */
void launch_last_log(struct launch_last *last);
/*
 * The process ended, as how says, and was not ready: child->why becomes its
 * last line, or else "name how".
 */
void launch_last_say_why(struct launch_last *last, const char *name,
			 const char *how);

#endif
