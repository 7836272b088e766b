/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "input/options-table.h"

const struct cmdline_option options_rows[N_IDS] = {
	[SOCKET_PATH] = { "socket-path", "PATH",
			  "listen for the front-end (VMM) here" },
	[SOCKET_MODE] = { "socket-mode", "OCTAL",
			  "mode of the socket files; 0600 if not given" },
	[SOCKET_GROUP] = { "socket-group", "GROUP",
			   "group of the socket files, by name or number" },
	[FD] = { "fd", "N",
		 "inherited socket to the front-end, listening or connected" },
	[POSTCOPY] = { "postcopy", NULL,
		       "let a trusted front-end migrate the guest here before "
		       "all of its memory has come" },
	[SPEC] = { "spec", "FILE|NAME",
		   "capability spec; NAME: a shipped one, such as keyboard" },
	[SET] = { "set", "NAME=VALUE",
		  "fill in the spec's placeholder %NAME%; may be repeated" },
	[NAME] = { "name", "TEXT", "name of the device, for the spec's" },
	[SERIAL] = { "serial", "TEXT", "serial of the device, for the spec's" },
	[INJECT_FD] = { "inject-fd", "N",
			"take events from this inherited fd; may be repeated" },
	[INJECT_PATH] = { "inject-path", "PATH",
			  "listen for injectors here, any number of them" },
	[INJECT_TYPE] = { "inject-type", "stream|seqpacket",
			  "type of the socket at --inject-path" },
	[ALLOW_UID] = { "inject-allow-uid", "USER[,USER]...",
			"only these users may connect there, and those of "
			"--inject-allow-gid; may be repeated" },
	[ALLOW_GID] = { "inject-allow-gid", "GROUP[,GROUP]...",
			"the same for members of these groups" },
	[OVERFLOW] = { "overflow", "fold|block",
		       "when the guest takes nothing: fold events into the "
		       "state, or let injectors wait" },
	[STALL] = { "stall-ms", "MS",
		    "fold after this long; 100 if not given" },
	[BUSY_POLL] = { "busy-poll", "USEC",
			"look for events for so long before going to sleep: "
			"less latency, more CPU time" },
	[IOMMU] = { "iommu", NULL,
		    "let the VMM put the device behind the guest's IOMMU" },
	[INBAND] = { "inband", NULL,
		     "let a VMM that simulates kick and be called by "
		     "messages" },
	[STATS_PATH] = { "stats-path", "PATH",
			 "tell the counters as JSON to who connects here" },
	[STATE_FD] = { "state-fd", "N",
		       "keep what inherited injectors hold in this memory "
		       "file, and go on with what is in it" },
	[SANDBOX] = { "sandbox", "on|log|off",
		      "what to do about system calls that a server has no "
		      "use for: kill the process, have the kernel log them, "
		      "nothing" },
	[USER] = { "user", "USER",
		   "become this user, by name or number, and its group" },
	[GROUP] = { "group", "GROUP", "become this group, by name or number" },
	[CHECK_SPEC] = { "check-spec", NULL,
			 "read the spec, print the device, and exit" },
	[LOG_LEVEL] = { "log-level", "LEVEL",
			"off, error, warning, info, debug or trace" },
	[SOCKET_FD] = { "socket-fd", "N", "Cuttlefish's name for --fd" },
	[DEVICE_CONFIG] = { "device-config", "FILE",
			    "Cuttlefish's name for --spec; without other "
			    "injectors events come from stdin and status "
			    "goes to stdout" },
	[VERBOSITY] = { "verbosity", "LEVEL",
			"Cuttlefish's name for --log-level" },
	[CAPABILITIES] = { "print-capabilities", NULL,
			   "print what this back-end is, as JSON, and exit" },
	[HELP] = { "help", NULL, "print this and exit" },
	[SHOW_VERSION] = { "version", NULL, "print the version and exit" },
};
