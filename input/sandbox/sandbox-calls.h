/* SPDX-License-Identifier: Apache-2.0 */
/* One wall of the sandbox: the system calls that the process may make. */
#ifndef VINPUT_SANDBOX_CALLS_H
#define VINPUT_SANDBOX_CALLS_H

#include <stdbool.h>

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_LOG, /* what the table has not is logged by the kernel */
	SANDBOX_ON,
};

/*
 * seccomp: allow the calls of the table only; with postcopy those of
 * userfaultfd, too. mode: not SANDBOX_OFF. Return: 0, or -errno, which is
 * logged.
 */
int sandbox_restrict_calls(enum sandbox_mode mode, bool postcopy);

#endif
