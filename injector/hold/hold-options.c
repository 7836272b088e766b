/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/hold/hold-options.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN 24
#define SECONDS_MAX 1000000000
#define GIVE_UP_S   60.0

static struct hold_options *hold_options_of(struct cmdline *c)
{
	return c->options;
}

static int hold_take_common(struct cmdline *c, char *value)
{
	return common_options_take(&hold_options_of(c)->common, c, value);
}

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
	COMMON_OPTIONS_SOCKET("socket file", hold_take_common),
	{ "control-fd", "N",
	  "take devices from this inherited socket of vinput-launch(1), "
	  "instead of all of these",
	  CMDLINE_FD(struct hold_options, control_fd) },
	{ "next-fd", "N",
	  "for --control-fd: when that launcher has died, keep VMMs' "
	  "connections, and take another launcher from this inherited "
	  "listening socket",
	  CMDLINE_FD(struct hold_options, next_fd) },
	COMMON_OPTIONS_PROCESS("socket is", hold_take_common),
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct hold_options, action, HOLD_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct hold_options, action, HOLD_VERSION) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void hold_options_help(void)
{
	puts("Usage: vinput-hold --socket-path=PATH [OPTION]... -- COMMAND...\n"
	     "       vinput-hold --socket-path=PATH [OPTION]... --to=PATH\n"
	     "Keep a front-end's connection while its back-end is replaced.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nIn COMMAND, {socket} stands for the path of the socket at "
	     "which "
	     "it is to listen;\nwithout it, --socket-path=PATH is appended.\n"
	     "\nSee vinput-hold(1).");
}

static int hold_options_check(struct hold_options *o, struct cmdline *c)
{
	if (o->control_fd >= 0 && (o->socket_path || o->to || o->command))
		return cmdline_refuse(c->why, "--control-fd goes without "
					      "--socket-path, --to and "
					      "COMMAND");
	if (o->next_fd >= 0 && o->control_fd < 0)
		return cmdline_refuse(c->why,
				      "--next-fd requires --control-fd");
	if (o->control_fd >= 0)
		return sandbox_options_check(&o->common.sandbox, c);
	if (!o->socket_path)
		return cmdline_refuse(c->why, "--socket-path=PATH is required");
	if (!o->to == !o->command)
		return cmdline_refuse(c->why, "either --to=PATH or -- "
					      "COMMAND... is required");
	if (o->to && !strcmp(o->to, o->socket_path))
		return cmdline_refuse(c->why, "--to and --socket-path must "
					      "differ");
	return sandbox_options_check(&o->common.sandbox, c);
}

int hold_options_parse(struct hold_options *o, int argc, char **argv,
		       char why[256])
{
	struct cmdline line = {
		.rows = rows,
		.n_ids = N_ROWS,
		.argc = argc,
		.argv = argv,
		.stop_at_word = true,
		.why = why,
		.options = o,
	};
	int r;

	*o = (struct hold_options){
		.give_up_s = GIVE_UP_S,
		.control_fd = -1,
		.next_fd = -1,
	};
	common_options_init(&o->common);
	cmdline_start(&line);
	r = cmdline_take(&line);
	if (r)
		return r < 0 ? r : 0;
	if (argv[optind])
		o->command = &argv[optind];
	return hold_options_check(o, &line);
}
