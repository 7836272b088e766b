/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox of a process, seen from outside: what the kernel reports, and
 * calls that a debugger substitutes for the process's own.
 */
#ifndef VINPUT_TESTS_WALLS_H
#define VINPUT_TESTS_WALLS_H

#include <stdbool.h>
#include <sys/ptrace.h>
#include "tests/lib/process.h"

/*
 * For a program that a small process opens nodes for: its list of system calls
 * has none of a sanitizer's. Skips the test with one.
 */
void walls_need_no_sanitizer(void);

/* The value of name in /proc/PID/FILE MUST begin with this. */
void walls_expect(pid_t pid, const char *file, const char *name,
		  const char *value);
/* No privileges, a system call filter, one thread, no processes to be made. */
void walls_expect_confined(pid_t pid);
/* The same with n threads. */
void walls_expect_threads_confined(pid_t pid, unsigned int n);
/* The same for a program that has a sentry (input/base/sentry.h), if it can. */
void walls_expect_sentry_confined(pid_t pid);

struct walls_call {
	const char *name;
	long nr;
	unsigned long arg[4];
};

/*
 * Start a program, run it until it logs that it is ready, and stop it before
 * its next call. Return: its pid; it is traced.
 */
pid_t walls_stop_before_a_call(struct process *p, const char *ready);
/* Replace that call by this one. */
void walls_change_call(pid_t pid, const struct walls_call *call);
/* Let it run to its next stop. Return: as waitpid()'s status. */
int walls_next_stop(pid_t pid, enum __ptrace_request go);
bool walls_is_before_a_call(pid_t pid);

#endif
