/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libev never waits for ever: if no timer is due earlier it wakes up after
 * 59.743 s to see whether somebody has set the clock, which matters to periodic
 * watchers only, and we have none. It cannot be told so. A wait with a timeout
 * also costs more than one without, since the kernel starts and stops a timer
 * for it: a tenth of all the CPU time of a frame.
 *
 * So libev's call of epoll_wait() is bound to the function here, which the
 * dynamic linker finds in the program before it finds libc's.
 */
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

#include "input/base/loop.h"

#define LIBEV_LOOKS_AT_CLOCK_MS 59743

_Static_assert(LOOP_TIMER_MAX_MS < LIBEV_LOOKS_AT_CLOCK_MS,
	       "what is waited for longer is not one of our timers");

static int64_t busy_most_ns; /* as asked for */
static int64_t busy_ns;	     /* as it pays at present */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/*
 * What is waited for longer than is spun makes the next spin half as long, so
 * that an idle device is soon asleep; what comes while a spin of full length
 * would have seen it makes the next one a full one.
 */
static int spin_then_sleep(int fd, struct epoll_event *events, int max,
			   int timeout_ms)
{
	const int64_t start = now_ns();
	int n;

	do
		n = epoll_pwait(fd, events, max, 0, NULL);
	while (!n && now_ns() - start < busy_ns);
	if (!n)
		n = epoll_pwait(fd, events, max, timeout_ms, NULL);
	busy_ns = now_ns() - start <= busy_most_ns ? busy_most_ns : busy_ns / 2;
	return n;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	if (timeout >= LIBEV_LOOKS_AT_CLOCK_MS)
		timeout = -1;
	if (busy_most_ns && timeout)
		return spin_then_sleep(epfd, events, maxevents, timeout);
	return epoll_pwait(epfd, events, maxevents, timeout, NULL);
}

void loop_set_busy_poll(unsigned int usec)
{
	busy_most_ns = busy_ns = usec * INT64_C(1000);
}

struct ev_loop *loop_of_process(void)
{
	return ev_default_loop(EVFLAG_NOENV);
}
