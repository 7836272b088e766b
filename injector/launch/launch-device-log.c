/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/launch/launch-device-log.h"

static void device_log(struct launch_device *dev, const char *text)
{
	launch_log_put(dev->child.setup->log, &dev->log, text);
}

void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX])
{
	char path[32];
	int len = snprintf(path, sizeof(path), LAUNCH_SPEC_FORMAT ":",
			   dev->spec.fd);

	if (dev->spec.fd >= 0 && !strncmp(text, path, (size_t)len))
		snprintf(out, LAUNCH_LINE_MAX, "the spec:%s", text + len);
	else
		snprintf(out, LAUNCH_LINE_MAX, "%s", text);
}

void launch_device_log_last(struct launch_device *dev)
{
	if (dev->last_held)
		device_log(dev, dev->last);
	dev->last_held = false;
}

/* Return: the bytes of "vhost-user-input: " and the like. */
static size_t prefix_len(const char *line)
{
	static const char *const prefix[] = { "vhost-user-input: ",
					      "vinput-passthrough: " };

	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (!strncmp(line, prefix[i], strlen(prefix[i])))
			return strlen(prefix[i]);
	return 0;
}

void launch_device_on_line(void *arg, const char *line)
{
	struct launch_device *dev = arg;
	char text[LAUNCH_LINE_MAX];

	line += prefix_len(line);
	launch_device_name_spec(dev, line, text);
	launch_device_log_last(dev);
	snprintf(dev->last, sizeof(dev->last), "%.*s",
		 (int)sizeof(dev->last) - 1, text);
	if (dev->child.ever_ready)
		device_log(dev, text);
	else
		dev->last_held = true;
}

/* It was not ready. */
void launch_device_say_why(struct launch_device *dev, const char *how)
{
	struct launch_child *child = &dev->child;
	bool by_itself = !*child->hung && *dev->last;

	/* Where the launcher logs to stderr, it says that line itself. */
	if (!by_itself || dev->log.fd >= 0)
		launch_device_log_last(dev);
	if (by_itself)
		strcpy(child->why, dev->last);
	else
		snprintf(child->why, sizeof(child->why), "%s %s",
			 dev->item.passthrough ? "vinput-passthrough"
					       : "vhost-user-input",
			 how);
}
