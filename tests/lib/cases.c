/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/cases.h"

void cases_of_table(struct CMUnitTest *cases, const struct case_table *table,
		    const struct CMUnitTest *like)
{
	for (size_t i = 0; i < table->n; i++) {
		const void *row =
			(const char *)table->rows + i * table->row_size;

		cases[i] = *like;
		cases[i].name = *(const char *const *)row;
		cases[i].initial_state = (void *)(uintptr_t)row;
	}
}
