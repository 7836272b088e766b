/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/fleet/launch-device-inherit.h"
#include "injector/fleet/launch-device-log.h"
#include "injector/fleet/launch-device-spawn.h"
#include "injector/fleet/launch-device.h"
#include "injector/fleet/launch-holder.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static struct launch_device *device_of(struct launch_child *child)
{
	return container_of(child, struct launch_device, child);
}

/* --- readiness --- */

static void on_device_ready(void *arg)
{
	struct launch_device *dev = arg;

	if (dev->child.ending)
		return;
	/* What it logged before that comes first. */
	launch_lines_read(&dev->lines);
	launch_last_log(&dev->last);
	launch_child_ready(&dev->child);
	launch_upgrade_done(&dev->upgrade);
	if (dev->child.setup->watchdog_s > 0)
		launch_watchdog_start(&dev->watchdog, dev->endpoints.stats_path,
				      dev->child.setup->watchdog_s);
	if (dev->reload_later)
		launch_device_reload(dev);
}

static void on_device_hung(void *arg)
{
	struct launch_device *dev = arg;

	/* One that is being ended has a deadline already. */
	if (!dev->child.ending)
		launch_child_kill_hung(&dev->child, "did not answer for %g s",
				       dev->child.setup->watchdog_s);
}

/* --- start --- */

void launch_device_hold(struct launch_device *dev)
{
	const struct launch_endpoints *ep = &dev->endpoints;

	if (!dev->child.setup->holder || ep->server_fd < 0)
		return;
	launch_holder_add(dev->child.setup->holder, dev->item.label, ep);
	launch_device_keep(dev);
}

/* Return: 0, or -errno with why; idempotent. */
static int device_listen(struct launch_device *dev, char *why)
{
	const struct launch_setup *setup = dev->child.setup;
	struct launch_endpoints *ep = &dev->endpoints;
	const bool was_open = ep->frontend.fd >= 0;
	int r = launch_endpoints_listen(ep, &setup->access, why);

	if (r || !setup->holder || was_open)
		return r;
	r = launch_endpoints_listen_held(ep, why);
	if (!r)
		launch_device_hold(dev);
	return r;
}

static void device_begin(struct launch_device *dev)
{
	launch_child_begin(&dev->child);
	launch_last_begin(&dev->last);
	dev->reload_later = false;
}

/* --- upgrade --- */

void launch_device_upgrade(struct launch_device *dev)
{
	struct launch_upgrade *u = &dev->upgrade;
	struct launch_upgrade_fds fds = { -1, -1, -1 };
	int r;

	if (launch_upgrade_runs(u))
		return;
	r = launch_upgrade_begin(u, &fds);
	if (!r)
		r = launch_device_exec(dev, &u->process, &fds);
	close_fd(fds.said);
	close_fd(fds.ready);
	close_fd(fds.standby);
	launch_upgrade_started(u, r);
}

/* The child's end brings device_start(). */
static void device_replace(struct launch_device *dev)
{
	if (dev->child.ending)
		return;
	launch_log_line(dev->child.setup->log, LOG_INFO,
			"%s: the new process is ready; ending the old one",
			dev->item.label);
	launch_child_restart(&dev->child);
}

static void on_device_prepared(void *arg)
{
	struct launch_device *dev = arg;

	if (!dev->taken_over || dev->may_replace)
		device_replace(dev);
}

void launch_device_replace(struct launch_device *dev)
{
	if (!dev->taken_over || dev->may_replace)
		return;
	dev->may_replace = true;
	if (dev->upgrade.state == LAUNCH_UPGRADE_PREPARED)
		device_replace(dev);
}

/* The one that waited takes the place of the one that has ended. */
static void device_promote(struct launch_device *dev)
{
	struct launch_child *child = &dev->child;
	int lines_fd, ready_fd;

	device_begin(dev);
	launch_upgrade_hand_over(&dev->upgrade, &child->process, &lines_fd,
				 &ready_fd);
	if (lines_fd >= 0)
		launch_lines_start(&dev->lines, lines_fd);
	launch_ready_watch(&dev->ready, ready_fd);
	/* Before it serves the next launcher can find it. */
	launch_life_bind(&dev->endpoints.life, child->process.pid);
	launch_device_keep(dev);
	launch_upgrade_go(&dev->upgrade);
	launch_child_starting(child);
}

