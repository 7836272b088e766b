/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "injector/launch/launch-options-table.h"

const struct cmdline_option launch_options_rows[N_IDS] = {
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
		      "send a COMMAND to the launcher of DIR; they are listed "
		      "below" },
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
