/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/clock.h"

/* /proc/self/exe is TOP/build/VARIANT/tests/...: cut at /tests or above it. */
static const char *above_tests(char path[PATH_MAX], int levels)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *tests = NULL;

	assert_sys(n);
	path[n] = '\0';
	for (char *at = path; (at = strstr(at, "/tests/")); at++)
		tests = at;
	assert_non_null(tests);
	*tests = '\0';
	while (levels--) {
		char *slash = strrchr(path, '/');

		assert_non_null(slash);
		*slash = '\0';
	}
	return path;
}

const char *test_root(void)
{
	static char path[PATH_MAX];

	return above_tests(path, 2);
}

const char *test_bin_dir(void)
{
	static char path[PATH_MAX];
	const char *dir = getenv("VINPUT_BIN_DIR");

	return dir ? dir : above_tests(path, 0);
}

void test_clear_environment(void)
{
	static const char *const names[] = {
		"XKB_DEFAULT_LAYOUT",  "XKB_DEFAULT_VARIANT",
		"XKB_DEFAULT_OPTIONS", "VINPUT_DIR",
		"VINPUT_FDS",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

void process_init(struct process *p, const char *program)
{
	*p = (struct process){
		.status = -1,
		.in = -1,
		.out = -1,
		.captured = -1,
		.log_end = { -1, -1 },
		.err = { .fd = -1 },
	};
	process_arg(p, "%s/%s", test_bin_dir(), program);
}

void process_arg(struct process *p, const char *fmt, ...)
{
	va_list ap;

	assert_true(p->argc < PROCESS_ARGS_MAX);
	va_start(ap, fmt);
	assert_sys(vasprintf(&p->argv[p->argc], fmt, ap));
	va_end(ap);
	p->argc++;
}

void process_keep_fd(struct process *p, int fd)
{
	assert_true(p->n_keep < PROCESS_FDS_MAX);
	p->keep[p->n_keep++] = fd;
}

void process_allow_preload(void)
{
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);
}

void process_preload_server(struct process *p, const char *library)
{
	process_allow_preload();
	free(p->argv[0]);
	assert_sys(asprintf(&p->argv[0], "%s/tests/wire/vhost-user-input",
			    test_bin_dir()));
	free(p->env);
	assert_sys(asprintf(&p->env, "LD_PRELOAD=%s/tests/wire/%s.so",
			    test_bin_dir(), library));
}

static void give_stream(int fd, int target)
{
	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(fd, target);
}

/* In the child: pass fd 3 with our own pid, as systemd does. */
static void give_listen_fds(int fd)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	if (fd == 3)
		fcntl(3, F_SETFD, 0);
	else
		dup2(fd, 3);
}

__attribute__((noreturn)) static void run_child(struct process *p, int err)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Not that of a nohup(1) by which the test was started. */
	signal(SIGHUP, SIG_DFL);
	give_stream(p->in, STDIN_FILENO);
	give_stream(p->out, STDOUT_FILENO);
	give_stream(err, STDERR_FILENO);
	for (size_t i = 0; i < p->n_keep; i++)
		fcntl(p->keep[i], F_SETFD, 0);
	if (p->listen_fds)
		give_listen_fds(p->keep[0]);
	if (p->env)
		putenv(p->env);
	if (p->traced)
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execv(p->argv[0], p->argv);
	dprintf(STDERR_FILENO, "%s: %s\n", p->argv[0], strerror(errno));
	_exit(127);
}

void process_log_to(struct process *p, int ours, int its)
{
	p->log_end[0] = ours;
	p->log_end[1] = its;
}

void process_start(struct process *p)
{
	int err[2] = { p->log_end[0], p->log_end[1] };

	if (err[1] < 0)
		assert_sys(pipe2(err, O_CLOEXEC));
	p->status = -1;
	p->pid = fork();
	assert_sys(p->pid);
	if (p->pid == 0)
		run_child(p, err[1]);
	close(err[1]);
	if (p->err.fd >= 0)
		close(p->err.fd);
	p->err.fd = err[0];
	assert_sys(fcntl(err[0], F_SETFL, O_NONBLOCK));
}

void process_start_piped(struct process *p, int *in, int *out)
{
	int to[2], from[2];

	assert_sys(pipe2(to, O_CLOEXEC));
	assert_sys(pipe2(from, O_CLOEXEC));
	p->in = to[0];
	p->out = from[1];
	process_start(p);
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
}

/* Return: as read(). */
static ssize_t read_in_time(int fd, char *byte)
{
	struct pollfd reads = { .fd = fd, .events = POLLIN };

	assert_num(poll(&reads, 1, DEADLINE_MS), 1);
	return read(fd, byte, 1);
}

void process_start_ready(struct process *p)
{
	char byte = 0;
	int ready[2];

	assert_sys(pipe2(ready, O_CLOEXEC));
	process_arg(p, "--ready-fd=%d", ready[1]);
	process_keep_fd(p, ready[1]);
	process_start(p);
	close(ready[1]);
	assert_num(read_in_time(ready[0], &byte), 1);
	assert_num(byte, '\n');
	assert_num(read_in_time(ready[0], &byte), 0);
	close(ready[0]);
}

