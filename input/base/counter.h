/* SPDX-License-Identifier: Apache-2.0 */
/* Counters as one line for a log, and as one JSON object. Pure. */
#ifndef VINPUT_COUNTER_H
#define VINPUT_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAX	  64
#define COUNTER_NAME_MAX  24 /* letters */
#define COUNTERS_TEXT_MAX 4096

struct counter {
	const char *name; /* static; needs no escape in JSON */
	uint64_t value;
};

/*
 * At most COUNTERS_MAX counters. Return: length of the text; it ends with NUL,
 * and the JSON with a newline.
 */
size_t counters_line(const struct counter *c, size_t n,
		     char text[COUNTERS_TEXT_MAX]);
size_t counters_json(const struct counter *c, size_t n,
		     char text[COUNTERS_TEXT_MAX]);

#endif
