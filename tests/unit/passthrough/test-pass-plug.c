/* SPDX-License-Identifier: Apache-2.0 */
/* pass-plug.h: is it the same device, on a host that the test plays? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "injector/passthrough/pass-plug.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/temp-dir.h"

static struct world {
	char dir[TEMP_DIR_LEN], sys[64], dev[64], node[128];
	struct fake_host fake;
	struct pass_host host;
	struct fake_plug keyboard, other;
	struct pass_plug plug;
} w;

static void make(struct fake_plug *p, const char *phys)
{
	fake_plug_init(p, &w.fake);
	fake_node_keyboard(p->node);
	strcpy(p->node->phys, phys);
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	temp_dir_make(w.dir);
	snprintf(w.sys, sizeof(w.sys), "%s/" FAKE_HOST_SYS, w.dir);
	snprintf(w.dev, sizeof(w.dev), "%s/" FAKE_HOST_DEV, w.dir);
	snprintf(w.node, sizeof(w.node), "%s/event3", w.dev);
	w.host = (struct pass_host){ .sys = w.sys, .dev = w.dev };
	fake_host_init(&w.fake, w.dir);
	make(&w.keyboard, "usb-1/input0");
	make(&w.other, "usb-2/input0");
	w.plug = (struct pass_plug){ .host = &w.host,
				     .word = w.node,
				     .path = "old",
				     .known = true,
				     .stranger = 9 };
	pass_plug_init(&w.plug);
	return 0;
}

static int teardown(void **state)
{
	fake_plug_fini(&w.keyboard);
	fake_plug_fini(&w.other);
	temp_dir_remove(w.dir);
	return 0;
}

static void find_keyboard(void)
{
	struct fault why;

	fake_plug_in(&w.keyboard, 3);
	if (pass_plug_find(&w.plug, NULL, &why))
		fail_msg("%s", why.text);
	assert_string_equal(w.plug.path, w.node);
	assert_true(w.plug.known);
}

static void what_was_found_is_there(void **state)
{
	find_keyboard();
	assert_ok(pass_plug_confirm(&w.plug));
}

static void what_was_pulled_is_not_there(void **state)
{
	find_keyboard();
	fake_plug_out(&w.keyboard);
	assert_rc(pass_plug_confirm(&w.plug), -ENODEV);
}

static void another_at_its_node_is_not_the_same(void **state)
{
	find_keyboard();
	fake_plug_out(&w.keyboard);
	fake_plug_in(&w.other, 3);
	assert_rc(pass_plug_confirm(&w.plug), -ENODEV);
}

static void a_stranger_at_its_node_is_named_once(void **state)
{
	struct fault why;
	char text[256];

	find_keyboard();
	fake_plug_out(&w.keyboard);
	strcpy(w.other.node->name, "Other");
	fake_plug_in(&w.other, 4);
	assert_rc(pass_plug_find(&w.plug, NULL, &why), -ENODEV);
	assert_string_equal(why.text, "");
	fake_plug_out(&w.other);
	fake_plug_in(&w.other, 3);
	assert_rc(pass_plug_find(&w.plug, NULL, &why), -ENODEV);
	snprintf(text, sizeof(text),
		 "%s is now another device, \"Other\"; not used", w.node);
	assert_string_equal(why.text, text);
	assert_rc(pass_plug_find(&w.plug, NULL, &why), -ENODEV);
	assert_string_equal(why.text, "");
}

/* Between the look and the opening. */
static void nor_is_the_same_that_was_plugged_in_again(void **state)
{
	struct fault why;

	find_keyboard();
	fake_plug_out(&w.keyboard);
	fake_plug_in(&w.keyboard, 3);
	assert_rc(pass_plug_confirm(&w.plug), -ENODEV);
	assert_ok(pass_plug_find(&w.plug, NULL, &why));
	assert_ok(pass_plug_confirm(&w.plug));
}

/* Without sysfs it cannot be told. */
static void one_without_an_identity_is_believed(void **state)
{
	assert_string_equal(w.plug.path, "");
	assert_ok(pass_plug_confirm(&w.plug));
}

static void its_place_tells_it_from_one_that_is_alike(void **state)
{
	find_keyboard();
	assert_false(w.plug.id.by_place);
	fake_plug_out(&w.keyboard);
	fake_plug_in(&w.other, 4);
	w.plug.known = false;
	find_keyboard();
	assert_true(w.plug.id.by_place);
}

static void a_link_to_its_place_means_the_place(void **state)
{
	char link[160];

	snprintf(link, sizeof(link), "%s/by-path", w.dev);
	assert_sys(mkdir(link, 0700));
	snprintf(link, sizeof(link), "%s/by-path/usb-1", w.dev);
	assert_sys(symlink(w.node, link));
	w.plug.word = link;
	fake_plug_in(&w.keyboard, 3);
	assert_ok(pass_plug_find(&w.plug, NULL, &(struct fault){ "" }));
	assert_true(w.plug.id.by_place);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_was_found_is_there),
		T(what_was_pulled_is_not_there),
		T(another_at_its_node_is_not_the_same),
		T(a_stranger_at_its_node_is_named_once),
		T(nor_is_the_same_that_was_plugged_in_again),
		T(one_without_an_identity_is_believed),
		T(its_place_tells_it_from_one_that_is_alike),
		T(a_link_to_its_place_means_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
