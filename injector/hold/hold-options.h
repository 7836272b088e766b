/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-hold. To add an option, add its row,
 * and describe it in vinput-hold(1).
 */
#ifndef VINPUT_HOLD_OPTIONS_H
#define VINPUT_HOLD_OPTIONS_H

#include "input/program/common-program.h"

/* Strings are borrowed from argv. */
struct hold_options {
	const char *socket_path;
	const char *to; /* NULL: command */
	char **command; /* NULL: to; ends with NULL */
	int control_fd; /* -1: none; instead of all of these */
	int next_fd;	/* -1: none */
	struct common_options common;
	double give_up_s;
};

#define HOLD_OPTIONS_DEFAULT                                     \
	{                                                        \
		.control_fd = -1, .next_fd = -1, .give_up_s = 60 \
	}

extern const struct common_program hold_program;

#endif
