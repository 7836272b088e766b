/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/fleet/launch-device-inherit.h"
#include "injector/fleet/launch-device-report.h"
#include "injector/fleet/launch-fleet.h"
#include "injector/fleet/launch-place.h"
#include "injector/fleet/launch-succession.h"
#include "injector/launch/launch-control.h"
#include "injector/launch/launch-run.h"
#include "injector/process/launch-program.h"
#include "input/base/container.h"
#include "input/base/loop.h"
#include "input/base/notify.h"

#define KILL_AGAIN_S 0.05

static const int end_signals[] = { SIGTERM, SIGINT };

#define N_END_SIGNALS (sizeof(end_signals) / sizeof(*end_signals))

struct launcher {
	struct ev_loop *loop;
	struct launch_place place;
	char server[PATH_MAX], passthrough[PATH_MAX], bridge[PATH_MAX];
	struct launch_fleet fleet;
	struct launch_control control;
	struct launch_inheritance inherited;
	int status; /* to exit with */
	struct notify notify;
	ev_signal signals[N_END_SIGNALS], sighup, sigusr2;
	struct launch_timer orphans; /* kills them */
	struct launch_timer reload;  /* ends the wait for the devices */
	int64_t reload_us; /* launch_reload_request() of SIGHUP; 0: none */
};

/* Why the launcher ends: on stderr in any case, and in its log file. */
__attribute__((format(printf, 2, 3))) static void launcher_fatal(
	struct launcher *l, const char *fmt, ...)
{
	char text[LAUNCH_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	launch_log_fatal(&l->fleet.log, text);
	if (l->fleet.log.own.fd >= 0)
		launch_log_line(&l->fleet.log, LOG_ERROR, "%s", text);
	l->status = EXIT_FAILURE;
}

/* --- the end --- */

static void launcher_end(struct launcher *l)
{
	if (launch_fleet_is_ending(&l->fleet))
		return;
	notify_stopping(&l->notify);
	launch_timer_stop(&l->reload);
	launch_control_fini(&l->control);
	launch_child_end(&l->fleet.streamer.child);
	launch_fleet_enter(&l->fleet, LAUNCH_ENDING_STREAMER);
}

/* What was left of another launcher, and is not to stay. */
static void launcher_end_rest(struct launcher *l)
{
	launch_succession_end_rest(&l->fleet, &l->inherited, l->place.dir);
}

static void launcher_end_devices(struct launcher *l)
{
	launcher_end_rest(l);
	launch_fleet_end_devices(&l->fleet);
	launch_fleet_enter(&l->fleet, LAUNCH_ENDING_DEVICES);
}

static void launcher_end_orphans(struct launcher *l)
{
	launch_fleet_enter(&l->fleet, LAUNCH_ENDING_ORPHANS);
	launch_children_signal_orphans(&l->fleet.children, SIGTERM);
	launch_timer_start(&l->orphans, l->fleet.setup.stop_s);
}

/* Repeatedly: a process that is killed may leave children to us. */
static void on_orphans(void *arg)
{
	struct launcher *l = arg;

	launch_children_signal_orphans(&l->fleet.children, SIGKILL);
	launch_timer_start(&l->orphans, KILL_AGAIN_S);
}

static void on_end_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct launcher *l = sig->data;

	if (!launch_fleet_is_ending(&l->fleet)) {
		launch_log_line(&l->fleet.log, LOG_INFO, "ending");
		launcher_end(l);
		return;
	}
	launch_log_line(&l->fleet.log, LOG_WARNING,
			"second signal to end: killing all");
	l->fleet.setup.stop_s = 0;
	launch_fleet_kill(&l->fleet);
}

/* --- leaving --- */

/* The devices go on for the next launcher; the streamer does not. */
static void launcher_leave(struct launcher *l)
{
	notify_stopping(&l->notify);
	launch_log_line(&l->fleet.log, LOG_INFO,
			"leaving the devices to another launcher");
	launch_child_end(&l->fleet.streamer.child);
	launch_fleet_enter(&l->fleet, LAUNCH_LEAVING);
}

/* At once: whatever is freed in order would be removed, too. */
__attribute__((noreturn)) static void launcher_left(struct launcher *l)
{
	launch_control_fini(&l->control);
	_exit(EXIT_SUCCESS);
}

