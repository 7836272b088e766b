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
#include <sys/epoll.h>

#include "loop.h"

#define LIBEV_LOOKS_AT_CLOCK_MS 59743

_Static_assert(LOOP_TIMER_MAX_MS < LIBEV_LOOKS_AT_CLOCK_MS,
	       "what is waited for longer is not one of our timers");

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	if (timeout_ms >= LIBEV_LOOKS_AT_CLOCK_MS)
		timeout_ms = -1;
	return epoll_pwait(fd, events, max, timeout_ms, NULL);
}

struct ev_loop *loop_of_process(void)
{
	return ev_default_loop(EVFLAG_NOENV);
}
