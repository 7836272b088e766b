/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/launch/launch-answer.h"
#include "injector/launch/launch-command-label.h"
#include "input/base/fault.h"
#include "input/base/near.h"

static json_t *answer_no_device(const struct launch_command *cmd,
				const char *label)
{
	const struct launch_fleet *f = cmd->fleet;
	const struct launch_device *dev;
	struct near near;

	near_init(&near, label);
	TAILQ_FOREACH (dev, &f->devices, link)
		if (!dev->removing)
			near_try(&near, dev->item.label);
	if (cmd->row->args == LAUNCH_TAKES_CHILD && f->streamer.argv)
		near_try(&near, LAUNCH_STREAMER);
	return launch_answer_error("no device %.40s%s", label,
				   fault_hint(near.best));
}

/* Return: the device that label names, noted; NULL with an answer. */
struct launch_device *launch_command_take_device(struct launch_command *cmd,
						 const json_t *request,
						 json_t **answer)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	struct launch_device *dev;

	if (!label) {
		*answer = launch_answer_error("label must be a string");
		return NULL;
	}
	dev = launch_fleet_find(cmd->fleet, label);
	if (!dev || dev->removing) {
		*answer = answer_no_device(cmd, label);
		return NULL;
	}
	json_array_append_new(cmd->labels, json_string(label));
	return dev;
}

struct launch_device *launch_command_device(const struct launch_command *cmd)
{
	const json_t *label = json_array_get(cmd->labels, 0);

	return launch_fleet_find(cmd->fleet, json_string_value(label));
}
