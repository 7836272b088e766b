/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	         sentry_watch()           an event: the sentry
 *	OFF_DUTY ──────────────► WATCHES ─────────────────────► SIGNALS
 *	 ▲    ▲                     │                             │  ▲
 *	 │    └─────────────────────┘      the signal has come:   │  │ too
 *	 │       sentry_dismiss()            the main thread      ▼  │ early
 *	 └────────────────────────────────────────────────────── HEARD
 *	                   sentry_dismiss()
 *
 * The signal may come when the main thread has looked at the state, but is not
 * in its call yet. So it is repeated every millisecond until the main thread is
 * heard of. Each step to SIGNALS is followed by one signal, and
 * sentry_dismiss() waits until it has come: none interrupts any other call.
 * sentry_interrupt() steps from WATCHES to HEARD, without a signal.
 *
 * Off duty the sentry sleeps; it is not woken to be told so, but by the next
 * event. It keeps no file but the epoll instance: so none stays open when the
 * main thread closes it, and the main thread, whose table of fds then is nobody
 * else's, pays less for each call. Until the sentry runs for the first time
 * they share one, in which a file is closed at once as well.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "input/base/hot.h"
#include "input/base/sentry.h"

HOT_DATA uint32_t sentry_state;

#ifdef HAS_SENTRY

/* valgrind knows only threads that begin like this. */
#define THREAD_FLAGS                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM)
/* Of which it needs half at most, with any compiler: no signal takes any. */
#define STACK_LEN 512
#define REPEAT_NS 1000000

static int watched = -1; /* the main thread's epoll instance; -1: no longer */
static pid_t process;	 /* and main thread */

/* AddressSanitizer's code uses what is the main thread's. */
#define SENTRYS __attribute__((no_sanitize("address")))

SENTRYS static inline uint32_t state_now(void)
{
	return __atomic_load_n(&sentry_state, __ATOMIC_SEQ_CST);
}

SENTRYS static inline bool step(uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&sentry_state, &from, to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* --- the sentry --- */

/* libc's functions would set the main thread's errno. Return: as the kernel. */
SENTRYS static long call(long number, long a, long b, long c, long d)
{
#ifdef __x86_64__
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = 0;

	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
			 : "rcx", "r11", "memory");
	return number;
#else
	register long nr __asm__("x8") = number;
	register long first __asm__("x0") = a;
	register long second __asm__("x1") = b;
	register long third __asm__("x2") = c;
	register long fourth __asm__("x3") = d;
	register long fifth __asm__("x4") = 0;

	__asm__ volatile("svc 0"
			 : "+r"(first)
			 : "r"(nr), "r"(second), "r"(third), "r"(fourth),
			   "r"(fifth)
			 : "memory");
	return first;
#endif
}

/* If it cannot, it shares them: only what was said above is not so then. */
SENTRYS static void leave_files(void)
{
	if (!call(SYS_close_range, watched + 1, UINT32_MAX, CLOSE_RANGE_UNSHARE,
		  0) &&
	    watched > 0)
		call(SYS_close_range, 0, watched - 1, 0, 0);
}

/* For so long at most; NULL: for ever. */
SENTRYS static void sleep_while(uint32_t state, const struct timespec *most)
{
	call(SYS_futex, (long)&sentry_state, FUTEX_WAIT_PRIVATE, state,
	     (long)most);
}

SENTRYS static bool wait_for_event(void)
{
	struct pollfd p = { .fd = watched, .events = POLLIN };

	return call(SYS_ppoll, (long)&p, 1, 0, 0) > 0;
}

SENTRYS static void signal_from(uint32_t state)
{
	if (step(state, SENTRY_SIGNALS))
		call(SYS_tgkill, process, process, SIGURG, 0);
}

SENTRYS static void guard(uint32_t state)
{
	const struct timespec repeat = { .tv_nsec = REPEAT_NS };

	switch (state) {
	case SENTRY_OFF_DUTY:
		sleep_while(state, NULL);
		break;
	case SENTRY_WATCHES:
		if (wait_for_event())
			signal_from(state);
		break;
	case SENTRY_SIGNALS:
		sleep_while(state, &repeat);
		break;
	default:
		sleep_while(state, &repeat);
		signal_from(state);
	}
}

SENTRYS static int stand_guard(void *arg)
{
	leave_files();
	for (;;)
		guard(state_now());
	return 0;
}

/* --- the main thread --- */

static void on_signal(int sig)
{
	step(SENTRY_SIGNALS, SENTRY_HEARD);
}

static void wait_while(uint32_t state)
{
	syscall(SYS_futex, &sentry_state, FUTEX_WAIT_PRIVATE, state, NULL);
}

/*
 * Signals remain the main thread's, which MUST get SIGURG whatever it
 * inherited. Return: 0 or -errno.
 */
static int make_thread(void)
{
	static _Alignas(16) char stack[STACK_LEN];
	sigset_t all, before;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	r = clone(stand_guard, stack + STACK_LEN, THREAD_FLAGS, NULL) < 0
		    ? -errno
		    : 0;
	sigdelset(&before, SIGURG);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int sentry_start(int epfd)
{
	/* No SA_RESTART: it is to interrupt. */
	const struct sigaction sa = { .sa_handler = on_signal };
	int r;

	process = getpid();
	watched = epfd;
	r = sigaction(SIGURG, &sa, NULL) < 0 ? -errno : make_thread();
	if (r)
		watched = -1;
	return r;
}

bool sentry_watch(int epfd)
{
	if (epfd < 0 || epfd != watched)
		return false;
	__atomic_store_n(&sentry_state, SENTRY_WATCHES, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &sentry_state, FUTEX_WAKE_PRIVATE, 1);
	return true;
}

void sentry_dismiss(void)
{
	while (!step(SENTRY_WATCHES, SENTRY_OFF_DUTY) &&
	       !step(SENTRY_HEARD, SENTRY_OFF_DUTY))
		wait_while(SENTRY_SIGNALS);
}

/* On any other way it is left soon, or has not begun. */
void sentry_interrupt(void)
{
	step(SENTRY_WATCHES, SENTRY_HEARD);
}

void sentry_lose(int epfd)
{
	if (epfd == watched)
		watched = -1;
}

#else
int sentry_start(int epfd)
{
	return -ENOSYS;
}

bool sentry_watch(int epfd)
{
	return false;
}

void sentry_dismiss(void)
{
}

void sentry_lose(int epfd)
{
}

void sentry_interrupt(void)
{
}
#endif
