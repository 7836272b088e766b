/* SPDX-License-Identifier: Apache-2.0 */
/* inject-model.h: what a guest's keyboard state is. */
#include "injector/inject/inject-model.h"
#include "tests/lib/check.h"

static void at_rest_nothing_but_a_locked_group_is_on(void **state)
{
	static const struct inject_xkb on[] = {
		{ .base = 1 },	     { .latched = 1 },	     { .locked = 1 },
		{ .base_group = 1 }, { .latched_group = 1 },
	};
	const struct inject_xkb rest = { .locked_group = 1 };

	assert_true(inject_xkb_is_rest(&rest));
	for (size_t i = 0; i < ARRAY_LEN(on); i++)
		if (inject_xkb_is_rest(&on[i]))
			fail_msg("row %zu is not at rest", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_rest_nothing_but_a_locked_group_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
