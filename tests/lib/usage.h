/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process has, as /proc tells: so that a test can say that an attack
 * left nothing behind. Waits until the process has settled.
 */
#ifndef VINPUT_TESTS_USAGE_H
#define VINPUT_TESTS_USAGE_H

#include <sys/types.h>
#include "tests/lib/rig.h"

struct usage {
	int fds;
	long private_kb; /* memory that is only its own */
	long mappings;
};

/*
 * A process in its sandbox shows to nobody but root what it has: let it be seen
 * by who runs the tests. Before the start.
 */
void usage_allow(struct process *p);
/* rig_setup() and that. */
int usage_rig_setup(void **state);

/* With nothing going on: fails the test if it still uses CPU after a while. */
struct usage usage_at_rest(pid_t pid);
/* Fail unless it has no more than before. */
void assert_usage_as(pid_t pid, const struct usage *before);

/* Serve a keyboard, once. Return: what the server has then, at rest. */
struct usage usage_serve(struct rig *rig);
/* Fail unless the next front-end is served, and it has no more than before. */
void usage_expect_unharmed(struct rig *rig, const struct usage *before);

/* Wait until the process sleeps and stays asleep; fails after a while. */
void usage_wait_rest(pid_t pid);
/* Return: the CPU time that it has used. */
int64_t usage_cpu_ns(pid_t pid);
/* Return: how often it has gone to sleep. */
long usage_sleeps(pid_t pid);

#endif
