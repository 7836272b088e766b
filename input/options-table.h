/* SPDX-License-Identifier: Apache-2.0 */
/* The options of vhost-user-input, as --help tells them. For options.c only. */
#ifndef VINPUT_OPTIONS_TABLE_H
#define VINPUT_OPTIONS_TABLE_H

#include "input/base/cmdline.h"

enum options_id {
	SOCKET_PATH = 1,
	SOCKET_MODE,
	SOCKET_GROUP,
	FD,
	POSTCOPY,
	SPEC,
	SET,
	NAME,
	SERIAL,
	INJECT_FD,
	INJECT_PATH,
	INJECT_TYPE,
	ALLOW_UID,
	ALLOW_GID,
	OVERFLOW,
	STALL,
	BUSY_POLL,
	IOMMU,
	INBAND,
	STATS_PATH,
	STATE_FD,
	SANDBOX,
	USER,
	GROUP,
	CHECK_SPEC,
	LOG_LEVEL,
	SOCKET_FD,
	DEVICE_CONFIG,
	VERBOSITY,
	CAPABILITIES,
	HELP,
	SHOW_VERSION,
	N_IDS,
};

extern const struct cmdline_option options_rows[N_IDS];

#endif
