/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the main thread blocks in a call that reads one fd, a second thread,
 * the sentry, watches all else that is in an epoll instance, and interrupts the
 * call by a signal: SIGURG, which belongs to it. So a frame that is awaited
 * like this costs no system call but that which reads it.
 *
 * The sentry MUST be as good as absent from the process: it has no TLS of its
 * own, so it calls no function but its own, not libc's either, allocates
 * nothing, gets no signals, and touches only its stack and sentry_state. Its
 * system calls are ppoll, futex and tgkill, and first close_range. Nobody waits
 * until it runs: it may be in a sandbox then, which MUST allow these.
 *
 * One in a process; these functions are for the main thread.
 */
#ifndef VINPUT_SENTRY_H
#define VINPUT_SENTRY_H

#include <stdbool.h>
#include <stdint.h>

/* Elsewhere there is none: its calls are not written down. */
#if defined(__x86_64__) || defined(__aarch64__)
#define HAS_SENTRY
#endif
/* It cannot run a thread without a TLS. */
#ifdef __SANITIZE_THREAD__
#undef HAS_SENTRY
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef HAS_SENTRY
#endif
#endif

/* sentry.c's, and here for sentry_calls(). */
enum sentry_state {
	SENTRY_OFF_DUTY,
	SENTRY_WATCHES,
	SENTRY_SIGNALS, /* a signal is on its way */
	SENTRY_HEARD,	/* it has come, but maybe before a call began */
};
extern uint32_t sentry_state;

/*
 * Once, and before a sandbox that forbids threads. epfd: which it can watch.
 * Return: 0 or -errno: there is none.
 */
int sentry_start(int epfd);

/*
 * From now on until sentry_dismiss(), calls that wait fail with EINTR while
 * epfd has an event, and sometimes without reason. Return: false: they do not;
 * so also if there is no sentry, or epfd is not what it can watch.
 */
bool sentry_watch(int epfd);
/* Return: whether there is a reason not to wait. */
static inline bool sentry_calls(void)
{
	return __atomic_load_n(&sentry_state, __ATOMIC_RELAXED) !=
	       SENTRY_WATCHES;
}
void sentry_dismiss(void);
/*
 * In a handler of the main thread: sentry_calls() as if the sentry had seen an
 * event. Who calls this MUST interrupt the call that waits.
 */
void sentry_interrupt(void);
/* epfd is another epoll instance from now on: the sentry cannot watch it. */
void sentry_lose(int epfd);

#endif
