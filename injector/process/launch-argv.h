/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing list of strings, for a command line or an environment. A lack of
 * memory is remembered, and checked once at the end.
 */
#ifndef VINPUT_LAUNCH_ARGV_H
#define VINPUT_LAUNCH_ARGV_H

#include <stdbool.h>
#include <stddef.h>

struct launch_argv {
	char **v; /* owned; ends with NULL, itself NULL while empty */
	size_t n;
	bool failed; /* a string is missing for lack of memory */
};

#define LAUNCH_ARGV_NULL ((struct launch_argv){ 0 })

__attribute__((format(printf, 2, 3))) void launch_argv_add(
	struct launch_argv *a, const char *fmt, ...);
/* Copies of those that begin with prefix. */
void launch_argv_add_some(struct launch_argv *a, const struct launch_argv *from,
			  const char *prefix);
/* Return: 0, or -ENOMEM if one of the strings is missing. */
int launch_argv_check(const struct launch_argv *a);
void launch_argv_fini(struct launch_argv *a); /* idempotent */

#endif
