/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines to stderr: "vhost-user-input: CULPRIT: text", one write each, which
 * never waits: lines that nobody reads are lost, and a later one says how many.
 * Control characters in strings from a peer are replaced. Lines that a peer can
 * trigger at will MUST go through a struct log_limit. Loop thread only.
 */
#ifndef VINPUT_LOG_H
#define VINPUT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum log_level {
	LOG_OFF,
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
	LOG_TRACE,
};

enum log_culprit {
	CULPRIT_NONE, /* the program's own start and stop: no prefix */
	CULPRIT_FRONTEND,
	CULPRIT_GUEST,
	CULPRIT_INJECTOR,
	CULPRIT_HOST,
	CULPRIT_BUG,
};

/* Lines with the same limit: at most LOG_BURST in LOG_INTERVAL_S seconds. */
#define LOG_BURST      32
#define LOG_INTERVAL_S 10

struct log_limit {
	time_t since;
	unsigned int lines, suppressed;
};

/* Before the first line, and before the sandbox. */
void log_open(void);
/*
 * In a process that was forked with the log: it is to have one of its own.
 * stderr then is the log, until log_open().
 */
void log_forget(void);
/* Report lines that were lost since the last line. */
void log_close(void);
void log_set_level(enum log_level level);
/* Return: 0 or -EINVAL. Case does not matter. */
int log_level_from_name(const char *name, enum log_level *level);
bool log_enabled(enum log_level level);

/*
 * From now on keep the text of the last error here, whatever the level; NULL:
 * no longer. At first it is "".
 */
void log_keep_error(char *text, size_t size);

void log_line(enum log_level level, enum log_culprit culprit, const char *fmt,
	      ...) __attribute__((format(printf, 3, 4)));
void log_limited(struct log_limit *limit, enum log_level level,
		 enum log_culprit culprit, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
