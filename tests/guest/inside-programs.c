/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define PROGRAMS_MAX 32
#define LOG_END	     1500

static struct process programs[PROGRAMS_MAX];
static size_t n_programs;

/* One whose place another may take. */
static struct process *free_place(void)
{
	for (size_t i = 0; i < n_programs; i++)
		if (!programs[i].argc)
			return &programs[i];
	assert_true(n_programs < PROGRAMS_MAX);
	return &programs[n_programs++];
}

static struct process *start(const char *program, const char *fmt, va_list ap)
{
	struct process *p = free_place();
	char *words, *rest, *word;

	assert_sys(vasprintf(&words, fmt, ap));
	rest = words;
	process_init(p, program);
	process_capture(p);
	while ((word = strsep(&rest, " ")))
		if (*word)
			process_arg(p, "%s", word);
	free(words);
	process_start(p);
	return p;
}

struct process *inside_start(const char *program, const char *fmt, ...)
{
	struct process *p;
	va_list ap;

	va_start(ap, fmt);
	p = start(program, fmt, ap);
	va_end(ap);
	return p;
}

struct process *inside_monitor(const char *options, const char *socket)
{
	struct process *p =
		inside_start("vinput-monitor", "--wait %s %s", options, socket);

	/* It describes the device then. */
	INSIDE_WAIT(*process_stdout(p));
	return p;
}

int inside_wait(struct process *p)
{
	int status = process_wait(p);

	process_fini(p);
	return status;
}

int inside_end(struct process *p)
{
	int status = process_terminate(p);

	process_fini(p);
	return status;
}

void inside_kill(struct process *p)
{
	process_fini(p);
}

/* As much as the agent passes on. */
static const char *log_end(const struct process *p)
{
	return p->err.len > LOG_END ? p->err.text + p->err.len - LOG_END
				    : p->err.text;
}

void inside_expect_log(struct process *p, const char *needle, int times)
{
	const double end = clock_ms() + INSIDE_MS;

	while (process_log_count(p, needle) < times) {
		if (clock_ms() > end)
			fail_msg("%d times, not %d, %s in its log: ...%s",
				 process_log_count(p, needle), times, needle,
				 log_end(p));
		usleep(1000);
	}
}

char *inside_run(const char *program, const char *fmt, ...)
{
	struct process *p;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	p = start(program, fmt, ap);
	va_end(ap);
	if (process_wait(p))
		fail_msg("%s: status %d: %s", program, p->status, p->err.text);
	text = strdup(process_stdout(p));
	process_fini(p);
	return text;
}

void inside_end_all(void)
{
	for (size_t i = 0; i < n_programs; i++)
		process_fini(&programs[i]);
	n_programs = 0;
}

void inside_install_specs(void)
{
	mkdir("/usr/local", 0755);
	mkdir("/usr/local/share", 0755);
	mkdir("/usr/local/share/vinput", 0755);
	if (symlink("/specs", "/usr/local/share/vinput/specs") < 0)
		assert_num(errno, EEXIST);
}

/* The agent passes lines on at once, and those that begin with @ are obeyed. */
void inside_qmp(const char *fmt, ...)
{
	char *line;
	va_list ap;

	va_start(ap, fmt);
	assert_sys(vasprintf(&line, fmt, ap));
	va_end(ap);
	assert_sys(dprintf(STDOUT_FILENO, "@%s\n", line));
	free(line);
}
