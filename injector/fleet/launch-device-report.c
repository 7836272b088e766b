/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/fleet/launch-device-report.h"

/* Its bridge is what is reported: the server is ready, or will not help. */
static bool device_is_as_its_bridge(const struct launch_device *dev)
{
	const enum launch_state server = dev->child.state;

	return dev->bridge && server != LAUNCH_FAILED &&
	       (server == LAUNCH_READY ||
		dev->bridge->child.state == LAUNCH_FAILED);
}

enum launch_state launch_device_state(const struct launch_device *dev)
{
	return device_is_as_its_bridge(dev) ? dev->bridge->child.state
					    : dev->child.state;
}

const char *launch_device_why(const struct launch_device *dev)
{
	return device_is_as_its_bridge(dev) ? dev->bridge->child.why
					    : dev->child.why;
}

bool launch_device_is_up(const struct launch_device *dev)
{
	return launch_device_state(dev) == LAUNCH_READY &&
	       !launch_upgrade_runs(&dev->upgrade);
}

bool launch_device_can_be_up(const struct launch_device *dev)
{
	return launch_device_is_up(dev) ||
	       (dev->upgrade.state == LAUNCH_UPGRADE_PREPARED &&
		launch_bridge_is_up(dev->bridge));
}

const char *launch_device_failure(const struct launch_device *dev)
{
	const enum launch_state state = launch_device_state(dev);

	if (dev->taken_over && dev->upgrade.state == LAUNCH_UPGRADE_FAILED)
		return dev->upgrade.why;
	if (state == LAUNCH_FAILED || state == LAUNCH_STOPPED)
		return launch_device_why(dev);
	return NULL;
}
