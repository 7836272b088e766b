/* SPDX-License-Identifier: Apache-2.0 */
/* A device takes over what a launcher that has ended left of it. */
#ifndef VINPUT_LAUNCH_DEVICE_INHERIT_H
#define VINPUT_LAUNCH_DEVICE_INHERIT_H

#include "injector/fleet/launch-device-state.h"
#include "injector/fleet/launch-inherit.h"

/*
 * Its endpoints are open, and replaced. Its server is to be replaced by one of
 * ours; its bridge, if it has one, stays: for good, or until
 * launch_device_end_old_bridge(). in: what is taken is -1 afterwards.
 * Return: 0, or -errno with why (LAUNCH_WHY_MAX bytes).
 */
int launch_device_inherit(struct launch_device *dev,
			  struct launch_inherited *in, char *why);
/*
 * The launcher is up, or ends its devices: end the bridge that was taken over,
 * if the device is to have none.
 */
void launch_device_end_old_bridge(struct launch_device *dev);

#endif
