/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child process does between its fork and the program that it runs. It
 * may still use the memory of its parent: nothing but its stack and errno
 * changes there.
 */
#ifndef VINPUT_CHILD_H
#define VINPUT_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/*
 * Die with the parent, unless outlives. Return: 0 or -errno; -ESRCH: it has
 * died already.
 */
int child_bind(pid_t parent, bool outlives);
/*
 * Begin a session, with an empty stdin; stdout and stderr are out, which stays
 * open. null: of /dev/null; -1: it is opened. Return: 0 or -errno.
 */
int child_detach(int null, int out);
/*
 * No signal is handled, ignored or blocked. signals: those that may be; NULL:
 * all. files: the limit of open files.
 */
void child_settle(const struct rlimit *files, const sigset_t *signals);
/* Fill in those that the process handles or ignores now. */
void child_find_signals(sigset_t *signals);

#endif
