/* SPDX-License-Identifier: Apache-2.0 */
/* What a device's process says. */
#ifndef VINPUT_LAUNCH_DEVICE_LOG_H
#define VINPUT_LAUNCH_DEVICE_LOG_H

#include "injector/fleet/launch-device-state.h"

/* A line of its server: "the spec:5:2: ..." for an inline one. */
void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX]);
/* A line of the process, for its log; arg: struct launch_device. */
void launch_device_on_line(void *arg, const char *line);

#endif
