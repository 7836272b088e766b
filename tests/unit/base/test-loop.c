/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h: which loop it is. tests/wire/test-idle.c: that it sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/base/loop.h"

static void the_environment_does_not_choose_the_backend(void **state)
{
	const char *why;
	struct ev_loop *loop;

	setenv("LIBEV_FLAGS", "1", 1); /* select(2) */
	loop = loop_of_process(&why);
	assert_non_null(loop);
	assert_int_equal(ev_backend(loop), EVBACKEND_EPOLL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_does_not_choose_the_backend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
