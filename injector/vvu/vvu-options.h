/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-vvu-proxy. To add an option, add its row,
 * and describe it in vinput-vvu-proxy(1).
 */
#ifndef VINPUT_VVU_OPTIONS_H
#define VINPUT_VVU_OPTIONS_H

#include <stdint.h>
#include "input/program/common-program.h"

/* Strings are borrowed from argv. */
struct vvu_options {
	const char *vfio_user;
	const char *socket_path;
	const char *memory;	/* NULL: none */
	const char *stats_path; /* NULL: none */
	uint64_t bar_len;	/* a power of two; 0: not given */
	struct common_options common;
};

extern const struct common_program vvu_program;

#endif
