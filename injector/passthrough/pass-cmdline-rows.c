/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-cmdline-rows.h"
#include "injector/passthrough/pass-option-check.h"
#include "input/base/cmdline-value.h"
#include "input/spec/spec-read.h"

static struct pass_options *pass_options_of(struct cmdline *c)
{
	return c->options;
}

static int pass_set_action(struct cmdline *c, enum pass_action action)
{
	struct pass_options *o = pass_options_of(c);

	if (o->action != PASS_NOTHING && o->action != action)
		return cmdline_refuse(c->why,
				      "only one of --list, --print-spec, --to, "
				      "--dir and --socket-path or --fd can be "
				      "given");
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

static int pass_take_dir(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);

	if (o->n_dirs == PASS_GUESTS_MAX)
		return cmdline_refuse(c->why, "more than %d --dir",
				      PASS_GUESTS_MAX);
	o->dir[o->n_dirs++] = value;
	return pass_set_action(c, PASS_DIR);
}

static int pass_take_spec(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);

	if (o->n_specs == PASS_DEVICES_MAX)
		return cmdline_refuse(c->why, "more than %d devices",
				      PASS_DEVICES_MAX);
	o->spec[o->n_specs++] = value;
	return 0;
}

static int read_unplug(struct cmdline *c, const char *value,
		       enum pass_unplug *unplug)
{
	if (strcmp(value, "stay") && strcmp(value, "remove"))
		return cmdline_refuse(c->why,
				      "--on-unplug=%.80s: must be "
				      "stay or remove",
				      value);
	*unplug = strcmp(value, "stay") ? PASS_REMOVE : PASS_STAY;
	return 0;
}

static int pass_take_on_unplug(struct cmdline *c, char *value)
{
	return read_unplug(c, value, &pass_options_of(c)->on_unplug);
}

static int pass_take_service(struct cmdline *c, char *value)
{
	return service_options_take(&pass_options_of(c)->service, c, value);
}

/* Also without serving. */
static int pass_take_ready_fd(struct cmdline *c, char *value)
{
	return pass_take_service(c, value);
}

/* --socket-path or --fd */
static int pass_take_frontend(struct cmdline *c, char *value)
{
	int r = pass_take_service(c, value);

	return r ? r : pass_set_action(c, PASS_SERVE);
}

static int read_grab(struct cmdline *c, const char *value, enum pass_grab *grab)
{
	if (!strcmp(value, "now"))
		*grab = PASS_GRAB_NOW;
	else if (!strcmp(value, "wait"))
		*grab = PASS_GRAB_WAIT;
	else
		return cmdline_refuse(c->why,
				      "--grab=%.80s: must be wait or "
				      "now",
				      value);
	return 0;
}

