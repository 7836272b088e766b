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
#include "input/sandbox/sandbox-modes.h"

struct sandbox_filter {
	enum sandbox_mode mode;
	unsigned int calls;
	unsigned short n;
	unsigned short pid_at; /* whose k is to be the process's ID */
	const struct sock_filter *code;
};

/* Return: whether filters were made with the program. */
bool sandbox_filters_made(void);
/* Return: that of SANDBOX_ON or SANDBOX_LOG for these calls, or NULL. */
const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls);

/*
 * Confine this process by the filter. Return: 0 or -errno; -ENOENT: there is
 * none for what was asked.
 */
int sandbox_filter_load(enum sandbox_mode mode, unsigned int calls);

#endif
