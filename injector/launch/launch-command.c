/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/launch/launch-command.h"
#include "injector/launch/launch-describe.h"
#include "injector/launch/launch-print.h"
#include "input/base/fault.h"
#include "input/base/near.h"

#define HELP_COLUMN 20
#define STREAMER    "streamer" /* its label */

__attribute__((format(printf, 1, 2))) static json_t *answer_error(
	const char *fmt, ...)
{
	char text[LAUNCH_WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static json_t *answer_ok(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *answer_not_ready(void)
{
	return answer_error("the launcher is not ready");
}

static json_t *answer_ending(void)
{
	return answer_error("the launcher is ending");
}

/* --- list --- */

/* A counter that is 0 or 1. Return: null if it is not known. */
static json_t *command_list_flag(const json_t *counters, const char *name)
{
	const json_t *value = json_object_get(counters, name);

	return value ? json_boolean(json_integer_value(value)) : json_null();
}

static json_t *command_list_entry(const struct launch_device *dev,
				  const json_t *counters)
{
	const struct launch_child *child = &dev->child;

	return json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:s, s:s}", "label",
		dev->item.label, "what", launch_item_what(&dev->item), "state",
		launch_state_name(child->state), "pid", (int)child->process.pid,
		"restarts", (int)child->history.total, "vmm",
		command_list_flag(counters, "vmm"), "driver",
		command_list_flag(counters, "driver"), "socket",
		dev->endpoints.frontend_path, "inject",
		dev->endpoints.inject_path);
}

static json_t *command_check_list(struct launch_command *cmd)
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
static json_t *command_begin_list(struct launch_command *cmd,
				  const json_t *request)
{
	if (launch_stats_start(&cmd->stats, cmd->fleet, NULL))
		return answer_error("%s", strerror(ENOMEM));
	return command_check_list(cmd);
}

/* --- wait --- */

static json_t *command_check_wait(struct launch_command *cmd)
{
	if (launch_fleet_is_ending(cmd->fleet))
		return answer_ending();
	return cmd->fleet->phase == LAUNCH_UP ? answer_ok() : NULL;
}

static json_t *command_begin_wait(struct launch_command *cmd,
				  const json_t *request)
{
	return command_check_wait(cmd);
}

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

static json_t *command_begin_add(struct launch_command *cmd,
				 const json_t *request)
{
	struct launch_fleet *f = cmd->fleet;
	struct launch_plan *plan;
	int r;

	if (f->phase != LAUNCH_UP)
		return answer_not_ready();
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return answer_error("%s", strerror(ENOMEM));
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
	return r ? answer_error("%s", cmd->why) : NULL;
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
		 dev->child.why);
	launch_log_line(&f->log, LOG_ERROR, "%s was not added", cmd->why);
	json_array_foreach(cmd->labels, i, label)
	{
		struct launch_device *each =
			launch_fleet_find(f, json_string_value(label));

		if (each)
			launch_fleet_remove(f, each);
	}
}

static json_t *command_check_add(struct launch_command *cmd)
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
		ready &= dev->child.state == LAUNCH_READY;
		if (cmd->failed || dev->child.state != LAUNCH_FAILED)
			continue;
		command_undo_add(cmd, dev);
		return NULL;
	}
	if (gone)
		return answer_error("%s", cmd->failed ? cmd->why : "removed");
	if (!ready || cmd->failed)
		return NULL;
	return json_pack("{s:b, s:O}", "ok", 1, "added", cmd->labels);
}

/* --- remove, restart --- */

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
		near_try(&near, STREAMER);
	return answer_error("no device %.40s%s", label, fault_hint(near.best));
}

