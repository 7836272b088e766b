/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of each program as libseccomp's rules: for the filters that
 * are made with the program (make-filters.c), and for those that are made when
 * it starts.
 */
#ifndef VINPUT_SANDBOX_RULES_H
#define VINPUT_SANDBOX_RULES_H

#include <seccomp.h>
#include <sys/types.h>
#include "input/sandbox/sandbox-modes.h"

/*
 * *ctx: to be released; the filter for the process pid. Return: 0 or -errno,
 * then there is none.
 */
int sandbox_rules(scmp_filter_ctx *ctx, enum sandbox_mode mode,
		  unsigned int calls, pid_t pid);

#endif
