/* SPDX-License-Identifier: Apache-2.0 */
/* pass-permit.h, with a sysfs of the test's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/passthrough/pass-permit.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN], sys[64], dev[64], path[128];
static struct pass_host host = { .sys = sys, .dev = dev };

static const char *in(const char *folder, const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void attribute(const char *node, const char *what, const char *text)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/device/%s", node, what);
	file_write(in(sys, name), "%s\n", text);
}

static void device(const char *node, const char *name, const char *uniq)
{
	static const char *const folders[] = { "", "/device", "/device/id" };

	for (int i = 0; i < 3; i++) {
		char folder[64];

		snprintf(folder, sizeof(folder), "%s%s", node, folders[i]);
		assert_sys(mkdir(in(sys, folder), 0700));
	}
	attribute(node, "name", name);
	attribute(node, "uniq", uniq);
	attribute(node, "id/bustype", "0003");
	attribute(node, "id/vendor", "046d");
	attribute(node, "id/product", "c31c");
	file_write(in(dev, node), "x");
}

static int setup(void **state)
{
	temp_dir_make(dir);
	snprintf(sys, sizeof(sys), "%s/sys", dir);
	snprintf(dev, sizeof(dev), "%s/dev", dir);
	assert_sys(mkdir(sys, 0700));
	assert_sys(mkdir(dev, 0700));
	device("event1", "Pad", "1");
	device("event2", "Keyboard", "2");
	assert_sys(symlink("event1", in(dev, "link")));
	return 0;
}

static int teardown(void **state)
{
	return temp_dir_remove(dir);
}

#define PERMIT(...)                                                           \
	{                                                                     \
		.host = &host, .words = (const char *const[]){ __VA_ARGS__ }, \
		.n_words = sizeof((const char *const[]){ __VA_ARGS__ }) /     \
			   sizeof(char *)                                     \
	}

static void only_what_is_meant_is_permitted(void **state)
{
	struct pass_permit p = PERMIT("name=Other", "name=Pad");

	assert_true(pass_permit_check(&p, in(dev, "event1")));
	assert_true(pass_permit_check(&p, in(dev, "link")));
	assert_false(pass_permit_check(&p, in(dev, "event2")));
	assert_false(pass_permit_check(&p, in(dev, "event9")));
	assert_false(pass_permit_check(&p, "/etc/passwd"));
	assert_false(pass_permit_check(&p, ""));
}

static void a_path_is_permitted_by_any_name(void **state)
{
	char link[128];
	struct pass_permit p = PERMIT(link);

	strcpy(link, in(dev, "link"));
	assert_true(pass_permit_check(&p, in(dev, "event1")));
	assert_false(pass_permit_check(&p, in(dev, "event2")));
}

static void a_device_that_was_opened_is_permitted_at_another_number(
	void **state)
{
	struct pass_permit p = PERMIT("event1");

	pass_permit_note(&p, in(dev, "event1"));
	device("event7", "Pad", "1");
	device("event8", "Pad", "other");
	assert_true(pass_permit_check(&p, in(dev, "event7")));
	assert_false(pass_permit_check(&p, in(dev, "event8")));
	assert_false(pass_permit_check(&p, in(dev, "event2")));
	free(p.seen);
}

static void one_that_is_opened_often_counts_once(void **state)
{
	struct pass_permit p = PERMIT("event1", "event2");

	for (int i = 0; i < PASS_PERMIT_SEEN_MAX; i++)
		pass_permit_note(&p, in(dev, "event1"));
	assert_num(p.n_seen, 1);
	pass_permit_note(&p, in(dev, "event9"));
	assert_num(p.n_seen, 1);
	for (int i = 0; i < 2; i++) {
		pass_permit_note(&p, in(dev, "event2"));
		assert_num(p.n_seen, 2);
	}
	free(p.seen);
}

static void with_all_each_input_device_is_permitted(void **state)
{
	struct pass_permit p = { .host = &host, .all = true };

	assert_true(pass_permit_check(&p, in(dev, "event1")));
	assert_true(pass_permit_check(&p, in(dev, "event2")));
	assert_false(pass_permit_check(&p, "/etc/passwd"));
}

static void only_its_targets_are_switched_to(void **state)
{
	const char *const dirs[] = { "/run/vm1", "/run/vm2" };
	struct pass_permit p = { .targets = dirs, .n_targets = 2 };

	assert_true(pass_permit_target(&p, "host"));
	assert_true(pass_permit_target(&p, "/run/vm2"));
	assert_false(pass_permit_target(&p, "/run/vm3"));
	assert_false(pass_permit_target(&p, "$(reboot)"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_what_is_meant_is_permitted),
		T(a_path_is_permitted_by_any_name),
		T(a_device_that_was_opened_is_permitted_at_another_number),
		T(one_that_is_opened_often_counts_once),
		T(with_all_each_input_device_is_permitted),
		T(only_its_targets_are_switched_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
