/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/bridge/bridge-options.h"
#include "input/base/cmdline-value.h"
#include "input/base/container.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN    24
#define QUEUE_SIZE     64 /* as many as Linux's driver fills */
#define QUEUE_SIZE_MIN 4
#define QUEUE_SIZE_MAX 1024

struct parser {
	struct bridge_options *o;
	struct cmdline line;
};

static struct bridge_options *bridge_options_of(struct cmdline *c)
{
	return container_of(c, struct parser, line)->o;
}

static int bridge_take_vfio_user(struct cmdline *c, char *value)
{
	bridge_options_of(c)->vfio_user = value;
	return 0;
}

static int bridge_take_to(struct cmdline *c, char *value)
{
	bridge_options_of(c)->to = value;
	return 0;
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

static int bridge_take_help(struct cmdline *c, char *value)
{
	bridge_options_of(c)->action = BRIDGE_HELP;
	return 1;
}

static int bridge_take_version(struct cmdline *c, char *value)
{
	bridge_options_of(c)->action = BRIDGE_VERSION;
	return 1;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "vfio-user", "PATH", "listen for the VMM's vfio-user client here",
	  bridge_take_vfio_user },
	{ "to", "PATH", "where back-ends listen, instead of COMMAND",
	  bridge_take_to },
	{ "queue-size", "N",
	  "entries of a queue, at most: a power of two from 4 to 1024; 64 if "
	  "not given",
	  bridge_take_queue_size },
	COMMON_OPTIONS_SOCKET("socket file", bridge_take_common),
	COMMON_OPTIONS_PROCESS("socket is", bridge_take_common),
	{ "help", NULL, "print this and exit", bridge_take_help },
	{ "version", NULL, "print the version and exit", bridge_take_version },
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

	*o = (struct bridge_options){
		.queue_size = QUEUE_SIZE,
	};
	common_options_init(&o->common);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	if (argv[optind])
		o->command = &argv[optind];
	return bridge_options_check(o, &p.line);
}
