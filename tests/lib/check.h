/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka's assertions with readable messages: cmocka prints numbers in hex, and
 * -110 helps nobody. Each fails the running case at its own place.
 */
#ifndef VINPUT_TESTS_CHECK_H
#define VINPUT_TESTS_CHECK_H

/* What cmocka.h requires to be included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/lib/array.h"

/* VINPUT_CASE: a pattern, with * and ?, of the cases to run. */
void check_choose_cases(void);

/* A return code of the project's kind: 0, a negative errno or FE_E_*. */
const char *check_rc_name(int rc);

void check_rc(int actual, int expected, const char *expr, const char *file,
	      int line);
void check_num(long long actual, long long expected, const char *expr,
	       const char *file, int line);
/* For a system call's -1. */
void check_sys(long long result, const char *expr, const char *file, int line);

/* Skip the running case, not its setup; tests/run lists the reason. */
__attribute__((format(printf, 3, 4))) void check_skip(const char *file,
						      int line,
						      const char *reason, ...);

#define skip_because(...) check_skip(__FILE__, __LINE__, __VA_ARGS__)
#define assert_rc(expr, expected) \
	check_rc((expr), (expected), #expr, __FILE__, __LINE__)
#define assert_ok(expr) assert_rc(expr, 0)
#define assert_num(expr, expected) \
	check_num((expr), (expected), #expr, __FILE__, __LINE__)
#define assert_sys(expr) check_sys((expr), #expr, __FILE__, __LINE__)

#endif
