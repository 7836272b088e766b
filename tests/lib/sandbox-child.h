/* SPDX-License-Identifier: Apache-2.0 */
/* A child of the test that enters the sandbox, and how it ends. */
#ifndef VINPUT_TESTS_SANDBOX_CHILD_H
#define VINPUT_TESTS_SANDBOX_CHILD_H

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/sandbox/sandbox.h"
#include "tests/lib/check.h"

#define NOBODY	 65534
#define BAD_EXIT 99

/* _exit() is a sanitizer's first: it looks for leaks, by another process. */
__attribute__((noreturn)) static inline void leave(int status)
{
	for (;;)
		syscall(SYS_exit_group, status);
}

/* Return: how a child ends that does this and then exits with its result. */
static inline int in_child(int (*what)(const void *arg), const void *arg)
{
	int status;
	pid_t pid = fork();

	assert_sys(pid);
	if (!pid)
		leave(what(arg));
	assert_num(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static unsigned int extra_calls; /* besides a server's */

static inline int enter(enum sandbox_mode mode,
			const struct sandbox_paths *paths)
{
	struct sandbox sb = { .mode = mode,
			      .calls = extra_calls,
			      .uid = ACCOUNT_NO_UID,
			      .gid = ACCOUNT_NO_GID,
			      .paths = *paths };

	return sandbox_enter(&sb);
}

static const struct sandbox_paths no_paths;

#endif
