/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes. Each dies with the launcher, whatever becomes of it, and
 * only those that are not yet waited for are ever signalled, so that no other
 * process can be hit. What the children leave behind when they end is adopted.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_PROCESS_H
#define VINPUT_LAUNCH_PROCESS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/types.h>

struct launch_process {
	pid_t pid;			      /* 0: none */
	void (*ended)(void *arg, int status); /* status: waitpid(2)'s */
	void *arg;
	LIST_ENTRY(launch_process) link;
};

/*
 * We may have as many files open as we can get: there are six for each device.
 * The children keep the limit that we had: some of them may use select(2).
 */
struct launch_children {
	struct ev_loop *loop; /* not the default one: that reaps itself */
	ev_signal sigchld;
	struct rlimit files; /* what the children may have open */
	LIST_HEAD(launch_process_list, launch_process) list;
	void (*orphan_ended)(void *arg);
	void *arg;
};

/* What is to be run. */
struct launch_exec {
	char *const *argv; /* looked for in PATH if it has no slash */
	char *const *env;  /* added to ours; NULL: nothing */
	const int *keep;   /* fds that stay open, under their numbers */
	size_t n_keep;
	/*
	 * stdout and stderr of a child that gets a session of its own, and an
	 * empty stdin; -1: it shares ours, and our terminal.
	 */
	int out;
};

void launch_children_init(struct launch_children *c, struct ev_loop *loop,
			  void (*orphan_ended)(void *arg), void *arg);
void launch_children_fini(struct launch_children *c);
/* Whether any child is left, of ours or adopted. */
bool launch_children_left(const struct launch_children *c);
/* To those that were adopted. */
void launch_children_signal_orphans(const struct launch_children *c, int sig);

/*
 * p->ended and p->arg are set by the caller; the former may free p.
 * Return: 0, or -errno, also of a program that cannot be executed.
 */
int launch_process_start(struct launch_children *c, struct launch_process *p,
			 const struct launch_exec *exec);
/* Does nothing if there is no process. */
void launch_process_signal(const struct launch_process *p, int sig);
/* What became of it, in words. */
void launch_process_strend(int status, char text[64]);

#endif
