/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/hold/hold-options.h"
#include "input/base/cmdline-value.h"
#include "input/base/container.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN 24
#define SECONDS_MAX 1e9
#define GIVE_UP_S   60.0

struct parser {
	struct hold_options *o;
	struct cmdline line;
};

static struct hold_options *hold_options_of(struct cmdline *c)
{
	return container_of(c, struct parser, line)->o;
}

static int hold_take_socket_path(struct cmdline *c, char *value)
{
	hold_options_of(c)->socket_path = value;
	return 0;
}

static int hold_take_to(struct cmdline *c, char *value)
{
	hold_options_of(c)->to = value;
	return 0;
}

static int hold_take_control_fd(struct cmdline *c, char *value)
{
	return cmdline_value_fd(c, value, &hold_options_of(c)->control_fd);
}

static int hold_take_next_fd(struct cmdline *c, char *value)
{
	return cmdline_value_fd(c, value, &hold_options_of(c)->next_fd);
}

static int hold_take_common(struct cmdline *c, char *value)
{
	return common_options_take(&hold_options_of(c)->common, c, value);
}

static int hold_take_give_up(struct cmdline *c, char *value)
{
	return cmdline_value_seconds(c, value, SECONDS_MAX,
				     &hold_options_of(c)->give_up_s);
}

static int hold_take_help(struct cmdline *c, char *value)
{
	hold_options_of(c)->action = HOLD_HELP;
	return 1;
}

static int hold_take_version(struct cmdline *c, char *value)
{
	hold_options_of(c)->action = HOLD_VERSION;
	return 1;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "socket-path", "PATH", "listen for the front-end (VMM) here",
	  hold_take_socket_path },
	{ "to", "PATH", "where back-ends listen, instead of COMMAND",
	  hold_take_to },
	{ "give-up", "SECONDS",
	  "close the front-end's connection if no back-end continues it in "
	  "this time; 60 if not given",
	  hold_take_give_up },
	COMMON_OPTIONS_SOCKET("socket file", hold_take_common),
	{ "control-fd", "N",
	  "take devices from this inherited socket of vinput-launch(1), "
	  "instead of all of these",
	  hold_take_control_fd },
	{ "next-fd", "N",
	  "for --control-fd: when that launcher has died, keep VMMs' "
	  "connections, and take another launcher from this inherited "
	  "listening socket",
	  hold_take_next_fd },
	COMMON_OPTIONS_PROCESS("socket is", hold_take_common),
	{ "help", NULL, "print this and exit", hold_take_help },
	{ "version", NULL, "print the version and exit", hold_take_version },
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
	struct parser p = {
		.o = o,
		.line = { .rows = rows,
			  .n_ids = N_ROWS,
			  .argc = argc,
			  .argv = argv,
			  .stop_at_word = true,
			  .why = why },
	};
	int r;

	*o = (struct hold_options){
		.give_up_s = GIVE_UP_S,
		.control_fd = -1,
		.next_fd = -1,
	};
	common_options_init(&o->common);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	if (argv[optind])
		o->command = &argv[optind];
	return hold_options_check(o, &p.line);
}
