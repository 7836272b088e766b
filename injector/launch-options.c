/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table row an option: its name, its value, its help. getopt stops at each
 * word that is no option, so that what follows "--" is the streamer's own and
 * what stands before it are words of an order.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "input/account.h"
#include "input/help.h"
#include "input/number.h"
#include "input/spec-names.h"
#include "launch-options.h"

#define STOP_S	    5
#define SECONDS_MAX 1e6
#define HELP_COLUMN 28

enum id {
	KEYBOARD = 1,
	MOUSE,
	DISPLAY,
	TOUCHPAD,
	GAMEPAD,
	ROTARY,
	SWITCHES,
	TABLET,
	PEN,
	MEDIA_REMOTE,
	DEVICE,
	FILE_NAME,
	DIR_NAME,
	SOCKET_MODE,
	SOCKET_GROUP,
	ALLOW_UID,
	ALLOW_GID,
	SANDBOX,
	USER,
	GROUP,
	RESTART,
	STOP_TIMEOUT,
	SERVER,
	LOG_LEVEL,
	LOG_FILES,
	LOG_DIR,
	READY_FD,
	WAIT,
	CONTROL,
	TIMEOUT,
	JSON,
	PRINT_ARGS,
	MEMORY,
	HELP,
	SHOW_VERSION,
	N_IDS,
};

struct option_row {
	const char *name, *value; /* value: NULL for none */
	const char *help;
};

static const struct option_row rows[N_IDS] = {
	[KEYBOARD] = { "keyboard", NULL, "a keyboard" },
	[MOUSE] = { "mouse", NULL, "a mouse" },
	[DISPLAY] = { "display", "WxH",
		      "a touchscreen of so many pixels; may be repeated" },
	[TOUCHPAD] = { "touchpad", "WxH", "a touchpad; may be repeated" },
	[GAMEPAD] = { "gamepad", NULL, "a gamepad" },
	[ROTARY] = { "rotary", NULL, "a rotary wheel" },
	[SWITCHES] = { "switches", NULL, "lid and other switches" },
	[TABLET] = { "tablet", NULL, "an absolute pointer" },
	[PEN] = { "pen", "WxH", "a pen" },
	[MEDIA_REMOTE] = { "media-remote", NULL, "media and system keys" },
	[DEVICE] = { "device", "LABEL=SPEC",
		     "any device, by a name or file as in "
		     "vhost-user-input --spec; may be repeated" },
	[FILE_NAME] = { "file", "FILE", "devices, and more, from a JSON file" },
	[DIR_NAME] = { "dir", "DIR", "where the sockets are to be" },
	[SOCKET_MODE] = { "socket-mode", "OCTAL",
			  "mode of the devices' sockets; 0600 if not given" },
	[SOCKET_GROUP] = { "socket-group", "GROUP",
			   "group of the devices' sockets, by name or number" },
	[ALLOW_UID] = { "inject-allow-uid", "USER[,USER]...",
			"only these users may inject, and those of "
			"--inject-allow-gid, and the launcher's" },
	[ALLOW_GID] = { "inject-allow-gid", "GROUP[,GROUP]...",
			"the same for members of these groups" },
	[SANDBOX] = { "sandbox", "on|log|off",
		      "how each device confines itself, as in "
		      "vhost-user-input --sandbox" },
	[USER] = { "user", "USER",
		   "what user each device becomes, by name or number" },
	[GROUP] = { "group", "GROUP",
		    "what group each device becomes, by name or number" },
	[RESTART] = { "restart", "WHEN[:N/S]",
		      "no, on-failure or always: start what dies again, at "
		      "most N times in S seconds; on-failure:10/60 if not "
		      "given" },
	[STOP_TIMEOUT] = { "stop-timeout", "SECONDS",
			   "SIGKILL for what is there so long after SIGTERM; "
			   "5 if not given" },
	[SERVER] = { "server", "PATH", "the vhost-user-input to start" },
	[LOG_LEVEL] = { "log-level", "LEVEL",
			"off, error, warning, info, debug or trace" },
	[LOG_FILES] = { "log-files", NULL,
			"a log for each device in DIR/log, not stderr for "
			"all" },
	[LOG_DIR] = { "log-dir", "PATH", "the same, there" },
	[READY_FD] = { "ready-fd", "N",
		       "write a newline to this inherited fd when all is "
		       "ready" },
	[WAIT] = { "wait", "DIR", "wait until the launcher of DIR is ready" },
	[CONTROL] = { "control", "DIR",
		      "order the launcher of DIR: list, add DEVICE..., "
		      "remove LABEL, restart LABEL, stats [LABEL]" },
	[TIMEOUT] = { "timeout", "SECONDS",
		      "of --wait and --control; none if not given" },
	[JSON] = { "json", NULL, "print the launcher's answer as it came" },
	[PRINT_ARGS] = { "print-args", "VMM",
			 "print the arguments for crosvm, qemu or "
			 "cloud-hypervisor, one a line, and exit" },
	[MEMORY] = { "memory", "SIZE",
		     "with --print-args: the guest's memory, such as 2G" },
	[HELP] = { "help", NULL, "print this and exit" },
	[SHOW_VERSION] = { "version", NULL, "print the version and exit" },
};

/* What is known only while the command line is read. */
struct parser {
	struct launch_options *o;
	char *why; /* 256 bytes */
	bool seen[N_IDS];
};

