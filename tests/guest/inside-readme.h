/* SPDX-License-Identifier: Apache-2.0 */
/* README.md's section of the host's devices, for the tests that do what it
 * says. */
#ifndef VINPUT_TEST_INSIDE_README_H
#define VINPUT_TEST_INSIDE_README_H

#include "tests/guest/inside.h"

#define README_DIR INSIDE_DIR "/readme"

/* Return: the section, to be freed. */
char *readme_section(void);

#endif