void launch_device_end(struct launch_device *dev)
{
	launch_upgrade_fail(&dev->upgrade, "the device is being ended");
	launch_bridge_end(dev->bridge);
	launch_device_end_old_bridge(dev);
	launch_child_end(&dev->child);
}

bool launch_device_runs(const struct launch_device *dev)
{
	return dev->child.process.pid || dev->upgrade.process.pid ||
	       launch_bridge_runs(dev->bridge);
}

void launch_device_restart(struct launch_device *dev)
{
	launch_bridge_start(dev->bridge);
	launch_child_restart(&dev->child);
}

void launch_device_kill(struct launch_device *dev)
{
	launch_bridge_kill(dev->bridge);
	launch_child_kill(&dev->child);
}

void launch_device_start(struct launch_device *dev)
{
	struct launch_child *child = &dev->child;
	int r;

	launch_bridge_start(dev->bridge);
	/* If ours does not come up, the other one serves on. */
	if (child->process.inherited && !dev->item.passthrough) {
		launch_device_upgrade(dev);
		return;
	}
	/* One process at a time can have a device of the host. */
	if (child->process.inherited) {
		launch_child_restart(child);
		return;
	}
	device_begin(dev);
	r = device_listen(dev, child->why);
	if (r) {
		launch_child_fail(child);
		return;
	}
	r = launch_device_spawn(dev);
	if (r) {
		snprintf(child->why, sizeof(child->why), "cannot start %s: %s",
			 launch_device_program(dev), strerror(-r));
		launch_child_fail(child);
		return;
	}
	launch_child_starting(child);
}

int launch_device_set_spec(struct launch_device *dev, json_t *spec)
{
	int r = launch_spec_file_write(&dev->spec, spec);

	if (r)
		return r;
	json_object_set(dev->item.json, "spec", spec);
	dev->item.inline_spec = spec;
	return 0;
}

/*
 * A server that is not ready may have read its spec already, but would be
 * killed by the signal.
 */
void launch_device_reload(struct launch_device *dev)
{
	if (!launch_item_can_reload(&dev->item))
		return;
	dev->reload_later = dev->child.state != LAUNCH_READY;
	if (!dev->reload_later && !dev->child.ending)
		launch_process_signal(&dev->child.process, SIGHUP);
}

void launch_device_reopen_log(struct launch_device *dev)
{
	struct launch_log *log = dev->child.setup->log;
	int r = log->dir ? launch_log_reopen(log, &dev->log) : 0;

	if (r)
		launch_log_line(log, LOG_WARNING,
				"cannot open the log of %s again: %s",
				dev->item.label, strerror(-r));
}

/* --- as a child --- */

static void device_start(struct launch_child *child)
{
	struct launch_device *dev = device_of(child);

	if (dev->upgrade.state == LAUNCH_UPGRADE_PREPARED)
		device_promote(dev);
	else
		launch_device_start(dev);
}

static void device_ended(struct launch_child *child, const char *how)
{
	struct launch_device *dev = device_of(child);

	launch_ready_finish(&dev->ready);
	launch_lines_end(&dev->lines);
	launch_watchdog_stop(&dev->watchdog);
	launch_endpoints_sweep(&dev->endpoints);
	if (!child->was_ready && !child->ending)
		launch_last_say_why(&dev->last,
				    dev->item.passthrough ? "vinput-passthrough"
							  : "vhost-user-input",
				    how);
}

static void device_gave_up(struct launch_child *child, const char *how,
			   bool bad)
{
	launch_log_line(child->setup->log, LOG_ERROR, "%s %s; not restarted",
			child->name, how);
	if (child->was_ready)
		snprintf(child->why, sizeof(child->why), "%s", how);
}

static void device_down(struct launch_child *child)
{
	struct launch_device *dev = device_of(child);

	launch_bridge_end(dev->bridge);
	if (child->setup->holder)
		launch_holder_remove(child->setup->holder, dev->item.label);
	launch_endpoints_close(&dev->endpoints);
}

