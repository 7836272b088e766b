/* SPDX-License-Identifier: Apache-2.0 */
/* The walls of the sandbox, which sandbox.c puts up in order. */
#ifndef VINPUT_SANDBOX_PARTS_H
#define VINPUT_SANDBOX_PARTS_H

#include "input/sandbox/sandbox.h"

/*
 * Landlock: no file but these can be reached, no network, no other's abstract
 * socket, no other process by a signal; each as far as the kernel has it.
 * Return: 0, also where it has none of it; -errno.
 */
int sandbox_restrict_paths(const struct sandbox_paths *paths);

/* seccomp: the calls of the table. Return: 0 or -errno. */
int sandbox_restrict_calls(enum sandbox_mode mode, bool postcopy);

#endif
