/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes. Each dies with the launcher, however that ends, unless it is
 * to outlive it, and only those that are not reaped yet are signalled, so that
 * no other process can be hit. Processes that a child leaves behind are adopted
 * ("orphans"), and those of a launcher that has died can be inherited. Loop
 * thread only.
 */
#ifndef VINPUT_LAUNCH_PROCESS_H
#define VINPUT_LAUNCH_PROCESS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/types.h>
#include "injector/process/launch-exec.h"

/* Of a process that was inherited. waitpid(2) returns no such status. */
#define LAUNCH_STATUS_UNKNOWN (-1)

struct launch_process {
	pid_t pid;	/* 0: none */
	bool inherited; /* it is not our child */
	int pidfd;	/* owned, if inherited */
	ev_io io;	/* of it */
	/* status: waitpid(2)'s, or LAUNCH_STATUS_UNKNOWN */
	void (*ended)(void *arg, int status);
	void *arg;
	LIST_ENTRY(launch_process) link;
};

/*
 * The launcher raises its limit of open files: a device has up to nineteen,
 * while it is taken over. Its children keep the original limit: some of them
 * may use select(2).
 */
struct launch_children {
	struct ev_loop *loop; /* not the default one, which reaps by itself */
	ev_signal sigchld;
	struct rlimit files; /* of the children */
	sigset_t signals;    /* as child_settle(); since the first child */
	bool any;	     /* child has been made */
	struct launch_places places;
	LIST_HEAD(launch_process_list, launch_process) list;
	void (*orphan_ended)(void *arg);
	void *arg;
};

void launch_children_init(struct launch_children *c, struct ev_loop *loop,
			  void (*orphan_ended)(void *arg), void *arg);
void launch_children_fini(struct launch_children *c);
/* Return: whether any child is left, adopted ones included. */
bool launch_children_left(const struct launch_children *c);
/* Send a signal to those that were adopted. */
void launch_children_signal_orphans(const struct launch_children *c, int sig);

/*
 * The caller has set p->ended, which MAY free p, and p->arg.
 * Return: 0, or -errno, also if the program cannot be executed.
 */
int launch_process_start(struct launch_children *c, struct launch_process *p,
			 const struct launch_exec *exec);
/* A process of from becomes that of to, which MUST NOT have one. */
void launch_process_move(struct launch_children *c, struct launch_process *from,
			 struct launch_process *to);
/*
 * Take over a process of a launcher that has died. pidfd: taken. ended() gets
 * LAUNCH_STATUS_UNKNOWN. Return: 0 or -errno; -ESRCH: it has ended.
 */
int launch_process_inherit(struct launch_children *c, struct launch_process *p,
			   int pidfd);
/* Return: a pidfd, or -errno. */
int launch_process_pidfd(const struct launch_process *p);
/* Does nothing if it does not run. */
void launch_process_signal(const struct launch_process *p, int sig);
/* status: that of ended(). text: "ended with status 1". */
void launch_process_strend(int status, char text[64]);

#endif
