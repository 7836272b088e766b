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

static const struct held {
	struct inject_way way;
	uint16_t key[3];
} helds[] = {
	{ { .n = 0 }, { 0 } },
	{ { .op = { 1, 2, 3 }, .n = 3 }, { 1, 2, 3 } },
	{ { .op = { 1, 2, 1 | INJECT_WAY_UP, 3 }, .n = 4 }, { 2, 3 } },
	{ { .op = { 1, 2, 3, 1 | INJECT_WAY_UP }, .n = 4 }, { 2, 3 } },
	{ { .op = { 1, 2, 3, 2 | INJECT_WAY_UP }, .n = 4 }, { 1, 3 } },
	{ { .op = { 1, 2, 3, 3 | INJECT_WAY_UP }, .n = 4 }, { 1, 2 } },
	{ { .op = { 1, 1 | INJECT_WAY_UP, 1 }, .n = 3 }, { 1 } },
};

static void a_way_holds_what_it_pressed_and_did_not_release(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(helds); i++) {
		const struct held *row = &helds[i];
		uint16_t key[INJECT_WAY_MAX];
		unsigned int n = 0;

		while (n < ARRAY_LEN(row->key) && row->key[n])
			n++;
		assert_num(inject_way_held(&row->way, key), n);
		assert_memory_equal(key, row->key, n * sizeof(*key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_rest_nothing_but_a_locked_group_is_on),
		cmocka_unit_test(
			a_way_holds_what_it_pressed_and_did_not_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
