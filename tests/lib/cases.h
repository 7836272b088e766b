/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases made of a table. A row is a struct that begins with the name of its
 * case; rig.row or cmocka's initial state is the row.
 *
 *	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(rows)];
 *
 *	memcpy(tests, plain, sizeof(plain));
 *	CASES(tests + ARRAY_LEN(plain), rows, T(row_is_rejected));
 */
#ifndef VINPUT_TESTS_CASES_H
#define VINPUT_TESTS_CASES_H

#include "tests/lib/check.h"

struct case_table {
	const void *rows;
	size_t n, row_size;
};

/* Write a case for each row: `like` has the function and its fixtures. */
void cases_of_table(struct CMUnitTest *cases, const struct case_table *table,
		    const struct CMUnitTest *like);

#define CASES(cases, rows, ...)                                             \
	cases_of_table(cases,                                               \
		       &(const struct case_table){ (rows), ARRAY_LEN(rows), \
						   sizeof(*(rows)) },       \
		       &(const struct CMUnitTest)__VA_ARGS__)

#endif
