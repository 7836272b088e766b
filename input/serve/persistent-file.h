/* SPDX-License-Identifier: Apache-2.0 */
/* The memory file of --state-fd, mapped: see persistent.h. */
#ifndef VINPUT_PERSISTENT_FILE_H
#define VINPUT_PERSISTENT_FILE_H

#include "input/device/persistent.h"

/*
 * Map the file, borrowed, for n inherited injectors, which may be more or fewer
 * than it was for. What it holds is discarded, with a line in the log, unless a
 * process of the same version left it. A new one begins as the spec says.
 * Return: 0 or -errno.
 */
int persistent_file_open(struct persistent **p, int fd, unsigned int n,
			 const struct spec *spec);
void persistent_file_close(struct persistent *p); /* NULL is fine */

#endif
