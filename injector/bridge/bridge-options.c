/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/bridge/bridge-options.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN    24
#define QUEUE_SIZE     64 /* as many as Linux's driver fills */
#define QUEUE_SIZE_MIN 4
#define QUEUE_SIZE_MAX 1024

static struct bridge_options *bridge_options_of(struct cmdline *c)
{
	return c->options;
}

static int bridge_take_queue_size(struct cmdline *c, char *value)
{
	int size =
		cmdline_value_number(c, value, QUEUE_SIZE_MIN, QUEUE_SIZE_MAX);

	if (size < 0)
		return size;
	if (size & (size - 1))
		return cmdline_refuse_value(c, value, "must be a power of two");
	bridge_options_of(c)->queue_size = (uint16_t)size;
	return 0;
}

static int bridge_take_common(struct cmdline *c, char *value)
{
	return common_options_take(&bridge_options_of(c)->common, c, value);
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "vfio-user", "PATH", "listen for the VMM's vfio-user client here",
	  CMDLINE_TEXT(struct bridge_options, vfio_user) },
	{ "to", "PATH", "where back-ends listen, instead of COMMAND",
	  CMDLINE_TEXT(struct bridge_options, to) },
	{ "queue-size", "N",
	  "entries of a queue, at most: a power of two from 4 to 1024; 64 if "
	  "not given",
	  bridge_take_queue_size },
	COMMON_OPTIONS_SOCKET("socket file", bridge_take_common),
	COMMON_OPTIONS_PROCESS("socket is", bridge_take_common),
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct bridge_options, action, BRIDGE_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct bridge_options, action, BRIDGE_VERSION) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void bridge_options_help(void)
{
	puts("Usage: vinput-vfio-user --vfio-user=PATH [OPTION]... -- "
	     "COMMAND...\n"
	     "       vinput-vfio-user --vfio-user=PATH [OPTION]... --to=PATH\n"
	     "Give a VMM with vfio-user a virtio input device, served by a\n"
	     "vhost-user-input.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nIn COMMAND, {socket} stands for the path of the socket at "
	     "which it is to listen;\nwithout it, --socket-path=PATH is "
	     "appended.\n\nSee vinput-vfio-user(1).");
}

static int bridge_options_check(struct bridge_options *o, struct cmdline *c)
{
	if (!o->vfio_user)
		return cmdline_refuse(c->why, "--vfio-user=PATH is required");
	if (!o->to == !o->command)
		return cmdline_refuse(c->why, "either --to=PATH or -- "
					      "COMMAND... is required");
	if (o->to && !strcmp(o->to, o->vfio_user))
		return cmdline_refuse(c->why, "--to and --vfio-user must "
					      "differ");
	return sandbox_options_check(&o->common.sandbox, c);
}

int bridge_options_parse(struct bridge_options *o, int argc, char **argv,
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

	*o = (struct bridge_options){
		.queue_size = QUEUE_SIZE,
	};
	common_options_init(&o->common);
	cmdline_start(&line);
	r = cmdline_take(&line);
	if (r)
		return r < 0 ? r : 0;
	if (argv[optind])
		o->command = &argv[optind];
	return bridge_options_check(o, &line);
}