/*
 * It does not come up. What it has taken over serves on, and its holder waits
 * for the next launcher; all is left at once, as in launcher_left().
 */
__attribute__((noreturn)) static void launcher_give_back(struct launcher *l)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->fleet.devices, link)
		launch_device_give_back(dev);
	launch_log_line(&l->fleet.log, LOG_INFO,
			"devices that were taken over serve on");
	launch_control_fini(&l->control);
	_exit(EXIT_FAILURE);
}

/* After launcher_fatal(). */
static void launcher_fail(struct launcher *l)
{
	if (l->fleet.setup.inherits)
		launcher_give_back(l);
	launcher_end(l);
}

/* --- SIGHUP --- */

static void launcher_reloaded(struct launcher *l, const char *error)
{
	notify_reloaded(&l->notify, error);
	launch_timer_stop(&l->reload);
	l->reload_us = 0;
}

static void launcher_settle_reload(struct launcher *l)
{
	const struct launch_device *failed;
	char why[LAUNCH_LINE_MAX];

	if (!l->reload_us || launch_fleet_unanswered(&l->fleet, l->reload_us))
		return;
	failed = launch_fleet_unreloaded(&l->fleet, l->reload_us);
	if (failed)
		snprintf(why, sizeof(why), "%s: %s", failed->item.label,
			 failed->reload.why);
	launcher_reloaded(l, failed ? why : NULL);
}

static void on_reload_timeout(void *arg)
{
	struct launcher *l = arg;
	const struct launch_device *dev =
		launch_fleet_unanswered(&l->fleet, l->reload_us);
	char why[LAUNCH_LINE_MAX];

	snprintf(why, sizeof(why), "%s did not answer for %g s",
		 dev ? dev->item.label : "a device", LAUNCH_RELOAD_S);
	launcher_reloaded(l, why);
}

/* A manager that still waits for READY=1 would take the reload's for it. */
static void launcher_notify_reload(struct launcher *l)
{
	if (l->fleet.phase != LAUNCH_UP)
		return;
	notify_reloading(&l->notify);
	l->reload_us = launch_reload_request();
	launch_timer_start(&l->reload, LAUNCH_RELOAD_S);
	/* If no device has to answer, nothing else is going to change. */
	launch_fleet_enter(&l->fleet, LAUNCH_UP);
}

static void on_sighup(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct launcher *l = container_of(sig, struct launcher, sighup);

	if (launch_fleet_is_ending(&l->fleet))
		return;
	launch_fleet_reopen_logs(&l->fleet);
	launch_log_line(&l->fleet.log, LOG_INFO,
			"SIGHUP: reopening logs and reloading specs");
	launcher_notify_reload(l);
	launch_fleet_reload(&l->fleet);
}

static void on_sigusr2(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct launcher *l = container_of(sig, struct launcher, sigusr2);

	if (l->fleet.phase != LAUNCH_UP)
		return;
	launch_log_line(&l->fleet.log, LOG_INFO,
			"SIGUSR2: replacing the processes of all devices");
	launch_fleet_upgrade(&l->fleet);
}

/* --- what follows from changes --- */

static void launcher_up(struct launcher *l)
{
	const size_t n = launch_fleet_count(&l->fleet);
	struct launch_device *dev;
	int r;

	launch_fleet_enter(&l->fleet, LAUNCH_UP);
	/* Only now: until here, what was taken over had to be left. */
	TAILQ_FOREACH (dev, &l->fleet.devices, link)
		launch_device_end_old_bridge(dev);
	launcher_end_rest(l);
	if (l->fleet.setup.inherits && !l->fleet.setup.outlives) {
		launch_holder_end_with_us(&l->fleet.holder);
		l->fleet.setup.inherits = false; /* all is ours */
	}
	launch_log_line(&l->fleet.log, LOG_INFO, "ready: %zu devices%s", n,
			n ? "" : "; waiting for vinput-launch --control add");
	r = notify_ready(&l->notify);
	if (r)
		launch_log_line(&l->fleet.log, LOG_WARNING, "--ready-fd: %s",
				strerror(-r));
}

