/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of units share: systemctl, its properties, the journal. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/guest/inside-systemd.h"
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define UNIT_FOLDER "/usr/local/lib/systemd/system/"

static void make_folders(const char *path)
{
	char folder[256];

	for (const char *p = path; (p = strchr(p + 1, '/'));) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(p - path), path);
		if (mkdir(folder, 0755) < 0)
			assert_num(errno, EEXIST);
	}
}

void units_write(const char *path, const char *text)
{
	FILE *f;

	make_folders(path);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_num(fclose(f), 0);
}

/* Why a command of systemctl's failed. */
static void print_journal(void)
{
	struct process *p =
		inside_start("journalctl", "-q -n 20 -o cat _TRANSPORT=stdout");

	process_wait(p);
	print_message("%s", process_stdout(p));
	inside_wait(p);
}

static char *run(const char *program, const char *words)
{
	struct process *p = inside_start(program, "%s", words);
	char *text;

	UNITS_WAIT((process_read_log(p), !process_runs(p)));
	process_read_log(p);
	text = strdup(process_stdout(p));
	if (p->status)
		print_journal();
	if (p->status)
		fail_msg("%s %s: status %d: %s%s", program, words, p->status,
			 text, p->err.text ? p->err.text : "");
	inside_wait(p);
	return text;
}

char *units_run(const char *program, const char *fmt, ...)
{
	char *words, *text;
	va_list ap;

	va_start(ap, fmt);
	assert_sys(vasprintf(&words, fmt, ap));
	va_end(ap);
	text = run(program, words);
	free(words);
	return text;
}

void units_do(const char *fmt, ...)
{
	char *words;
	va_list ap;

	va_start(ap, fmt);
	assert_sys(vasprintf(&words, fmt, ap));
	va_end(ap);
	print_message("systemctl %s\n", words);
	free(run("systemctl", words));
	free(words);
}

char *unit_property(const char *unit, const char *name)
{
	char *text =
		units_run("systemctl", "show --value -p %s %s", name, unit);

	text[strcspn(text, "\n")] = '\0';
	return text;
}

bool unit_property_is(const char *unit, const char *name, const char *value)
{
	char *text = unit_property(unit, name);
	const bool is = !strcmp(text, value);

	free(text);
	return is;
}

static long unit_number(const char *unit, const char *name)
{
	char *text = unit_property(unit, name);
	const long number = atol(text);

	free(text);
	return number;
}

pid_t unit_main_pid(const char *unit)
{
	const pid_t pid = (pid_t)unit_number(unit, "MainPID");

	assert_true(pid > 0);
	return pid;
}

void unit_await_restart(const char *unit, pid_t before, int times)
{
	UNITS_WAIT(unit_number(unit, "NRestarts") == times);
	UNITS_WAIT(unit_property_is(unit, "ActiveState", "active"));
	assert_true(unit_main_pid(unit) != before);
}

/*
 * Each process of a cgroup is a line of this file, which may be gone with them.
 * systemd forgets the group of a stopped unit even if processes are left there.
 */
static char *processes_file(const char *unit)
{
	char *group = unit_property(unit, "ControlGroup"), *path;

	assert_true(*group == '/');
	assert_sys(asprintf(&path, "/sys/fs/cgroup%s/cgroup.procs", group));
	free(group);
	return path;
}

static bool has_line(const char *path)
{
	FILE *in = fopen(path, "re");
	const bool has = in && getc(in) != EOF;

	if (in)
		fclose(in);
	return has;
}

void unit_stop(const char *unit)
{
	char *processes = processes_file(unit);

	assert_true(has_line(processes));
	units_do("stop %s", unit);
	assert_true(unit_property_is(unit, "ActiveState", "inactive"));
	assert_true(unit_property_is(unit, "Result", "success"));
	UNITS_WAIT(!has_line(processes));
	free(processes);
}

/* --- Hardening --- */

static void assert_not_in(const char *text, const char *needle)
{
	if (strstr(text, needle))
		fail_msg("%s in: %s", needle, text);
}

/*
 * The unit's file, and what the init logged when it loaded it: it names a file
 * to complain of a line, and says what the kernel cannot do.
 */
static void assert_all_known(const char *unit)
{
	struct process *p =
		inside_start("../usr/bin/systemd-analyze",
			     "verify --man=no " UNIT_FOLDER "%.*s@.service",
			     (int)strcspn(unit, "@"), unit);
	char *log;

	UNITS_WAIT((process_read_log(p), !process_runs(p)));
	process_read_log(p);
	if (p->err.text)
		assert_not_in(p->err.text, "vinput-");
	inside_wait(p);
	log = units_run("journalctl", "-q -o cat _PID=1");
	assert_not_in(log, UNIT_FOLDER);
	assert_not_in(log, "does not support");
	free(log);
}

static void assert_exposure(const char *unit, int tenths)
{
	char *text = units_run("../usr/bin/systemd-analyze",
			       "security --no-pager %s", unit);
	const char *level = strstr(text, "Overall exposure level");
	int whole, tenth;

	assert_non_null(level);
	print_message("%s", level);
	assert_num(sscanf(strchr(level, ':'), ": %d.%d", &whole, &tenth), 2);
	if (10 * whole + tenth > tenths)
		fail_msg("more than %d.%d: %s", tenths / 10, tenths % 10, text);
	free(text);
}

/* A line of /proc/PID/status, after the tabulator. */
static void assert_status(pid_t pid, const char *name, const char *value)
{
	char path[64], line[256], want[64];
	bool found = false;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(want, sizeof(want), "%s:\t%s\n", name, value);
	in = fopen(path, "re");
	assert_non_null(in);
	while (!found && fgets(line, sizeof(line), in))
		found = !strcmp(line, want);
	fclose(in);
	if (!found)
		fail_msg("%s is not %s", name, value);
}

void unit_assert_hardened(const char *unit, pid_t pid, int exposure)
{
	assert_all_known(unit);
	assert_exposure(unit, exposure);
	assert_status(pid, "NoNewPrivs", "1");
	assert_status(pid, "Seccomp", "2");
	assert_status(pid, "CapEff", "0000000000000000");
	assert_status(pid, "CapBnd", "0000000000000000");
}
