/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and times as words of a command or an option. Pure. */
#ifndef VINPUT_INJECT_VALUE_H
#define VINPUT_INJECT_VALUE_H

#include <stdint.h>
#include "input/base/fault.h"

#define INJECT_MS INT64_C(1000000)

/* What faults call a number, and its limits. */
struct inject_value {
	const char *what;
	double min, max;
};

struct inject_size {
	long width, height;
};

/* "1080x2400", each from 1. Return: 0 or -EINVAL. */
int inject_value_size(struct inject_size *size, const char *word);
/* With decimals. Return: 0 or -EINVAL. */
int inject_value_number(double *number, const struct inject_value *as,
			const char *word, struct fault *f);
/* Decimal or 0x. Return: 0 or -EINVAL. */
int inject_value_integer(long *number, const struct inject_value *as,
			 const char *word, struct fault *f);
/* "250ms", "1.5s", "250" (ms), in ns. Return: 0 or -EINVAL. */
int inject_value_time(int64_t *ns, const char *what, const char *word,
		      struct fault *f);

#endif
