/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "input/base/log.h"
#include "input/base/outlet.h"

static enum log_level max_level = LOG_INFO;

static const char *const level_names[] = {
	[LOG_OFF] = "off",   [LOG_ERROR] = "error", [LOG_WARNING] = "warning",
	[LOG_INFO] = "info", [LOG_DEBUG] = "debug", [LOG_TRACE] = "trace",
};

static const char *const prefixes[] = {
	[CULPRIT_NONE] = "",	     [CULPRIT_FRONTEND] = "frontend: ",
	[CULPRIT_GUEST] = "guest: ", [CULPRIT_INJECTOR] = "injector: ",
	[CULPRIT_HOST] = "host: ",   [CULPRIT_BUG] = "bug: ",
};

void log_set_level(enum log_level level)
{
	max_level = level;
}

bool log_enabled(enum log_level level)
{
	return level <= max_level;
}

int log_level_from_name(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(*level_names); i++)
		if (!strcasecmp(name, level_names[i])) {
			*level = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

static int log_fd = STDERR_FILENO;
/* Lines that found no room, and whether one of them was written in part. */
static unsigned int lost;
static bool cut;
/* Borrowed from the caller of log_keep_error(). */
static char *kept;
static size_t kept_size;

/* With the report it MUST fit into PIPE_BUF. */
#define LINE_MAX_LEN   2048
#define REPORT_MAX_LEN 128

void log_open(void)
{
	log_fd = outlet_open(STDERR_FILENO);
}

void log_forget(void)
{
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = STDERR_FILENO;
}

/* Return: length of the report of lines that were lost. */
static size_t log_report(char report[REPORT_MAX_LEN])
{
	return (size_t)sprintf(
		report, "%s%.32s: %s%u log lines lost: nobody read them\n",
		cut ? "\n" : "", program_invocation_short_name,
		prefixes[CULPRIT_HOST], lost);
}

static void log_write_all(const char *out, size_t len)
{
	ssize_t n = outlet_write(log_fd, out, len);

	if (n == (ssize_t)len) {
		lost = 0;
		cut = false;
	} else if (n >= 0 || errno == EAGAIN) {
		lost++;
		cut |= n > 0;
	}
}

/* Not inline: usually there is no report, and no need for so much stack. */
static __attribute__((noinline)) void log_write_report(const char *line,
						       size_t len)
{
	char out[REPORT_MAX_LEN + LINE_MAX_LEN];
	size_t report = log_report(out);

	memcpy(out + report, line, len);
	log_write_all(out, report + len);
}

/*
 * One write, so that lines of several devices do not mix. What a peer does not
 * read MUST NOT hold the device up.
 */
static void log_write(const char *line, size_t len)
{
	if (lost)
		log_write_report(line, len);
	else
		log_write_all(line, len);
}

void log_close(void)
{
	if (lost)
		log_write("", 0);
}

static void log_make_printable(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
}

static void log_vput(enum log_culprit culprit, unsigned int suppressed,
		     const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	const size_t size = sizeof(line) - 64;
	size_t len = (size_t)sprintf(line, "%.32s: %s",
				     program_invocation_short_name,
				     prefixes[culprit]);

	len += (size_t)vsnprintf(line + len, size - len, fmt, ap);
	if (len >= size)
		len = size - 1;
	log_make_printable(line, len);
	if (suppressed)
		len += (size_t)sprintf(
			line + len, " (%u such lines suppressed)", suppressed);
	line[len++] = '\n';
	log_write(line, len);
}

void log_keep_error(char *text, size_t size)
{
	kept = text;
	kept_size = size;
	if (text)
		*text = '\0';
}

void log_line(enum log_level level, enum log_culprit culprit, const char *fmt,
	      ...)
{
	va_list ap;

	if (kept && level == LOG_ERROR) {
		va_start(ap, fmt);
		vsnprintf(kept, kept_size, fmt, ap);
		va_end(ap);
		log_make_printable(kept, strlen(kept));
	}
	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	log_vput(culprit, 0, fmt, ap);
	va_end(ap);
}

void log_limited(struct log_limit *limit, enum log_level level,
		 enum log_culprit culprit, const char *fmt, ...)
{
	struct timespec now;
	va_list ap;

	if (!log_enabled(level))
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (!limit->since || now.tv_sec - limit->since >= LOG_INTERVAL_S) {
		limit->since = now.tv_sec;
		limit->lines = 0;
	}
	if (limit->lines >= LOG_BURST) {
		limit->suppressed++;
		return;
	}
	limit->lines++;
	va_start(ap, fmt);
	log_vput(culprit, limit->suppressed, fmt, ap);
	va_end(ap);
	limit->suppressed = 0;
}
