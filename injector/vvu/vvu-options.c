/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/vvu/vvu-options.h"
#include "input/base/cmdline-value.h"
#include "input/base/container.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN 24
#define SOCKET_MODE 0600
#define GIB_MAX	    1024
#define GIB_SHIFT   30

struct parser {
	struct vvu_options *o;
	struct cmdline line;
};

static struct vvu_options *vvu_options_of(struct cmdline *c)
{
	return container_of(c, struct parser, line)->o;
}

static int vvu_take_vfio_user(struct cmdline *c, char *value)
{
	vvu_options_of(c)->vfio_user = value;
	return 0;
}

static int vvu_take_socket_path(struct cmdline *c, char *value)
{
	vvu_options_of(c)->socket_path = value;
	return 0;
}

static int vvu_take_memory(struct cmdline *c, char *value)
{
	vvu_options_of(c)->memory = value;
	return 0;
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

static int vvu_take_socket_mode(struct cmdline *c, char *value)
{
	return cmdline_value_mode(c, value, &vvu_options_of(c)->access.mode);
}

static int vvu_take_socket_group(struct cmdline *c, char *value)
{
	return cmdline_value_group(c, value, &vvu_options_of(c)->access.group);
}

static int vvu_take_ready_fd(struct cmdline *c, char *value)
{
	return cmdline_value_ready_fd(c, value, &vvu_options_of(c)->ready_fd);
}

static int vvu_take_sandbox(struct cmdline *c, char *value)
{
	return sandbox_options_take(&vvu_options_of(c)->sandbox, c, value);
}

static int vvu_take_log_level(struct cmdline *c, char *value)
{
	return cmdline_value_level(c, value, &vvu_options_of(c)->log_level);
}

static int vvu_take_help(struct cmdline *c, char *value)
{
	vvu_options_of(c)->action = VVU_HELP;
	return 1;
}

static int vvu_take_version(struct cmdline *c, char *value)
{
	vvu_options_of(c)->action = VVU_VERSION;
	return 1;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "vfio-user", "PATH",
	  "listen for the vfio-user client of the device VM's VMM here",
	  vvu_take_vfio_user },
	{ "socket-path", "PATH",
	  "listen for the vhost-user front-end of the sibling's VMM here",
	  vvu_take_socket_path },
	{ "memory", "FILE",
	  "the file of the sibling's memory, which the device VM then "
	  "accesses directly, all of it and from the start",
	  vvu_take_memory },
	{ "bar-size", "GIB",
	  "size of the BAR that shows the sibling's memory: a power of two, "
	  "and twice that memory; 32 if not given",
	  vvu_take_bar_size },
	{ "socket-mode", "OCTAL", "mode of the socket files; 0600 if not given",
	  vvu_take_socket_mode },
	{ "socket-group", "GROUP",
	  "group of the socket files, by name or number",
	  vvu_take_socket_group },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd and close it when the sockets "
	  "are open",
	  vvu_take_ready_fd },
	{ "sandbox", "on|log|off",
	  "on a system call that is never needed: kill the process, let the "
	  "kernel log it, or do nothing",
	  vvu_take_sandbox },
	{ "user", "USER", "become this user, by name or number, and its group",
	  vvu_take_sandbox },
	{ "group", "GROUP", "become this group, by name or number",
	  vvu_take_sandbox },
	{ "log-level", "LEVEL", "off, error, warning, info, debug or trace",
	  vvu_take_log_level },
	{ "help", NULL, "print this and exit", vvu_take_help },
	{ "version", NULL, "print the version and exit", vvu_take_version },
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
	return sandbox_options_check(&o->sandbox, c);
}

int vvu_options_parse(struct vvu_options *o, int argc, char **argv,
		      char why[256])
{
	struct parser p = {
		.o = o,
		.line = { .rows = rows,
			  .n_ids = N_ROWS,
			  .argc = argc,
			  .argv = argv,
			  .why = why },
	};
	int r;

	*o = (struct vvu_options){
		.access = { SOCKET_MODE, (gid_t)-1 },
		.ready_fd = -1,
		.log_level = LOG_INFO,
	};
	sandbox_options_init(&o->sandbox);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	return vvu_options_check(o, &p.line);
}
