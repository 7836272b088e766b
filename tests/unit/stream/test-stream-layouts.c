/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/stream/stream-layouts.h"
#include "tests/lib/check.h"

static struct stream_layouts layouts;
static unsigned int asked, allowed; /* to compile */

static int layouts_setup(void **state)
{
	const struct inject_layout_names us = { .layout = "us" };
	struct fault why;

	asked = allowed = 0;
	stream_layouts_init(&layouts, &us);
	return stream_layouts_load(&layouts, &why);
}

static int layouts_teardown(void **state)
{
	stream_layouts_fini(&layouts);
	return 0;
}

static bool may_compile(void *client)
{
	assert_ptr_equal(client, &layouts);
	return asked++ < allowed;
}

static int get(const char *name)
{
	const struct stream_layout_wish wish = { name, may_compile, &layouts };
	const struct inject_layout *layout;
	struct fault why;

	return stream_layouts_get(&layouts, &wish, &layout, &why);
}

static void client_is_asked_before_a_layout_is_compiled(void **state)
{
	assert_num(get("de"), -EBUSY);
	assert_num(asked, 1);
	allowed = 2;
	assert_ok(get("de"));
	assert_num(asked, 2);
}

static void what_is_there_costs_nothing(void **state)
{
	allowed = 1;
	assert_ok(get("de"));
	for (int i = 0; i < 10; i++) {
		assert_ok(get("de"));
		assert_ok(get(""));
		assert_ok(get("us"));
		assert_num(get("nonsense"), -EINVAL);
	}
	assert_num(asked, 1);
}

static void list_is_written_once(void **state)
{
	static const char begin[] = "{\"type\":\"layouts\",\"layouts\":[[";

	assert_memory_equal(layouts.message, begin, sizeof(begin) - 1);
	assert_non_null(strstr(layouts.message, "[\"de(neo)\",\""));
}

#define T(f) cmocka_unit_test_setup_teardown(f, layouts_setup, layouts_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(client_is_asked_before_a_layout_is_compiled),
		T(what_is_there_costs_nothing),
		T(list_is_written_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
