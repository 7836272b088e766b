/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "input/options.h"

#define HELP_COLUMN 34

struct options_parser {
	struct options *o;
	struct cmdline line;
};

#define fail(p, ...)   cmdline_refuse((p)->line.why, __VA_ARGS__)
#define given(p, name) cmdline_given(&(p)->line, name)

void options_help(void)
{
	puts("Usage: vhost-user-input --socket-path=PATH --spec=FILE|NAME "
	     "[OPTION]...\n"
	     "       vhost-user-input --vfio=ADDR --spec=FILE|NAME "
	     "[OPTION]...\n"
	     "       vhost-user-input --socket-path=PATH --evdev-path=PATH "
	     "[--no-grab]\n"
	     "                        [OPTION]...\n"
	     "Serve one virtio-input device to a VMM over vhost-user.\n");
	cmdline_help(options_rows, options_n_rows, HELP_COLUMN);
	puts("\nSee vhost-user-input(1) and vhost-user-input-spec(5).");
}

/* At most one of these options may be given; NULL ends them. */
static int options_exclude(struct options_parser *p, const char *const *names)
{
	const char *first = NULL;

	for (; *names; names++) {
		if (!given(p, *names))
			continue;
		if (first)
			return fail(p, "--%s and --%s exclude each other",
				    first, *names);
		first = *names;
	}
	return 0;
}

/* Those that vinput-passthrough lacks. */
static int check_evdev(struct options_parser *p)
{
	static const char *const others[] = { "set",	   "name",
					      "serial",	   "check-spec",
					      "socket-fd", "verbosity",
					      "vfio",	   NULL };

	for (const char *const *name = others; *name; name++)
		if (given(p, *name))
			return fail(p,
				    "--%s and --evdev-path exclude each other",
				    *name);
	if (!*p->o->evdev_path)
		return fail(p, "--evdev-path= needs a path");
	p->o->action = OPTIONS_HAND_OVER;
	return 0;
}

/* What one option needs of others, whatever the program is to do. */
static int check_options(struct options_parser *p)
{
	static const char *const sockets[] = { "socket-path", "fd", "socket-fd",
					       NULL };
	static const char *const specs[] = { "spec", "device-config",
					     "evdev-path", NULL };
	struct options *o = p->o;

	if (options_exclude(p, sockets) || options_exclude(p, specs))
		return -EINVAL;
	if (!o->spec && !o->evdev_path)
		return fail(p, "--spec=FILE or --spec=NAME is required");
	if (given(p, "no-grab") && !o->evdev_path)
		return fail(p, "--no-grab requires --evdev-path");
	if (o->evdev_path && check_evdev(p))
		return -EINVAL;
	if (service_options_check(&o->service, &p->line))
		return -EINVAL;
	return sandbox_options_check(&o->sandbox, &p->line);
}

/* What serving needs. */
static int check_fds(struct options_parser *p)
{
	struct service_options *o = &p->o->service;

	o->stdio = (given(p, "device-config") || given(p, "socket-fd")) &&
		   !o->n_inject_fds && !o->inject_path;
	return service_options_check_fds(o, &p->line);
}

static void set_defaults(struct options *o)
{
	*o = (struct options){
		.action = OPTIONS_SERVE,
		.log_level = LOG_INFO,
		.template_fd = -1,
	};
	service_options_init(&o->service);
	sandbox_options_init(&o->sandbox);
}

/* vhost-user: "--print-capabilities": the other options do not count. */
static bool asks_capabilities(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--print-capabilities"))
			return true;
	return false;
}

int options_parse(struct options *o, int argc, char **argv, char why[256])
{
	struct options_parser p = { .o = o,
				    .line = { .rows = options_rows,
					      .n_ids = options_n_rows,
					      .argc = argc,
					      .argv = argv,
					      .why = why,
					      .options = o } };
	int r;

	set_defaults(o);
	if (asks_capabilities(argc, argv)) {
		o->action = OPTIONS_PRINT_CAPABILITIES;
		return 0;
	}
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	if (optind < argc)
		return fail(&p, "unexpected argument %s; see --help",
			    argv[optind]);
	if (o->action == OPTIONS_TEMPLATE)
		return 0;
	r = check_options(&p);
	if (!r && o->action != OPTIONS_CHECK_SPEC)
		r = check_fds(&p);
	return r;
}
