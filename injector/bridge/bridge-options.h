/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-vfio-user. To add an option, add its row,
 * and describe it in vinput-vfio-user(1).
 */
#ifndef VINPUT_BRIDGE_OPTIONS_H
#define VINPUT_BRIDGE_OPTIONS_H

#include <stdint.h>
#include "input/program/common-program.h"

/* Strings are borrowed from argv. */
struct bridge_options {
	const char *vfio_user;
	const char *to; /* NULL: command */
	char **command; /* NULL: to; ends with NULL */
	uint16_t queue_size;
	struct common_options common;
};

/* A queue as large as Linux's driver fills it. */
#define BRIDGE_OPTIONS_DEFAULT   \
	{                        \
		.queue_size = 64 \
	}

extern const struct common_program bridge_program;

#endif
