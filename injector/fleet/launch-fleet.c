/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "injector/fleet/launch-device-report.h"
#include "injector/fleet/launch-fleet.h"
#include "input/base/container.h"

static void fleet_changed(void *arg)
{
	struct launch_fleet *f = arg;

	f->changed = true;
}

static void on_fleet_prepare(struct ev_loop *loop, ev_prepare *prepare,
			     int events)
{
	struct launch_fleet *f =
		container_of(prepare, struct launch_fleet, prepare);

	while (f->changed) {
		f->changed = false;
		f->settle(f->arg);
	}
}

void launch_fleet_enter(struct launch_fleet *f, enum launch_phase phase)
{
	f->phase = phase;
	fleet_changed(f);
}

bool launch_fleet_is_ending(const struct launch_fleet *f)
{
	return f->phase > LAUNCH_UP;
}

/* --- devices --- */

size_t launch_fleet_count(const struct launch_fleet *f)
{
	const struct launch_device *dev;
	size_t n = 0;

	TAILQ_FOREACH (dev, &f->devices, link)
		n++;
	return n;
}

struct launch_device *launch_fleet_find(const struct launch_fleet *f,
					const char *label)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		if (!strcmp(dev->item.label, label))
			return dev;
	return NULL;
}

static void fleet_free_devices(struct launch_device_list *list)
{
	struct launch_device *dev;

	while ((dev = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, dev, link);
		launch_device_free(dev);
	}
}

int launch_fleet_add(struct launch_fleet *f, const struct launch_plan *plan,
		     bool with_streamer, char *why)
{
	struct launch_device_list made = TAILQ_HEAD_INITIALIZER(made);
	struct launch_device *dev;

	if (launch_fleet_count(f) + plan->n > LAUNCH_DEVICES_MAX) {
		snprintf(why, LAUNCH_WHY_MAX, "more than %d devices",
			 LAUNCH_DEVICES_MAX);
		return -1;
	}
	for (size_t i = 0; i < plan->n; i++) {
		dev = launch_device_new(&f->setup, &plan->item[i],
					with_streamer, why);
		if (!dev) {
			/* Those are left as they are: launcher_fail(). */
			if (!f->setup.inherited)
				fleet_free_devices(&made);
			return -1;
		}
		TAILQ_INSERT_TAIL(&made, dev, link);
	}
	TAILQ_CONCAT(&f->devices, &made, link);
	fleet_changed(f);
	return 0;
}

void launch_fleet_remove(struct launch_fleet *f, struct launch_device *dev)
{
	dev->removing = true;
	launch_device_end(dev);
	fleet_changed(f);
}

void launch_fleet_sweep(struct launch_fleet *f)
{
	struct launch_device *dev = TAILQ_FIRST(&f->devices), *next;

	for (; dev; dev = next) {
		next = TAILQ_NEXT(dev, link);
		if (!dev->removing || launch_device_runs(dev))
			continue;
		launch_log_line(&f->log, LOG_INFO, "%s removed",
				dev->item.label);
		TAILQ_REMOVE(&f->devices, dev, link);
		launch_device_free(dev);
	}
}

static void fleet_hold(void *arg)
{
	struct launch_fleet *f = arg;
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		launch_device_hold(dev);
}

void launch_fleet_start(struct launch_fleet *f)
{
	struct launch_device *dev;

	if (f->setup.holder && !f->holder.child.process.pid) {
		launch_holder_start(&f->holder);
		if (f->holder.child.state == LAUNCH_FAILED)
			return;
	}
	TAILQ_FOREACH (dev, &f->devices, link) {
		launch_device_start(dev);
		if (launch_device_state(dev) == LAUNCH_FAILED)
			return;
	}
}

static void fleet_acked(void *arg, const char *label, uint64_t features,
			uint64_t protocol)
{
	struct launch_device *dev = launch_fleet_find(arg, label);

	if (!dev)
		return;
	dev->upgrade.features = features;
	dev->upgrade.protocol = protocol;
}

void launch_fleet_upgrade(struct launch_fleet *f)
{
	struct launch_device *dev;

	launch_template_end(&f->template);
	TAILQ_FOREACH (dev, &f->devices, link)
		if (dev->child.state == LAUNCH_READY && !dev->item.passthrough)
			launch_device_upgrade(dev);
}

void launch_fleet_reload(struct launch_fleet *f)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		launch_device_reload(dev);
}

const struct launch_device *launch_fleet_unanswered(
	const struct launch_fleet *f, int64_t request_us)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		if (launch_item_can_reload(&dev->item) &&
		    dev->child.state == LAUNCH_READY &&
		    !launch_reload_answers(&dev->reload, request_us))
			break;
	return dev;
}

const struct launch_device *launch_fleet_unreloaded(
	const struct launch_fleet *f, int64_t request_us)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		if (launch_reload_answers(&dev->reload, request_us) &&
		    *dev->reload.why)
			break;
	return dev;
}

void launch_fleet_reopen_logs(struct launch_fleet *f)
{
	int r = f->log.dir ? launch_log_reopen(&f->log, &f->log.own) : 0;
	struct launch_device *dev;

	if (r)
		launch_log_line(&f->log, LOG_WARNING,
				"cannot open this log again: %s", strerror(-r));
	TAILQ_FOREACH (dev, &f->devices, link)
		launch_device_reopen_log(dev);
}

void launch_fleet_end_devices(struct launch_fleet *f)
{
	struct launch_device *dev;

	launch_template_end(&f->template);
	launch_child_end(&f->holder.child);
	TAILQ_FOREACH (dev, &f->devices, link)
		launch_device_end(dev);
}

void launch_fleet_kill(struct launch_fleet *f)
{
	struct launch_device *dev;

	launch_child_kill(&f->streamer.child);
	launch_child_kill(&f->holder.child);
	TAILQ_FOREACH (dev, &f->devices, link)
		launch_device_kill(dev);
	launch_children_signal_orphans(&f->children, SIGKILL);
}

bool launch_fleet_runs(const struct launch_fleet *f)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &f->devices, link)
		if (launch_device_runs(dev))
			return true;
	return f->holder.child.process.pid;
}

/* --- life --- */

void launch_fleet_init(struct launch_fleet *f, struct ev_loop *loop,
		       void (*settle)(void *arg), void *arg)
{
	*f = (struct launch_fleet){
		.loop = loop,
		.log = LAUNCH_LOG_NULL,
		.settle = settle,
		.arg = arg,
	};
	f->setup = (struct launch_setup){
		.loop = loop,
		.children = &f->children,
		.log = &f->log,
		.changed = fleet_changed,
		.arg = f,
	};
	TAILQ_INIT(&f->devices);
	launch_children_init(&f->children, loop, fleet_changed, f);
	launch_holder_init(&f->holder, &f->setup);
	launch_template_init(&f->template, &f->setup);
	f->holder.started = fleet_hold;
	f->holder.acked = fleet_acked;
	f->holder.arg = f;
	ev_prepare_init(&f->prepare, on_fleet_prepare);
	ev_prepare_start(loop, &f->prepare);
}

void launch_fleet_fini(struct launch_fleet *f)
{
	launch_child_fini(&f->streamer.child);
	launch_holder_fini(&f->holder);
	fleet_free_devices(&f->devices);
	launch_log_fini(&f->log);
	ev_prepare_stop(f->loop, &f->prepare);
	launch_children_fini(&f->children);
}