static int pass_take_grab(struct cmdline *c, char *value)
{
	return read_grab(c, value, &pass_options_of(c)->grab);
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

static int pass_take_next(struct cmdline *c, char *value)
{
	return take_chord(c, value, PASS_NEXT);
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

static int pass_take_keep(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);
	struct fault why;

	o->has_keep = true;
	if (pass_chord_read_keys(o->keep, value, &why))
		return cmdline_refuse_value(c, value, "%.150s", why.text);
	return 0;
}

static int pass_take_start(struct cmdline *c, char *value)
{
	if (strcmp(value, "host") && strcmp(value, "guest"))
		return cmdline_refuse_value(c, value, "must be host or guest");
	pass_options_of(c)->start_with_host = !strcmp(value, "host");
	return 0;
}

static int pass_take_serial(struct cmdline *c, char *value)
{
	static struct spec spec;
	const char *why;

	pass_options_of(c)->serial = value;
	return spec_set_serial(&spec, value, &why)
		       ? cmdline_refuse_value(c, value, "%s", why)
		       : 0;
}

static int pass_take_via(struct cmdline *c, char *value)
{
	static const char *const words[] = { "node", "libinput", NULL };
	const int i = cmdline_value_word(c, value, words, "node or libinput");
	struct fault why;

	if (i < 0)
		return i;
	pass_options_of(c)->via_libinput = i;
	return i && pass_libinput_load(&why)
		       ? cmdline_refuse_value(c, value, "%s", why.text)
		       : 0;
}

static int pass_take_libinput(struct cmdline *c, char *value)
{
	struct fault why;

	return pass_tuning_read(&pass_options_of(c)->tuning, value, &why)
		       ? cmdline_refuse(c->why, "--libinput: %.200s", why.text)
		       : 0;
}

/* --- --config --- */

/* Their values, as if they were options. */
static int take_own(struct cmdline *c, struct pass_own *own,
		    const struct pass_config_device *d)
{
	own->has_unplug = d->on_unplug;
	own->has_grab = d->grab;
	if (d->on_unplug && read_unplug(c, d->on_unplug, &own->on_unplug))
		return -EINVAL;
	if (!d->grab)
		return 0;
	if (strcmp(d->grab, "none"))
		return read_grab(c, d->grab, &own->grab);
	own->grab = PASS_GRAB_NONE;
	return 0;
}

/* Each device has a place in all arrays. */
static int add_device(struct cmdline *c, const struct pass_config_device *d)
{
	struct pass_options *o = pass_options_of(c);
	const size_t i = o->n_devices;

	if (i == PASS_DEVICES_MAX)
		return cmdline_refuse(c->why, "more than %d devices",
				      PASS_DEVICES_MAX);
	o->device[o->n_devices++] = d->device;
	o->label[i] = d->label;
	if (take_own(c, &o->own[i], d))
		return -EINVAL;
	o->spec[i] = d->spec;
	if (!d->to)
		return 0;
	o->to[o->n_to++] = d->to;
	return pass_set_action(c, PASS_TO);
}

static int pass_take_config(struct cmdline *c, char *value)
{
	struct pass_options *o = pass_options_of(c);

	if (o->n_to || o->n_specs || o->config.text)
		return cmdline_refuse(c->why, "--config goes once, and without "
					      "--to and --spec");
	return pass_config_read(&o->config, value, c, add_device);
}

const struct cmdline_option pass_cmdline_rows[] = {
	{ 0 },
	{ "list", NULL, "list the input devices of this host", pass_take_list },
	{ "print-spec", NULL, "print the device as a spec of vhost-user-input",
	  pass_take_print_spec },
	{ "to", "ADDRESS", "pass it on to the injection socket of a device",
	  pass_take_to },
	{ "socket-path", "PATH", "serve it to a VMM at this socket",
	  pass_take_frontend },
	{ "fd", "N",
	  "serve it to a VMM at this inherited socket, listening or connected",
	  pass_take_frontend },
	{ "dir", "DIR",
	  "add it to the launcher of this directory; again: of another guest",
	  pass_take_dir },
	{ "all", NULL,
	  "with --dir: all keyboards, mice, pads, pens and touch devices, also "
	  "those plugged in later",
	  CMDLINE_FLAG(struct pass_options, all) },
	{ "seat", "SEAT", "with --all: those of this seat, as seat0",
	  CMDLINE_TEXT(struct pass_options, seat) },
	{ "spec", "FILE",
	  "what the device is: it may be plugged in later; once for each DEV",
	  pass_take_spec },
	{ "on-unplug", "stay|remove",
	  "when it is unplugged: wait until it is back, or end; stay if not "
	  "given",
	  pass_take_on_unplug },
	{ "grab", "wait|now",
	  "take it from the host when all its keys are up, or now; wait if not "
	  "given",
	  pass_take_grab },
	{ "no-grab", NULL, "let the host have it as well",
	  CMDLINE_ENUM(struct pass_options, grab, PASS_GRAB_NONE) },
	{ "toggle", "CHORD",
	  "keys that give all to the host and back, as leftctrl+scrolllock",
	  pass_take_toggle },
	{ "next", "CHORD", "keys that give all to the next --dir",
	  pass_take_next },
	{ "keep", "KEY[,KEY]...",
	  "keys that the host gets, by a keyboard of ours (uinput)",
	  pass_take_keep },
	{ "on-switch", "COMMAND",
	  "run this with VINPUT_TARGET=host, guest or DIR when a chord gives "
	  "all to another",
	  CMDLINE_TEXT(struct pass_options, on_switch) },
	{ "start", "host|guest", "who has it first; guest if not given",
	  pass_take_start },
	{ "exit", "CHORD|none",
	  "keys that end the program; " PASS_USUAL_EXIT " if not given",
	  pass_take_exit },
	{ "serial", "keep|none|TEXT",
	  "the serial (uniq) that the guest gets; the device's if not given",
	  pass_take_serial },
	{ "via", "node|libinput",
	  "pass on the events of the node, or what libinput makes of them, for "
	  "the shipped mouse or touchscreen; node if not given",
	  pass_take_via },
	{ "libinput", "NAME[=VALUE],...",
	  "settings of libinput, as tap,natural-scroll,left-handed,speed=0.5",
	  pass_take_libinput },
	{ "inject-path", "PATH", "accept injectors beside it at this socket",
	  pass_take_service },
	{ "inject-type", "stream|seqpacket", "type of this socket",
	  pass_take_service },
	{ "inject-allow-uid", "USER[,USER]...",
	  "only these users may connect there, and those of "
	  "--inject-allow-gid",
	  pass_take_service },
	{ "inject-allow-gid", "GROUP[,GROUP]...",
	  "the same for members of these groups", pass_take_service },
	{ "inject-fd", "N",
	  "take events from this inherited fd as well; may be repeated",
	  pass_take_service },
	{ "shared-memory", "on|off",
	  "let injectors that connect send events through shared memory; on if "
	  "not given",
	  pass_take_service },
	{ "socket-mode", "OCTAL", "mode of the socket files; 0600 if not given",
	  pass_take_service },
	{ "socket-group", "GROUP",
	  "group of the socket files, by name or number", pass_take_service },
	{ "overflow", "fold|block",
	  "when the guest takes nothing: fold events into the state, or let "
	  "injectors wait",
	  pass_take_service },
	{ "stall-ms", "MS", "fold after this long; 30000 if not given",
	  pass_take_service },
	{ "busy-poll", "USEC",
	  "look for events for this long before sleeping: less latency, more "
	  "CPU time",
	  pass_take_service },
	{ "iommu", NULL, "let the VMM put the device behind the guest's IOMMU",
	  pass_take_service },
	{ "inband", NULL,
	  "let a VMM that simulates kick queues and be notified by messages",
	  pass_take_service },
	{ "postcopy", NULL,
	  "let a trusted VMM migrate the guest here before all of its memory "
	  "has arrived",
	  pass_take_service },
	{ "stats-path", "PATH",
	  "send the counters as JSON to each connection here",
	  pass_take_service },
	{ "state-fd", "N", "keep what inherited injectors hold in this file",
	  pass_take_service },
	{ "spec-fd", "N",
	  "write the spec that --print-spec prints to this inherited file",
	  CMDLINE_FD(struct pass_options, spec_fd) },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd when all is open",
	  pass_take_ready_fd },
	{ "sandbox", "on|log|off",
	  "on a system call that it never needs: kill the process, let the "
	  "kernel log it, or do nothing",
	  CMDLINE_SANDBOX(struct pass_options, sandbox) },
	{ "user", "USER",
	  "become this user, by name or number, and its group, when all is "
	  "open",
	  CMDLINE_SANDBOX(struct pass_options, sandbox) },
	{ "group", "GROUP", "become this group, by name or number",
	  CMDLINE_SANDBOX(struct pass_options, sandbox) },
	{ "config", "FILE", "read devices and options from a JSON file",
	  pass_take_config },
	{ "log-level", "LEVEL",
	  "off, error, warning, info, debug or trace; info if not given",
	  CMDLINE_LEVEL(struct pass_options, log_level) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct pass_options, action, PASS_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct pass_options, action, PASS_VERSION) },
};

const int pass_cmdline_n_rows =
	sizeof(pass_cmdline_rows) / sizeof(pass_cmdline_rows[0]);

const char *pass_cmdline_given_service(const struct pass_parser *p)
{
	for (int i = 1; i < pass_cmdline_n_rows; i++)
		if (pass_cmdline_rows[i].take == pass_take_service &&
		    cmdline_given(&p->line, pass_cmdline_rows[i].name))
			return pass_cmdline_rows[i].name;
	return NULL;
}