#define fail(p, ...) (snprintf((p)->why, 256, __VA_ARGS__), -EINVAL)

void launch_options_help(void)
{
	puts("Usage: vinput-launch --dir=DIR DEVICE... [OPTION]... "
	     "[-- STREAMER [ARG]...]\n"
	     "  or   vinput-launch --wait DIR [--timeout=SECONDS]\n"
	     "  or   vinput-launch --control DIR ORDER [ARG]...\n"
	     "  or   vinput-launch --print-args=VMM --dir=DIR DEVICE...\n"
	     "Start a vhost-user-input for each device and see to them.\n");
	for (int id = 1; id < N_IDS; id++)
		help_option(rows[id].name, rows[id].value, rows[id].help,
			    HELP_COLUMN);
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

static int seconds(struct parser *p, enum id id, const char *text, double *out)
{
	if (number_read_seconds(text, SECONDS_MAX, out))
		return fail(p, "--%s=%.80s: not seconds, such as 2.5",
			    rows[id].name, text);
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
	const char *near = names_near_word(launch_vmm_names, text);

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
static int take_dir(struct parser *p, enum id id, const char *dir)
{
	if (p->o->dir && !p->seen[id])
		return fail(p, "--dir, --wait and --control exclude each "
			       "other");
	if (!dir || !*dir)
		return fail(p, "--%s: no folder given", rows[id].name);
	p->o->dir = dir;
	if (id == WAIT)
		p->o->action = LAUNCH_WAIT;
	else if (id == CONTROL)
		p->o->action = LAUNCH_CONTROL;
	return 0;
}

/* --- all of it --- */

static int take(struct parser *p, enum id id, char *value)
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
		return add_device(p, json_pack("{s:s}", "type", rows[id].name));
	case DISPLAY:
	case TOUCHPAD:
	case PEN:
		return add_sized(p, rows[id].name, value);
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
		launch_argv_add(&o->server_args, "--%s=%s", rows[id].name,
				value);
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

static void make_getopt_table(struct option table[N_IDS])
{
	for (int id = 1; id < N_IDS; id++)
		table[id - 1] =
			(struct option){ rows[id].name,
					 rows[id].value ? required_argument
							: no_argument,
					 NULL, id };
	table[N_IDS - 1] = (struct option){ 0 };
}

static int unknown_option(struct parser *p, const char *option)
{
	const char *words[N_IDS] = { NULL }, *near = NULL;
	char name[40];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(option, "="), option);
	for (int id = 1; id < N_IDS; id++)
		words[id - 1] = rows[id].name;
	if (!strncmp(name, "--", 2))
		near = names_near_word(words, name + 2);
	return fail(p, "unknown option %s%s%s%s", name,
		    near ? "; did you mean --" : "; see --help",
		    near ? near : "", near ? "?" : "");
}

static int bad_option(struct parser *p, int c, char **argv)
{
	if (c == ':')
		return fail(p, "%s wants a value", argv[optind - 1]);
	/* optopt is an id where a value was given to an option without one. */
	if (optopt > 0 && optopt < N_IDS)
		return fail(p, "--%s takes no value", rows[optopt].name);
	return unknown_option(p, argv[optind - 1]);
}

/* Options up to the next word that is none. */
static int take_options(struct parser *p, int argc, char **argv,
			const struct option *table)
{
	int c, r;

	while ((c = getopt_long(argc, argv, "+:", table, NULL)) != -1) {
		if (c == ':' || c == '?')
			return bad_option(p, c, argv);
		r = take(p, (enum id)c, optarg);
		if (r)
			return r;
		p->seen[c] = true;
	}
	return 0;
}

static int take_word(struct parser *p, const char *word)
{
	struct launch_options *o = p->o;

	if (o->n_command == LAUNCH_COMMAND_MAX)
		return fail(p, "unexpected argument %.80s", word);
	o->command[o->n_command++] = word;
	return 0;
}

static int take_all(struct parser *p, int argc, char **argv)
{
	struct option table[N_IDS];

	make_getopt_table(table);
	opterr = 0;
	optind = 0; /* glibc: begin anew, also in the tests */
	for (;;) {
		int r = take_options(p, argc, argv, table);

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
static int exclude(struct parser *p, enum id first, enum id last,
		   const char *with)
{
	for (enum id id = first; id <= last; id++)
		if (p->seen[id])
			return fail(p, "--%s does not go with %s",
				    rows[id].name, with);
	return 0;
}

/* It connects for a streamer that is started again. */
static int allow_launcher(struct parser *p)
{
	struct launch_argv *args = &p->o->server_args;

	if (p->seen[ALLOW_UID] || p->seen[ALLOW_GID])
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
	bool adds = o->n_command && !strcmp(o->command[0], "add");

	if (!o->n_command)
		return fail(p, "--control: which order? list, add, remove, "
			       "restart or stats");
	if (o->streamer)
		return fail(p, "a streamer does not go with --control");
	if (adds && !json_array_size(o->devices) && !o->file)
		return fail(p, "add: which device? Give --mouse or another");
	if (!adds && exclude(p, KEYBOARD, FILE_NAME, o->command[0]))
		return -EINVAL;
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
	struct parser p = { .o = o, .why = why };
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
	r = take_all(&p, argc, argv);
	return r ? r : check_whole(&p);
}

void launch_options_fini(struct launch_options *o)
{
	json_decref(o->devices);
	o->devices = NULL;
	launch_argv_fini(&o->server_args);
}
