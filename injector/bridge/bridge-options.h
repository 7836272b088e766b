/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-vfio-user. To add an option, add its row,
 * and describe it in vinput-vfio-user(1).
 */
#ifndef VINPUT_BRIDGE_OPTIONS_H
#define VINPUT_BRIDGE_OPTIONS_H

#include <stdint.h>
#include "input/sandbox/common-options.h"

enum bridge_action {
	BRIDGE_RUN,
	BRIDGE_HELP,
	BRIDGE_VERSION,
};

/* Strings are borrowed from argv. */
struct bridge_options {
	enum bridge_action action;
	const char *vfio_user;
	const char *to; /* NULL: command */
	char **command; /* NULL: to; ends with NULL */
	uint16_t queue_size;
	struct common_options common;
};

/* Return: 0; -EINVAL, with why. */
int bridge_options_parse(struct bridge_options *o, int argc, char **argv,
			 char why[256]);
void bridge_options_help(void);

#endif