/* Return: the device that label names, noted; NULL with an answer. */
static struct launch_device *command_take_device(struct launch_command *cmd,
						 const json_t *request,
						 json_t **answer)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	struct launch_device *dev;

	if (!label) {
		*answer = answer_error("label must be a string");
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

static struct launch_device *command_device(const struct launch_command *cmd)
{
	const json_t *label = json_array_get(cmd->labels, 0);

	return launch_fleet_find(cmd->fleet, json_string_value(label));
}

static json_t *command_check_remove(struct launch_command *cmd)
{
	return command_device(cmd) ? NULL : answer_ok();
}

static json_t *command_begin_remove(struct launch_command *cmd,
				    const json_t *request)
{
	json_t *answer;
	struct launch_device *dev;

	if (cmd->fleet->phase != LAUNCH_UP)
		return answer_not_ready();
	dev = command_take_device(cmd, request, &answer);
	if (!dev)
		return answer;
	launch_fleet_remove(cmd->fleet, dev);
	return NULL;
}

static json_t *command_check_restart(struct launch_command *cmd)
{
	const struct launch_child *child = &cmd->fleet->streamer.child;
	const struct launch_device *dev = NULL;
	const char *name = "the streamer";

	if (json_array_size(cmd->labels)) {
		dev = command_device(cmd);
		if (!dev || dev->removing)
			return answer_error("removed");
		child = &dev->child;
		name = dev->item.label;
	}
	if (child->state == LAUNCH_FAILED)
		return answer_error("%s: %.400s", name, child->why);
	/* Perhaps for ever: a server that hangs each time has no limit. */
	if (child->state == LAUNCH_WAITING && *child->why)
		return answer_error("%s: %.400s; trying again", name,
				    child->why);
	if (launch_fleet_is_ending(cmd->fleet))
		return answer_ending();
	return child->state == LAUNCH_READY ? answer_ok() : NULL;
}

static json_t *command_begin_restart(struct launch_command *cmd,
				     const json_t *request)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	struct launch_fleet *f = cmd->fleet;
	json_t *answer;
	struct launch_device *dev;

	if (f->phase != LAUNCH_UP)
		return answer_not_ready();
	if (label && !strcmp(label, STREAMER)) {
		if (!f->streamer.argv)
			return answer_error("no streamer");
		launch_child_restart(&f->streamer.child);
		return NULL;
	}
	dev = command_take_device(cmd, request, &answer);
	if (!dev)
		return answer;
	launch_child_restart(&dev->child);
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
		return answer_error("%s: %.400s", dev->item.label, u->why);
	if (u->state == LAUNCH_UPGRADE_HANDED &&
	    (child->state == LAUNCH_FAILED ||
	     (child->state == LAUNCH_WAITING && *child->why)))
		return answer_error("%s: %.400s", dev->item.label, child->why);
	*waits |= u->state != LAUNCH_UPGRADE_DONE;
	return NULL;
}

static json_t *command_check_upgrade(struct launch_command *cmd)
{
	bool waits = false;
	json_t *label, *error;
	size_t i;

	if (launch_fleet_is_ending(cmd->fleet))
		return answer_ending();
	json_array_foreach(cmd->labels, i, label)
	{
		const struct launch_device *dev =
			launch_fleet_find(cmd->fleet, json_string_value(label));

		if (!dev || dev->removing)
			return answer_error("removed");
		error = command_look_upgrade(dev, &waits);
		if (error)
			return error;
	}
	return waits ? NULL : answer_ok();
}

/* Return: why not, or NULL. */
static json_t *command_refuse_upgrade(const struct launch_device *dev)
{
	if (dev->item.passthrough)
		return answer_error("%s is a device of the host, which one "
				    "process at a time can have: restart it",
				    dev->item.label);
	if (dev->child.state != LAUNCH_READY)
		return answer_error("%s is %s, not ready", dev->item.label,
				    launch_state_name(dev->child.state));
	return NULL;
}

static json_t *command_begin_upgrade(struct launch_command *cmd,
				     const json_t *request)
{
	const struct launch_device *only = NULL;
	struct launch_device *dev;
	json_t *answer;

	if (cmd->fleet->phase != LAUNCH_UP)
		return answer_not_ready();
	if (json_object_get(request, "label")) {
		only = command_take_device(cmd, request, &answer);
		answer = only ? command_refuse_upgrade(only) : answer;
		if (answer)
			return answer;
	}
	TAILQ_FOREACH (dev, &cmd->fleet->devices, link) {
		if (dev->removing || (only && dev != only) ||
		    dev->item.passthrough || dev->child.state != LAUNCH_READY)
			continue;
		if (!only)
			json_array_append_new(cmd->labels,
					      json_string(dev->item.label));
		launch_device_upgrade(dev);
	}
	return command_check_upgrade(cmd);
}

/* --- reload --- */

static json_t *command_reload_answer(const struct launch_command *cmd,
				     const struct launch_device *dev)
{
	char why[LAUNCH_LINE_MAX];

	launch_device_name_spec(dev, dev->reload.why, why);
	if (launch_reload_answers(&dev->reload, cmd->request_us))
		return *why ? answer_error("%s: %.400s", dev->item.label, why)
			    : answer_ok();
	if (dev->child.state != LAUNCH_READY)
		return answer_error("%s has ended", dev->item.label);
	if (cmd->is_late)
		return answer_error("%s did not answer for %g s",
				    dev->item.label, LAUNCH_RELOAD_S);
	return NULL;
}

