/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads a library of which the program can do without, and finds functions in
 * it.
 */
#ifndef VINPUT_PASS_LIBRARY_H
#define VINPUT_PASS_LIBRARY_H

#include <stddef.h>
#include "input/base/fault.h"

struct pass_library_row {
	const char *call;
	size_t member; /* its pointer's offset in the table of calls */
};

/*
 * Fill the table for these n rows. The library stays loaded, unless it lacks a
 * function. Return: 0; -EINVAL with *why.
 */
int pass_library_load(const char *name, const struct pass_library_row *rows,
		      size_t n, void *calls, struct fault *why);

#endif
