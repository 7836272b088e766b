/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/process/launch-timer.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/loop.h"

#define PART_MAX_S (LOOP_TIMER_MAX_MS / 1e3)

static void timer_start_part(struct launch_timer *t, double left_s)
{
	ev_timer_set(&t->part, left_s < PART_MAX_S ? left_s : PART_MAX_S, 0);
	ev_timer_start(t->loop, &t->part);
}

static void on_timer_part(struct ev_loop *loop, ev_timer *part, int events)
{
	struct launch_timer *t = container_of(part, struct launch_timer, part);
	double left_s = t->due_s - clock_s();

	if (left_s > 0)
		timer_start_part(t, left_s);
	else
		t->due(t->arg);
}

void launch_timer_init(struct launch_timer *t, struct ev_loop *loop,
		       void (*due)(void *arg), void *arg)
{
	t->loop = loop;
	t->due = due;
	t->arg = arg;
	ev_init(&t->part, on_timer_part);
}

void launch_timer_start(struct launch_timer *t, double seconds)
{
	t->due_s = clock_s() + seconds;
	ev_timer_stop(t->loop, &t->part);
	timer_start_part(t, seconds);
}

void launch_timer_stop(struct launch_timer *t)
{
	ev_timer_stop(t->loop, &t->part);
}
