/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with the devices or the launch file, and where. Pure. */
#ifndef VINPUT_LAUNCH_FAULT_H
#define VINPUT_LAUNCH_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include "input/spec/json-where.h"

struct launch_fault {
	const char *json; /* the text of the launch file; NULL: none */
	size_t json_len;
	size_t n_in_file;    /* the first devices come from there */
	bool in_file;	     /* what is being read does */
	size_t line, column; /* 0: not in the file */
	char text[400];
};

/* Fill in a fault at a place. Return: -EINVAL. */
__attribute__((format(printf, 3, 4))) int launch_fault(
	struct launch_fault *f, const struct json_path *at, const char *fmt,
	...);

#endif
