/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   touch: turn++ ─► armed? ─no─► set the timer
 *   tick:  turn has changed since the last tick ? set it again : not armed
 *
 * The turn changes before `armed` is looked at: a tick in between sees that and
 * stays armed. No call that was begun after a touch is therefore without a tick
 * to come.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "watchdog.h"

static timer_t timer;
static struct itimerspec period;
static volatile bool made, armed;
static volatile unsigned int turn, seen;

static void on_tick(int sig)
{
	int saved = errno;

	armed = turn != seen;
	seen = turn;
	if (armed)
		timer_settime(timer, 0, &period, NULL);
	errno = saved;
}

int watchdog_init(unsigned int period_ms)
{
	/* No SA_RESTART: what it interrupts is to end. */
	struct sigaction sa = { .sa_handler = on_tick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };

	period.it_value.tv_sec = period_ms / 1000;
	period.it_value.tv_nsec = period_ms % 1000 * 1000000L;
	if (sigaction(SIGALRM, &sa, NULL) < 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return -errno;
	made = true;
	return 0;
}

void watchdog_fini(void)
{
	if (made)
		timer_delete(timer);
	made = armed = false;
}

void watchdog_touch(void)
{
	turn++;
	if (armed || !made)
		return;
	armed = true;
	timer_settime(timer, 0, &period, NULL);
}
