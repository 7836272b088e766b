/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters that were made with the program, by libseccomp: making one takes
 * a quarter of the time to start, and more memory than a device.
 */
#ifndef VINPUT_SANDBOX_FILTERS_H
#define VINPUT_SANDBOX_FILTERS_H

#include <linux/filter.h>
#include <stddef.h>
#include "input/sandbox/sandbox-modes.h"

struct sandbox_filter {
	unsigned int calls; /* of SANDBOX_ON */
	unsigned short n;
	unsigned short pid_at; /* whose k is to be the process's ID */
	const struct sock_filter *code;
};

/* Return: the one for these calls; NULL: it is made at run time. */
const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls);

#endif
