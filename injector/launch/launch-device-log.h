/* SPDX-License-Identifier: Apache-2.0 */
/* What a device's process says: its lines, and why it did not come up. */
#ifndef VINPUT_LAUNCH_DEVICE_LOG_H
#define VINPUT_LAUNCH_DEVICE_LOG_H

#include "injector/launch/launch-device-state.h"

/* A line of its server: "the spec:5:2: ..." for an inline one. */
void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX]);
/*
 * A line of the process; arg: struct launch_device. Until a device was ready
 * for the first time, its last line is held: if it cannot start, that is why,
 * and what the launcher says when it ends.
 */
void launch_device_on_line(void *arg, const char *line);
/* Log the line that is held, if there is one. */
void launch_device_log_last(struct launch_device *dev);
/*
 * It ended, as how says, and was not ready: child.why becomes its last line,
 * or else how.
 */
void launch_device_say_why(struct launch_device *dev, const char *how);

#endif
