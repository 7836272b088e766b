/* SPDX-License-Identifier: Apache-2.0 */
/* One wall of the sandbox: what the process can reach outside of itself. */
#ifndef VINPUT_SANDBOX_PATHS_H
#define VINPUT_SANDBOX_PATHS_H

#define SANDBOX_PATHS_MAX 4

/* What is still to be reached. Strings are borrowed; NULL: none. */
struct sandbox_paths {
	/* Files that are read; others in their folders may be, too. */
	const char *read[SANDBOX_PATHS_MAX];
	const char *removed[SANDBOX_PATHS_MAX]; /* files that are unlinked */
};

/*
 * Landlock: allow these files only, no network, no abstract socket of another
 * process, and no signal to one; each as far as the kernel supports it.
 * Return: 0, also without Landlock; or -errno, which is logged.
 */
int sandbox_restrict_paths(const struct sandbox_paths *paths);

#endif
