/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps system calls from waiting for a peer forever. O_NONBLOCK belongs to the
 * open file, which the peer shares and can change: its eventfd, full or already
 * empty, then blocks us. So a signal interrupts a call that takes too long
 * (EINTR). An access to memory that a peer has to provide is not interrupted
 * but repeated after the signal: for that a function is called, too. The timer
 * runs only during a round of work, so that an idle process is not woken. One
 * per process; SIGALRM belongs to it.
 */
#ifndef VINPUT_WATCHDOG_H
#define VINPUT_WATCHDOG_H

#include <stdbool.h>

/*
 * Interrupt system calls that last longer than one to two periods. stuck (may
 * be NULL) is called, in the signal handler, after each period in which the
 * round has not ended. Return: 0 or -errno.
 */
int watchdog_init(unsigned int period_ms, void (*stuck)(unsigned int periods));
void watchdog_fini(void);

/* A round of work begins or continues. Costs a system call if idle. */
void watchdog_touch(void);
/* The round has ended: from now on the process may wait. */
void watchdog_rest(void);
/* Return: whether a round is under way. */
bool watchdog_busy(void);

/*
 * For a handler that is not to be interrupted: as long as no round is under
 * way, interrupt system calls in a millisecond and then each, which no round
 * counts as a period. Until watchdog_calm(), which is not for a round either.
 */
void watchdog_hurry(void);
void watchdog_calm(void);

#endif
