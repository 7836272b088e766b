/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handler may interrupt the loop's thread anywhere:
 *
 *	in epoll_pwait()       which fails with EINTR; the loop looks
 *	in a round             after which the loop looks
 *	in a shortcut's call   sentry_interrupt() says that it is to be left,
 *			       watchdog_hurry() interrupts it
 *	right before either    watchdog_hurry() interrupts it
 *
 * A round is what the watchdog watches: where there is none, it hurries as
 * well. It only does so in ev_run(): whoever waits elsewhere has no round that
 * would calm it, and ev_run() looks before it sleeps.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/base/loop-signal.h"
#include "input/base/sentry.h"
#include "input/base/watchdog.h"

HOT_DATA uint32_t loop_signals;

/* The handler follows it, so it is whole at any time. */
static struct loop_signal *first;

static uint32_t bit_of(int number)
{
	return UINT32_C(1) << number;
}

static struct loop_signal *at(struct loop_signal **place)
{
	return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

static void set(struct loop_signal **place, struct loop_signal *s)
{
	__atomic_store_n(place, s, __ATOMIC_RELEASE);
}

static void on_signal(int number)
{
	const int saved = errno;
	bool runs = false;

	__atomic_fetch_or(&loop_signals, bit_of(number), __ATOMIC_SEQ_CST);
	for (struct loop_signal *s = at(&first); s; s = at(&s->next)) {
		if (s->number != number)
			continue;
		if (s->at_once)
			s->at_once();
		runs |= ev_depth(s->loop) > 0;
	}
	sentry_interrupt();
	if (runs)
		watchdog_hurry();
	errno = saved;
}

static void on_fed(struct ev_loop *loop, struct ev_watcher *fed, int events)
{
	struct loop_signal *s = container_of(fed, struct loop_signal, fed);

	s->come(s);
}

void loop_signal_start(struct loop_signal *s, struct ev_loop *loop)
{
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = SA_RESTART };

	sigfillset(&sa.sa_mask);
	s->loop = loop;
	ev_init(&s->fed, on_fed);
	ev_ref(loop);
	s->next = first;
	set(&first, s);
	sigaction(s->number, &sa, NULL);
}

static bool is_watched(int number)
{
	for (struct loop_signal *s = first; s; s = s->next)
		if (s->number == number)
			return true;
	return false;
}

void loop_signal_stop(struct loop_signal *s)
{
	struct loop_signal **place = &first;

	if (!s->loop)
		return;
	while (*place != s)
		place = &(*place)->next;
	set(place, s->next);
	ev_clear_pending(s->loop, &s->fed);
	ev_unref(s->loop);
	s->loop = NULL;
	if (is_watched(s->number))
		return;
	signal(s->number, SIG_DFL);
	__atomic_fetch_and(&loop_signals, ~bit_of(s->number), __ATOMIC_SEQ_CST);
}

/* One that comes meanwhile may be calmed, too: the loop looks again. */
void loop_signal_feed(void)
{
	const uint32_t come =
		__atomic_exchange_n(&loop_signals, 0, __ATOMIC_SEQ_CST);

	watchdog_calm();
	for (struct loop_signal *s = first; s; s = s->next)
		if (come & bit_of(s->number))
			ev_feed_event(s->loop, &s->fed, EV_CUSTOM);
}
