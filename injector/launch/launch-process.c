/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork(), and then in the child, with signals still blocked so that none is
 * lost in a handler of the launcher's:
 *
 *	wait for the parent → die with it → session → streams → fds
 *	→ environment → signals → execvp()
 *
 * A socket that closes on exec reports whether that worked. On SIGCHLD waitid()
 * first looks which process it is, without reaping it; then its owner's pid is
 * cleared and the process reaped, so that no pid is kept past its process.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "injector/launch/launch-process.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static struct launch_process *process_find(const struct launch_children *c,
					   pid_t pid)
{
	struct launch_process *p = LIST_FIRST(&c->list);

	/* An inherited one is no child: its number may be another's by now. */
	while (p && (p->inherited || p->pid != pid))
		p = LIST_NEXT(p, link);
	return p;
}

/* Return: whether there was one to reap. */
static bool children_reap_one(struct launch_children *c)
{
	siginfo_t info = { .si_pid = 0 };
	struct launch_process *p;
	pid_t pid;
	int status;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	    !info.si_pid)
		return false;
	pid = info.si_pid;
	p = process_find(c, pid);
	if (p) {
		LIST_REMOVE(p, link);
		p->pid = 0;
	}
	if (waitpid(pid, &status, 0) != pid)
		return false;
	if (p)
		p->ended(p->arg, status);
	else
		c->orphan_ended(c->arg);
	return true;
}

static void on_sigchld(struct ev_loop *loop, ev_signal *sig, int events)
{
	while (children_reap_one(sig->data))
		continue;
}

static void children_raise_files(struct launch_children *c)
{
	struct rlimit most;

	getrlimit(RLIMIT_NOFILE, &c->files);
	most = c->files;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
}

void launch_children_init(struct launch_children *c, struct ev_loop *loop,
			  void (*orphan_ended)(void *arg), void *arg)
{
	*c = (struct launch_children){ .loop = loop,
				       .orphan_ended = orphan_ended,
				       .arg = arg };
	LIST_INIT(&c->list);
	children_raise_files(c);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ev_signal_init(&c->sigchld, on_sigchld, SIGCHLD);
	c->sigchld.data = c;
	ev_signal_start(loop, &c->sigchld);
}

void launch_children_fini(struct launch_children *c)
{
	ev_signal_stop(c->loop, &c->sigchld);
}

bool launch_children_left(const struct launch_children *c)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void launch_children_signal_orphans(const struct launch_children *c, int sig)
{
	FILE *list = fopen("/proc/thread-self/children", "re");
	int pid;

	/* None of them is reaped before we return: no pid is reused. */
	while (list && fscanf(list, "%d", &pid) == 1)
		if (!process_find(c, pid))
			kill(pid, sig);
	if (list)
		fclose(list);
}

/* --- in the child --- */

