/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h in a program that is linked so that libev cannot find its
 * epoll_wait(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "input/base/loop.h"

static void a_libev_that_waits_elsewhere_is_refused(void **state)
{
	const char *why;

	assert_null(loop_of_process(&why));
	assert_non_null(strstr(why, "epoll_wait"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_libev_that_waits_elsewhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
