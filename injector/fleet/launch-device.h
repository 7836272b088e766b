/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device: a vhost-user-input process, supervised, and what outlives it.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_DEVICE_H
#define VINPUT_LAUNCH_DEVICE_H

#include <stdbool.h>
#include "injector/fleet/launch-device-state.h"

/*
 * Make its sockets, or take over those of setup->inherited; item is copied,
 * with a reference to its JSON. with_streamer: make a socketpair too. Return:
 * the device, stopped; NULL with why (LAUNCH_WHY_MAX bytes).
 */
struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why);
/* All others come up: if this one was taken over, its old server may end. */
void launch_device_replace(struct launch_device *dev);
/*
 * The process is about to exit: leave the device to the next launcher if it was
 * taken over, and end it if not.
 */
void launch_device_give_back(struct launch_device *dev);
/* It MUST NOT have a process. Removes its sockets. */
void launch_device_free(struct launch_device *dev);

/*
 * It becomes LAUNCH_STARTING, or LAUNCH_FAILED with child.why. An inherited
 * server is upgraded; that of a device of the host is ended first:
 * LAUNCH_WAITING.
 */
void launch_device_start(struct launch_device *dev);
/* The holder has been started: let it hold this device, if that listens. */
void launch_device_hold(struct launch_device *dev);
/*
 * Give it another inline spec, for the next time that it is read. spec: gets
 * another reference. Return: 0 or -errno: it has the one from before.
 */
int launch_device_set_spec(struct launch_device *dev, json_t *spec);
/*
 * Replace its process by one of the program as it is now, when that is ready:
 * dev->upgrade says what becomes of it. Not for a device of the host.
 */
void launch_device_upgrade(struct launch_device *dev);
/* End it, and what is to replace it; it becomes LAUNCH_STOPPED. */
void launch_device_end(struct launch_device *dev);
/* Replace its server, and start its bridge if that does not run. */
void launch_device_restart(struct launch_device *dev);
/* SIGKILL for its processes; it becomes LAUNCH_STOPPED. */
void launch_device_kill(struct launch_device *dev);
/* Return: whether it has any process. */
bool launch_device_runs(const struct launch_device *dev);
/* Let it read its spec again, now or when it is ready. */
void launch_device_reload(struct launch_device *dev);
/* Open its log file by its name once more, if it has one. */
void launch_device_reopen_log(struct launch_device *dev);

#endif