static const struct launch_child_ops device_ops = {
	.start = device_start,
	.ended = device_ended,
	.gave_up = device_gave_up,
	.down = device_down,
};

/* --- life --- */

static void on_bridge_replaced(void *arg)
{
	launch_device_keep(arg);
}

static int device_add_bridge(struct launch_device *dev)
{
	dev->bridge = launch_bridge_new(dev->child.setup, dev->item.label);
	if (!dev->bridge)
		return -ENOMEM;
	dev->bridge->ep = &dev->endpoints;
	dev->bridge->last.file = &dev->log;
	dev->bridge->replaced = on_bridge_replaced;
	dev->bridge->arg = dev;
	return 0;
}

static int device_open(struct launch_device *dev, bool with_streamer, char *why)
{
	const struct launch_setup *setup = dev->child.setup;
	struct launch_inherited *in = NULL;
	int r = launch_endpoints_open(&dev->endpoints, setup->dir,
				      dev->item.label, with_streamer, why);

	if (r)
		return r;
	if (dev->item.inline_spec || dev->item.passthrough)
		r = launch_spec_file_open(&dev->spec, dev->item.inline_spec);
	if (!r && launch_item_has_vfio_user(&dev->item))
		r = device_add_bridge(dev);
	if (!r)
		r = launch_reload_open(&dev->reload);
	if (!r)
		r = launch_log_open(setup->log, dev->item.label, &dev->log);
	if (r) {
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", dev->item.label,
			 launch_spec_file_strerror(r));
		return r;
	}
	if (setup->inherited)
		in = launch_inheritance_find(setup->inherited, dev->item.label);
	if (in)
		r = launch_device_inherit(dev, in, why);
	launch_inherited_free(in);
	return r ? r : device_listen(dev, why);
}

struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why)
{
	struct launch_device *dev = calloc(1, sizeof(*dev));

	if (!dev) {
		snprintf(why, LAUNCH_WHY_MAX, "%s", strerror(ENOMEM));
		return NULL;
	}
	dev->item = *item;
	json_incref(dev->item.json);
	launch_child_init(&dev->child, setup, dev->item.label, &device_ops);
	dev->old_bridge = -1;
	dev->endpoints = LAUNCH_ENDPOINTS_NULL;
	dev->spec = LAUNCH_SPEC_FILE_NULL;
	dev->log = LAUNCH_LOG_FILE_NULL;
	dev->last.child = &dev->child;
	dev->last.file = &dev->log;
	launch_lines_init(&dev->lines, setup->loop, launch_device_on_line, dev);
	launch_ready_init(&dev->ready, setup->loop, on_device_ready, dev);
	launch_reload_init(&dev->reload, setup->loop, &dev->child.process,
			   setup->changed, setup->arg);
	launch_upgrade_init(&dev->upgrade, setup, dev->item.label);
	dev->upgrade.prepared = on_device_prepared;
	dev->upgrade.arg = dev;
	launch_watchdog_init(&dev->watchdog, setup->loop, on_device_hung, dev);
	if (device_open(dev, with_streamer, why)) {
		launch_device_free(dev);
		return NULL;
	}
	return dev;
}

void launch_device_give_back(struct launch_device *dev)
{
	launch_upgrade_fail(&dev->upgrade, "the launcher fails");
	launch_bridge_give_back(dev->bridge);
	if (dev->taken_over)
		return;
	launch_process_signal(&dev->child.process, SIGTERM);
	device_down(&dev->child);
}

void launch_device_free(struct launch_device *dev)
{
	launch_bridge_free(dev->bridge);
	close_fd(dev->old_bridge);
	launch_child_fini(&dev->child);
	launch_ready_close(&dev->ready);
	launch_lines_end(&dev->lines);
	launch_watchdog_stop(&dev->watchdog);
	launch_reload_close(&dev->reload);
	launch_upgrade_fini(&dev->upgrade);
	launch_endpoints_fini(&dev->endpoints);
	launch_spec_file_close(&dev->spec);
	launch_log_close(&dev->log);
	json_decref(dev->item.json);
	free(dev);
}
