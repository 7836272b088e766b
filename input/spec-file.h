/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds a capability spec by file name or bare name, reads it, and tells on
 * stderr what is wrong with it.
 */
#ifndef VINPUT_SPEC_FILE_H
#define VINPUT_SPEC_FILE_H

#include <stddef.h>
#include "spec.h"
#include "spec-read.h"

/*
 * name: a path, or a bare name such as "keyboard" for keyboard.json in the
 * specs folder of the build tree this program stands in, or the installed one.
 * Return: 0; SPEC_E_INVALID or -errno, after one line to the log has told.
 */
int spec_file_load(struct spec *spec, const char *name,
		   const struct spec_set *sets, size_t n_sets);

#endif
