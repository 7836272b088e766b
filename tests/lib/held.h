/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suites that run with a vinput-hold before the server, too (VINPUT_HOLD=1):
 * then without the cases that cannot pass there, each of which has a row with
 * its reason in held.c.
 */
#ifndef VINPUT_TESTS_HELD_H
#define VINPUT_TESTS_HELD_H

#include "tests/lib/check.h"

/* Return: of cmocka_run_group_tests_name(). */
int held_run(const char *name, const struct CMUnitTest *tests, size_t n);

#define HELD_RUN(name, tests) held_run(name, tests, ARRAY_LEN(tests))

#endif
