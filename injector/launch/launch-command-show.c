/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/fleet/launch-device-report.h"
#include "injector/launch/launch-answer.h"
#include "injector/launch/launch-command-label.h"
#include "injector/launch/launch-commands.h"
#include "injector/launch/launch-describe.h"

/* --- list --- */

/* A counter that is 0 or 1. Return: null if it is not known. */
static json_t *command_list_flag(const json_t *counters, const char *name)
{
	const json_t *value = json_object_get(counters, name);

	return value ? json_boolean(json_integer_value(value)) : json_null();
}

/* Return: NULL: it has none. */
static json_t *command_list_bridge(const struct launch_device *dev)
{
	const struct launch_child *child =
		dev->bridge ? &dev->bridge->child : NULL;

	if (!child)
		return NULL;
	return json_pack("{s:s, s:s, s:i, s:i, s:o}", "what", "vfio-user",
			 "state", launch_state_name(child->state), "pid",
			 (int)child->process.pid, "restarts",
			 (int)child->history.total, "socket",
			 launch_answer_text(dev->endpoints.vfio_path));
}

static json_t *command_list_entry(const struct launch_device *dev,
				  const json_t *counters)
{
	const struct launch_child *child = &dev->child;

	return json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:o*}", "label",
		dev->item.label, "what", launch_item_what(&dev->item), "state",
		launch_state_name(launch_device_state(dev)), "pid",
		(int)child->process.pid, "restarts", (int)child->history.total,
		"vmm", command_list_flag(counters, "vmm"), "driver",
		command_list_flag(counters, "driver"), "socket",
		launch_answer_text(dev->endpoints.frontend_path), "inject",
		launch_answer_text(dev->endpoints.inject_path), "bridge",
		command_list_bridge(dev));
}

json_t *launch_command_check_list(struct launch_command *cmd)
{
	const struct launch_fleet *f = cmd->fleet;
	const struct launch_child *streamer = &f->streamer.child;
	const struct launch_device *dev;
	json_t *devices;

	if (!launch_stats_is_complete(&cmd->stats))
		return NULL;
	devices = json_array();
	TAILQ_FOREACH (dev, &f->devices, link)
		json_array_append_new(
			devices,
			command_list_entry(
				dev,
				launch_stats_of(&cmd->stats, dev->item.label)));
	if (!f->streamer.argv)
		return json_pack("{s:b, s:b, s:o}", "ok", 1, "ready",
				 f->phase == LAUNCH_UP, "devices", devices);
	return json_pack("{s:b, s:b, s:o, s:{s:s, s:i, s:i}}", "ok", 1, "ready",
			 f->phase == LAUNCH_UP, "devices", devices, "streamer",
			 "state", launch_state_name(streamer->state), "pid",
			 (int)streamer->process.pid, "restarts",
			 (int)streamer->history.total);
}

/* Only a device itself knows its VMM and the guest's driver. */
json_t *launch_command_begin_list(struct launch_command *cmd,
				  const json_t *request)
{
	if (launch_stats_start(&cmd->stats, cmd->fleet, NULL))
		return launch_answer_error("%s", strerror(ENOMEM));
	return launch_command_check_list(cmd);
}

/* --- stats --- */

json_t *launch_command_check_stats(struct launch_command *cmd)
{
	if (!launch_stats_is_complete(&cmd->stats))
		return NULL;
	return json_pack("{s:b, s:O}", "ok", 1, "devices", cmd->stats.entries);
}

json_t *launch_command_begin_stats(struct launch_command *cmd,
				   const json_t *request)
{
	const struct launch_device *only = NULL;
	json_t *answer;

	if (json_object_get(request, "label")) {
		only = launch_command_take_device(cmd, request, &answer);
		if (!only)
			return answer;
	}
	if (launch_stats_start(&cmd->stats, cmd->fleet, only))
		return launch_answer_error("%s", strerror(ENOMEM));
	return launch_command_check_stats(cmd);
}

/* --- describe --- */

json_t *launch_command_begin_describe(struct launch_command *cmd,
				      const json_t *request)
{
	const struct launch_device *dev, *only = NULL;
	json_t *answer, *devices;

	if (json_object_get(request, "label")) {
		only = launch_command_take_device(cmd, request, &answer);
		if (!only)
			return answer;
	}
	devices = json_array();
	TAILQ_FOREACH (dev, &cmd->fleet->devices, link)
		if (!dev->removing && (!only || dev == only))
			json_array_append_new(devices, launch_describe(dev));
	return json_pack("{s:b, s:o}", "ok", 1, "devices", devices);
}
