/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logs of the children and of the launcher, with time stamps: in a file for
 * each, or all on stderr with the label in front. Never blocks: lines for which
 * stderr has no room are counted, and reported when it has some again. Loop
 * thread only.
 */
#ifndef VINPUT_LAUNCH_LOG_H
#define VINPUT_LAUNCH_LOG_H

#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>
#include "injector/process/launch-lines.h"
#include "input/base/log.h"

/* The log of a child: DIR/LABEL.log, or lines on stderr. */
struct launch_log_file {
	const char *label; /* borrowed */
	int fd;		   /* owned; -1: stderr */
	off_t size;
};

#define LAUNCH_LOG_FILE_NULL ((struct launch_log_file){ .fd = -1 })

struct launch_log {
	enum log_level level;
	const char *dir;	    /* borrowed; NULL: stderr */
	off_t max;		    /* bytes of a file; 0: no limit */
	struct launch_log_file own; /* the launcher's */
	int err;		    /* stderr, see outlet.h */
	unsigned int lost;	    /* lines for stderr */
};

#define LAUNCH_LOG_NULL                                    \
	((struct launch_log){ .own = LAUNCH_LOG_FILE_NULL, \
			      .err = STDERR_FILENO })

/*
 * level, dir and max MUST have been set. dir is made if it does not exist.
 * Return: 0 or -errno.
 */
int launch_log_init(struct launch_log *log);
void launch_log_fini(struct launch_log *log); /* idempotent */

/* label is borrowed. Return: 0 or -errno. */
int launch_log_open(const struct launch_log *log, const char *label,
		    struct launch_log_file *file);
/* Open it by its name once more. Return: 0 or -errno: it is unchanged. */
int launch_log_reopen(const struct launch_log *log,
		      struct launch_log_file *file);
void launch_log_close(struct launch_log_file *file); /* idempotent */

/* A child's line, without newline. */
void launch_log_put(struct launch_log *log, struct launch_log_file *file,
		    const char *text);
/* The launcher's own. */
__attribute__((format(printf, 3, 4))) void launch_log_line(
	struct launch_log *log, enum log_level level, const char *fmt, ...);
/* The same on stderr, even if there is a file, and without a time stamp. */
void launch_log_fatal(struct launch_log *log, const char *text);

#endif
