/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/bridge/bridge-options.h"

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
	COMMON_OPTIONS_SOCKET("socket file", struct bridge_options),
	COMMON_OPTIONS_PROCESS("socket is", struct bridge_options),
};

static int bridge_options_check(struct cmdline *c, char **words)
{
	struct bridge_options *o = c->options;

	if (*words)
		o->command = words;
	if (!o->vfio_user)
		return cmdline_refuse(c->why, "--vfio-user=PATH is required");
	if (!o->to == !o->command)
		return cmdline_refuse(c->why, "either --to=PATH or -- "
					      "COMMAND... is required");
	if (o->to && !strcmp(o->to, o->vfio_user))
		return cmdline_refuse(c->why, "--to and --vfio-user must "
					      "differ");
	return 0;
}

const struct common_program bridge_program = {
	.name = "vinput-vfio-user",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.common = offsetof(struct bridge_options, common),
	.takes_command = true,
	.before =
		"Usage: vinput-vfio-user --vfio-user=PATH [OPTION]... -- "
		"COMMAND...\n"
		"       vinput-vfio-user --vfio-user=PATH [OPTION]... "
		"--to=PATH\n"
		"Give a VMM with vfio-user a virtio input device, served by a\n"
		"vhost-user-input.\n",
	.after = "In COMMAND, {socket} stands for the path of the socket at "
		 "which it is to listen;\n"
		 "without it, --socket-path=PATH is appended.",
	.check = bridge_options_check,
};
