/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds a capability spec by file name or bare name, reads it, and logs what is
 * wrong with it.
 */
#ifndef VINPUT_SPEC_FILE_H
#define VINPUT_SPEC_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/spec/spec-read.h"
#include "input/spec/spec-sets.h"
#include "input/spec/spec.h"

#define SPEC_FILE_PATH_MAX (2 * PATH_MAX)

/* The file that a name (see below) stands for. Return: whether it exists. */
bool spec_file_find(const char *name, char path[SPEC_FILE_PATH_MAX]);

/*
 * name: a path, or a bare name such as "keyboard" for keyboard.json in the
 * specs folder of the build tree this program stands in, or the installed one.
 * Return: 0; SPEC_E_INVALID or -errno, after logging one error.
 */
int spec_file_load(struct spec *spec, const char *name,
		   const struct spec_set *sets, size_t n_sets);

/* spec_shipped_find(): only programs that pass it on contain its table. */
typedef const struct spec *spec_known_fn(const char *text, size_t len);

/*
 * The same, but a text that is known is not parsed if no sets are given.
 * Return: *room, or the known spec; NULL after logging one error.
 */
const struct spec *spec_file_get(struct spec *room, const char *name,
				 const struct spec_sets *sets,
				 spec_known_fn *known);

#endif
