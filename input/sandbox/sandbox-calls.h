/* SPDX-License-Identifier: Apache-2.0 */
/* One wall of the sandbox: the system calls that the process may make. */
#ifndef VINPUT_SANDBOX_CALLS_H
#define VINPUT_SANDBOX_CALLS_H

#include "input/sandbox/sandbox-modes.h"

/*
 * seccomp: allow only the calls of the table, and those of calls, bits of enum
 * sandbox_calls. mode: not SANDBOX_OFF. Return: 0; or -errno, after logging it.
 */
int sandbox_restrict_calls(enum sandbox_mode mode, unsigned int calls);

#endif
