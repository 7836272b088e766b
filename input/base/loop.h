/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: libev's, but it sleeps for as long as there is nothing to do.
 */
#ifndef VINPUT_LOOP_H
#define VINPUT_LOOP_H

#include <ev.h>
#include <stdbool.h>

/* Timers MUST NOT be longer. */
#define LOOP_TIMER_MAX_MS 30000

/*
 * Return: the loop of this process; or NULL, with *why, a static text. Fails
 * also where libev does not wait in loop.c's function.
 */
struct ev_loop *loop_of_process(const char **why);
/* Another one, which does not reap children by itself. Return: as above. */
struct ev_loop *loop_new(const char **why);

/*
 * Before going to sleep, poll for events for as long as this; less and less if
 * none come that soon. 0, the default: do not poll.
 */
void loop_set_busy_poll(unsigned int usec);

/* Return: whether it polls before it sleeps, and calls look() and rest(). */
bool loop_polls(void);

/*
 * Before an fd that was watched is closed, if others may have the same file:
 * its events would go on to wake the loop, until libev makes its epoll instance
 * anew, which the sentry cannot watch.
 */
void loop_forget(int fd); /* -1: none */

/*
 * Let shortcuts wait, unless it polls; where that is impossible the loop waits
 * for them. Before a sandbox that forbids threads: see sentry.h.
 */
void loop_start_sentry(void);

/*
 * Return: whether the shortcut that is served is to wait for what it reads, and
 * to return true if that fails with EINTR. It alone came some times in a row.
 */
bool loop_waits(void);

/*
 * A shortcut for an fd that has a watcher in the loop, which costs less than
 * libev's round: when nothing but this fd is readable, and no timer runs, it is
 * served without libev, whose clock then stands still. From the first time
 * on, its events are edge-triggered, so that the kernel need not look again
 * whether it is readable: whoever reads MUST then read all there is. A shutdown
 * or another condition is always the watcher's.
 */
struct loop_shortcut {
	int fd;
	bool level; /* its events stay level-triggered */
	/*
	 * Return: whether the loop can sleep again: all was read, no watcher
	 * was started or stopped, or has an event to be called for. If not, the
	 * fd's watcher is called.
	 */
	bool (*serve)(struct loop_shortcut *s);
	/*
	 * While the loop polls, instead of a system call: serve what the fd
	 * would tell of. *served: whether there was something. Return: whether
	 * the loop has something to do. NULL: there is no other way to know.
	 */
	bool (*look)(struct loop_shortcut *s, bool *served);
	/* Let the fd tell, before the loop sleeps. Return: as look(). */
	bool (*rest)(struct loop_shortcut *s);
	/*
	 * serve() can wait for what it reads, see loop_waits(). It resets this
	 * when it finds that it cannot.
	 */
	bool can_wait;
	bool edge;  /* its events may be edge-triggered; false at first */
	bool armed; /* loop.c's */
};

/* An fd that is too high has none. s: borrowed until it is stopped. */
void loop_shortcut_start(struct loop_shortcut *s);
void loop_shortcut_stop(struct loop_shortcut *s); /* idempotent */

#endif
