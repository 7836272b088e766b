/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On SIGCHLD waitid() first looks which process it is, without reaping it; then
 * its owner's pid is cleared and the process reaped, so that no pid is kept
 * past its process.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "injector/process/launch-process.h"
#include "input/base/child.h"
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
	int status = 0;
	pid_t pid;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	    !info.si_pid)
		return false;
	pid = info.si_pid;
	p = process_find(c, pid);
	if (p) {
		LIST_REMOVE(p, link);
		p->pid = 0;
	}
	waitpid(pid, &status, 0);
	if (p)
		p->ended(p->arg, status);
	else
		c->orphan_ended(c->arg);
	return true;
}

static void on_sigchld(struct ev_loop *loop, ev_signal *sig, int events)
{
	while (children_reap_one(sig->data))
		;
}

void launch_children_init(struct launch_children *c, struct ev_loop *loop,
			  void (*orphan_ended)(void *arg), void *arg)
{
	*c = (struct launch_children){ .loop = loop,
				       .orphan_ended = orphan_ended,
				       .arg = arg,
				       .files = fd_raise_limit() };
	launch_places_open(&c->places);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ev_signal_init(&c->sigchld, on_sigchld, SIGCHLD);
	c->sigchld.data = c;
	ev_signal_start(loop, &c->sigchld);
}

void launch_children_fini(struct launch_children *c)
{
	ev_signal_stop(c->loop, &c->sigchld);
	launch_places_close(&c->places);
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

/* --- those of ours --- */

int launch_process_start(struct launch_children *c, struct launch_process *p,
			 const struct launch_exec *exec)
{
	struct launch_exec_child child = { .exec = exec,
					   .files = &c->files,
					   .signals = &c->signals,
					   .pid = &p->pid };
	int r;

	if (!c->any)
		child_find_signals(&c->signals);
	c->any = true;
	r = launch_exec_start(&child);
	if (r) {
		if (p->pid)
			waitpid(p->pid, NULL, 0);
		p->pid = 0;
		return r;
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
	p->ended(p->arg, LAUNCH_STATUS_UNKNOWN);
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
	if (status == LAUNCH_STATUS_UNKNOWN)
		snprintf(text, 64, "has ended");
	else if (WIFSIGNALED(status))
		snprintf(text, 64, "was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		snprintf(text, 64, "ended with status %d", WEXITSTATUS(status));
}
