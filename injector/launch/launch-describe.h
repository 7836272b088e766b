/* SPDX-License-Identifier: Apache-2.0 */
/* What the devices are, for programs that inject into them. */
#ifndef VINPUT_LAUNCH_DESCRIBE_H
#define VINPUT_LAUNCH_DESCRIBE_H

#include <jansson.h>
#include "injector/fleet/launch-device.h"

/*
 * Read a device's spec, as its server does.
 * Return: {"label": ..., "spec": the spec, or null if it cannot be read, or the
 * server of a device of the host does not know it yet}; NULL: no memory.
 */
json_t *launch_describe(const struct launch_device *dev);

#endif
