/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "injector/passthrough/pass-cmdline-rows.h"
#include "injector/passthrough/pass-cmdline.h"
#include "injector/passthrough/pass-option-check.h"
#include "input/base/loop.h"

#define HELP_COLUMN 34
/*
 * So long frames wait for a guest that takes none: what somebody types while it
 * hangs for a moment is not to be folded. There is space for some thousands.
 */
#define STALL_MS LOOP_TIMER_MAX_MS

#define fail(p, ...)   cmdline_refuse((p)->line.why, __VA_ARGS__)
#define given(p, name) cmdline_given(&(p)->line, name)

void pass_cmdline_help(void)
{
	puts("Usage: vinput-passthrough --list\n"
	     "       vinput-passthrough --print-spec DEV\n"
	     "       vinput-passthrough --to=ADDRESS [OPTION]... DEV "
	     "[--to=ADDRESS DEV]...\n"
	     "       vinput-passthrough --dir=DIR [OPTION]... "
	     "--all|DEV[=LABEL]...\n"
	     "       vinput-passthrough --socket-path=PATH|--fd=N [OPTION]... "
	     "DEV\n"
	     "       vinput-passthrough --config=FILE [OPTION]...\n"
	     "Pass input devices of this host on to a virtual machine.\n"
	     "DEV: the path of a node, the name of one or of a link to it, "
	     "VENDOR:PRODUCT,\nname=GLOB, uniq=TEXT, type=KIND.\n");
	cmdline_help(pass_cmdline_rows, pass_cmdline_n_rows, HELP_COLUMN);
	puts("\nSee vinput-passthrough(1).");
}

static int check_service(struct pass_parser *p)
{
	const char *name = pass_cmdline_given_service(p);
	struct service_options *so = &p->o->service;

	if (!name && p->o->spec_fd >= 0)
		name = "spec-fd";
	if (p->o->action == PASS_SERVE)
		return service_options_check(so, &p->line) ||
				       service_options_check_fds(so, &p->line)
			       ? -EINVAL
			       : 0;
	return name ? fail(p, "--%s requires --socket-path or --fd", name) : 0;
}

static int check_whole(struct pass_parser *p, int n, char **words)
{
	struct pass_options *o = p->o;

	if (o->action == PASS_NOTHING)
		return fail(p, "--to=ADDRESS, --dir=DIR, --socket-path=PATH, "
			       "--print-spec or --list is required; see "
			       "--help");
	if (check_service(p) || sandbox_options_check(&o->sandbox, &p->line))
		return -EINVAL;
	if (o->n_specs && o->action == PASS_PRINT_SPEC)
		return fail(p, "--spec requires --to, --dir or --socket-path");
	if (given(p, "libinput") && !o->via_libinput)
		return fail(p, "--libinput requires --via=libinput");
	if (o->via_libinput && o->action == PASS_PRINT_SPEC)
		return fail(p, "--via=libinput requires --to, --dir or "
			       "--socket-path");
	if (given(p, "grab") && given(p, "no-grab"))
		return fail(p, "--grab and --no-grab exclude each other");
	o->has_grab = given(p, "grab") || given(p, "no-grab");
	if (pass_option_check_route(o, p->line.why))
		return -EINVAL;
	return pass_option_take_devices(o, n, words, p->line.why);
}

int pass_cmdline_parse(struct pass_options *o, int argc, char **argv,
		       char why[256])
{
	struct pass_parser p = {
		.o = o,
		.line = { .rows = pass_cmdline_rows,
			  .n_ids = pass_cmdline_n_rows,
			  .argc = argc,
			  .argv = argv,
			  .why = why,
			  .options = o },
	};
	struct fault none;
	int r;

	*o = (struct pass_options){ .log_level = LOG_INFO, .spec_fd = -1 };
	service_options_init(&o->service);
	sandbox_options_init(&o->sandbox);
	pass_tuning_init(&o->tuning);
	o->service.stall_ms = STALL_MS;
	pass_chord_read(&o->chord[PASS_EXIT], PASS_USUAL_EXIT, &none);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	return check_whole(&p, argc - optind, argv + optind);
}

void pass_cmdline_fini(struct pass_options *o)
{
	pass_config_fini(&o->config);
}
