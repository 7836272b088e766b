/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/fleet/launch-device-report.h"
#include "injector/launch/launch-answer.h"
#include "injector/launch/launch-command-label.h"
#include "injector/launch/launch-commands.h"

/* --- add --- */

static bool command_label_is_taken(void *arg, const char *label)
{
	return launch_fleet_find(arg, label);
}

static int command_read_plan(struct launch_command *cmd, const json_t *request,
			     struct launch_plan *plan)
{
	struct launch_fault fault = { .json = NULL };
	const json_t *devices = json_object_get(request, "devices");
	int r;

	plan->defaults = cmd->fleet->setup.tunables;
	r = launch_plan_read(plan, devices, NULL, &fault);
	if (!r)
		r = launch_plan_label(plan, NULL, command_label_is_taken,
				      cmd->fleet, &fault);
	if (r)
		snprintf(cmd->why, sizeof(cmd->why), "%s", fault.text);
	return r;
}

json_t *launch_command_begin_add(struct launch_command *cmd,
				 const json_t *request)
{
	struct launch_fleet *f = cmd->fleet;
	struct launch_plan *plan;
	int r;

	if (f->phase != LAUNCH_UP)
		return launch_answer_not_ready();
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return launch_answer_error("%s", strerror(ENOMEM));
	r = command_read_plan(cmd, request, plan);
	if (!r && !plan->n) {
		strcpy(cmd->why, "at least one device is required");
		r = -EINVAL;
	}
	if (!r)
		r = launch_fleet_add(f, plan, false, cmd->why);
	for (size_t i = 0; !r && i < plan->n; i++) {
		const char *label = plan->item[i].label;

		json_array_append_new(cmd->labels, json_string(label));
		launch_device_start(launch_fleet_find(f, label));
	}
	launch_plan_fini(plan);
	free(plan);
	return r ? launch_answer_error("%s", cmd->why) : NULL;
}

/* A device has failed: remove all that were added with it. */
static void command_undo_add(struct launch_command *cmd,
			     const struct launch_device *dev)
{
	struct launch_fleet *f = cmd->fleet;
	size_t i;
	json_t *label;

	cmd->failed = true;
	snprintf(cmd->why, sizeof(cmd->why), "%s: %.400s", dev->item.label,
		 launch_device_why(dev));
	launch_log_line(&f->log, LOG_ERROR, "%s was not added", cmd->why);
	json_array_foreach(cmd->labels, i, label)
	{
		struct launch_device *each =
			launch_fleet_find(f, json_string_value(label));

		if (each)
			launch_fleet_remove(f, each);
	}
}

json_t *launch_command_check_add(struct launch_command *cmd)
{
	bool ready = true, gone = true;
	size_t i;
	json_t *label;

	json_array_foreach(cmd->labels, i, label)
	{
		const struct launch_device *dev =
			launch_fleet_find(cmd->fleet, json_string_value(label));

		if (!dev)
			continue;
		gone = false;
		ready &= launch_device_state(dev) == LAUNCH_READY;
		if (cmd->failed || launch_device_state(dev) != LAUNCH_FAILED)
			continue;
		command_undo_add(cmd, dev);
		return NULL;
	}
	if (gone)
		return launch_answer_error("%s",
					   cmd->failed ? cmd->why : "removed");
	if (!ready || cmd->failed)
		return NULL;
	return json_pack("{s:b, s:O}", "ok", 1, "added", cmd->labels);
}

/* --- remove --- */

json_t *launch_command_check_remove(struct launch_command *cmd)
{
	return launch_command_device(cmd) ? NULL : launch_answer_ok();
}

json_t *launch_command_begin_remove(struct launch_command *cmd,
				    const json_t *request)
{
	json_t *answer;
	struct launch_device *dev;

	if (cmd->fleet->phase != LAUNCH_UP)
		return launch_answer_not_ready();
	dev = launch_command_take_device(cmd, request, &answer);
	if (!dev)
		return answer;
	launch_fleet_remove(cmd->fleet, dev);
	return NULL;
}
