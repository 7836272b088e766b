/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "injector/passthrough/pass-monitor.h"
#include "injector/passthrough/pass-udev-calls.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/log.h"

#define UDEV_RUNS "/run/udev/control"

/* A device that has been pulled is gone after this, also on a busy machine. */
#define SETTLED_S 3.0
/* So many times that at most: a loose plug changes again and again. */
#define SETTLED_MAX 4

static void monitor_changed(struct pass_monitor *m)
{
	const double now = clock_s(), wait = m->settled_timer.repeat;

	if (!ev_is_active(&m->settled_timer))
		m->settled_by = now + SETTLED_MAX * wait;
	if (now + wait <= m->settled_by)
		ev_timer_again(m->loop, &m->settled_timer);
	m->changed(m->arg);
}

static void on_settled(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pass_monitor *m =
		container_of(timer, struct pass_monitor, settled_timer);

	ev_timer_stop(loop, timer);
	m->settled(m->arg);
}

/* --- udev --- */

/* NULL: there is none. */
static const struct pass_udev_calls *lib;

static void on_udev(struct ev_loop *loop, ev_io *io, int events)
{
	struct pass_monitor *m = container_of(io, struct pass_monitor, udev_io);
	struct udev_device *device;

	while ((device = lib->monitor_receive_device(m->monitor)))
		lib->device_unref(device);
	monitor_changed(m);
}

/* Return: NULL: the nodes have to do. */
static struct udev *start_udev(void)
{
	struct fault why;

	lib = pass_udev_calls(&why);
	if (!lib)
		log_line(LOG_WARNING, CULPRIT_HOST, "udev's device monitor: %s",
			 why.text);
	return lib ? lib->new () : NULL;
}

static int watch_udev(struct pass_monitor *m)
{
	int r;

	m->monitor = lib->monitor_new_from_netlink(m->udev, "udev");
	if (!m->monitor)
		return -ENOMEM;
	r = lib->monitor_filter_add_match_subsystem_devtype(m->monitor, "input",
							    NULL);
	if (r >= 0)
		r = lib->monitor_enable_receiving(m->monitor);
	if (r < 0)
		return r;
	ev_io_set(&m->udev_io, lib->monitor_get_fd(m->monitor), EV_READ);
	ev_io_start(m->loop, &m->udev_io);
	return 0;
}

/* --- the folder of the nodes --- */

static int watch_above(struct pass_monitor *m)
{
	char above[256];
	char *slash;

	snprintf(above, sizeof(above), "%s", m->host->dev);
	slash = strrchr(above, '/');
	if (slash && slash != above)
		*slash = '\0';
	m->above =
		inotify_add_watch(m->inotify_fd, above, IN_CREATE | IN_ONLYDIR);
	return m->above < 0 ? -errno : 0;
}

/* The kernel removes the folder with its last node. */
static int watch_folder(struct pass_monitor *m)
{
	const uint32_t what = IN_CREATE | IN_ATTRIB | IN_MOVED_TO | IN_ONLYDIR;

	if (inotify_add_watch(m->inotify_fd, m->host->dev, what) < 0)
		return watch_above(m);
	if (m->above >= 0)
		inotify_rm_watch(m->inotify_fd, m->above);
	m->above = -1;
	return 0;
}

static void on_inotify(struct ev_loop *loop, ev_io *io, int events)
{
	struct pass_monitor *m =
		container_of(io, struct pass_monitor, inotify_io);
	char buffer[4096];

	while (read(m->inotify_fd, buffer, sizeof(buffer)) > 0)
		;
	watch_folder(m);
	monitor_changed(m);
}

static int watch_nodes(struct pass_monitor *m)
{
	int r;

	m->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (m->inotify_fd < 0)
		return -errno;
	r = watch_folder(m);
	if (r)
		return r;
	ev_io_set(&m->inotify_io, m->inotify_fd, EV_READ);
	ev_io_start(m->loop, &m->inotify_io);
	return 0;
}

/* --- both --- */

int pass_monitor_start(struct pass_monitor *m)
{
	int by_udev = -ENOENT, by_nodes;

	ev_init(&m->udev_io, on_udev);
	ev_init(&m->inotify_io, on_inotify);
	ev_init(&m->settled_timer, on_settled);
	m->settled_timer.repeat = SETTLED_S;
	m->monitor = NULL;
	m->above = -1;
	m->udev = access(UDEV_RUNS, F_OK) ? NULL : start_udev();
	if (m->udev)
		by_udev = watch_udev(m);
	by_nodes = watch_nodes(m);
	return by_udev && by_nodes ? by_nodes : 0;
}

void pass_monitor_fini(struct pass_monitor *m)
{
	if (!m->loop)
		return;
	ev_io_stop(m->loop, &m->udev_io);
	ev_io_stop(m->loop, &m->inotify_io);
	ev_timer_stop(m->loop, &m->settled_timer);
	if (m->monitor)
		lib->monitor_unref(m->monitor);
	if (m->udev)
		lib->unref(m->udev);
	m->monitor = NULL;
	m->udev = NULL;
	if (m->inotify_fd >= 0)
		close(m->inotify_fd);
	m->inotify_fd = -1;
}

int pass_monitor_seat(const struct pass_monitor *m, const char *node,
		      char seat[64])
{
	struct udev_device *device =
		m->udev ? lib->device_new_from_subsystem_sysname(m->udev,
								 "input", node)
			: NULL;
	const char *value = NULL;
	int r = 0;

	if (device && !lib->device_get_is_initialized(device))
		r = -EAGAIN;
	else if (device)
		value = lib->device_get_property_value(device, "ID_SEAT");
	snprintf(seat, 64, "%s", value ? value : "seat0");
	if (device)
		lib->device_unref(device);
	return r;
}
