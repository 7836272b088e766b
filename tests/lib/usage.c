/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "input/base/sentry.h"
#include "tests/lib/check.h"
#include "tests/lib/usage.h"

/* How long it must be quiet, and how long to wait for that. */
#define QUIET_MS  100
#define SETTLE_MS 10000
/* What malloc() keeps, and pages that are touched for the first time. */
#define SLACK_KB 512

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	return file;
}

static int count_fds(pid_t pid)
{
	char path[64];
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static long count_mappings(pid_t pid)
{
	FILE *file = open_proc(pid, "maps");
	long n = 0;

	for (int c; (c = fgetc(file)) != EOF;)
		n += c == '\n';
	fclose(file);
	return n;
}

/* Return: the number behind a name in /proc/PID/status. */
static long status_number(pid_t pid, const char *name)
{
	FILE *file = open_proc(pid, "status");
	char line[256];
	long n = -1;

	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			n = strtol(line + strlen(name), NULL, 10);
	fclose(file);
	return n;
}

/* Not merely runnable without a CPU. */
static bool is_asleep(pid_t pid)
{
	FILE *file = open_proc(pid, "stat");
	char text[256];

	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	return strncmp(strrchr(text, ')'), ") S", 3) == 0;
}

void usage_allow(struct process *p)
{
	unsetenv("MALLOC_PERTURB_");
	/* What is free there looks used, and keeps what is around it. */
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	if (geteuid())
		process_arg(p, "--sandbox=log");
}

int usage_rig_setup(void **state)
{
	int r = rig_setup(state);
	struct rig *rig = *state;

	usage_allow(&rig->srv);
	return r;
}

int64_t usage_cpu_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	assert_ok(clock_getcpuclockid(pid, &clock));
	assert_sys(clock_gettime(clock, &ts));
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

long usage_sleeps(pid_t pid)
{
	return status_number(pid, "voluntary_ctxt_switches:");
}

void usage_wait_rest(pid_t pid)
{
	for (int ms = 0;; ms += QUIET_MS) {
		const int64_t before = usage_cpu_ns(pid);

		poll(NULL, 0, QUIET_MS);
		if (usage_cpu_ns(pid) == before && is_asleep(pid))
			return;
		assert_true(ms < SETTLE_MS);
	}
}

/* epoll_pwait()'s fourth argument. */
int usage_wait_ms(pid_t pid)
{
	unsigned long call, timeout;

	usage_wait_rest(pid);
	FILE *file = open_proc(pid, "syscall");
	int n = fscanf(file, "%lu 0x%*x 0x%*x 0x%*x 0x%lx", &call, &timeout);
	fclose(file);
	if (n != 2)
		skip_because("the kernel has no /proc/PID/syscall");
	assert_num(call, SYS_epoll_pwait);
	return (int)timeout;
}

long usage_call(pid_t pid)
{
	char path[64];
	long call = -1;

	usage_wait_rest(pid);
	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%ld", &call) != 1)
		call = -1;
	if (file)
		fclose(file);
	return call;
}

void usage_expect_call(pid_t pid, long call)
{
	const long is = usage_call(pid);

	if (is >= 0)
		assert_num(is, call);
}

void usage_expect_waits(pid_t pid, long call)
{
#ifdef HAS_SENTRY
	usage_expect_call(pid, call);
#endif
}

/* On a busy machine what happened before may interrupt it late. */
void usage_let_wait(pid_t pid, long call, void (*works)(void *arg), void *arg)
{
	long in = SYS_epoll_pwait;

	for (int tries = 0; tries < 5 && in == SYS_epoll_pwait; tries++) {
		for (int i = 0; i < USAGE_ALONE; i++)
			works(arg);
		in = usage_call(pid);
	}
	usage_expect_waits(pid, call);
}

long usage_private_kb(pid_t pid)
{
	return status_number(pid, "RssAnon:");
}

struct usage usage_at_rest(pid_t pid)
{
	usage_wait_rest(pid);
	return (struct usage){ .fds = count_fds(pid),
			       .private_kb = usage_private_kb(pid),
			       .mappings = count_mappings(pid) };
}

/* A sanitizer keeps freed memory to detect its use. */
static long slack_kb(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return 1L << 30;
#else
	return SLACK_KB;
#endif
}

void assert_usage_as(pid_t pid, const struct usage *before)
{
	struct usage now = usage_at_rest(pid);

	assert_num(now.fds, before->fds);
	if (now.private_kb > before->private_kb + slack_kb())
		fail_msg("private memory grew from %ld to %ld KiB",
			 before->private_kb, now.private_kb);
	if (slack_kb() == SLACK_KB && now.mappings > before->mappings + 2)
		fail_msg("mappings grew from %ld to %ld", before->mappings,
			 now.mappings);
}

struct usage usage_serve(struct rig *rig)
{
	rig_serve(rig, "keyboard");
	rig_expect_serves(rig);
	return usage_at_rest(rig->srv.pid);
}

void usage_expect_unharmed(struct rig *rig, const struct usage *before)
{
	rig_expect_serves(rig);
	assert_usage_as(rig->srv.pid, before);
}

void usage_allow_files(rlim_t n)
{
	struct rlimit r;

	assert_sys(getrlimit(RLIMIT_NOFILE, &r));
	if (r.rlim_cur < n)
		r.rlim_cur = n < r.rlim_max ? n : r.rlim_max;
	assert_sys(setrlimit(RLIMIT_NOFILE, &r));
	if (r.rlim_cur < n)
		skip_because("RLIMIT_NOFILE is at most %llu",
			     (unsigned long long)r.rlim_cur);
}

unsigned int usage_threads(pid_t pid)
{
	unsigned int n = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}
