/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "input/base/fd.h"
#include "injector/launch/launch-log.h"

#define STAMP_MAX 32

int launch_log_init(struct launch_log *log, enum log_level level,
		    const char *dir)
{
	*log = (struct launch_log){ .level = level, .dir = dir, .fd = -1 };
	if (dir && mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	return launch_log_open(log, "launcher", &log->fd);
}

void launch_log_fini(struct launch_log *log)
{
	log->fd = close_fd(log->fd);
}

int launch_log_open(const struct launch_log *log, const char *label, int *fd)
{
	char path[4096];

	*fd = -1;
	if (!log->dir)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s.log", log->dir,
			     label) >= sizeof(path))
		return -ENAMETOOLONG;
	*fd = open(path,
		   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
			   O_NONBLOCK,
		   0600);
	return *fd < 0 ? -errno : 0;
}

/* RFC 3339, UTC, milliseconds. */
static void log_stamp(char out[STAMP_MAX])
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(out, STAMP_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, STAMP_MAX - n, ".%03uZ",
		 (unsigned int)(now.tv_nsec / 1000000) % 1000);
}

static void log_make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* A writable pipe accepts PIPE_BUF bytes at once. */
static bool log_takes_line(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

void launch_log_put(int fd, const char *label, const char *text)
{
	char line[STAMP_MAX + 64 + LAUNCH_LINE_MAX], when[STAMP_MAX];
	bool own_file = fd >= 0;
	int n;

	log_stamp(when);
	n = snprintf(line, sizeof(line) - 1, "%s %s%s%s", when,
		     own_file ? "" : label, own_file ? "" : ": ", text);
	if ((size_t)n >= sizeof(line) - 1)
		n = sizeof(line) - 2;
	log_make_printable(line);
	line[n++] = '\n';
	if (!own_file)
		fd = STDERR_FILENO;
	if (log_takes_line(fd) && write(fd, line, (size_t)n) < 0)
		return; /* the log has no reader */
}

void launch_log_line(const struct launch_log *log, enum log_level level,
		     const char *fmt, ...)
{
	char text[LAUNCH_LINE_MAX];
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	launch_log_put(log->fd, "launcher", text);
}
