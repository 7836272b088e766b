/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that would grow past the limit becomes LABEL.log.1, in place of the
 * one before, and LABEL.log a new file: so there are two generations, and a
 * reader that follows the name misses no line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "injector/process/launch-log.h"
#include "input/base/fd.h"
#include "input/base/outlet.h"

#define STAMP_MAX 32
/* With its time and label. */
#define FULL_LINE_MAX (STAMP_MAX + 64 + LAUNCH_LINE_MAX)
#define PATH_LEN      4096

int launch_log_init(struct launch_log *log)
{
	log->err = outlet_open(STDERR_FILENO);
	if (log->dir && mkdir(log->dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	return launch_log_open(log, "launcher", &log->own);
}

void launch_log_fini(struct launch_log *log)
{
	launch_log_close(&log->own);
}

/* --- files --- */

static int log_make_path(const struct launch_log *log, const char *label,
			 char path[PATH_LEN])
{
	if ((size_t)snprintf(path, PATH_LEN, "%s/%s.log", log->dir, label) >=
	    PATH_LEN)
		return -ENAMETOOLONG;
	return 0;
}

int launch_log_open(const struct launch_log *log, const char *label,
		    struct launch_log_file *file)
{
	char path[PATH_LEN];
	struct stat st;
	int r;

	*file = (struct launch_log_file){ .label = label, .fd = -1 };
	if (!log->dir)
		return 0;
	r = log_make_path(log, label, path);
	if (r)
		return r;
	file->fd = open(path,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
				O_NONBLOCK,
			0600);
	if (file->fd < 0)
		return -errno;
	if (!fstat(file->fd, &st))
		file->size = st.st_size;
	return 0;
}

int launch_log_reopen(const struct launch_log *log,
		      struct launch_log_file *file)
{
	struct launch_log_file old = *file;
	int r = launch_log_open(log, old.label, file);

	if (r)
		*file = old;
	else
		launch_log_close(&old);
	return r;
}

void launch_log_close(struct launch_log_file *file)
{
	file->fd = close_fd(file->fd);
}

/* Return: whether the name still leads to the file that is open. */
static bool log_is_named(const struct launch_log_file *file, const char *path)
{
	struct stat open, named;

	return !fstat(file->fd, &open) && !lstat(path, &named) &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Somebody else may have moved the file: then that generation is theirs. */
static void log_rotate(const struct launch_log *log,
		       struct launch_log_file *file)
{
	char path[PATH_LEN], old[PATH_LEN + 2];

	if (log_make_path(log, file->label, path))
		return;
	snprintf(old, sizeof(old), "%s.1", path);
	/* If it cannot be done, not again for each line. */
	file->size = 0;
	if (!log_is_named(file, path) || !rename(path, old))
		launch_log_reopen(log, file);
}

/* --- lines --- */

/* RFC 3339, UTC, milliseconds. */
static void log_stamp(char out[STAMP_MAX])
{
	char seconds[24];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, STAMP_MAX, "%s.%03uZ", seconds,
		 (unsigned int)(now.tv_nsec / 1000000) % 1000);
}

static void log_make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* With the report of lines that were lost, in one piece (outlet.h). */
static void log_to_stderr(struct launch_log *log, const char *line)
{
	char report[128] = "", when[STAMP_MAX];
	char out[sizeof(report) + FULL_LINE_MAX];

	log_stamp(when);
	if (log->lost)
		snprintf(report, sizeof(report),
			 "%s launcher: %u log lines lost: nobody read them\n",
			 when, log->lost);
	snprintf(out, sizeof(out), "%s%s", report, line);
	if (outlet_write(log->err, out, strlen(out)) != -1)
		log->lost = 0;
	else if (errno == EAGAIN)
		log->lost++;
}

static void log_to_file(const struct launch_log *log,
			struct launch_log_file *file, const char *line)
{
	off_t len = (off_t)strlen(line);

	if (log->max && file->size && file->size + len > log->max)
		log_rotate(log, file);
	if (write(file->fd, line, (size_t)len) != -1)
		file->size += len;
}

void launch_log_put(struct launch_log *log, struct launch_log_file *file,
		    const char *text)
{
	char line[FULL_LINE_MAX], when[STAMP_MAX];
	bool own_file = file->fd >= 0;

	log_stamp(when);
	/* Room for a newline. */
	snprintf(line, sizeof(line) - 1, "%s %s%s%s", when,
		 own_file ? "" : file->label, own_file ? "" : ": ", text);
	log_make_printable(line);
	strcat(line, "\n");
	if (own_file)
		log_to_file(log, file, line);
	else
		log_to_stderr(log, line);
}

void launch_log_line(struct launch_log *log, enum log_level level,
		     const char *fmt, ...)
{
	char text[LAUNCH_LINE_MAX];
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	launch_log_put(log, &log->own, text);
}

void launch_log_fatal(struct launch_log *log, const char *text)
{
	char line[LAUNCH_LINE_MAX + 32];

	snprintf(line, sizeof(line), "vinput-launch: %s\n", text);
	log_to_stderr(log, line);
}
