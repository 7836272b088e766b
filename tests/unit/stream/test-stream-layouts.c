/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "injector/stream/stream-layouts.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

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

/* The one that is there for longest makes room. */
static void last_layouts_are_kept(void **state)
{
	static const char *const names[] = { "de", "fr", "es", "it", "ch" };

	allowed = 100;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_ok(get(names[i]));
	assert_num(asked, 5);
	for (size_t i = 1; i < ARRAY_LEN(names); i++)
		assert_ok(get(names[i]));
	assert_num(asked, 5);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_ok(get(names[i]));
		assert_num(asked, 6 + i);
	}
}

/* --- XKB's list --- */

#define LONGEST "a23456789012345678901234567890" /* name */

/* XKB's folder with another list; a file that it lacks makes libxkbcommon leak.
 */
static void make_folder(const char *dir)
{
	static const char *const parts[] = {
		"",	   "rules", "rules/evdev", "keycodes",
		"symbols", "types", "compat"
	};
	char path[128], usual[4096];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(path, sizeof(path), "%s/xkb/%s", dir, parts[i]);
		snprintf(usual, sizeof(usual), "%s/%s", layouts.folder,
			 parts[i]);
		assert_sys(i < 2 ? mkdir(path, 0700) : symlink(usual, path));
	}
	snprintf(path, sizeof(path), "%s/xkb/rules/evdev.lst", dir);
	file_write(path, "! model\n"
			 "  pc86            Generic\n"
			 "! layout\n"
			 "  us              English (US)\n"
			 "  nothing\n"
			 "  " LONGEST " Long\n"
			 "! variant\n"
			 "  neo             de: German (Neo 2)\n"
			 "  nothing         de: \n"
			 "  noone           German\n"
			 "  " LONGEST " " LONGEST ": Long\n"
			 "! option\n"
			 "  grp             Switching\n");
}

static void list_is_that_of_the_first_folder(void **state)
{
	const struct inject_layout_names us = { .layout = "us" };
	char dir[TEMP_DIR_LEN];
	struct fault why;

	temp_dir_make(dir);
	make_folder(dir);
	setenv("XDG_CONFIG_HOME", dir, 1);
	stream_layouts_fini(&layouts);
	stream_layouts_init(&layouts, &us);
	assert_ok(stream_layouts_load(&layouts, &why));
	assert_string_equal(layouts.message,
			    "{\"type\":\"layouts\",\"layouts\":["
			    "[\"us\",\"English (US)\"],[\"" LONGEST
			    "\",\"Long\"],"
			    "[\"de(neo)\",\"German (Neo 2)\"],"
			    "[\"" LONGEST "(" LONGEST ")\",\"Long\"]]}");
	assert_num(strncmp(layouts.folder, dir, strlen(dir)), 0);
	unsetenv("XDG_CONFIG_HOME");
	assert_ok(temp_dir_remove(dir));
}

/* --- the usual one --- */

static const struct usual {
	const char *layout, *variant;	      /* given */
	const char *env_layout, *env_variant; /* of the environment */
	const char *usual;
} usuals[] = {
	{ NULL, NULL, NULL, NULL, "us" },
	{ NULL, NULL, "", "", "us" },
	{ NULL, NULL, "de", NULL, "de" },
	{ NULL, NULL, "de", "neo", "de(neo)" },
	{ "fr", NULL, "de", "neo", "fr" },
	{ "fr", "bepo", "de", "neo", "fr(bepo)" },
	{ "fr", "", "de", "neo", "fr" },
};

static void set_or_not(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void usual_layout_has_a_name(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(usuals); i++) {
		const struct usual *u = &usuals[i];

		set_or_not("XKB_DEFAULT_LAYOUT", u->env_layout);
		set_or_not("XKB_DEFAULT_VARIANT", u->env_variant);
		stream_layouts_fini(&layouts);
		stream_layouts_init(&layouts, &(struct inject_layout_names){
						      .layout = u->layout,
						      .variant = u->variant });
		assert_string_equal(layouts.usual, u->usual);
	}
	set_or_not("XKB_DEFAULT_LAYOUT", NULL);
	set_or_not("XKB_DEFAULT_VARIANT", NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, layouts_setup, layouts_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(client_is_asked_before_a_layout_is_compiled),
		T(what_is_there_costs_nothing),
		T(list_is_written_once),
		T(last_layouts_are_kept),
		T(list_is_that_of_the_first_folder),
		T(usual_layout_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
