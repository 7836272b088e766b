/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-options.h"
#include "input/base/cmdline-value.h"
#include "input/base/container.h"

#define HELP_COLUMN 24

struct pass_parser {
	struct pass_options *o;
	struct cmdline line;
};

#define fail(p, ...)   cmdline_refuse((p)->line.why, __VA_ARGS__)
#define given(p, name) cmdline_given(&(p)->line, name)

static struct pass_options *pass_options_of(struct cmdline *c)
{
	return container_of(c, struct pass_parser, line)->o;
}

static int pass_set_action(struct cmdline *c, enum pass_action action)
{
	struct pass_options *o = pass_options_of(c);

	if (o->action != PASS_NOTHING && o->action != action)
		return cmdline_refuse(c->why,
				      "only one of --list, --print-spec, --to "
				      "and --socket-path can be given");
	o->action = action;
	return 0;
}

static int pass_take_list(struct cmdline *c, char *value)
{
	return pass_set_action(c, PASS_LIST);
}

static int pass_take_print_spec(struct cmdline *c, char *value)
{
	return pass_set_action(c, PASS_PRINT_SPEC);
}

static int pass_take_to(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);

	if (o->n_to == PASS_DEVICES_MAX)
		return cmdline_refuse(c->why, "more than %d devices",
				      PASS_DEVICES_MAX);
	o->to[o->n_to++] = value;
	return pass_set_action(c, PASS_TO);
}

static int pass_take_socket_path(struct cmdline *c, char *value)
{
	pass_options_of(c)->socket_path = value;
	return pass_set_action(c, PASS_SERVE);
}

static int pass_take_inject_path(struct cmdline *c, char *value)
{
	pass_options_of(c)->inject_path = value;
	return 0;
}

static int pass_take_grab(struct cmdline *c, char *value)
{
	if (!strcmp(value, "now"))
		pass_options_of(c)->grab = PASS_GRAB_NOW;
	else if (!strcmp(value, "wait"))
		pass_options_of(c)->grab = PASS_GRAB_WAIT;
	else
		return cmdline_refuse_value(c, value, "must be wait or now");
	return 0;
}

static int pass_take_no_grab(struct cmdline *c, char *value)
{
	pass_options_of(c)->grab = PASS_GRAB_NONE;
	return 0;
}

static int take_chord(struct cmdline *c, const char *value,
		      enum pass_command command)
{
	struct pass_options *o = pass_options_of(c);
	struct fault why;

	o->chord_text[command] = value;
	if (pass_chord_read(&o->chord[command], value, &why))
		return cmdline_refuse_value(c, value, "%.150s", why.text);
	return 0;
}

static int pass_take_toggle(struct cmdline *c, char *value)
{
	return take_chord(c, value, PASS_TOGGLE);
}

static int pass_take_exit(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);

	if (strcmp(value, "none"))
		return take_chord(c, value, PASS_EXIT);
	o->chord_text[PASS_EXIT] = value;
	o->chord[PASS_EXIT] = (struct pass_chord){ 0 };
	return 0;
}

static int pass_take_start(struct cmdline *c, char *value)
{
	if (strcmp(value, "host") && strcmp(value, "guest"))
		return cmdline_refuse_value(c, value, "must be host or guest");
	pass_options_of(c)->start_with_host = !strcmp(value, "host");
	return 0;
}

static int pass_take_log_level(struct cmdline *c, char *value)
{
	return cmdline_value_level(c, value, &pass_options_of(c)->log_level);
}

static int pass_take_help(struct cmdline *c, char *value)
{
	pass_options_of(c)->action = PASS_HELP;
	return 1;
}

