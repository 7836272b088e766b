/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   touch: busy = true; armed or set the timer
 *   tick:  busy: set the timer again; else armed = false
 *   rest:  busy = false
 *
 * busy is set before armed is read, so a tick in between sees busy and stays
 * armed: between a touch and a rest there is always a tick to come.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "input/base/hot.h"
#include "input/base/watchdog.h"

static timer_t timer;
static struct itimerspec period;
static HOT_DATA volatile bool made, armed, busy;
static HOT_DATA volatile unsigned int turn; /* this touch */
static volatile unsigned int seen;	    /* the last tick's */
static volatile unsigned int ticks;	    /* since this touch */
static void (*on_stuck)(unsigned int periods);

static void on_tick(int sig)
{
	int saved = errno;

	ticks = busy && turn == seen ? ticks + 1 : 0;
	seen = turn;
	if (ticks && on_stuck)
		on_stuck(ticks);
	armed = busy;
	if (armed)
		timer_settime(timer, 0, &period, NULL);
	errno = saved;
}

int watchdog_init(unsigned int period_ms, void (*stuck)(unsigned int periods))
{
	/* No SA_RESTART: interrupted calls return EINTR. */
	struct sigaction sa = { .sa_handler = on_tick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };

	period.it_value.tv_sec = period_ms / 1000;
	period.it_value.tv_nsec = period_ms % 1000 * 1000000L;
	if (sigaction(SIGALRM, &sa, NULL) < 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return -errno;
	on_stuck = stuck;
	made = true;
	return 0;
}

void watchdog_fini(void)
{
	if (made)
		timer_delete(timer);
	made = armed = busy = false;
}

HOT void watchdog_touch(void)
{
	turn++;
	busy = true;
	if (armed || !made)
		return;
	armed = true;
	timer_settime(timer, 0, &period, NULL);
}

HOT void watchdog_rest(void)
{
	busy = false;
}

bool watchdog_busy(void)
{
	return busy;
}
