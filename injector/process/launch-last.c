/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/process/launch-last.h"

void launch_last_begin(struct launch_last *last)
{
	*last->text = '\0';
	last->held = false;
}

const char *launch_last_strip(const char *line)
{
	static const char *const prefix[] = {
		"vhost-user-input: ", "vinput-passthrough: ",
		"vinput-vfio-user: ", "vinput-hold: "
	};

	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (!strncmp(line, prefix[i], strlen(prefix[i])))
			return line + strlen(prefix[i]);
	return line;
}

void launch_last_put(struct launch_last *last, const char *text)
{
	launch_last_log(last);
	snprintf(last->text, sizeof(last->text), "%.*s",
		 (int)sizeof(last->text) - 1, text);
	if (last->child->ever_ready)
		launch_log_put(last->child->setup->log, last->file, text);
	else
		last->held = true;
}

void launch_last_log(struct launch_last *last)
{
	if (last->held)
		launch_log_put(last->child->setup->log, last->file, last->text);
	last->held = false;
}

void launch_last_say_why(struct launch_last *last, const char *name,
			 const char *how)
{
	struct launch_child *child = last->child;
	bool by_itself = !*child->hung && *last->text;

	/* Where the launcher logs to stderr, it says that line itself. */
	if (!by_itself || last->file->fd >= 0)
		launch_last_log(last);
	if (by_itself)
		strcpy(child->why, last->text);
	else
		snprintf(child->why, sizeof(child->why), "%s %s", name, how);
}
