/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/frontend/frontend-error.h"

/* Linked into every test (see the Makefile). */
__attribute__((constructor)) void check_choose_cases(void)
{
	const char *pattern = getenv("VINPUT_CASE");

	if (pattern)
		cmocka_set_test_filter(pattern);
}

const char *check_rc_name(int rc)
{
	static char text[64];

	switch (rc) {
	case 0:
		return "0";
	case FE_E_CLOSED:
		return "FE_E_CLOSED";
	case FE_E_REPLY:
		return "FE_E_REPLY";
	case FE_E_REFUSED:
		return "FE_E_REFUSED";
	case FE_E_DEVICE:
		return "FE_E_DEVICE";
	case FE_E_RING:
		return "FE_E_RING";
	case FE_E_EMPTY:
		return "FE_E_EMPTY";
	}
	if (rc < 0 && strerrorname_np(-rc))
		snprintf(text, sizeof(text), "-%s", strerrorname_np(-rc));
	else
		snprintf(text, sizeof(text), "%d", rc);
	return text;
}

void check_rc(int actual, int expected, const char *expr, const char *file,
	      int line)
{
	char name[64];

	if (actual == expected)
		return;
	snprintf(name, sizeof(name), "%s", check_rc_name(expected));
	print_error("%s is %s, not %s\n", expr, check_rc_name(actual), name);
	_fail(file, line);
}

void check_num(long long actual, long long expected, const char *expr,
	       const char *file, int line)
{
	if (actual == expected)
		return;
	print_error("%s is %lld, not %lld\n", expr, actual, expected);
	_fail(file, line);
}

void check_sys(long long result, const char *expr, const char *file, int line)
{
	if (result != -1)
		return;
	print_error("%s: %s\n", expr, strerrorname_np(errno));
	_fail(file, line);
}

void check_skip(const char *file, int line, const char *reason, ...)
{
	va_list ap;

	va_start(ap, reason);
	vprint_message(reason, ap);
	va_end(ap);
	print_message("\n");
	_skip(file, line);
}
