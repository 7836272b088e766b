/* SPDX-License-Identifier: Apache-2.0 */
/* A device's process: its command line, its pipes, and what it inherits. */
#ifndef VINPUT_LAUNCH_DEVICE_SPAWN_H
#define VINPUT_LAUNCH_DEVICE_SPAWN_H

#include "injector/fleet/launch-device-state.h"

/* Return: the program that serves the device. */
const char *launch_device_program(const struct launch_device *dev);
/* Start it, with its lines and its readiness watched. Return: 0 or -errno. */
int launch_device_spawn(struct launch_device *dev);
/* Start one as p, which says and is told through fds. Return: 0 or -errno. */
int launch_device_exec(struct launch_device *dev, struct launch_process *p,
		       const struct launch_upgrade_fds *fds);
/* Let the holder, if there is one, know the device and its process. */
void launch_device_keep(struct launch_device *dev);

#endif
