/* SPDX-License-Identifier: Apache-2.0 */
/* pass-entry.h and pass-find.h, with a sysfs of the test's own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-list.h"
#include "input/base/own-device.h"
#include "input/spec/spec.h"
#include "tests/lib/cases.h"
#include "tests/lib/temp-dir.h"

struct world {
	char dir[TEMP_DIR_LEN], sys[64], dev[64];
	struct pass_host host;
	char path[PASS_PATH_MAX];
	struct fault why;
};

__attribute__((format(printf, 2, 3))) static void folder(const struct world *w,
							 const char *fmt, ...)
{
	char path[128];
	va_list ap;
	int n = snprintf(path, sizeof(path), "%s/", w->dir);

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, ap);
	va_end(ap);
	assert_sys(mkdir(path, 0700));
}

static void attribute(const struct world *w, int node, const char *what,
		      const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/event%d/device/%s", w->sys, node,
		 what);
	file_write(path, "%s\n", text);
}

static void device(const struct world *w, int node, const char *name,
		   const char *vendor)
{
	folder(w, "sys/event%d", node);
	folder(w, "sys/event%d/device", node);
	folder(w, "sys/event%d/device/id", node);
	folder(w, "sys/event%d/device/capabilities", node);
	attribute(w, node, "name", name);
	attribute(w, node, "id/bustype", "0003");
	attribute(w, node, "id/vendor", vendor);
	attribute(w, node, "id/product", "c31c");
}

static void link_to(const struct world *w, const char *name, const char *to)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", w->dev, name);
	assert_sys(symlink(to, path));
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	temp_dir_make(w->dir);
	snprintf(w->sys, sizeof(w->sys), "%s/sys", w->dir);
	snprintf(w->dev, sizeof(w->dev), "%s/dev", w->dir);
	folder(w, "sys");
	folder(w, "dev");
	folder(w, "dev/by-id");
	folder(w, "dev/by-path");
	device(w, 10, "Keyboard", "046d");
	attribute(w, 10, "capabilities/key", "10000 0 fffffffffffffffe");
	link_to(w, "by-id/usb-K-event-kbd", "../event10");
	link_to(w, "by-path/pci-1-event-kbd", "../event10");
	device(w, 2, "Keyboard Mouse", "046d");
	attribute(w, 2, "capabilities/rel", "103");
	attribute(w, 2, "capabilities/key", "70000 0 0 0 0");
	attribute(w, 2, "uniq", "00:11");
	device(w, 3, "Lid Switch", "0000");
	attribute(w, 3, "capabilities/sw", "1");
	w->host = (struct pass_host){ .sys = w->sys, .dev = w->dev };
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	temp_dir_remove(w->dir);
	free(w);
	return 0;
}

static void devices_are_read_in_their_order(void **state)
{
	struct world *w = *state;
	struct pass_entry *e;
	size_t n;

	assert_ok(pass_entries_read(&w->host, &e, &n));
	assert_num(n, 3);
	assert_string_equal(e[0].node, "event2");
	assert_string_equal(e[0].uniq, "00:11");
	assert_num(e[0].kinds, PASS_MOUSE);
	assert_num(e[1].kinds, PASS_SWITCH);
	assert_string_equal(e[2].node, "event10");
	assert_string_equal(e[2].name, "Keyboard");
	assert_num(e[2].bustype, 3);
	assert_num(e[2].vendor, 0x46d);
	assert_num(e[2].product, 0xc31c);
	assert_num(e[2].kinds, PASS_KEYBOARD);
	assert_string_equal(e[2].by_id, "usb-K-event-kbd");
	assert_string_equal(e[2].by_path, "pci-1-event-kbd");
	free(e);
}

static void host_without_devices_has_none(void **state)
{
	const struct pass_host none = { .sys = "/nonexistent",
					.dev = "/nonexistent" };
	struct pass_entry *e;
	size_t n;

	assert_ok(pass_entries_read(&none, &e, &n));
	assert_num(n, 0);
	free(e);
}

static void devices_are_listed_with_all_that_names_them(void **state)
{
	struct world *w = *state;
	char path[128], *text = NULL, *want;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	attribute(w, 3, "name", "Lid\x1bSwitch\x7f");
	snprintf(path, sizeof(path), "%s/event3", w->dev);
	file_write(path, "%s", "");
	assert_ok(pass_list_print(out, &w->host));
	fclose(out);
	assert_sys(asprintf(&want,
			    "%s/event2 046d:c31c mouse       Keyboard Mouse\n"
			    "    uniq     00:11\n"
			    "    state    No such file or directory\n"
			    "%s/event3 0000:c31c switch      Lid?Switch?\n"
			    "    state    Inappropriate ioctl for device\n"
			    "%s/event10 046d:c31c keyboard    Keyboard\n"
			    "    by-id    usb-K-event-kbd\n"
			    "    by-path  pci-1-event-kbd\n"
			    "    state    No such file or directory\n",
			    w->dev, w->dev, w->dev));
	assert_string_equal(text, want);
	free(text);
	free(want);
}

static void host_without_devices_says_so(void **state)
{
	const struct pass_host none = { .sys = "/nonexistent",
					.dev = "/nonexistent" };
	char text[80] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_ok(pass_list_print(out, &none));
	fclose(out);
	assert_string_equal(text, "no input devices in /nonexistent\n");
}

static void rule_names_the_device(void **state)
{
	const struct pass_entry e = { .vendor = 0x46d, .product = 0xc31c };
	char rule[PASS_RULE_LEN];

	pass_entry_rule(&e, rule);
	assert_string_equal(rule,
			    "SUBSYSTEM==\"input\", KERNEL==\"event*\", "
			    "ATTRS{id/vendor}==\"046d\", "
			    "ATTRS{id/product}==\"c31c\", TAG+=\"uaccess\"");
}

struct word {
	const char *name, *word;
	int rc;
	const char *result; /* the node, or a part of the message */
};

