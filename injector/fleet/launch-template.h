/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The template, a vhost-user-input that forks servers (input/template/): it is
 * started when the first of them is, and again when it has ended, or is not of
 * the program that is installed now. Without one, servers are executed. Loop
 * thread only.
 */
#ifndef VINPUT_LAUNCH_TEMPLATE_H
#define VINPUT_LAUNCH_TEMPLATE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include "injector/process/launch-child.h"

struct launch_template_process;

struct launch_template {
	const struct launch_setup *setup;
	struct launch_template_process *process; /* NULL: none */
	/* What it was started from; "": not known. */
	char path[PATH_MAX];
	struct stat program;
	bool forks;   /* it has forked a server */
	bool useless; /* that program cannot be a template */
};

void launch_template_init(struct launch_template *t,
			  const struct launch_setup *setup);
/* For launch_exec.by; arg: struct launch_template. */
pid_t launch_template_fork(void *arg, struct launch_exec_child *c);
/*
 * End it. The next one has what is installed by then, shared libraries as
 * well. Its servers run on.
 */
void launch_template_end(struct launch_template *t);

#endif
