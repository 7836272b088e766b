/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/vvu/vvu-options.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN 24
#define GIB_MAX	    1024
#define GIB_SHIFT   30

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

static int vvu_take_common(struct cmdline *c, char *value)
{
	return common_options_take(&vvu_options_of(c)->common, c, value);
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
	COMMON_OPTIONS_SOCKET("socket files", vvu_take_common),
	COMMON_OPTIONS_PROCESS("sockets are", vvu_take_common),
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct vvu_options, action, VVU_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct vvu_options, action, VVU_VERSION) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void vvu_options_help(void)
{
	puts("Usage: vinput-vvu-proxy --vfio-user=PATH --socket-path=PATH "
	     "[OPTION]...\n"
	     "Let a guest, the device VM, be the vhost-user back-end of "
	     "another VM, its\nsibling.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nSIGUSR1: write the counters to the log.\n\n"
	     "See vinput-vvu-proxy(1).");
}

static int vvu_options_check(struct vvu_options *o, struct cmdline *c)
{
	if (!o->vfio_user)
		return cmdline_refuse(c->why, "--vfio-user=PATH is required");
	if (!o->socket_path)
		return cmdline_refuse(c->why, "--socket-path=PATH is required");
	if (!strcmp(o->socket_path, o->vfio_user))
		return cmdline_refuse(c->why, "--socket-path and --vfio-user "
					      "must differ");
	return sandbox_options_check(&o->common.sandbox, c);
}

int vvu_options_parse(struct vvu_options *o, int argc, char **argv,
		      char why[256])
{
	struct cmdline line = {
		.rows = rows,
		.n_ids = N_ROWS,
		.argc = argc,
		.argv = argv,
		.why = why,
		.options = o,
	};
	int r;

	*o = (struct vvu_options){ 0 };
	common_options_init(&o->common);
	cmdline_start(&line);
	r = cmdline_take(&line);
	if (r)
		return r < 0 ? r : 0;
	return vvu_options_check(o, &line);
}
