/* SPDX-License-Identifier: Apache-2.0 */
/* What a device is, to those who wait for it: its server and bridge as one. */
#ifndef VINPUT_LAUNCH_DEVICE_REPORT_H
#define VINPUT_LAUNCH_DEVICE_REPORT_H

#include "injector/fleet/launch-device-state.h"

/*
 * Return: the state of its server; once that is ready, that of its bridge, and
 * why it is in that state (LAUNCH_WHY_MAX bytes), as launch_child.why.
 */
enum launch_state launch_device_state(const struct launch_device *dev);
const char *launch_device_why(const struct launch_device *dev);
/*
 * While the launcher comes up. Return: whether it is up; whether nothing but
 * the end of an old server is missing for that; why it does not come up, or is
 * not taken over, NULL: it may.
 */
bool launch_device_is_up(const struct launch_device *dev);
bool launch_device_can_be_up(const struct launch_device *dev);
const char *launch_device_failure(const struct launch_device *dev);

#endif
