/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "input/serve/counters.h"

#define ROW(name) { #name, offsetof(struct counters, name) },

static const struct {
	const char *name;
	size_t offset;
} rows[] = { COUNTERS(ROW) };

#define N_ROWS (sizeof(rows) / sizeof(*rows))

/* No number has more than 20 digits, no name more than 20 letters. */
_Static_assert(N_ROWS *(20 + 20 + 4) + 3 < COUNTERS_TEXT_MAX,
	       "the text has room");

static uint64_t value_of(const struct counters *c, size_t row)
{
	return *(const uint64_t *)((const char *)c + rows[row].offset);
}

size_t counters_line(const struct counters *c, char text[COUNTERS_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		len += (size_t)sprintf(text + len, "%s%s=%" PRIu64,
				       i ? " " : "", rows[i].name,
				       value_of(c, i));
	return len;
}

size_t counters_json(const struct counters *c, char text[COUNTERS_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		len += (size_t)sprintf(text + len, "%s\"%s\":%" PRIu64,
				       i ? "," : "{", rows[i].name,
				       value_of(c, i));
	len += (size_t)sprintf(text + len, "}\n");
	return len;
}
