/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   touch: busy = true; armed or set the timer
 *   tick:  busy: set the timer again; hurries: the same, but for less; else
 *          armed = false
 *   rest:  busy = false
 *   hurry: busy, or hurries = true, and set the timer for less
 *   calm:  hurries = false; stop the timer; armed = false
 *
 * busy is set before armed is read, so a tick in between sees busy and stays
 * armed: between a touch and a rest there is always a tick to come. The first
 * one that a round sees is not counted, and only it can be one of those that
 * hurry.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "input/base/hot.h"
#include "input/base/watchdog.h"

#define HURRY_NS 1000000

static timer_t timer;
static struct itimerspec period;
static const struct itimerspec soon = { .it_value.tv_nsec = HURRY_NS };
static HOT_DATA volatile bool made, armed, busy;
static HOT_DATA volatile unsigned int turn; /* this touch */
static volatile bool hurries;
static volatile unsigned int seen;  /* the last tick's */
static volatile unsigned int ticks; /* since this touch */
static void (*on_stuck)(unsigned int periods);

static void on_tick(int sig)
{
	int saved = errno;

	ticks = busy && turn == seen ? ticks + 1 : 0;
	seen = turn;
	if (ticks && on_stuck)
		on_stuck(ticks);
	armed = busy || hurries;
	if (armed)
		timer_settime(timer, 0, busy ? &period : &soon, NULL);
	errno = saved;
}

/* Who has started the process may block it. */
static void unblock(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int watchdog_init(unsigned int period_ms, void (*stuck)(unsigned int periods))
{
	/* No SA_RESTART: interrupted calls return EINTR. */
	struct sigaction sa = { .sa_handler = on_tick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };

	sigfillset(&sa.sa_mask);
	period.it_value.tv_sec = period_ms / 1000;
	period.it_value.tv_nsec = period_ms % 1000 * 1000000L;
	if (sigaction(SIGALRM, &sa, NULL) < 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		return -errno;
	unblock();
	on_stuck = stuck;
	made = true;
	return 0;
}

void watchdog_fini(void)
{
	if (made)
		timer_delete(timer);
	made = armed = busy = hurries = false;
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

void watchdog_hurry(void)
{
	if (busy || hurries || !made)
		return;
	hurries = armed = true;
	timer_settime(timer, 0, &soon, NULL);
}

/*
 * In this order: a handler that hurries meanwhile leaves a timer that nobody
 * counts on, or none though it hurries, as who calls this looks once more.
 */
void watchdog_calm(void)
{
	static const struct itimerspec never;

	if (!hurries)
		return;
	hurries = false;
	timer_settime(timer, 0, &never, NULL);
	armed = false;
}
