/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/plan/launch-options-device.h"
#include "injector/plan/launch-options-rows.h"
#include "injector/plan/launch-options.h"
#include "injector/plan/launch-passthrough.h"
#include "injector/plan/launch-tunable.h"
#include "input/base/cmdline-value.h"
#include "input/base/fault.h"
#include "input/base/near.h"

#define SECONDS_MAX    1000000
#define WATCHDOG_MIN_S 0.1
#define LOG_SIZE_MIN   4096

/* --- devices and their settings --- */

static int launch_take_tunable(struct cmdline *c, char *value)
{
	const struct launch_tunable *t = launch_tunable_find(c->taken->name);
	json_t *json = launch_tunable_read(t, value);
	char must[64];

	if (!json) {
		launch_tunable_must(t, must);
		return cmdline_refuse_value(c, value, "must be %s", must);
	}
	if (json_object_set_new(launch_options_of(c)->tunables, t->key, json))
		return launch_options_refuse_errno(c, ENOMEM);
	return 0;
}

/* --- whose directory --- */

static int options_take_dir(struct cmdline *c, const char *dir,
			    enum launch_action action)
{
	struct launch_options *o = launch_options_of(c);

	if (o->dir)
		return cmdline_refuse(c->why,
				      "only one of --dir, --wait and --control "
				      "can be given");
	if (!*dir)
		return cmdline_refuse(c->why, "--%s: DIR is empty",
				      c->taken->name);
	o->dir = dir;
	if (action != LAUNCH_RUN)
		o->action = action;
	return 0;
}

static int launch_take_dir(struct cmdline *c, char *value)
{
	return options_take_dir(c, value, LAUNCH_RUN);
}

static int launch_take_wait(struct cmdline *c, char *value)
{
	return options_take_dir(c, value, LAUNCH_WAIT);
}

static int launch_take_control(struct cmdline *c, char *value)
{
	return options_take_dir(c, value, LAUNCH_CONTROL);
}

/* --- launching --- */

static int launch_take_server_option(struct cmdline *c, char *value)
{
	launch_argv_add(&launch_options_of(c)->server_args, "--%s=%s",
			c->taken->name, value);
	return 0;
}

/* The launcher connects on behalf of a streamer that is restarted. */
static int launch_take_allow(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	if (!o->allows)
		launch_argv_add(&o->server_args, "--inject-allow-uid=%u",
				geteuid());
	o->allows = true;
	return launch_take_server_option(c, value);
}

static int launch_take_restart(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	o->has_restart = true;
	if (!launch_restart_parse(&o->restart, value))
		return 0;
	return cmdline_refuse_value(c, value, "must be " LAUNCH_RESTART_MUST);
}

static int launch_take_hold(struct cmdline *c, char *value)
{
	static const char *const words[] = { "off", "on", NULL };
	const int i = cmdline_value_word(c, value, words, "on or off");

	launch_options_of(c)->hold = i > 0;
	return i < 0 ? i : 0;
}

static int launch_take_death(struct cmdline *c, char *value)
{
	static const char *const words[] = { "end", "keep", NULL };
	const int i = cmdline_value_word(c, value, words, "keep or end");

	launch_options_of(c)->outlives = i > 0;
	return i < 0 ? i : 0;
}

static int launch_take_watchdog(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	if (cmdline_value_seconds(c, value, SECONDS_MAX, &o->watchdog_s))
		return -EINVAL;
	if (o->watchdog_s < WATCHDOG_MIN_S)
		return cmdline_refuse_value(c, value,
					    "must be at least %g seconds",
					    WATCHDOG_MIN_S);
	return 0;
}

static int launch_take_log_level(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	o->log_level_name = value;
	return cmdline_value_level(c, value, &o->log_level);
}

static int launch_take_log_dir(struct cmdline *c, char *value)
{
	launch_options_of(c)->log_files = true;
	launch_options_of(c)->log_dir = value;
	return 0;
}

