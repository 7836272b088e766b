/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/launch/launch-answer.h"
#include "injector/launch/launch-command.h"
#include "injector/launch/launch-commands.h"
#include "injector/launch/launch-print.h"
#include "input/base/cmdline.h"
#include "input/base/fault.h"
#include "input/base/near.h"

#define HELP_COLUMN 20

/* --- the launcher itself --- */

static json_t *command_check_wait(struct launch_command *cmd)
{
	if (launch_fleet_is_ending(cmd->fleet))
		return launch_answer_ending();
	return cmd->fleet->phase == LAUNCH_UP ? launch_answer_ok() : NULL;
}

static json_t *command_begin_wait(struct launch_command *cmd,
				  const json_t *request)
{
	return command_check_wait(cmd);
}

static json_t *command_begin_leave(struct launch_command *cmd,
				   const json_t *request)
{
	struct launch_fleet *f = cmd->fleet;

	if (f->phase != LAUNCH_UP)
		return launch_answer_not_ready();
	if (!f->setup.outlives)
		return launch_answer_error(
			"the devices end with this launcher: it "
			"was started with --hold=off or "
			"--on-launcher-death=end");
	f->leaves = true;
	launch_fleet_enter(f, LAUNCH_UP);
	return launch_answer_ok();
}

/* --- all of them --- */

const struct launch_command_row launch_command_rows[] = {
	{ "list", LAUNCH_TAKES_NOTHING,
	  "print the devices, their VMMs and drivers, and the streamer",
	  launch_command_begin_list, launch_command_check_list,
	  launch_print_list },
	{ "stats", LAUNCH_MAY_TAKE_LABEL,
	  "print the counters of all devices or one, as JSON",
	  launch_command_begin_stats, launch_command_check_stats,
	  launch_print_devices },
	{ "describe", LAUNCH_MAY_TAKE_LABEL,
	  "print the specs of all devices or one, as JSON",
	  launch_command_begin_describe, NULL, launch_print_devices },
	{ "add", LAUNCH_TAKES_DEVICES,
	  "add devices, given by the same options; print their labels",
	  launch_command_begin_add, launch_command_check_add,
	  launch_print_added },
	{ "remove", LAUNCH_TAKES_LABEL, "end a device and remove its sockets",
	  launch_command_begin_remove, launch_command_check_remove,
	  launch_print_nothing },
	{ "restart", LAUNCH_TAKES_CHILD, "restart a device or the streamer",
	  launch_command_begin_restart, launch_command_check_restart,
	  launch_print_nothing },
	{ "upgrade", LAUNCH_MAY_TAKE_LABEL,
	  "replace the processes of all devices or one by those of programs "
	  "that were installed since; no VMM notices",
	  launch_command_begin_upgrade, launch_command_check_upgrade,
	  launch_print_nothing },
	{ "reload", LAUNCH_TAKES_LABEL, "let a device read its spec again",
	  launch_command_begin_reload, launch_command_check_reload,
	  launch_print_nothing },
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
		cmdline_help_text(row->help,
				  printf("  %s%s", row->name, args[row->args]),
				  HELP_COLUMN);
}

static json_t *command_begin_request(struct launch_command *cmd,
				     const json_t *request)
{
	const char *name =
		json_string_value(json_object_get(request, "command"));
	const struct launch_command_row *row;
	char why[256];

	if (!name)
		return launch_answer_error(
			"a request must be an object with a string "
			"command");
	row = launch_command_find(name, why);
	if (!row)
		return launch_answer_error("%s", why);
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
		return launch_answer_error("column %d: %s", error.column,
					   error.text);
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
