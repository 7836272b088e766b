/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters of system calls. libseccomp makes them when the program is built,
 * since making one takes a quarter of the time to start, and libseccomp more
 * memory than a device. Where what is built cannot run, libseccomp is linked
 * and makes them at run time.
 */
#ifndef VINPUT_SANDBOX_FILTERS_H
#define VINPUT_SANDBOX_FILTERS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "input/sandbox/sandbox-modes.h"

/* More instructions than any has. */
#define SANDBOX_CODE_MAX 256

struct sandbox_filter {
	enum sandbox_mode mode;
	unsigned int calls;
	unsigned int first; /* instruction, of all; no pointer: relocated */
	unsigned short n;
	unsigned short pid_at; /* whose k is to be the process's ID */
};

/* Return: whether filters were made with the program. */
bool sandbox_filters_made(void);
/* Return: that of SANDBOX_ON or SANDBOX_LOG for these calls, or NULL. */
const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls);
/* Copy its instructions, for the process pid. */
void sandbox_filter_copy(const struct sandbox_filter *f, pid_t pid,
			 struct sock_filter code[SANDBOX_CODE_MAX]);

/*
 * Confine this process by the filter. Return: 0 or -errno; -ENOENT: there is
 * none for what was asked.
 */
int sandbox_filter_load(enum sandbox_mode mode, unsigned int calls);

#endif
