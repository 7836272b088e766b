/* SPDX-License-Identifier: Apache-2.0 */
/* One wall of the sandbox: what the process can reach outside of itself. */
#ifndef VINPUT_SANDBOX_PATHS_H
#define VINPUT_SANDBOX_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#define SANDBOX_PATHS_MAX 6
#define SANDBOX_PORTS_MAX 8

/* What stays accessible. Strings are borrowed; NULL: unused. */
struct sandbox_paths {
	/* Files to read; their folders become readable. */
	const char *read[SANDBOX_PATHS_MAX];
	const char *removed[SANDBOX_PATHS_MAX]; /* files to unlink */
	/* Folders to read with all below them; to list, with all below. */
	const char *folders[SANDBOX_PATHS_MAX];
	const char *listed[SANDBOX_PATHS_MAX];
	uint16_t
		ports[SANDBOX_PORTS_MAX]; /* of TCP, to connect to; 0: unused */
	bool signals; /* to other processes, as far as sandbox-calls.h permits
		       */
};

/*
 * Landlock: allow these files and ports only; no other network, no abstract
 * socket of another process, no signal to one; each as far as the kernel
 * supports it. Return: 0, also without Landlock; or -errno, after logging it.
 */
int sandbox_restrict_paths(const struct sandbox_paths *paths);

#endif
