/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include "injector/fleet/launch-device-inherit.h"
#include "injector/fleet/launch-device-spawn.h"
#include "input/base/fd.h"

/* A guest's driver does not expect that its mouse becomes a keyboard. */
static int device_check_use(const struct launch_device *dev,
			    const struct launch_inherited *in, char *why)
{
	const char *was = json_string_value(json_object_get(in->item, "type"));
	const char *is = dev->item.kind ? dev->item.kind->name : NULL;

	if (!in->connected)
		return 0;
	if (in->bridge_pidfd >= 0 && !dev->bridge) {
		snprintf(why, LAUNCH_WHY_MAX,
			 "%s: its VMM is connected through a vfio-user bridge, "
			 "which cannot be removed",
			 dev->item.label);
		return -EEXIST;
	}
	if (!was || !is || !strcmp(was, is))
		return 0;
	snprintf(why, LAUNCH_WHY_MAX,
		 "%s: is a %s, which its VMM uses; it cannot become a %s",
		 dev->item.label, was, is);
	return -EEXIST;
}

/* pidfd: taken. */
static void device_inherit_bridge(struct launch_device *dev, int pidfd)
{
	if (dev->bridge)
		launch_bridge_inherit(dev->bridge, pidfd);
	else
		dev->old_bridge = pidfd;
}

void launch_device_end_old_bridge(struct launch_device *dev)
{
	if (dev->old_bridge < 0)
		return;
	pidfd_send_signal(dev->old_bridge, SIGTERM, NULL, 0);
	dev->old_bridge = close_fd(dev->old_bridge);
	launch_device_keep(dev);
}

int launch_device_inherit(struct launch_device *dev,
			  struct launch_inherited *in, char *why)
{
	struct launch_child *child = &dev->child;
	int r = device_check_use(dev, in, why);

	if (!r)
		r = launch_endpoints_inherit(&dev->endpoints, in, why);
	if (r)
		return r;
	dev->taken_over = true;
	launch_log_line(child->setup->log, LOG_INFO,
			"%s is taken over from a launcher that has ended",
			dev->item.label);
	if (in->bridge_pidfd >= 0)
		device_inherit_bridge(dev, steal_fd(&in->bridge_pidfd));
	r = launch_process_inherit(child->setup->children, &child->process,
				   steal_fd(&in->pidfd));
	/* It may have ended since. */
	if (!r)
		launch_child_ready(child);
	return 0;
}
