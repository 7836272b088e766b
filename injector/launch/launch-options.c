/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getopt stops at each word that is no option, so that what follows "--" is the
 * streamer's own and what stands before it are words of an order.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "input/base/account.h"
#include "input/base/cmdline.h"
#include "input/base/number.h"
#include "input/base/near.h"
#include "injector/launch/launch-options.h"
#include "injector/launch/launch-options-table.h"

#define STOP_S	    5
#define SECONDS_MAX 1e6
#define HELP_COLUMN 28

/* What is known only while the command line is read. */
struct parser {
	struct launch_options *o;
	struct cmdline line;
};

#define fail(p, ...) cmdline_refuse((p)->line.why, __VA_ARGS__)

void launch_options_help(void)
{
	puts("Usage: vinput-launch --dir=DIR DEVICE... [OPTION]... "
	     "[-- STREAMER [ARG]...]\n"
	     "  or   vinput-launch --wait DIR [--timeout=SECONDS]\n"
	     "  or   vinput-launch --control DIR COMMAND [ARG]...\n"
	     "  or   vinput-launch --print-args=VMM --dir=DIR DEVICE...\n"
	     "Start a vhost-user-input for each device and see to them.\n");
	cmdline_help(launch_options_rows, N_IDS, HELP_COLUMN);
	puts("\nIn STREAMER's arguments {keyboard_fd}, {touch_fds} and so on "
	     "become the fds of\nthe devices. See vinput-launch(1).");
}

/* --- devices --- */

/* json is taken, also if it is NULL. */
static int add_device(struct parser *p, json_t *json)
{
	if (json_array_append_new(p->o->devices, json))
		return fail(p, "%s", strerror(ENOMEM));
	return 0;
}

/* Digits alone, from 1 to LAUNCH_SIZE_MAX. Return: past them, or NULL. */
static const char *dimension(const char *text, int *out)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return NULL;
	n = strtol(text, &end, 10);
	if (n < 1 || n > LAUNCH_SIZE_MAX)
		return NULL;
	*out = (int)n;
	return end;
}

static int add_sized(struct parser *p, const char *type, const char *size)
{
	int width = 0, height = 0;
	const char *rest = dimension(size, &width);

	if (rest && *rest == 'x')
		rest = dimension(rest + 1, &height);
	if (!rest || *rest || !height)
		return fail(p,
			    "--%s=%.80s: not WIDTHxHEIGHT, each from 1 to %d, "
			    "such as 1080x2400",
			    type, size, LAUNCH_SIZE_MAX);
	return add_device(p, json_pack("{s:s, s:i, s:i}", "type", type, "width",
				       width, "height", height));
}

static int add_spec(struct parser *p, const char *text)
{
	const char *eq = strchr(text, '=');

	if (!eq || eq == text || !eq[1])
		return fail(p, "--device=%.80s: not LABEL=SPEC", text);
	return add_device(p, json_pack("{s:s%, s:s}", "label", text,
				       (size_t)(eq - text), "spec", eq + 1));
}

/* --- other values --- */

static int seconds(struct parser *p, enum launch_options_id id,
		   const char *text, double *out)
{
	if (number_read_seconds(text, SECONDS_MAX, out))
		return fail(p, "--%s=%.80s: not seconds, such as 2.5",
			    launch_options_rows[id].name, text);
	return 0;
}

static int mode(struct parser *p, const char *text)
{
	int n = number_read_octal(text, 0777);

	if (n < 0)
		return fail(p,
			    "--socket-mode=%.80s: not an octal mode such as "
			    "0660",
			    text);
	p->o->access.mode = (mode_t)n;
	return 0;
}

static int group(struct parser *p, const char *text)
{
	if (account_group(text, &p->o->access.group))
		return fail(p, "--socket-group=%.80s: no such group", text);
	return 0;
}

static int ready_fd(struct parser *p, const char *text)
{
	int fd = number_read(text, INT_MAX);

	if (fd < 0 || fcntl(fd, F_GETFD) < 0)
		return fail(p, "--ready-fd=%.80s: no such fd was inherited",
			    text);
	p->o->ready_fd = fd;
	return 0;
}

static int level(struct parser *p, const char *text)
{
	p->o->log_level_name = text;
	if (!log_level_from_name(text, &p->o->log_level))
		return 0;
	return fail(p, "--log-level=%.80s: not one of %s", text,
		    "off, error, warning, info, debug, trace");
}