/* It is meant only if it is named, and then refused with the reason. */
static void what_shows_a_guest_is_not_meant(void **state)
{
	struct world *w = *state;

	device(w, 11, "Keyboard", "046d");
	attribute(w, 11, "phys", OWN_DEVICE_PHYS "monitor");
	assert_ok(pass_find(&w->host, "name=Keyboard", w->path, &w->why));
	assert_non_null(strstr(w->path, "/dev/event10"));
	assert_ok(pass_find(&w->host, "event11", w->path, &w->why));
}

static const struct word words[] = {
	{ "path", "/dev/x/event7", 0, "/dev/x/event7" },
	{ "path of a link", "./kbd", 0, "./kbd" },
	{ "node", "event3", 0, "/dev/event3" },
	{ "by-id", "usb-K-event-kbd", 0, "/dev/event10" },
	{ "by-path", "pci-1-event-kbd", 0, "/dev/event10" },
	{ "ids", "0000:C31C", 0, "/dev/event3" },
	{ "glob", "name=Lid*", 0, "/dev/event3" },
	{ "whole name", "name=Keyboard", 0, "/dev/event10" },
	{ "uniq", "uniq=00:11", 0, "/dev/event2" },
	{ "keyboard", "type=keyboard", 0, "/dev/event10" },
	{ "mouse", "type=mouse", 0, "/dev/event2" },
	{ "unknown", "event99", -ENODEV, "event99: no such device; --list" },
	{ "no gamepad", "type=gamepad", -ENODEV, "no such device" },
	{ "wrong type", "type=keybord", -EINVAL, "did you mean keyboard" },
	{ "empty", "", -EINVAL, "must not be empty" },
	{ "two", "046d:c31c", -EINVAL, "2 devices: " },
	{ "two by link", "name=Key*", -EINVAL,
	  "by-id/usb-K-event-kbd (Keyboard)" },
};

static void word_is_a_device(void **state)
{
	const struct word *row = *state;
	void *of = NULL;

	setup(&of);
	struct world *w = of;
	const int rc = pass_find(&w->host, row->word, w->path, &w->why);
	const char *got = rc ? w->why.text : w->path;
	if (rc != row->rc || !strstr(got, row->result))
		fail_msg("%d: %s", rc, got);
	teardown(&of);
}

struct kind {
	const char *name;
	uint16_t prop, key[3], abs[2];
	unsigned int kinds;
};

static const struct kind kinds[] = {
	{ "touchpad",
	  INPUT_PROP_POINTER,
	  { BTN_TOUCH, BTN_TOOL_FINGER, BTN_LEFT },
	  { ABS_X, ABS_Y },
	  PASS_TOUCHPAD },
	{ "touchscreen",
	  INPUT_PROP_DIRECT,
	  { BTN_TOUCH },
	  { ABS_X, ABS_Y },
	  PASS_TOUCHSCREEN },
	{ "multi-touch",
	  INPUT_PROP_DIRECT,
	  { BTN_TOUCH },
	  { ABS_MT_POSITION_X, ABS_MT_POSITION_Y },
	  PASS_TOUCHSCREEN },
	{ "pen",
	  INPUT_PROP_DIRECT,
	  { BTN_TOUCH, BTN_TOOL_PEN, BTN_STYLUS },
	  { ABS_X, ABS_Y },
	  PASS_PEN },
	{ "absolute mouse",
	  INPUT_PROP_POINTER,
	  { BTN_LEFT },
	  { ABS_X, ABS_Y },
	  PASS_MOUSE },
	{ "gamepad",
	  INPUT_PROP_POINTER,
	  { BTN_SOUTH },
	  { ABS_X, ABS_Y },
	  PASS_GAMEPAD },
	{ "media keys",
	  INPUT_PROP_POINTER,
	  { KEY_MUTE, KEY_VOLUMEUP, KEY_OK },
	  { ABS_MISC, ABS_MISC },
	  PASS_KEYS },
	{ "nothing",
	  INPUT_PROP_POINTER,
	  { KEY_POWER },
	  { ABS_MISC, ABS_MISC },
	  0 },
};

static void kind_is_known(void **state)
{
	const struct kind *row = *state;
	struct pass_bits b = { 0 };

	bit_set(b.prop, row->prop);
	for (int i = 0; i < 3; i++)
		if (row->key[i])
			bit_set(b.key, row->key[i]);
	for (int i = 0; i < 2; i++)
		bit_set(b.abs, row->abs[i]);
	assert_num(pass_kinds(&b), row->kinds);
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test_setup_teardown(devices_are_read_in_their_order,
						setup, teardown),
		cmocka_unit_test(host_without_devices_has_none),
		cmocka_unit_test_setup_teardown(
			devices_are_listed_with_all_that_names_them, setup,
			teardown),
		cmocka_unit_test(host_without_devices_says_so),
		cmocka_unit_test(rule_names_the_device),
		cmocka_unit_test_setup_teardown(what_shows_a_guest_is_not_meant,
						setup, teardown),
	};
	struct CMUnitTest
		tests[ARRAY_LEN(plain) + ARRAY_LEN(words) + ARRAY_LEN(kinds)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), words,
	      cmocka_unit_test(word_is_a_device));
	CASES(tests + ARRAY_LEN(plain) + ARRAY_LEN(words), kinds,
	      cmocka_unit_test(kind_is_known));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
