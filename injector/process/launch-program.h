/* SPDX-License-Identifier: Apache-2.0 */
/* Our other programs. */
#ifndef VINPUT_LAUNCH_PROGRAM_H
#define VINPUT_LAUNCH_PROGRAM_H

#include <limits.h>

/* The one beside this program; else its name, for the one in PATH. */
void launch_program_find(char path[PATH_MAX], const char *name);

#endif
