/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/process/launch-watchdog.h"
#include "input/base/clock.h"

static void on_watchdog_answer(void *arg, const char *text)
{
	struct launch_watchdog *w = arg;

	w->waiting = false;
}

static void watchdog_ask(struct launch_watchdog *w)
{
	/* Nobody listens, or the backlog is full: no answer. */
	launch_ask_start(&w->ask, w->path);
	w->waiting = true;
}

/*
 * A look that comes late is no proof: the launcher may have been stopped, or
 * the host suspended, and the server with it.
 */
static bool watchdog_is_late(const struct launch_watchdog *w)
{
	return clock_s() - w->timer.due_s > w->period_s / 2;
}

static void on_watchdog_look(void *arg)
{
	struct launch_watchdog *w = arg;
	/* A part of the answer is an answer, too. */
	bool hung = w->waiting && !w->ask.len && !watchdog_is_late(w);

	if (hung) {
		launch_watchdog_stop(w);
		w->hung(w->arg);
		return;
	}
	watchdog_ask(w);
	launch_timer_start(&w->timer, w->period_s);
}

void launch_watchdog_init(struct launch_watchdog *w, struct ev_loop *loop,
			  void (*hung)(void *arg), void *arg)
{
	w->hung = hung;
	w->arg = arg;
	launch_ask_init(&w->ask, loop, on_watchdog_answer, w);
	launch_timer_init(&w->timer, loop, on_watchdog_look, w);
	/* After answers that have come by the same time. */
	ev_set_priority(&w->timer.part, EV_MINPRI);
}

void launch_watchdog_start(struct launch_watchdog *w, const char *path,
			   double period_s)
{
	w->path = path;
	w->period_s = period_s;
	w->waiting = false;
	launch_timer_start(&w->timer, period_s);
}

void launch_watchdog_stop(struct launch_watchdog *w)
{
	launch_timer_stop(&w->timer);
	launch_ask_stop(&w->ask);
}
