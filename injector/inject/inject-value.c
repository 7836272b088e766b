/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-value.h"
#include "injector/recording/event-word.h"

/* More than any device's uptime; sums of many cannot overflow. */
#define SECONDS_MAX 1e7

int inject_value_size(struct inject_size *size, const char *word)
{
	int end = 0;

	if (strspn(word, "0123456789x") != strlen(word) ||
	    sscanf(word, "%9ldx%9ld%n", &size->width, &size->height, &end) !=
		    2 ||
	    word[end] || !size->width || !size->height)
		return -EINVAL;
	return 0;
}

int inject_value_number(double *number, const struct inject_value *as,
			const char *word, struct fault *f)
{
	char *end;

	*number = strtod(word, &end);
	if (end == word || *end || !isfinite(*number))
		return fault_set(f, "%s must be a number, not %.40s", as->what,
				 word);
	if (*number < as->min || *number > as->max)
		return fault_set(f, "%s must be from %.10g to %.10g, not %.40s",
				 as->what, as->min, as->max, word);
	return 0;
}

int inject_value_integer(long *number, const struct inject_value *as,
			 const char *word, struct fault *f)
{
	const long min = (long)as->min, max = (long)as->max;

	if (event_word_number(word, min, max, number))
		return fault_set(f,
				 "%s must be an integer from %ld to %ld, "
				 "not %.40s",
				 as->what, min, max, word);
	return 0;
}

int inject_value_time(int64_t *ns, const char *what, const char *word,
		      struct fault *f)
{
	char *unit;
	double number = strtod(word, &unit);
	double second = 1000;

	if (strcmp(unit, "s") == 0)
		second = 1;
	else if (*unit && strcmp(unit, "ms") != 0)
		unit = (char *)word;
	if (unit == word || !isfinite(number) || number < 0 ||
	    number / second > SECONDS_MAX)
		return fault_set(f,
				 "%s must be a time such as 250ms or "
				 "1.5s, not %.40s",
				 what, word);
	*ns = (int64_t)(number / second * 1e9 + 0.5);
	return 0;
}
