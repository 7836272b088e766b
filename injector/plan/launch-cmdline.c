/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getopt stops at each word that is not an option, so that what follows "--" is
 * the streamer's, and what precedes it are words of a command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-cmdline.h"
#include "injector/plan/launch-options-device.h"
#include "injector/plan/launch-options-rows.h"
#include "input/base/account.h"

#define HOLD	    true
#define GIVE_UP_S   60
#define START_S	    30
#define STOP_S	    5
#define HELP_COLUMN 28

struct launch_parser {
	struct launch_options *o;
	struct cmdline line;
};

#define fail(p, ...) cmdline_refuse((p)->line.why, __VA_ARGS__)

void launch_cmdline_help(void)
{
	puts("Usage: vinput-launch --dir=DIR [DEVICE]... [OPTION]... "
	     "[-- STREAMER [ARG]...]\n"
	     "  or   vinput-launch --wait DIR [--guest] [--timeout=SECONDS]\n"
	     "  or   vinput-launch --control DIR COMMAND [ARG]...\n"
	     "  or   vinput-launch --print-args=VMM --dir=DIR DEVICE...\n"
	     "Start a vhost-user-input for each device, and supervise them.\n");
	cmdline_help(launch_options_rows, launch_options_n_rows, HELP_COLUMN);
	puts("\nIn STREAMER's arguments {keyboard_fd}, {touch_fds} and so on "
	     "are replaced with\nthe fds of the devices. See "
	     "vinput-launch(1).");
}

/* --- the words --- */

static int parser_take_word(struct launch_parser *p, const char *word)
{
	struct launch_options *o = p->o;

	if (o->n_command == LAUNCH_COMMAND_MAX)
		return fail(p, "unexpected argument %.80s", word);
	if (!launch_options_is_utf8(word, strlen(word)))
		return fail(p, "%.80s: must be UTF-8", word);
	o->command[o->n_command++] = word;
	return 0;
}

/* Return: 0; 1: --help or --version; -EINVAL. */
static int parser_take_all(struct launch_parser *p)
{
	int argc = p->line.argc;
	char **argv = p->line.argv;

	cmdline_start(&p->line);
	for (;;) {
		int r = cmdline_take(&p->line);

		if (r || optind >= argc)
			return r;
		if (!strcmp(argv[optind - 1], "--")) {
			p->o->streamer = argv + optind;
			return 0;
		}
		r = parser_take_word(p, argv[optind++]);
		if (r)
			return r;
	}
}

/* --- what goes with what --- */

static int option_row(const char *name)
{
	int row = 1;

	while (strcmp(launch_options_rows[row].name, name))
		row++;
	return row;
}

/* Return: 0 unless an option was given, from first to the one before end. */
static int parser_exclude(struct launch_parser *p, const char *first,
			  const char *end, const char *with)
{
	for (int row = option_row(first); row < option_row(end); row++)
		if (p->line.given[row])
			return fail(p, "--%s does not go with %s",
				    launch_options_rows[row].name, with);
	return 0;
}

static int parser_check_run(struct launch_parser *p)
{
	const struct launch_options *o = p->o;

	if (!o->dir)
		return fail(p, "--dir=DIR is required");
	if (o->n_command)
		return fail(p,
			    "unexpected argument %.80s; a streamer's command "
			    "line follows --",
			    o->command[0]);
	if (!json_array_size(o->devices) && !o->file &&
	    o->action == LAUNCH_PRINT_ARGS)
		return fail(p, "--print-args: a device is required, such as "
			       "--keyboard, or --file=FILE; see --help");
	if (o->memory && o->action != LAUNCH_PRINT_ARGS)
		return fail(p, "--memory goes with --print-args");
	if (o->page && o->streamer)
		return fail(p, "--page and a streamer exclude each other");
	if (o->screens.n && !o->page && o->action != LAUNCH_PRINT_ARGS)
		return fail(p, "--display=%.80s requires --page",
			    o->screens.v[0]);
	if (o->password && !o->screens.n)
		return fail(p,
			    "--display-password=%.80s requires a VNC server "
			    "as --display",
			    o->password);
	if (launch_argv_check(&o->server_args) ||
	    launch_argv_check(&o->screens))
		return fail(p, "%s", strerror(ENOMEM));
	return parser_exclude(p, LAUNCH_OPTIONS_ASKING, LAUNCH_OPTIONS_OTHERS,
			      "launching");
}

