/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process uses, according to /proc, so that a test can tell that an
 * attack left nothing behind. Waits until the process has settled.
 */
#ifndef VINPUT_TESTS_USAGE_H
#define VINPUT_TESTS_USAGE_H

#include <sys/resource.h>
#include <sys/types.h>
#include "tests/lib/rig.h"

struct usage {
	int fds;
	long private_kb; /* memory that it shares with nobody */
	long mappings;
};

/*
 * A process in its sandbox is opaque to all but root: make it visible to the
 * user who runs the tests. Its memory is what it uses itself, not what malloc()
 * fills (tests/run) or keeps in each thread. Before the start.
 */
void usage_allow(struct process *p);
/* rig_setup() and that. */
int usage_rig_setup(void **state);
/* Let this process and its children have so many fds, or skip the case. */
void usage_allow_files(rlim_t n);

/* When idle: fails the test if it still uses CPU after a while. */
struct usage usage_at_rest(pid_t pid);
/* Fail if it uses more than before. */
void assert_usage_as(pid_t pid, const struct usage *before);

/* Serve a keyboard, once. Return: what the server uses then, at rest. */
struct usage usage_serve(struct rig *rig);
/* Fail if the next front-end is not served, or more is used than before. */
void usage_expect_unharmed(struct rig *rig, const struct usage *before);

/* Now, at rest or not. */
long usage_private_kb(pid_t pid);
/* Wait until the process sleeps and stays asleep; fails after a while. */
void usage_wait_rest(pid_t pid);
/*
 * Wait as above. Return: the milliseconds for which it waits in epoll_pwait();
 * -1: for ever. Skips the case where the kernel does not say. No other process
 * of its user, unless it is root, sees the calls of one that is confined.
 */
int usage_wait_ms(pid_t pid);
/*
 * Wait as above. Return: the number of the call in which it sleeps; -1: it
 * cannot be seen.
 */
long usage_call(pid_t pid);
/* Fail if that is not the call, unless it cannot be seen. */
void usage_expect_call(pid_t pid, long call);
/* The same of one that has a sentry; without one it waits with all else. */
void usage_expect_waits(pid_t pid, long call);
/* Frames that come alone, two each time: more than a sentry takes, also after a
 * few that did not pay. */
#define USAGE_ALONE 64
/* Let works(arg) bring frames until it waits in that call, and fail if not. */
void usage_let_wait(pid_t pid, long call, void (*works)(void *arg), void *arg);
/* Return: the CPU time that it has used. */
int64_t usage_cpu_ns(pid_t pid);
/* Return: how often it has gone to sleep. */
long usage_sleeps(pid_t pid);

/* Return: how many threads the process has. */
unsigned int usage_threads(pid_t pid);

#endif
