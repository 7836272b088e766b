/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-hold. To add an option, add its row,
 * and describe it in vinput-hold(1).
 */
#ifndef VINPUT_HOLD_OPTIONS_H
#define VINPUT_HOLD_OPTIONS_H

#include "input/sandbox/common-options.h"

enum hold_action {
	HOLD_RUN,
	HOLD_HELP,
	HOLD_VERSION,
};

/* Strings are borrowed from argv. */
struct hold_options {
	enum hold_action action;
	const char *socket_path;
	const char *to; /* NULL: command */
	char **command; /* NULL: to; ends with NULL */
	int control_fd; /* -1: none; instead of all of these */
	int next_fd;	/* -1: none */
	struct common_options common;
	double give_up_s;
};

/* Return: 0; -EINVAL, with why. */
int hold_options_parse(struct hold_options *o, int argc, char **argv,
		       char why[256]);
void hold_options_help(void);

#endif
