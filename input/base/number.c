/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "input/base/number.h"

static int read_digits(const char *text, int base, int max)
{
	char *end;
	long n = strtol(text, &end, base); /* saturates */

	if (!isdigit((unsigned char)*text) || *end || n > max)
		return -EINVAL;
	return (int)n;
}

int number_read(const char *text, int max)
{
	return read_digits(text, 10, max);
}

int number_read_octal(const char *text, int max)
{
	return read_digits(text, 8, max);
}

int number_read_seconds(const char *text, double max, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	if (end == text || *end || !isfinite(*seconds) || *seconds < 0 ||
	    *seconds > max)
		return -EINVAL;
	return 0;
}
