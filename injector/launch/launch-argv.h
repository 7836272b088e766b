/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of strings that grows: a command line or an environment to be. Memory
 * that is not there is found out once, at the end.
 */
#ifndef VINPUT_LAUNCH_ARGV_H
#define VINPUT_LAUNCH_ARGV_H

#include <stdbool.h>
#include <stddef.h>

struct launch_argv {
	char **v; /* owned; ends with NULL, itself NULL while empty */
	size_t n;
	bool failed; /* there was no memory */
};

#define LAUNCH_ARGV_NULL ((struct launch_argv){ 0 })

__attribute__((format(printf, 2, 3))) void launch_argv_add(
	struct launch_argv *a, const char *fmt, ...);
/* Return: 0, or -ENOMEM if one of the strings is missing. */
int launch_argv_check(const struct launch_argv *a);
void launch_argv_fini(struct launch_argv *a); /* idempotent */

#endif