static void launcher_settle_coming_up(struct launcher *l)
{
	struct launch_streamer *streamer = &l->fleet.streamer;
	struct launch_device *dev;
	bool all = true, can = true;

	if (l->fleet.holder.child.state == LAUNCH_FAILED) {
		launcher_fatal(l, "%s", l->fleet.holder.child.why);
		launcher_fail(l);
		return;
	}
	TAILQ_FOREACH (dev, &l->fleet.devices, link) {
		const char *why = launch_device_failure(dev);

		all &= launch_device_is_up(dev);
		can &= launch_device_can_be_up(dev);
		if (!why)
			continue;
		launcher_fatal(l, "%s: %s", dev->item.label, why);
		launcher_fail(l);
		return;
	}
	/* Only now: one that fails leaves all that is taken over as it is. */
	if (can)
		TAILQ_FOREACH (dev, &l->fleet.devices, link)
			launch_device_replace(dev);
	if (!all)
		return;
	if (streamer->argv)
		launch_streamer_start(streamer);
	if (streamer->argv && streamer->child.state == LAUNCH_FAILED) {
		launcher_fatal(l, "%s", streamer->child.why);
		launcher_fail(l);
		return;
	}
	launcher_up(l);
}

/* A streamer that is done ends the launcher; one that failed does not. */
static void launcher_settle_streamer(struct launcher *l)
{
	const struct launch_streamer *streamer = &l->fleet.streamer;
	const struct launch_child *child = &streamer->child;

	if (!streamer->argv)
		return;
	if (child->state == LAUNCH_FAILED &&
	    child->setup->restart.mode == LAUNCH_RESTART_NO)
		launcher_fatal(l, "%s", child->why);
	else if (child->state != LAUNCH_STOPPED)
		return;
	launcher_end(l);
}

static void launcher_settle(void *arg)
{
	struct launcher *l = arg;

	switch (l->fleet.phase) {
	case LAUNCH_COMING_UP:
		launcher_settle_coming_up(l);
		break;
	case LAUNCH_UP:
		launch_fleet_sweep(&l->fleet);
		launch_control_settle(&l->control);
		launcher_settle_reload(l);
		launcher_settle_streamer(l);
		if (l->fleet.leaves && l->fleet.phase == LAUNCH_UP)
			launcher_leave(l);
		break;
	case LAUNCH_ENDING_STREAMER:
		if (!l->fleet.streamer.child.process.pid)
			launcher_end_devices(l);
		break;
	case LAUNCH_ENDING_DEVICES:
		if (!launch_fleet_runs(&l->fleet))
			launcher_end_orphans(l);
		break;
	case LAUNCH_ENDING_ORPHANS:
		if (!launch_children_left(&l->fleet.children))
			ev_break(l->loop, EVBREAK_ALL);
		break;
	case LAUNCH_LEAVING:
		if (!l->fleet.streamer.child.process.pid)
			launcher_left(l);
		break;
	}
}

/* --- set-up --- */

static void launcher_find_programs(struct launcher *l,
				   const struct launch_options *o)
{
	launch_program_find(l->passthrough, "vinput-passthrough");
	launch_program_find(l->bridge, "vinput-vfio-user");
	if (o->server)
		snprintf(l->server, PATH_MAX, "%s", o->server);
	else
		launch_program_find(l->server, "vhost-user-input");
}

static void launcher_start_watchers(struct launcher *l)
{
	struct sigaction old;

	launch_timer_init(&l->orphans, l->loop, on_orphans, l);
	launch_timer_init(&l->reload, l->loop, on_reload_timeout, l);
	for (size_t i = 0; i < N_END_SIGNALS; i++) {
		ev_signal_init(&l->signals[i], on_end_signal, end_signals[i]);
		l->signals[i].data = l;
		ev_signal_start(l->loop, &l->signals[i]);
	}
	ev_signal_init(&l->sigusr2, on_sigusr2, SIGUSR2);
	ev_signal_start(l->loop, &l->sigusr2);
	ev_signal_init(&l->sighup, on_sighup, SIGHUP);
	/* nohup(1) */
	if (sigaction(SIGHUP, NULL, &old) || old.sa_handler != SIG_IGN)
		ev_signal_start(l->loop, &l->sighup);
}

static void launcher_stop_watchers(struct launcher *l)
{
	launch_timer_stop(&l->orphans);
	launch_timer_stop(&l->reload);
	for (size_t i = 0; i < N_END_SIGNALS; i++)
		ev_signal_stop(l->loop, &l->signals[i]);
	ev_signal_stop(l->loop, &l->sighup);
	ev_signal_stop(l->loop, &l->sigusr2);
}

