/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first steps of a child process, up to the program that it is to run. It
 * dies with the launcher unless it is to outlive it. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_EXEC_H
#define VINPUT_LAUNCH_EXEC_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>
#include "injector/process/launch-places.h"

struct launch_exec_child;

/*
 * Another way to get a child that waits at c->tell[1] and then becomes what
 * c->exec describes. Return: its pid; 0: there is none, and the program is
 * executed; -errno.
 */
typedef pid_t launch_exec_by(void *arg, struct launch_exec_child *c);

/* A program to be run. */
struct launch_exec {
	char *const *argv; /* argv[0]: in PATH unless it has a slash */
	char *const *env;  /* added to ours; NULL: nothing */
	const int *keep;   /* fds that stay open */
	size_t n_keep;
	/*
	 * Whose numbers they have in the child, as launch_keep_add() says; it
	 * has no other fd of ours. NULL: they keep their own. Borrowed.
	 */
	struct launch_places *places;
	/*
	 * stdout and stderr of a child in a session of its own, with an empty
	 * stdin; -1: it shares the launcher's, and its terminal.
	 */
	int out;
	bool outlives; /* the launcher: it is not killed when that dies */
	/*
	 * p has the process, which does not run the program yet. Even if the
	 * launcher dies meanwhile this is carried out, or nothing is run. May
	 * be called in the child, in the launcher's memory and, with places,
	 * its table of fds. May be NULL.
	 */
	void (*forked)(void *arg);
	void *arg;
	launch_exec_by *by; /* NULL: it is executed */
	void *by_arg;
};

/* A child that is being made. */
struct launch_exec_child {
	const struct launch_exec *exec; /* borrowed */
	const struct rlimit *files;	/* its limit of open files; borrowed */
	const sigset_t *signals;	/* as child_settle(); borrowed */
	pid_t *pid;			/* where its number is put; borrowed */
	char **env;			/* owned */
	pid_t parent;
	int tell[2]; /* owned; its end is the second; -1: in our memory */
	int error;   /* in our memory: why the program does not run, or 0 */
};

/*
 * Return: 0: the child runs the program, or has been killed before; or -errno,
 * with its number if it has ended and is to be reaped.
 */
int launch_exec_start(struct launch_exec_child *c);

#endif