/*
 * add LABEL --spec=SPEC: a device as --device=LABEL=SPEC makes it; reload LABEL
 * --spec=SPEC sends it as it is.
 */
static int parser_add_device(struct launch_parser *p)
{
	struct launch_options *o = p->o;

	if (!o->spec || (o->n_command == 2 && !strcmp(o->command[0], "reload")))
		return 0;
	if (o->n_command != 2 || strcmp(o->command[0], "add"))
		return fail(p, "--spec goes with add LABEL or reload LABEL");
	if (json_array_append_new(o->devices,
				  json_pack("{s:s, s:O}", "label",
					    o->command[1], "spec", o->spec)))
		return fail(p, "%s", strerror(ENOMEM));
	o->n_command = 1;
	return 0;
}

static int parser_check_control(struct launch_parser *p)
{
	if (!p->o->n_command)
		return fail(p, "--control: a command is required, such as "
			       "list; see --help");
	if (parser_add_device(p))
		return -EINVAL;
	if (p->o->streamer)
		return fail(p, "a streamer does not go with --control");
	if (p->o->guest)
		return fail(p, "--guest goes with --wait");
	return parser_exclude(p, LAUNCH_OPTIONS_LAUNCHING,
			      LAUNCH_OPTIONS_ASKING, "--control");
}

static int parser_check_wait(struct launch_parser *p)
{
	if (p->o->n_command || p->o->streamer || p->o->spec || p->o->json)
		return fail(p, "--wait goes with --guest and --timeout only");
	return parser_exclude(p, LAUNCH_OPTIONS_DEVICES, LAUNCH_OPTIONS_ASKING,
			      "--wait");
}

static int parser_check(struct launch_parser *p)
{
	switch (p->o->action) {
	case LAUNCH_RUN:
	case LAUNCH_PRINT_ARGS:
		return parser_check_run(p);
	case LAUNCH_CONTROL:
		return parser_check_control(p);
	case LAUNCH_WAIT:
		return parser_check_wait(p);
	case LAUNCH_HELP:
	case LAUNCH_VERSION:
		break;
	}
	return 0;
}

int launch_cmdline_parse(struct launch_options *o, int argc, char **argv,
			 char why[256])
{
	struct launch_parser p = { .o = o,
				   .line = { .rows = launch_options_rows,
					     .n_ids = launch_options_n_rows,
					     .argc = argc,
					     .argv = argv,
					     .stop_at_word = true,
					     .why = why,
					     .options = o } };
	int r;

	*o = (struct launch_options){
		.access = { .mode = 0600, .group = ACCOUNT_NO_GID },
		.restart = LAUNCH_RESTART_DEFAULT,
		.hold = HOLD,
		.outlives = true,
		.give_up_s = GIVE_UP_S,
		.start_s = START_S,
		.stop_s = STOP_S,
		.timeout_s = -1,
		.ready_fd = -1,
		.log_level = LOG_INFO,
		.log_level_name = "info",
		.devices = json_array(),
		.tunables = json_object(),
	};
	if (!o->devices || !o->tunables)
		return fail(&p, "%s", strerror(ENOMEM));
	r = parser_take_all(&p);
	if (r)
		return r < 0 ? r : 0;
	return parser_check(&p);
}

void launch_cmdline_fini(struct launch_options *o)
{
	json_decref(o->devices);
	json_decref(o->tunables);
	json_decref(o->spec);
	o->spec = NULL;
	o->devices = o->tunables = NULL;
	launch_argv_fini(&o->server_args);
	launch_argv_fini(&o->screens);
}