static int launcher_open_log(struct launcher *l, const struct launch_options *o)
{
	struct launch_log *log = &l->fleet.log;
	static char own[PATH_MAX];
	const char *dir = o->log_dir;
	int r;

	if (!dir) {
		snprintf(own, sizeof(own), "%s/log", o->dir);
		dir = own;
	}
	log->level = o->log_level;
	log->dir = o->log_files ? dir : NULL;
	log->max = o->log_max;
	r = launch_log_init(log);
	if (r)
		launcher_fatal(l, "cannot log in %s: %s", dir, strerror(-r));
	return r;
}

static void launcher_clean(struct launcher *l)
{
	unsigned int n = launch_place_clean(&l->place);

	if (n)
		launch_log_line(&l->fleet.log, LOG_INFO,
				"removed %u sockets of a launcher that was "
				"killed",
				n);
}

/* First what can fail before any process is started. */
static void launcher_launch(struct launcher *l, const struct launch_plan *plan,
			    const struct launch_options *o)
{
	struct launch_fleet *f = &l->fleet;
	char why[LAUNCH_WHY_MAX];

	if (launch_place_take(&l->place, o->dir, why)) {
		launcher_fatal(l, "%s", why);
		return;
	}
	if (launcher_open_log(l, o))
		return;
	l->fleet.setup.inherits =
		launch_succession_begin(f, &l->inherited, l->place.dir);
	if (!l->fleet.setup.inherits)
		launcher_clean(l);
	if (launch_control_start(&l->control, f, why) ||
	    launch_fleet_add(f, plan, f->streamer.argv, why) ||
	    launch_succession_settle(f, &l->inherited, why)) {
		launcher_fatal(l, "%s", why);
		if (l->fleet.setup.inherits)
			launcher_give_back(l);
		return;
	}
	launch_fleet_start(f);
	ev_run(l->loop, 0);
	if (l->status == EXIT_SUCCESS)
		launch_log_line(&f->log, LOG_INFO, "stopped");
}

static void launcher_set_up(struct launcher *l, const struct launch_options *o)
{
	struct launch_setup *setup = &l->fleet.setup;

	launch_fleet_init(&l->fleet, l->loop, launcher_settle, l);
	launch_inheritance_init(&l->inherited);
	launcher_find_programs(l, o);
	setup->dir = o->dir;
	setup->streamer_dir = l->place.absolute;
	setup->server = l->server;
	setup->server_is_other = o->server;
	setup->passthrough = l->passthrough;
	setup->bridge = l->bridge;
	setup->log_level = o->log_level_name;
	setup->access = o->access;
	setup->holder = o->hold ? &l->fleet.holder : NULL;
	setup->template = o->template ? &l->fleet.template : NULL;
	setup->outlives = o->hold && o->outlives;
	l->fleet.holder.give_up_s = o->give_up_s;
	setup->server_args = &o->server_args;
	setup->tunables = o->tunables;
	setup->start_s = o->start_s;
	setup->watchdog_s = o->watchdog_s;
	setup->stop_s = o->stop_s;
	notify_open(&l->notify, o->ready_fd);
	launcher_start_watchers(l);
}

int launch_run(const struct launch_options *o, const struct launch_plan *plan,
	       const struct launch_restart *restart, char *const *streamer)
{
	static struct launcher l;
	struct launch_fleet *f = &l.fleet;
	const char *why;

	/* Not the default loop, which reaps children by itself. */
	f->log = LAUNCH_LOG_NULL;
	l.loop = loop_new(&why);
	if (!l.loop) {
		launcher_fatal(&l, "no event loop: %s", why);
		return l.status;
	}
	launcher_set_up(&l, o);
	f->setup.restart = *restart;
	launch_streamer_init(&f->streamer, &f->setup, &f->devices, streamer);
	launcher_launch(&l, plan, o);
	launch_control_fini(&l.control);
	launch_inheritance_fini(&l.inherited);
	launch_fleet_fini(f);
	launch_place_leave(&l.place);
	launcher_stop_watchers(&l);
	notify_close(&l.notify);
	ev_loop_destroy(l.loop);
	return l.status;
}
