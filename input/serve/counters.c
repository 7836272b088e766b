/* SPDX-License-Identifier: Apache-2.0 */
#include "input/serve/counters.h"

#define ROW(name) { #name, offsetof(struct counters, name) },

static const struct {
	const char *name;
	size_t offset;
} rows[] = { COUNTERS(ROW) };

#define N_ROWS (sizeof(rows) / sizeof(*rows))

_Static_assert(N_ROWS <= COUNTERS_MAX, "all counters can be shown");

size_t counters_show(const struct counters *c, struct counter out[COUNTERS_MAX])
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const void *value = (const char *)c + rows[i].offset;

		out[i] = (struct counter){ rows[i].name,
					   *(const uint64_t *)value };
	}
	return N_ROWS;
}
