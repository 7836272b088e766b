/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process confines itself when all is open that it needs and nothing has
 * been read yet that a peer sent: from then on it has no privilege, cannot get
 * one, reaches a few folders, and is killed at the first system call that is
 * not in the table of sandbox-calls.c. Before that there is one thread. What
 * goes wrong is told to the log.
 */
#ifndef VINPUT_SANDBOX_H
#define VINPUT_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>
#include "input/sandbox/sandbox-calls.h"
#include "input/sandbox/sandbox-paths.h"

/*
 * Not with sanitizers, which make calls of their own, and trace themselves at
 * the end; nor on 32 bits, where libc makes other calls than in the table.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	__SIZEOF_POINTER__ < 8
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
	 * To become for good, in each mode; ACCOUNT_NO_UID, ACCOUNT_NO_GID:
	 * none. A signal for the parent's death is kept.
	 */
	uid_t uid;
	gid_t gid;
	bool postcopy; /* userfaultfd, too */
	struct sandbox_paths paths;
};

/* Return: 0 or -errno: then the process is to end. */
int sandbox_enter(const struct sandbox *sb);

#endif
