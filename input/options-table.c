/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "input/base/cmdline-value.h"
#include "input/options-table.h"

static struct options *options_of(struct cmdline *c)
{
	return c->options;
}

/* --- those that other programs have, too --- */

static int options_take_service(struct cmdline *c, char *value)
{
	return service_options_take(&options_of(c)->service, c, value);
}

/* --- others --- */

/* Only given or not. */
static int options_take_nothing(struct cmdline *c, char *value)
{
	return 0;
}

static int options_take_template_fd(struct cmdline *c, char *value)
{
	options_of(c)->action = OPTIONS_TEMPLATE;
	return cmdline_value_fd(c, value, &options_of(c)->template_fd);
}

static int options_take_set(struct cmdline *c, char *value)
{
	return spec_sets_take(&options_of(c)->sets, c, value);
}

const struct cmdline_option options_rows[] = {
	{ 0 },
	{ "socket-path", "PATH", "listen for the front-end (VMM) here",
	  options_take_service },
	{ "socket-mode", "OCTAL", "mode of the socket files; 0600 if not given",
	  options_take_service },
	{ "socket-group", "GROUP",
	  "group of the socket files, by name or number",
	  options_take_service },
	{ "fd", "N",
	  "inherited socket to the front-end, listening or connected",
	  options_take_service },
	{ "vfio", "ADDR",
	  "serve another VM's VMM through the virtio-vhost-user device at "
	  "this PCI address of the guest that this runs in",
	  options_take_service },
	{ "postcopy", NULL,
	  "let a trusted front-end migrate the guest here before all of its "
	  "memory has arrived",
	  options_take_service },
	{ "spec", "FILE|NAME",
	  "capability spec; NAME: a shipped one, such as keyboard",
	  CMDLINE_TEXT(struct options, spec) },
	{ "evdev-path", "PATH",
	  "instead of --spec: an input device of this host; becomes "
	  "vinput-passthrough(1)",
	  CMDLINE_TEXT(struct options, evdev_path) },
	{ "no-grab", NULL, "let the host have it as well",
	  options_take_nothing },
	{ "set", "NAME=VALUE",
	  "fill in the spec's placeholder %NAME%; may be repeated",
	  options_take_set },
	{ "name", "TEXT", "name of the device, instead of the spec's",
	  CMDLINE_TEXT(struct options, name) },
	{ "serial", "TEXT", "serial of the device, instead of the spec's",
	  CMDLINE_TEXT(struct options, serial) },
	{ "inject-fd", "N",
	  "take events from this inherited fd; may be repeated",
	  options_take_service },
	{ "inject-path", "PATH",
	  "listen for injectors here; up to 64 can be connected",
	  options_take_service },
	{ "inject-type", "stream|seqpacket",
	  "type of the socket at --inject-path", options_take_service },
	{ "inject-allow-uid", "USER[,USER]...",
	  "only these users may connect there, and those of "
	  "--inject-allow-gid; may be repeated",
	  options_take_service },
	{ "inject-allow-gid", "GROUP[,GROUP]...",
	  "the same for members of these groups", options_take_service },
	{ "shared-memory", "on|off",
	  "let injectors that connect there send events through shared memory; "
	  "on if not given",
	  options_take_service },
	{ "overflow", "fold|block",
	  "when the guest takes nothing: fold events into the state, or let "
	  "injectors wait",
	  options_take_service },
	{ "stall-ms", "MS", "fold after this long; 100 if not given",
	  options_take_service },
	{ "busy-poll", "USEC",
	  "look for events for this long before sleeping: less latency, more "
	  "CPU time",
	  options_take_service },
	{ "iommu", NULL, "let the VMM put the device behind the guest's IOMMU",
	  options_take_service },
	{ "inband", NULL,
	  "let a VMM that simulates kick queues and be notified by messages",
	  options_take_service },
	{ "stats-path", "PATH",
	  "send the counters as JSON to each connection here",
	  options_take_service },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd and close it when the "
	  "sockets are open",
	  options_take_service },
	{ "standby-fd", "N",
	  "before serving, write what would be offered to this inherited "
	  "socket, and wait for a byte",
	  options_take_service },
	{ "state-fd", "N",
	  "keep what inherited injectors hold in this memory file, and "
	  "continue with what is in it",
	  options_take_service },
	{ "template-fd", "N",
	  "instead of serving, fork servers as vinput-launch asks for them "
	  "through this inherited socket",
	  options_take_template_fd },
	{ "sandbox", "on|log|off",
	  "on a system call that a server never needs: kill the process, let "
	  "the kernel log it, or do nothing",
	  CMDLINE_SANDBOX(struct options, sandbox) },
	{ "user", "USER", "become this user, by name or number, and its group",
	  CMDLINE_SANDBOX(struct options, sandbox) },
	{ "group", "GROUP", "become this group, by name or number",
	  CMDLINE_SANDBOX(struct options, sandbox) },
	{ "check-spec", NULL, "read the spec, print the device, and exit",
	  CMDLINE_ENUM(struct options, action, OPTIONS_CHECK_SPEC) },
	{ "log-level", "LEVEL", "off, error, warning, info, debug or trace",
	  CMDLINE_LEVEL(struct options, log_level) },
	{ "socket-fd", "N", "Cuttlefish's name for --fd",
	  options_take_service },
	{ "device-config", "FILE",
	  "Cuttlefish's name for --spec; without other injectors events come "
	  "from stdin and status goes to stdout",
	  CMDLINE_TEXT(struct options, spec) },
	{ "verbosity", "LEVEL", "Cuttlefish's name for --log-level",
	  CMDLINE_LEVEL(struct options, log_level) },
	{ "print-capabilities", NULL,
	  "print what this back-end is, as JSON, and exit",
	  CMDLINE_LAST(struct options, action, OPTIONS_PRINT_CAPABILITIES) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct options, action, OPTIONS_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct options, action, OPTIONS_VERSION) },
};

const int options_n_rows = sizeof(options_rows) / sizeof(options_rows[0]);
