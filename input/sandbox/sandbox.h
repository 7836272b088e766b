/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process confines itself when everything that it needs is open and nothing
 * that a peer sent has been read. From then on it has no privileges and cannot
 * gain any (sandbox.c), can reach only a few folders (sandbox-paths.c), and is
 * killed at the first system call that is not in a table (sandbox-calls.c). It
 * MUST have a single thread when it enters. Errors are logged.
 */
#ifndef VINPUT_SANDBOX_H
#define VINPUT_SANDBOX_H

#include <sys/types.h>
#include "input/sandbox/sandbox-calls.h"
#include "input/sandbox/sandbox-paths.h"

/*
 * Not with sanitizers, which make system calls of their own and trace the
 * process at its end.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_DEFAULT SANDBOX_OFF
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_DEFAULT SANDBOX_OFF
#endif
#endif
#ifndef SANDBOX_DEFAULT
#define SANDBOX_DEFAULT SANDBOX_ON
#endif

struct sandbox {
	enum sandbox_mode mode;
	/*
	 * To change to, in each mode; ACCOUNT_NO_UID, ACCOUNT_NO_GID: stay. The
	 * signal for the parent's death is preserved.
	 */
	uid_t uid;
	gid_t gid;
	unsigned int calls; /* bits of enum sandbox_calls */
	struct sandbox_paths paths;
	/*
	 * Starts threads, in each mode: they are confined as this one, since
	 * all that is each thread's own has been done. NULL: none.
	 */
	void (*start_threads)(void *arg);
	void *arg;
};

/* Return: 0; or -errno, then the process MUST end. */
int sandbox_enter(const struct sandbox *sb);

#endif
