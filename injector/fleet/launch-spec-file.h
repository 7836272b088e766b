/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spec as a file in memory. An inline one is read by its device's server,
 * again after a change, but cannot be written by it.
 */
#ifndef VINPUT_LAUNCH_SPEC_FILE_H
#define VINPUT_LAUNCH_SPEC_FILE_H

#include <jansson.h>
#include <stddef.h>

/* The path of an inherited fd in the process that has it. */
#define LAUNCH_SPEC_FORMAT "/proc/self/fd/%d"

struct launch_spec_file {
	int fd; /* owned; -1: there is none */
	char *text;
	size_t len;
};

#define LAUNCH_SPEC_FILE_NULL ((struct launch_spec_file){ .fd = -1 })

/* spec: NULL: the server writes it instead. Return: 0; -EFBIG, ... */
int launch_spec_file_open(struct launch_spec_file *f, const json_t *spec);
/* Replace it. Return: 0; -EFBIG or -ENOMEM: it is unchanged. */
int launch_spec_file_write(struct launch_spec_file *f, const json_t *spec);
/* Of what both return. */
const char *launch_spec_file_strerror(int r);
void launch_spec_file_close(struct launch_spec_file *f); /* idempotent */

#endif
