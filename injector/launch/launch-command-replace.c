/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/fleet/launch-device-log.h"
#include "injector/fleet/launch-device-report.h"
#include "injector/launch/launch-answer.h"
#include "injector/launch/launch-command-label.h"
#include "injector/launch/launch-commands.h"

/* --- restart --- */

json_t *launch_command_check_restart(struct launch_command *cmd)
{
	const struct launch_child *streamer = &cmd->fleet->streamer.child;
	enum launch_state state = streamer->state;
	const char *name = "the streamer", *why = streamer->why;
	const struct launch_device *dev;

	if (json_array_size(cmd->labels)) {
		dev = launch_command_device(cmd);
		if (!dev || dev->removing)
			return launch_answer_error("removed");
		state = launch_device_state(dev);
		why = launch_device_why(dev);
		name = dev->item.label;
	}
	if (state == LAUNCH_FAILED)
		return launch_answer_error("%s: %.400s", name, why);
	/* Perhaps for ever: a server that hangs each time has no limit. */
	if (state == LAUNCH_WAITING && *why)
		return launch_answer_error("%s: %.400s; trying again", name,
					   why);
	if (launch_fleet_is_ending(cmd->fleet))
		return launch_answer_ending();
	return state == LAUNCH_READY ? launch_answer_ok() : NULL;
}

json_t *launch_command_begin_restart(struct launch_command *cmd,
				     const json_t *request)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	struct launch_fleet *f = cmd->fleet;
	json_t *answer;
	struct launch_device *dev;

	if (f->phase != LAUNCH_UP)
		return launch_answer_not_ready();
	if (label && !strcmp(label, LAUNCH_STREAMER)) {
		if (!f->streamer.argv)
			return launch_answer_error("no streamer");
		launch_child_restart(&f->streamer.child);
		return NULL;
	}
	dev = launch_command_take_device(cmd, request, &answer);
	if (!dev)
		return answer;
	launch_device_restart(dev);
	return NULL;
}

/* --- upgrade --- */

/* Return: an error; NULL: it is upgraded, or *waits. */
static json_t *command_look_upgrade(const struct launch_device *dev,
				    bool *waits)
{
	const struct launch_child *child = &dev->child;
	const struct launch_upgrade *u = &dev->upgrade;

	if (u->state == LAUNCH_UPGRADE_FAILED)
		return launch_answer_error("%s: %.400s", dev->item.label,
					   u->why);
	if (u->state == LAUNCH_UPGRADE_HANDED &&
	    (child->state == LAUNCH_FAILED ||
	     (child->state == LAUNCH_WAITING && *child->why)))
		return launch_answer_error("%s: %.400s", dev->item.label,
					   child->why);
	*waits |= u->state != LAUNCH_UPGRADE_DONE;
	return NULL;
}

json_t *launch_command_check_upgrade(struct launch_command *cmd)
{
	bool waits = false;
	json_t *label, *error;
	size_t i;

	if (launch_fleet_is_ending(cmd->fleet))
		return launch_answer_ending();
	json_array_foreach(cmd->labels, i, label)
	{
		const struct launch_device *dev =
			launch_fleet_find(cmd->fleet, json_string_value(label));

		if (!dev || dev->removing)
			return launch_answer_error("removed");
		error = command_look_upgrade(dev, &waits);
		if (error)
			return error;
	}
	return waits ? NULL : launch_answer_ok();
}

/* Return: why not, or NULL. */
static json_t *command_refuse_upgrade(const struct launch_device *dev)
{
	if (dev->item.passthrough)
		return launch_answer_error(
			"%s is a device of the host, which one "
			"process at a time can have: restart it",
			dev->item.label);
	if (dev->child.state != LAUNCH_READY)
		return launch_answer_error("%s is %s, not ready",
					   dev->item.label,
					   launch_state_name(dev->child.state));
	return NULL;
}

json_t *launch_command_begin_upgrade(struct launch_command *cmd,
				     const json_t *request)
{
	const struct launch_device *only = NULL;
	struct launch_device *dev;
	json_t *answer;

	if (cmd->fleet->phase != LAUNCH_UP)
		return launch_answer_not_ready();
	if (json_object_get(request, "label")) {
		only = launch_command_take_device(cmd, request, &answer);
		answer = only ? command_refuse_upgrade(only) : answer;
		if (answer)
			return answer;
	}
	launch_template_end(&cmd->fleet->template);
	TAILQ_FOREACH (dev, &cmd->fleet->devices, link) {
		if (dev->removing || (only && dev != only) ||
		    dev->item.passthrough || dev->child.state != LAUNCH_READY)
			continue;
		if (!only)
			json_array_append_new(cmd->labels,
					      json_string(dev->item.label));
		launch_device_upgrade(dev);
	}
	return launch_command_check_upgrade(cmd);
}

/* --- reload --- */

static json_t *command_reload_answer(const struct launch_command *cmd,
				     const struct launch_device *dev)
{
	char why[LAUNCH_LINE_MAX];

	launch_device_name_spec(dev, dev->reload.why, why);
	if (launch_reload_answers(&dev->reload, cmd->request_us))
		return *why ? launch_answer_error("%s: %.400s", dev->item.label,
						  why)
			    : launch_answer_ok();
	if (dev->child.state != LAUNCH_READY)
		return launch_answer_error("%s has ended", dev->item.label);
	if (cmd->is_late)
		return launch_answer_error("%s did not answer for %g s",
					   dev->item.label, LAUNCH_RELOAD_S);
	return NULL;
}

json_t *launch_command_check_reload(struct launch_command *cmd)
{
	struct launch_device *dev = launch_command_device(cmd);
	json_t *answer;

	if (!dev || dev->removing)
		return launch_answer_error("removed");
	answer = command_reload_answer(cmd, dev);
	if (cmd->before && answer &&
	    json_is_false(json_object_get(answer, "ok")))
		launch_device_set_spec(dev, cmd->before);
	return answer;
}

/* Return: NULL; an answer: it keeps what it has. */
static json_t *command_take_spec(struct launch_command *cmd,
				 struct launch_device *dev, json_t *spec)
{
	int r;

	if (!dev->item.inline_spec)
		return spec ? launch_answer_error(
				      "%s has the spec %.40s, not an "
				      "inline one",
				      dev->item.label,
				      launch_item_what(&dev->item))
			    : NULL;
	if (!json_is_object(spec))
		return launch_answer_error(
			"%s has an inline spec: the request must "
			"have the new one as spec, an object",
			dev->item.label);
	cmd->before = json_incref((json_t *)dev->item.inline_spec);
	r = launch_device_set_spec(dev, spec);
	return r ? launch_answer_error("%s: %s", dev->item.label,
				       launch_spec_file_strerror(r))
		 : NULL;
}

json_t *launch_command_begin_reload(struct launch_command *cmd,
				    const json_t *request)
{
	json_t *answer;
	struct launch_device *dev =
		launch_command_take_device(cmd, request, &answer);

	if (!dev)
		return answer;
	if (dev->item.passthrough)
		return launch_answer_error(
			"%s is a device of the host, which has no "
			"spec to be read again",
			dev->item.label);
	if (dev->child.state != LAUNCH_READY)
		return launch_answer_error("%s is %s, not ready",
					   dev->item.label,
					   launch_state_name(dev->child.state));
	answer = command_take_spec(cmd, dev, json_object_get(request, "spec"));
	if (answer)
		return answer;
	cmd->request_us = launch_reload_request();
	launch_timer_start(&cmd->timeout, LAUNCH_RELOAD_S);
	launch_device_reload(dev);
	return NULL;
}
