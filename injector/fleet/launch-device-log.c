/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/fleet/launch-device-log.h"

void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX])
{
	const struct launch_places *places =
		&dev->child.setup->children->places;
	char path[32];
	int len = snprintf(path, sizeof(path), LAUNCH_SPEC_FORMAT ":",
			   places->fd[LAUNCH_PLACE_KEEP]);

	if (dev->spec.fd >= 0 && !strncmp(text, path, (size_t)len))
		snprintf(out, LAUNCH_LINE_MAX, "the spec:%s", text + len);
	else
		snprintf(out, LAUNCH_LINE_MAX, "%s", text);
}

void launch_device_on_line(void *arg, const char *line)
{
	struct launch_device *dev = arg;
	char text[LAUNCH_LINE_MAX];

	launch_device_name_spec(dev, launch_last_strip(line), text);
	launch_last_put(&dev->last, text);
}
