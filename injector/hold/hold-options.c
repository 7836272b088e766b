/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-options.h"

#define SECONDS_MAX 1000000000

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "socket-path", "PATH", "listen for the front-end (VMM) here",
	  CMDLINE_TEXT(struct hold_options, socket_path) },
	{ "to", "PATH", "where back-ends listen, instead of COMMAND",
	  CMDLINE_TEXT(struct hold_options, to) },
	{ "give-up", "SECONDS",
	  "close the front-end's connection if no back-end continues it in "
	  "this time; 60 if not given",
	  CMDLINE_SECONDS(struct hold_options, give_up_s, SECONDS_MAX) },
	COMMON_OPTIONS_SOCKET("socket file", struct hold_options),
	{ "control-fd", "N",
	  "take devices from this inherited socket of vinput-launch(1), "
	  "instead of all of these",
	  CMDLINE_FD(struct hold_options, control_fd) },
	{ "next-fd", "N",
	  "for --control-fd: when that launcher has died, keep VMMs' "
	  "connections, and take another launcher from this inherited "
	  "listening socket",
	  CMDLINE_FD(struct hold_options, next_fd) },
	COMMON_OPTIONS_PROCESS("socket is", struct hold_options),
};

static int hold_options_check(struct cmdline *c, char **words)
{
	struct hold_options *o = c->options;

	if (*words)
		o->command = words;
	if (o->control_fd >= 0 && (o->socket_path || o->to || o->command))
		return cmdline_refuse(c->why, "--control-fd goes without "
					      "--socket-path, --to and "
					      "COMMAND");
	if (o->next_fd >= 0 && o->control_fd < 0)
		return cmdline_refuse(c->why,
				      "--next-fd requires --control-fd");
	if (o->control_fd >= 0)
		return 0;
	if (!o->socket_path)
		return cmdline_refuse(c->why, "--socket-path=PATH is required");
	if (!o->to == !o->command)
		return cmdline_refuse(c->why, "either --to=PATH or -- "
					      "COMMAND... is required");
	if (o->to && !strcmp(o->to, o->socket_path))
		return cmdline_refuse(c->why, "--to and --socket-path must "
					      "differ");
	return 0;
}

const struct common_program hold_program = {
	.name = "vinput-hold",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.common = offsetof(struct hold_options, common),
	.takes_command = true,
	.before =
		"Usage: vinput-hold --socket-path=PATH [OPTION]... -- "
		"COMMAND...\n"
		"       vinput-hold --socket-path=PATH [OPTION]... --to=PATH\n"
		"Keep a front-end's connection while its back-end is "
		"replaced.\n",
	.after = "In COMMAND, {socket} stands for the path of the socket at "
		 "which it is to listen;\n"
		 "without it, --socket-path=PATH is appended.",
	.check = hold_options_check,
};
