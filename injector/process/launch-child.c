/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "injector/process/launch-child.h"
#include "input/base/clock.h"
#include "input/base/container.h"

const char *launch_state_name(enum launch_state state)
{
	switch (state) {
	case LAUNCH_STARTING:
		return "starting";
	case LAUNCH_READY:
		return "ready";
	case LAUNCH_WAITING:
		return "waiting";
	case LAUNCH_STOPPED:
		return "stopped";
	case LAUNCH_FAILED:
		return "failed";
	}
	return "";
}

static void child_set_state(struct launch_child *child, enum launch_state state)
{
	child->state = state;
	child->setup->changed(child->setup->arg);
}

static void child_stop_timers(struct launch_child *child)
{
	launch_timer_stop(&child->timer);
	launch_timer_stop(&child->kill);
}

static void child_down(struct launch_child *child, enum launch_state state)
{
	if (child->ops->down)
		child->ops->down(child);
	child_set_state(child, state);
}

static void on_child_timer(void *arg)
{
	struct launch_child *child = arg;

	if (child->state == LAUNCH_STARTING)
		launch_child_kill_hung(child, "was not ready within %g s",
				       child->setup->start_s);
	else if (child->state == LAUNCH_WAITING)
		child->ops->start(child);
}

/* --- start --- */

void launch_child_begin(struct launch_child *child)
{
	child->ending = child->again = child->was_ready = false;
	*child->hung = *child->why = '\0';
}

void launch_child_starting(struct launch_child *child)
{
	launch_timer_start(&child->timer, child->setup->start_s);
	child_set_state(child, LAUNCH_STARTING);
}

void launch_child_ready(struct launch_child *child)
{
	launch_timer_stop(&child->timer);
	child->was_ready = child->ever_ready = true;
	child_set_state(child, LAUNCH_READY);
}

void launch_child_fail(struct launch_child *child)
{
	child_down(child, LAUNCH_FAILED);
}

void launch_child_start_in(struct launch_child *child, double seconds)
{
	launch_timer_start(&child->timer, seconds);
	child_set_state(child, LAUNCH_WAITING);
}

/* --- its end --- */

static void child_ended_by_itself(struct launch_child *child, const char *how,
				  bool bad)
{
	double delay =
		launch_restart_next(&child->setup->restart, &child->history,
				    clock_s(), bad, child->was_ready);

	if (delay < 0) {
		child->ops->gave_up(child, how, bad);
		child_down(child, bad ? LAUNCH_FAILED : LAUNCH_STOPPED);
		return;
	}
	launch_log_line(child->setup->log, LOG_WARNING, "%s %s; restarting it",
			child->name, how);
	launch_child_start_in(child, delay);
}

static void on_child_ended(void *arg, int status)
{
	struct launch_child *child = arg;
	char how[sizeof(child->hung)];

	child_stop_timers(child);
	if (*child->hung)
		strcpy(how, child->hung);
	else
		launch_process_strend(status, how);
	child->ops->ended(child, how);
	if (child->ending && child->again) {
		child->history.total++;
		launch_child_start_in(child, 0);
	} else if (child->ending) {
		child_down(child, LAUNCH_STOPPED);
	} else if (!child->ever_ready) {
		child_down(child, LAUNCH_FAILED);
	} else {
		/* One of unknown status has hardly ended by its own will. */
		child_ended_by_itself(child, how,
				      status == LAUNCH_STATUS_UNKNOWN ||
					      !WIFEXITED(status) ||
					      WEXITSTATUS(status));
	}
}

static void on_child_kill(void *arg)
{
	struct launch_child *child = arg;

	launch_log_line(child->setup->log, LOG_WARNING,
			"%s does not end on SIGTERM; killed", child->name);
	launch_process_signal(&child->process, SIGKILL);
}

void launch_child_end(struct launch_child *child)
{
	child->again = false;
	if (!child->process.pid) {
		child_stop_timers(child);
		child_down(child, child->state == LAUNCH_FAILED
					  ? LAUNCH_FAILED
					  : LAUNCH_STOPPED);
		return;
	}
	if (child->ending)
		return;
	child->ending = true;
	child_stop_timers(child);
	launch_process_signal(&child->process, SIGTERM);
	launch_timer_start(&child->kill, child->setup->stop_s);
}

void launch_child_kill(struct launch_child *child)
{
	launch_child_end(child);
	launch_process_signal(&child->process, SIGKILL);
}

void launch_child_kill_hung(struct launch_child *child, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	vsnprintf(child->hung, sizeof(child->hung), what, ap);
	va_end(ap);
	launch_process_signal(&child->process, SIGKILL);
}

void launch_child_restart(struct launch_child *child)
{
	*child->why = '\0';
	if (!child->process.pid) {
		launch_child_start_in(child, 0);
		return;
	}
	launch_child_end(child);
	child->again = true;
	child_set_state(child, LAUNCH_WAITING);
}

/* --- life --- */

void launch_child_init(struct launch_child *child,
		       const struct launch_setup *setup, const char *name,
		       const struct launch_child_ops *ops)
{
	*child = (struct launch_child){ .setup = setup,
					.name = name,
					.ops = ops,
					.state = LAUNCH_STOPPED };
	child->process.ended = on_child_ended;
	child->process.arg = child;
	launch_timer_init(&child->timer, setup->loop, on_child_timer, child);
	launch_timer_init(&child->kill, setup->loop, on_child_kill, child);
}

void launch_child_fini(struct launch_child *child)
{
	child_stop_timers(child);
}