void process_capture(struct process *p)
{
	p->captured = memfd_create("stdout", MFD_CLOEXEC);
	assert_sys(p->captured);
	p->out = p->captured;
}

const char *process_stdout(struct process *p)
{
	struct stat st;

	assert_sys(fstat(p->captured, &st));
	p->stdout_text = realloc(p->stdout_text, (size_t)st.st_size + 1);
	assert_non_null(p->stdout_text);
	ssize_t n = pread(p->captured, p->stdout_text, (size_t)st.st_size, 0);
	assert_sys(n);
	p->stdout_text[n] = '\0';
	return p->stdout_text;
}

void process_expect_stdout(struct process *p, const char *needle)
{
	/* A file does not notify readers when it grows. */
	for (int ms = 0; !strstr(process_stdout(p), needle); ms++) {
		if (ms == DEADLINE_MS || !process_runs(p))
			fail_msg("no \"%s\" in its output:\n%s", needle,
				 p->stdout_text);
		poll(NULL, 0, 1);
	}
}

/* Return: whether it has exited; p->status is set then. */
static bool reap(struct process *p)
{
	int status;

	if (p->pid <= 0)
		return true;
	pid_t pid = waitpid(p->pid, &status, WNOHANG);
	assert_sys(pid);
	if (pid == 0)
		return false;
	p->pid = 0;
	p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					: WEXITSTATUS(status);
	return true;
}

bool process_runs(struct process *p)
{
	return !reap(p);
}

int process_wait(struct process *p)
{
	if (p->pid <= 0)
		return p->status;
	int pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	assert_sys(pidfd);
	double end = clock_ms() + DEADLINE_MS;

	/* Its log is read meanwhile, so that a full pipe does not block it. */
	while (!reap(p)) {
		struct pollfd fds[] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = p->err.fd, .events = POLLIN },
		};
		int left = (int)(end - clock_ms());

		if (left <= 0 || poll(fds, 2, left) == 0)
			fail_msg("%s did not exit", p->argv[0]);
		process_read_log(p);
	}
	close(pidfd);
	process_read_log(p);
	return p->status;
}

/* Return: whether it has a handler for it, or reads it from a signalfd. */
static bool catches(const struct process *p, int sig)
{
	char path[32], line[128];
	unsigned long long set, caught = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "SigCgt: %llx", &set) == 1 ||
		    sscanf(line, "SigBlk: %llx", &set) == 1)
			caught |= set;
	fclose(f);
	return caught >> (sig - 1) & 1;
}

/* Before it has a handler a program would be killed instead. */
static void await_handler(struct process *p, int sig)
{
	for (int ms = 0; process_runs(p) && !catches(p, sig); ms++) {
		if (ms == DEADLINE_MS)
			fail_msg("%s does not catch SIG%s", p->argv[0],
				 sigabbrev_np(sig));
		poll(NULL, 0, 1);
	}
}

int process_terminate(struct process *p)
{
	await_handler(p, SIGTERM);
	if (p->pid > 0)
		kill(p->pid, SIGTERM);
	return process_wait(p);
}

void process_fini(struct process *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	for (size_t i = 0; i < p->argc; i++)
		free(p->argv[i]);
	free(p->env);
	free(p->stdout_text);
	if (p->captured >= 0)
		close(p->captured);
	free(p->err.text);
	if (p->err.fd >= 0)
		close(p->err.fd);
	*p = (struct process){
		.status = -1,
		.captured = -1,
		.err = { .fd = -1 },
	};
}

void process_read_log(struct process *p)
{
	struct process_text *t = &p->err;

	for (;;) {
		t->text = realloc(t->text, t->len + 4097);
		assert_non_null(t->text);
		ssize_t n = t->fd < 0 ? 0 : read(t->fd, t->text + t->len, 4096);
		t->len += n > 0 ? (size_t)n : 0;
		t->text[t->len] = '\0';
		if (n == 0 && t->fd >= 0) { /* it closed the stream */
			close(t->fd);
			t->fd = -1;
		}
		if (n <= 0)
			return;
	}
}

int process_lines(const char *text)
{
	int n = 0;

	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

int process_log_count(struct process *p, const char *needle)
{
	int count = 0;

	process_read_log(p);
	for (const char *s = p->err.text; (s = strstr(s, needle)); count++) {
		s = strchr(s, '\n');
		if (!s)
			return count + 1;
	}
	return count;
}

void process_expect_log(struct process *p, const char *needle)
{
	double end = clock_ms() + DEADLINE_MS;

	while (!process_log_count(p, needle)) {
		struct pollfd fd = { .fd = p->err.fd, .events = POLLIN };
		int left = (int)(end - clock_ms());

		if (p->err.fd < 0 || left <= 0 || poll(&fd, 1, left) <= 0)
			fail_msg("no \"%s\" in its log:\n%s", needle,
				 p->err.text);
	}
}
