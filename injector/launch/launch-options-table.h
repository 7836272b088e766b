/* SPDX-License-Identifier: Apache-2.0 */
/* The options of vinput-launch, as --help tells them. For launch-options.c. */
#ifndef VINPUT_LAUNCH_OPTIONS_TABLE_H
#define VINPUT_LAUNCH_OPTIONS_TABLE_H

#include "input/base/cmdline.h"

enum launch_options_id {
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

extern const struct cmdline_option launch_options_rows[N_IDS];

#endif
