/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sees to it that no system call waits for a peer for ever. That a peer's fd
 * is non-blocking is a property of the open file, which the peer has as well
 * and can change: its eventfd that is full, or empty by the time it is read,
 * then blocks us. So a signal interrupts what lasts too long (EINTR). What is
 * no system call, a touch of memory that somebody else has to bring, begins
 * again after the signal: so somebody is told of what lasts much too long. The
 * timer runs only for as long as there is something to do, so that an idle
 * process is not woken. One in a process; SIGALRM is its.
 */
#ifndef VINPUT_WATCHDOG_H
#define VINPUT_WATCHDOG_H

#include <stdbool.h>

/*
 * What lasts longer than period_ms, or twice that, ends. stuck is called, in a
 * signal handler, after each period in which what was begun did not end; it may
 * be NULL. Return: 0, -errno.
 */
int watchdog_init(unsigned int period_ms, void (*stuck)(unsigned int periods));
void watchdog_fini(void);

/* Something is about to be done: watch it. Costs a system call if idle. */
void watchdog_touch(void);
/* It is done: what waits from now on may wait. */
void watchdog_rest(void);
/* Return: whether something is being done. */
bool watchdog_busy(void);

#endif