/* Return: the number of bytes, or 0: not valid. */
static off_t options_read_size(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	long n = strtol(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	int shift = unit ? (int)(unit - units + 1) * 10 : 0;

	if (!isdigit((unsigned char)*text) || (*end && (!unit || end[1])))
		return 0;
	return n <= LONG_MAX >> shift ? (off_t)n << shift : 0;
}

static int launch_take_log_max_size(struct cmdline *c, char *value)
{
	off_t size = options_read_size(value);

	if (size < LOG_SIZE_MIN)
		return cmdline_refuse_value(c, value,
					    "must be a size of at least 4K, "
					    "such as 10M");
	launch_options_of(c)->log_files = true;
	launch_options_of(c)->log_max = size;
	return 0;
}

/* --- asking a launcher, and others --- */

static int launch_take_print_args(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	o->action = LAUNCH_PRINT_ARGS;
	for (size_t i = 0; launch_vmm_names[i]; i++)
		if (!strcmp(launch_vmm_names[i], value)) {
			o->vmm = (enum launch_vmm)i;
			return 0;
		}
	return cmdline_refuse_value(
		c, value,
		"must be crosvm, qemu, qemu-vfio-user or cloud-hypervisor%s",
		fault_hint(near_word(launch_vmm_names, value)));
}

static int launch_take_memory(struct cmdline *c, char *value)
{
	if (!options_read_size(value))
		return cmdline_refuse_value(c, value,
					    "must be a size, such as 2G");
	launch_options_of(c)->memory = value;
	return 0;
}

/* --- all of them --- */

const struct cmdline_option launch_options_rows[] = {
	{ NULL },
	{ "dir", "DIR", "directory of the sockets", launch_take_dir },
	{ "wait", "DIR", "wait until the launcher of DIR is ready",
	  launch_take_wait },
	{ "control", "DIR", "send a COMMAND (see below) to the launcher of DIR",
	  launch_take_control },

	{ "keyboard", NULL, "a keyboard", launch_take_kind },
	{ "mouse", NULL, "a mouse", launch_take_kind },
	{ "display", "WxH|VNC",
	  "a touchscreen of this size in pixels; or the VNC server, unix:PATH "
	  "or HOST:PORT, that shows a screen, for --page; may be repeated",
	  launch_take_display },
	{ "display-password", "FILE",
	  "the first line of this file is the password of the VNC servers",
	  CMDLINE_TEXT(struct launch_options, password) },
	{ "touchpad", "WxH", "a touchpad; may be repeated", launch_take_sized },
	{ "gamepad", NULL, "a gamepad", launch_take_kind },
	{ "rotary", NULL, "a rotary wheel", launch_take_kind },
	{ "switches", NULL, "lid and other switches", launch_take_kind },
	{ "tablet", NULL, "an absolute pointer", launch_take_kind },
	{ "pen", "WxH", "a pen", launch_take_sized },
	{ "media-remote", NULL, "media and system keys", launch_take_kind },
	{ "device", "LABEL=SPEC",
	  "a device with any spec, by its name or file, or the spec itself: as "
	  "JSON, read from @FILE, or from stdin for -; may be repeated",
	  launch_take_device },
	{ "passthrough", "DEV[=LABEL]",
	  "a device of this host, by a vinput-passthrough(1); may be repeated",
	  launch_take_passthrough },
	{ "file", "FILE", "read devices and settings from a JSON file",
	  CMDLINE_TEXT(struct launch_options, file) },
	{ "overflow", "fold|block",
	  "when a guest takes nothing: fold events into the state, or let "
	  "injectors wait",
	  launch_take_tunable },
	{ "stall-ms", "MS", "fold after this time; 100 if not given",
	  launch_take_tunable },
	{ "busy-poll", "USEC",
	  "poll for events for this time before sleeping: less latency, more "
	  "CPU time",
	  launch_take_tunable },
	{ "shared-memory", "on|off",
	  "let injectors that connect send events through shared memory; on if "
	  "not given",
	  launch_take_tunable },
	{ "iommu", NULL, "let the VMM put the devices behind the guest's IOMMU",
	  launch_take_tunable },
	{ "inband", NULL,
	  "offer kicks and calls as messages, for VMMs that simulate",
	  launch_take_tunable },
	{ "postcopy", NULL,
	  "let a trusted VMM migrate the guest here before all of its memory "
	  "has arrived",
	  launch_take_tunable },
	{ "vfio-user", NULL,
	  "start a vinput-vfio-user(1) for each device, for VMMs with "
	  "vfio-user, at DIR/LABEL.vfio",
	  launch_take_tunable },

	{ "socket-mode", "OCTAL",
	  "mode of the devices' sockets; 0600 if not given",
	  CMDLINE_MODE(struct launch_options, access.mode) },
	{ "socket-group", "GROUP",
	  "group of the devices' sockets, by name or number",
	  CMDLINE_GROUP(struct launch_options, access.group) },
	{ "inject-allow-uid", "USER[,USER]...",
	  "only these users may inject, and those of --inject-allow-gid, and "
	  "the launcher's",
	  launch_take_allow },
	{ "inject-allow-gid", "GROUP[,GROUP]...",
	  "the same for members of these groups", launch_take_allow },
	{ "sandbox", "on|log|off",
	  "the sandbox of each device, as in vhost-user-input",
	  launch_take_server_option },
	{ "user", "USER", "run each device as this user, by name or number",
	  launch_take_server_option },
	{ "group", "GROUP", "run each device as this group, by name or number",
	  launch_take_server_option },
	{ "page", "[ADDRESS]",
	  "start a vinput-stream(1) with these devices, which prints the URL "
	  "of a page for browsers",
	  CMDLINE_TEXT(struct launch_options, page) },
	{ "restart", "WHEN[:N/S]",
	  "no, on-failure or always: restart what dies, at most N times in S "
	  "seconds; on-failure:10/60 if not given",
	  launch_take_restart },
	{ "hold", "on|off",
	  "keep the VMMs' connections in a vinput-hold(1) while servers are "
	  "replaced; on if not given",
	  launch_take_hold },
	{ "on-launcher-death", "keep|end",
	  "for --hold: if this process is killed, keep the devices and VMMs "
	  "for the next launcher in DIR, or end them; keep if not given",
	  launch_take_death },
	{ "give-up", "SECONDS",
	  "for --hold: end the VMM's connection if no server continues it "
	  "within this time; 60 if not given",
	  CMDLINE_SECONDS(struct launch_options, give_up_s, SECONDS_MAX) },
	{ "start-timeout", "SECONDS",
	  "kill a device that is not ready within this time; 30 if not given",
	  CMDLINE_SECONDS(struct launch_options, start_s, SECONDS_MAX) },
	{ "watchdog", "SECONDS",
	  "kill a device that does not answer within this time, asked as "
	  "often; never if not given",
	  launch_take_watchdog },
	{ "stop-timeout", "SECONDS",
	  "the time from SIGTERM to SIGKILL when a process is ended; 5 if not "
	  "given",
	  CMDLINE_SECONDS(struct launch_options, stop_s, SECONDS_MAX) },
	{ "server", "PATH", "the vhost-user-input to start",
	  CMDLINE_TEXT(struct launch_options, server) },
	{ "template", NULL,
	  "fork the devices from one process instead of executing each: "
	  "sooner ready and less memory, but they share ASLR",
	  CMDLINE_FLAG(struct launch_options, template) },
	{ "log-level", "LEVEL", "off, error, warning, info, debug or trace",
	  launch_take_log_level },
	{ "log-files", NULL,
	  "log each device to a file in DIR/log, not to stderr",
	  CMDLINE_FLAG(struct launch_options, log_files) },
	{ "log-dir", "PATH", "the same, but in PATH", launch_take_log_dir },
	{ "log-max-size", "SIZE",
	  "the same, and at this size begin a new file, and keep the one "
	  "before as LABEL.log.1",
	  launch_take_log_max_size },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd when all devices are ready",
	  CMDLINE_READY_FD(struct launch_options, ready_fd) },

	{ "timeout", "SECONDS",
	  "give up --wait or --control after this time; none if not given",
	  CMDLINE_SECONDS(struct launch_options, timeout_s, SECONDS_MAX) },
	{ "guest", NULL,
	  "with --wait: wait until a guest's driver has every device",
	  CMDLINE_FLAG(struct launch_options, guest) },
	{ "spec", "SPEC",
	  "for add or reload LABEL: a name or a file that the launcher can "
	  "read, or the spec itself: as JSON, read from @FILE, or from stdin "
	  "for -",
	  launch_take_spec },
	{ "json", NULL, "print the launcher's answer unchanged",
	  CMDLINE_FLAG(struct launch_options, json) },

	{ "print-args", "VMM",
	  "print the arguments for crosvm, qemu, qemu-vfio-user or "
	  "cloud-hypervisor, one per line, and exit",
	  launch_take_print_args },
	{ "memory", "SIZE", "with --print-args: the guest's memory, such as 2G",
	  launch_take_memory },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct launch_options, action, LAUNCH_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct launch_options, action, LAUNCH_VERSION) },
};

const int launch_options_n_rows =
	sizeof(launch_options_rows) / sizeof(*launch_options_rows);
