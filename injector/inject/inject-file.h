/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a whole file. */
#ifndef VINPUT_INJECT_FILE_H
#define VINPUT_INJECT_FILE_H

#include <stddef.h>
#include "input/base/fault.h"

/* Neither a text nor a recording is larger. */
#define INJECT_FILE_MAX ((size_t)256 * 1024 * 1024)

struct inject_file {
	char *text; /* owned */
	size_t len;
};

/*
 * path: "-" for standard input.
 * Return: 0; -ENOENT, -EFBIG, ... with the fault.
 */
int inject_file_read(struct inject_file *file, const char *path,
		     struct fault *f);
void inject_file_fini(struct inject_file *file); /* idempotent */

#endif