static json_t *command_check_reload(struct launch_command *cmd)
{
	struct launch_device *dev = command_device(cmd);
	json_t *answer;

	if (!dev || dev->removing)
		return answer_error("removed");
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
		return spec ? answer_error("%s has the spec %.40s, not an "
					   "inline one",
					   dev->item.label,
					   launch_item_what(&dev->item))
			    : NULL;
	if (!json_is_object(spec))
		return answer_error("%s has an inline spec: the request must "
				    "have the new one as spec, an object",
				    dev->item.label);
	cmd->before = json_incref((json_t *)dev->item.inline_spec);
	r = launch_device_set_spec(dev, spec);
	return r ? answer_error("%s: %s", dev->item.label, strerror(-r)) : NULL;
}

static json_t *command_begin_reload(struct launch_command *cmd,
				    const json_t *request)
{
	json_t *answer;
	struct launch_device *dev = command_take_device(cmd, request, &answer);

	if (!dev)
		return answer;
	if (dev->item.passthrough)
		return answer_error("%s is a device of the host, which has no "
				    "spec to be read again",
				    dev->item.label);
	if (dev->child.state != LAUNCH_READY)
		return answer_error("%s is %s, not ready", dev->item.label,
				    launch_state_name(dev->child.state));
	answer = command_take_spec(cmd, dev, json_object_get(request, "spec"));
	if (answer)
		return answer;
	cmd->request_us = launch_reload_request();
	launch_timer_start(&cmd->timeout, LAUNCH_RELOAD_S);
	launch_device_reload(dev);
	return NULL;
}

/* --- stats --- */

static json_t *command_check_stats(struct launch_command *cmd)
{
	if (!launch_stats_is_complete(&cmd->stats))
		return NULL;
	return json_pack("{s:b, s:O}", "ok", 1, "devices", cmd->stats.entries);
}

static json_t *command_begin_stats(struct launch_command *cmd,
				   const json_t *request)
{
	const struct launch_device *only = NULL;
	json_t *answer;

	if (json_object_get(request, "label")) {
		only = command_take_device(cmd, request, &answer);
		if (!only)
			return answer;
	}
	if (launch_stats_start(&cmd->stats, cmd->fleet, only))
		return answer_error("%s", strerror(ENOMEM));
	return command_check_stats(cmd);
}

/* --- describe --- */

static json_t *command_begin_describe(struct launch_command *cmd,
				      const json_t *request)
{
	const struct launch_device *dev, *only = NULL;
	json_t *answer, *devices;

	if (json_object_get(request, "label")) {
		only = command_take_device(cmd, request, &answer);
		if (!only)
			return answer;
	}
	devices = json_array();
	TAILQ_FOREACH (dev, &cmd->fleet->devices, link)
		if (!dev->removing && (!only || dev == only))
			json_array_append_new(devices, launch_describe(dev));
	return json_pack("{s:b, s:o}", "ok", 1, "devices", devices);
}

/* --- leave --- */

static json_t *command_begin_leave(struct launch_command *cmd,
				   const json_t *request)
{
	struct launch_fleet *f = cmd->fleet;

	if (f->phase != LAUNCH_UP)
		return answer_not_ready();
	if (!f->setup.outlives)
		return answer_error("the devices end with this launcher: it "
				    "was started with --hold=off or "
				    "--on-launcher-death=end");
	f->leaves = true;
	launch_fleet_enter(f, LAUNCH_UP);
	return answer_ok();
}

/* --- all of them --- */