static int vmm(struct parser *p, const char *text)
{
	const char *near = near_word(launch_vmm_names, text);

	p->o->action = LAUNCH_PRINT_ARGS;
	for (size_t i = 0; launch_vmm_names[i]; i++)
		if (!strcmp(launch_vmm_names[i], text)) {
			p->o->vmm = (enum launch_vmm)i;
			return 0;
		}
	return fail(p,
		    "--print-args=%.80s: not crosvm, qemu or "
		    "cloud-hypervisor%s%s%s",
		    text, near ? "; did you mean " : "", near ? near : "",
		    near ? "?" : "");
}

static int memory(struct parser *p, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || (text[digits] &&
			(!strchr("KMGT", text[digits]) || text[digits + 1])))
		return fail(p, "--memory=%.80s: not a size such as 2G", text);
	p->o->memory = text;
	return 0;
}

static int restart(struct parser *p, const char *text)
{
	p->o->has_restart = true;
	if (!launch_restart_parse(&p->o->restart, text))
		return 0;
	return fail(p,
		    "--restart=%.80s: not no, on-failure or always, maybe "
		    "with a limit such as :10/60",
		    text);
}

/* --dir, or an order to the launcher of a folder. */
static int take_dir(struct parser *p, enum launch_options_id id,
		    const char *dir)
{
	const char **given = p->line.given;

	if (!!given[DIR_NAME] + !!given[WAIT] + !!given[CONTROL] > 1)
		return fail(p, "--dir, --wait and --control exclude each "
			       "other");
	if (!dir || !*dir)
		return fail(p, "--%s: no folder given",
			    launch_options_rows[id].name);
	p->o->dir = dir;
	if (id == WAIT)
		p->o->action = LAUNCH_WAIT;
	else if (id == CONTROL)
		p->o->action = LAUNCH_CONTROL;
	return 0;
}

/* --- all of it --- */

static int take(struct parser *p, enum launch_options_id id, char *value)
{
	struct launch_options *o = p->o;

	switch (id) {
	case KEYBOARD:
	case MOUSE:
	case GAMEPAD:
	case ROTARY:
	case SWITCHES:
	case TABLET:
	case MEDIA_REMOTE:
		return add_device(p, json_pack("{s:s}", "type",
					       launch_options_rows[id].name));
	case DISPLAY:
	case TOUCHPAD:
	case PEN:
		return add_sized(p, launch_options_rows[id].name, value);
	case DEVICE:
		return add_spec(p, value);
	case DIR_NAME:
	case WAIT:
	case CONTROL:
		return take_dir(p, id, value);
	case SOCKET_MODE:
		return mode(p, value);
	case SOCKET_GROUP:
		return group(p, value);
	case ALLOW_UID:
	case ALLOW_GID:
	case SANDBOX:
	case USER:
	case GROUP:
		launch_argv_add(&o->server_args, "--%s=%s",
				launch_options_rows[id].name, value);
		break;
	case RESTART:
		return restart(p, value);
	case STOP_TIMEOUT:
		return seconds(p, id, value, &o->stop_s);
	case TIMEOUT:
		return seconds(p, id, value, &o->timeout_s);
	case LOG_LEVEL:
		return level(p, value);
	case READY_FD:
		return ready_fd(p, value);
	case PRINT_ARGS:
		return vmm(p, value);
	case MEMORY:
		return memory(p, value);
	case FILE_NAME:
		o->file = value;
		break;
	case SERVER:
		o->server = value;
		break;
	case LOG_FILES:
		o->log_files = true;
		break;
	case LOG_DIR:
		o->log_files = true;
		o->log_dir = value;
		break;
	case JSON:
		o->json = true;
		break;
	case HELP:
		o->action = LAUNCH_HELP;
		break;
	case SHOW_VERSION:
		o->action = LAUNCH_VERSION;
		break;
	case N_IDS:
		break;
	}
	return 0;
}

static int unknown_option(struct parser *p)
{
	const char *wrong = p->line.culprit, *near = NULL;
	int len = (int)strcspn(wrong, "=");

	if (!strncmp(wrong, "--", 2))
		near = cmdline_near(p->line.table, wrong + 2);
	return fail(p, "unknown option %.*s%s%s%s", len < 40 ? len : 39, wrong,
		    near ? "; did you mean --" : "; see --help",
		    near ? near : "", near ? "?" : "");
}