static void clean_environment(char *const *add)
{
	/* They are meant for the launcher only. */
	static const char *const ours[] = { "NOTIFY_SOCKET", "LISTEN_FDS",
					    "LISTEN_PID",    "LISTEN_FDNAMES",
					    "WATCHDOG_PID",  "WATCHDOG_USEC" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		unsetenv(ours[i]);
	for (; add && *add; add++)
		putenv(*add);
}

static int give_streams(int out)
{
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		return -errno;
	return 0;
}

static void default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int process_prepare(const struct launch_exec *exec,
			   const struct rlimit *files, pid_t parent)
{
	int r = 0;

	if (!exec->outlives && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != parent)
		return -ESRCH; /* it has died: nobody reads this */
	if (exec->out >= 0) {
		setsid();
		/* Also fds that were inherited by mistake. */
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		r = give_streams(exec->out);
	}
	for (size_t i = 0; i < exec->n_keep && !r; i++)
		if (fcntl(exec->keep[i], F_SETFD, 0) < 0)
			r = -errno;
	setrlimit(RLIMIT_NOFILE, files);
	clean_environment(exec->env);
	default_signals();
	return r;
}

__attribute__((noreturn)) static void process_exec(
	const struct launch_exec *exec, const struct rlimit *files,
	pid_t parent, const int tell[2])
{
	char go;
	int error;

	close(tell[0]);
	if (read(tell[1], &go, 1) != 1)
		_exit(127); /* it has died */
	error = process_prepare(exec, files, parent);
	if (!error) {
		execvp(exec->argv[0], exec->argv);
		error = -errno;
	}
	if (write(tell[1], &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* --- in the parent --- */

static pid_t process_fork(const struct launch_exec *exec,
			  const struct rlimit *files, const int tell[2])
{
	pid_t parent = getpid(), pid;
	sigset_t all, old;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		process_exec(exec, files, parent, tell);
	if (pid < 0)
		pid = -errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static void process_forked(struct launch_process *p, pid_t pid,
			   const struct launch_exec *exec, int tell)
{
	p->pid = pid;
	if (exec->forked)
		exec->forked(exec->arg);
	send(tell, "", 1, MSG_NOSIGNAL);
}

int launch_process_start(struct launch_children *c, struct launch_process *p,
			 const struct launch_exec *exec)
{
	int tell[2], error = 0;
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, tell) < 0)
		return -errno;
	pid = process_fork(exec, &c->files, tell);
	close(tell[1]);
	if (pid > 0)
		process_forked(p, pid, exec, tell[0]);
	do
		n = read(tell[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	close(tell[0]);
	if (pid < 0)
		return pid;
	if (n == sizeof(error)) {
		p->pid = 0;
		waitpid(pid, NULL, 0);
		return error;
	}
	LIST_INSERT_HEAD(&c->list, p, link);
	return 0;
}

/* --- those of another launcher --- */

static void on_inherited_end(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_process *p = container_of(io, struct launch_process, io);

	ev_io_stop(loop, io);
	LIST_REMOVE(p, link);
	p->pidfd = close_fd(p->pidfd);
	p->pid = 0;
	p->inherited = false;
	p->ended(p->arg, 0);
}

/* Return: the process' number, -ESRCH: it has ended, or another -errno. */
static pid_t pid_of(int pidfd)
{
	char path[48], line[128];
	pid_t pid = -ENOENT;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	info = fopen(path, "re");
	while (info && pid == -ENOENT && fgets(line, sizeof(line), info))
		sscanf(line, "Pid: %d", &pid);
	if (info)
		fclose(info);
	return pid == -1 ? -ESRCH : pid;
}

int launch_process_inherit(struct launch_children *c, struct launch_process *p,
			   int pidfd)
{
	const pid_t pid = pid_of(pidfd);

	if (pid <= 0) {
		close_fd(pidfd);
		return pid ? pid : -ESRCH;
	}
	p->pid = pid;
	p->inherited = true;
	p->pidfd = pidfd;
	LIST_INSERT_HEAD(&c->list, p, link);
	ev_io_init(&p->io, on_inherited_end, pidfd, EV_READ);
	ev_io_start(c->loop, &p->io);
	return 0;
}

int launch_process_pidfd(const struct launch_process *p)
{
	const int fd = p->inherited ? fcntl(p->pidfd, F_DUPFD_CLOEXEC, 0)
				    : pidfd_open(p->pid, 0);

	return fd < 0 ? -errno : fd;
}

void launch_process_move(struct launch_children *c, struct launch_process *from,
			 struct launch_process *to)
{
	if (!from->pid)
		return;
	LIST_REMOVE(from, link);
	to->pid = from->pid;
	from->pid = 0;
	LIST_INSERT_HEAD(&c->list, to, link);
}

void launch_process_signal(const struct launch_process *p, int sig)
{
	if (p->inherited)
		pidfd_send_signal(p->pidfd, sig, NULL, 0);
	else if (p->pid > 0)
		kill(p->pid, sig);
}

void launch_process_strend(int status, char text[64])
{
	if (WIFSIGNALED(status))
		snprintf(text, 64, "was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		snprintf(text, 64, "ended with status %d", WEXITSTATUS(status));
}
