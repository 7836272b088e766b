/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include "input/base/counter.h"

/* No number has more than 20 digits. */
_Static_assert(COUNTERS_MAX *(COUNTER_NAME_MAX + 20 + 4) + 3 <
		       COUNTERS_TEXT_MAX,
	       "the text has room");

size_t counters_line(const struct counter *c, size_t n,
		     char text[COUNTERS_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(text + len, "%s%s=%" PRIu64,
				       i ? " " : "", c[i].name, c[i].value);
	return len;
}

size_t counters_json(const struct counter *c, size_t n,
		     char text[COUNTERS_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(text + len, "%s\"%s\":%" PRIu64,
				       i ? "," : "{", c[i].name, c[i].value);
	len += (size_t)sprintf(text + len, "}\n");
	return len;
}