static int pass_take_version(struct cmdline *c, char *value)
{
	pass_options_of(c)->action = PASS_VERSION;
	return 1;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "list", NULL, "list the input devices of this host", pass_take_list },
	{ "print-spec", NULL, "print the device as a spec of vhost-user-input",
	  pass_take_print_spec },
	{ "to", "ADDRESS", "pass it on to the injection socket of a device",
	  pass_take_to },
	{ "socket-path", "PATH", "serve it to a VMM at this socket",
	  pass_take_socket_path },
	{ "inject-path", "PATH", "accept injectors beside it at this socket",
	  pass_take_inject_path },
	{ "grab", "wait|now",
	  "take it from the host when all its keys are up, or now; wait if not "
	  "given",
	  pass_take_grab },
	{ "no-grab", NULL, "let the host have it as well", pass_take_no_grab },
	{ "toggle", "CHORD",
	  "keys that give all to the host and back, as leftctrl+scrolllock",
	  pass_take_toggle },
	{ "start", "host|guest", "who has it first; guest if not given",
	  pass_take_start },
	{ "exit", "CHORD|none",
	  "keys that end the program; " PASS_USUAL_EXIT " if not given",
	  pass_take_exit },
	{ "log-level", "LEVEL",
	  "off, error, warning, info, debug or trace; info if not given",
	  pass_take_log_level },
	{ "help", NULL, "print this and exit", pass_take_help },
	{ "version", NULL, "print the version and exit", pass_take_version },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void pass_options_help(void)
{
	puts("Usage: vinput-passthrough --list\n"
	     "       vinput-passthrough --print-spec DEV\n"
	     "       vinput-passthrough --to=ADDRESS [OPTION]... DEV "
	     "[--to=ADDRESS DEV]...\n"
	     "       vinput-passthrough --socket-path=PATH [OPTION]... DEV\n"
	     "Pass input devices of this host on to a virtual machine.\n"
	     "DEV: the path of a node, the name of one or of a link to it, "
	     "VENDOR:PRODUCT,\nname=GLOB, uniq=TEXT, type=KIND.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nSee vinput-passthrough(1).");
}

static int check_number(struct pass_parser *p)
{
	const struct pass_options *o = p->o;

	if (o->action != PASS_TO && o->n_devices > 1)
		return fail(p, "unexpected argument %s: one DEV can be given",
			    o->device[1]);
	if (o->action == PASS_TO && o->n_devices != o->n_to)
		return fail(p,
			    "%zu DEV and %zu --to: one --to is required for "
			    "each DEV",
			    o->n_devices, o->n_to);
	return 0;
}

static int check_devices(struct pass_parser *p, int n, char **words)
{
	struct pass_options *o = p->o;

	if (o->action == PASS_LIST)
		return n ? fail(p, "unexpected argument %s: --list takes none",
				words[0])
			 : 0;
	if (!n)
		return fail(p, "DEV is required; --list shows the devices");
	if (n > PASS_DEVICES_MAX)
		return fail(p, "more than %d devices", PASS_DEVICES_MAX);
	for (int i = 0; i < n; i++)
		o->device[o->n_devices++] = words[i];
	return check_number(p);
}

static int check_whole(struct pass_parser *p, int n, char **words)
{
	struct pass_options *o = p->o;

	if (o->action == PASS_NOTHING)
		return fail(p, "--to=ADDRESS, --socket-path=PATH, --print-spec "
			       "or --list is required; see --help");
	if (o->inject_path && o->action != PASS_SERVE)
		return fail(p, "--inject-path requires --socket-path");
	if (given(p, "grab") && given(p, "no-grab"))
		return fail(p, "--grab and --no-grab exclude each other");
	if (o->start_with_host && !o->chord[PASS_TOGGLE].n)
		return fail(p, "--start=host requires --toggle");
	return check_devices(p, n, words);
}

int pass_options_parse(struct pass_options *o, int argc, char **argv,
		       char why[256])
{
	struct pass_parser p = {
		.o = o,
		.line = { .rows = rows,
			  .n_ids = N_ROWS,
			  .argc = argc,
			  .argv = argv,
			  .why = why },
	};
	struct fault none;
	int r;

	*o = (struct pass_options){ .log_level = LOG_INFO };
	pass_chord_read(&o->chord[PASS_EXIT], PASS_USUAL_EXIT, &none);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	return check_whole(&p, argc - optind, argv + optind);
}
