/* SPDX-License-Identifier: Apache-2.0 */
/* One wall of the sandbox: the system calls that the process may make. */
#ifndef VINPUT_SANDBOX_CALLS_H
#define VINPUT_SANDBOX_CALLS_H

#include <stdbool.h>

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_LOG, /* the kernel logs calls that the table lacks */
	SANDBOX_ON,
};

/*
 * seccomp: allow only the calls of the table, and with postcopy those for
 * userfaultfd. mode: not SANDBOX_OFF. Return: 0; or -errno, after logging it.
 */
int sandbox_restrict_calls(enum sandbox_mode mode, bool postcopy);

#endif
