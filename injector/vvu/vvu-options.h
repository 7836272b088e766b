/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-vvu-proxy. To add an option, add its row,
 * and describe it in vinput-vvu-proxy(1).
 */
#ifndef VINPUT_VVU_OPTIONS_H
#define VINPUT_VVU_OPTIONS_H

#include <stdint.h>
#include "input/sandbox/common-options.h"

enum vvu_action {
	VVU_RUN,
	VVU_HELP,
	VVU_VERSION,
};

/* Strings are borrowed from argv. */
struct vvu_options {
	enum vvu_action action;
	const char *vfio_user;
	const char *socket_path;
	const char *memory; /* NULL: none */
	uint64_t bar_len;   /* a power of two; 0: not given */
	struct common_options common;
};

/* Return: 0; -EINVAL, with why. */
int vvu_options_parse(struct vvu_options *o, int argc, char **argv,
		      char why[256]);
void vvu_options_help(void);

#endif