/* Options up to the next word that is none. */
static int take_options(struct parser *p)
{
	int id;

	while ((id = cmdline_next(&p->line)) > 0) {
		int r = take(p, (enum launch_options_id)id, optarg);

		if (r)
			return r;
	}
	return id == -ENOENT ? unknown_option(p) : id;
}

static int take_word(struct parser *p, const char *word)
{
	struct launch_options *o = p->o;

	if (o->n_command == LAUNCH_COMMAND_MAX)
		return fail(p, "unexpected argument %.80s", word);
	o->command[o->n_command++] = word;
	return 0;
}

static int take_all(struct parser *p)
{
	int argc = p->line.argc;
	char **argv = p->line.argv;

	cmdline_start(&p->line);
	for (;;) {
		int r = take_options(p);

		if (r || optind >= argc)
			return r;
		if (!strcmp(argv[optind - 1], "--")) {
			p->o->streamer = argv + optind;
			return 0;
		}
		r = take_word(p, argv[optind++]);
		if (r)
			return r;
	}
}

/* Return: 0 unless one of these was given, from first to last. */
static int exclude(struct parser *p, enum launch_options_id first,
		   enum launch_options_id last, const char *with)
{
	for (enum launch_options_id id = first; id <= last; id++)
		if (p->line.given[id])
			return fail(p, "--%s does not go with %s",
				    launch_options_rows[id].name, with);
	return 0;
}

/* It connects for a streamer that is started again. */
static int allow_launcher(struct parser *p)
{
	struct launch_argv *args = &p->o->server_args;

	if (p->line.given[ALLOW_UID] || p->line.given[ALLOW_GID])
		launch_argv_add(args, "--inject-allow-uid=%u", geteuid());
	return launch_argv_check(args);
}

static int check_run(struct parser *p)
{
	const struct launch_options *o = p->o;

	if (!o->dir)
		return fail(p, "where are the sockets to be? Give --dir=DIR");
	if (o->n_command)
		return fail(p,
			    "unexpected argument %.80s; a streamer goes "
			    "behind --",
			    o->command[0]);
	if (!json_array_size(o->devices) && !o->file)
		return fail(p, "no device: give --keyboard, --file=FILE or "
			       "another; see --help");
	if (o->memory && o->action != LAUNCH_PRINT_ARGS)
		return fail(p, "--memory goes with --print-args");
	if (allow_launcher(p))
		return fail(p, "%s", strerror(ENOMEM));
	return exclude(p, TIMEOUT, JSON, "launching");
}

static int check_control(struct parser *p)
{
	struct launch_options *o = p->o;

	if (!o->n_command)
		return fail(p, "--control: a command is required, such as "
			       "list; see --help");
	if (o->streamer)
		return fail(p, "a streamer does not go with --control");
	return exclude(p, SOCKET_MODE, READY_FD, "--control");
}

static int check_wait(struct parser *p)
{
	if (p->o->n_command || p->o->streamer)
		return fail(p, "--wait takes nothing but --timeout");
	return exclude(p, KEYBOARD, READY_FD, "--wait");
}

static int check_whole(struct parser *p)
{
	switch (p->o->action) {
	case LAUNCH_RUN:
	case LAUNCH_PRINT_ARGS:
		return check_run(p);
	case LAUNCH_CONTROL:
		return check_control(p);
	case LAUNCH_WAIT:
		return check_wait(p);
	case LAUNCH_HELP:
	case LAUNCH_VERSION:
		break;
	}
	return 0;
}

int launch_options_parse(struct launch_options *o, int argc, char **argv,
			 char why[256])
{
	struct parser p = { .o = o,
			    .line = { .rows = launch_options_rows,
				      .n_ids = N_IDS,
				      .argc = argc,
				      .argv = argv,
				      .order = "+:",
				      .why = why } };
	int r;

	*o = (struct launch_options){
		.access = { .mode = 0600, .group = ACCOUNT_NO_GID },
		.restart = LAUNCH_RESTART_DEFAULT,
		.stop_s = STOP_S,
		.timeout_s = -1,
		.ready_fd = -1,
		.log_level = LOG_INFO,
		.log_level_name = "info",
		.devices = json_array(),
	};
	if (!o->devices)
		return fail(&p, "%s", strerror(ENOMEM));
	r = take_all(&p);
	return r ? r : check_whole(&p);
}

void launch_options_fini(struct launch_options *o)
{
	json_decref(o->devices);
	o->devices = NULL;
	launch_argv_fini(&o->server_args);
}