const struct launch_command_row launch_command_rows[] = {
	{ "list", LAUNCH_TAKES_NOTHING,
	  "print the devices, their VMMs and drivers, and the streamer",
	  command_begin_list, command_check_list, launch_print_list },
	{ "stats", LAUNCH_MAY_TAKE_LABEL,
	  "print the counters of all devices or one, as JSON",
	  command_begin_stats, command_check_stats, launch_print_devices },
	{ "describe", LAUNCH_MAY_TAKE_LABEL,
	  "print the specs of all devices or one, as JSON",
	  command_begin_describe, NULL, launch_print_devices },
	{ "add", LAUNCH_TAKES_DEVICES,
	  "add devices, given by the same options; print their labels",
	  command_begin_add, command_check_add, launch_print_added },
	{ "remove", LAUNCH_TAKES_LABEL, "end a device and remove its sockets",
	  command_begin_remove, command_check_remove, launch_print_nothing },
	{ "restart", LAUNCH_TAKES_CHILD, "restart a device or the streamer",
	  command_begin_restart, command_check_restart, launch_print_nothing },
	{ "upgrade", LAUNCH_MAY_TAKE_LABEL,
	  "replace the processes of all devices or one by those of programs "
	  "that were installed since; no VMM notices",
	  command_begin_upgrade, command_check_upgrade, launch_print_nothing },
	{ "reload", LAUNCH_TAKES_LABEL, "let a device read its spec again",
	  command_begin_reload, command_check_reload, launch_print_nothing },
	{ "leave", LAUNCH_TAKES_NOTHING,
	  "end the launcher, but not its devices: the next one takes them over",
	  command_begin_leave, NULL, launch_print_nothing },
	{ "wait", LAUNCH_TAKES_NOTHING, "return when the launcher is ready",
	  command_begin_wait, command_check_wait, launch_print_nothing },
	{ 0 },
};

const struct launch_command_row *launch_command_find(const char *name,
						     char *why)
{
	const struct launch_command_row *row = launch_command_rows;
	struct near near;

	near_init(&near, name);
	for (; row->name; row++) {
		if (!strcmp(row->name, name))
			return row;
		near_try(&near, row->name);
	}
	snprintf(why, 256, "unknown command %.40s%s", name,
		 near.best ? fault_hint(near.best) : "; see --help");
	return NULL;
}

void launch_command_help(void)
{
	static const char *const args[] = {
		[LAUNCH_TAKES_NOTHING] = "",
		[LAUNCH_TAKES_LABEL] = " LABEL",
		[LAUNCH_TAKES_CHILD] = " LABEL",
		[LAUNCH_MAY_TAKE_LABEL] = " [LABEL]",
		[LAUNCH_TAKES_DEVICES] = " DEVICE...",
	};

	puts("Commands:");
	for (const struct launch_command_row *row = launch_command_rows;
	     row->name; row++)
		printf("  %s%-*s%s\n", row->name,
		       HELP_COLUMN - 2 - (int)strlen(row->name),
		       args[row->args], row->help);
}

static json_t *command_begin_request(struct launch_command *cmd,
				     const json_t *request)
{
	const char *name =
		json_string_value(json_object_get(request, "command"));
	const struct launch_command_row *row;
	char why[256];

	if (!name)
		return answer_error("a request must be an object with a string "
				    "command");
	row = launch_command_find(name, why);
	if (!row)
		return answer_error("%s", why);
	cmd->row = row;
	return row->begin(cmd, request);
}

static void on_command_timeout(void *arg)
{
	struct launch_command *cmd = arg;

	cmd->is_late = true;
	cmd->progressed(cmd->arg);
}

void launch_command_init(struct launch_command *cmd, struct launch_fleet *f,
			 void (*progressed)(void *arg), void *arg)
{
	*cmd = (struct launch_command){
		.fleet = f,
		.progressed = progressed,
		.arg = arg,
		.stats = { .complete = progressed, .arg = arg },
	};
	launch_timer_init(&cmd->timeout, f->loop, on_command_timeout, cmd);
}

json_t *launch_command_begin(struct launch_command *cmd, const char *text,
			     size_t len)
{
	json_error_t error;
	json_t *request, *answer;

	request = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!request)
		return answer_error("column %d: %s", error.column, error.text);
	cmd->failed = cmd->is_late = false;
	cmd->labels = json_array();
	answer = command_begin_request(cmd, request);
	json_decref(request);
	if (answer || !cmd->row || !cmd->row->check)
		launch_command_stop(cmd);
	return answer;
}

json_t *launch_command_check(struct launch_command *cmd)
{
	json_t *answer = cmd->row ? cmd->row->check(cmd) : NULL;

	if (answer)
		launch_command_stop(cmd);
	return answer;
}

void launch_command_stop(struct launch_command *cmd)
{
	cmd->row = NULL;
	launch_timer_stop(&cmd->timeout);
	launch_stats_stop(&cmd->stats);
	json_decref(cmd->before);
	cmd->before = NULL;
	json_decref(cmd->labels);
	cmd->labels = NULL;
}
