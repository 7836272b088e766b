/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real guest, a real VMM, every shipped device:
 *
 *	test-guest PROGRAMS_DIR GUEST_DIR SOCKET_DIR [PATTERN]
 *
 * from the top of the source tree, as tests/guest/run does. PATTERN, with * and
 * ?, selects tests by name.
 */
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/streams.h"
#include "tests/guest/tests.h"

#define TIME_LIMIT_S 1700

static char **arguments;

static int set_up(void **state)
{
	fixture_init(arguments[1], arguments[2], arguments[3]);
	return 0;
}

static int tear_down(void **state)
{
	fixture_fini();
	return 0;
}

#define TEST(claim) cmocka_unit_test(claim),

static const struct CMUnitTest tests[] = { GUEST_CLAIMS(TEST) };

/* Selecting none would look like success. Return: whether there are any. */
static bool select_tests(const char *pattern)
{
	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		if (fnmatch(pattern, tests[i].name, 0))
			continue;
		cmocka_set_test_filter(pattern);
		return true;
	}
	fprintf(stderr, "test-guest: no test is named \"%s\"\n", pattern);
	return false;
}

int main(int argc, char **argv)
{
	if (streams_main(argc, argv))
		return 0;
	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: test-guest PROGRAMS_DIR GUEST_DIR "
				"SOCKET_DIR [PATTERN]\n");
		return 2;
	}
	arguments = argv;
	if (argc == 5 && !select_tests(argv[4]))
		return 2;
	/*
	 * This process dies with tests/guest/run, and its children die with it:
	 * die_with_parent().
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TIME_LIMIT_S);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
