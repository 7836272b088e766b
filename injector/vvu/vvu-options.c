/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/vvu/vvu-options.h"

#define GIB_MAX	  1024
#define GIB_SHIFT 30

static struct vvu_options *vvu_options_of(struct cmdline *c)
{
	return c->options;
}

static int vvu_take_bar_size(struct cmdline *c, char *value)
{
	int gib = cmdline_value_number(c, value, 1, GIB_MAX);

	if (gib < 0)
		return gib;
	if (gib & (gib - 1))
		return cmdline_refuse_value(c, value, "must be a power of two");
	vvu_options_of(c)->bar_len = (uint64_t)gib << GIB_SHIFT;
	return 0;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "vfio-user", "PATH",
	  "listen for the vfio-user client of the device VM's VMM here",
	  CMDLINE_TEXT(struct vvu_options, vfio_user) },
	{ "socket-path", "PATH",
	  "listen for the vhost-user front-end of the sibling's VMM here",
	  CMDLINE_TEXT(struct vvu_options, socket_path) },
	{ "memory", "FILE",
	  "the file of the sibling's memory, which the device VM then "
	  "accesses directly, all of it and from the start",
	  CMDLINE_TEXT(struct vvu_options, memory) },
	{ "bar-size", "GIB",
	  "size of the BAR that shows the sibling's memory: a power of two, "
	  "and twice that memory; 32 if not given",
	  vvu_take_bar_size },
	{ "stats-path", "PATH",
	  "listen here, and write the counters to each connection as JSON",
	  CMDLINE_TEXT(struct vvu_options, stats_path) },
	COMMON_OPTIONS_SOCKET("socket files", struct vvu_options),
	COMMON_OPTIONS_PROCESS("sockets are", struct vvu_options),
};

static int vvu_options_check(struct cmdline *c, char **words)
{
	struct vvu_options *o = c->options;

	if (!o->vfio_user)
		return cmdline_refuse(c->why, "--vfio-user=PATH is required");
	if (!o->socket_path)
		return cmdline_refuse(c->why, "--socket-path=PATH is required");
	if (!strcmp(o->socket_path, o->vfio_user))
		return cmdline_refuse(c->why, "--socket-path and --vfio-user "
					      "must differ");
	return 0;
}

const struct common_program vvu_program = {
	.name = "vinput-vvu-proxy",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.common = offsetof(struct vvu_options, common),
	.before = "Usage: vinput-vvu-proxy --vfio-user=PATH --socket-path=PATH "
		  "[OPTION]...\n"
		  "Let a guest, the device VM, be the vhost-user back-end of "
		  "another VM, its\n"
		  "sibling.\n",
	.after = "SIGUSR1: write the counters to the log.",
	.check = vvu_options_check,
};
