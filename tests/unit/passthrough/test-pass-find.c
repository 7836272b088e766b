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
	char path[300];

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

static void read_one(struct world *w, int node, struct pass_entry *e)
{
	char name[16];

	snprintf(name, sizeof(name), "event%d", node);
	assert_ok(pass_entry_read(&w->host, name, e));
}

/* A kernel may know more of them. */
static void more_bits_than_there_is_room_for_are_left_out(void **state)
{
	struct world *w = *state;
	struct pass_entry e;

	device(w, 4, "Odd", "0000");
	attribute(w, 4, "capabilities/key", "400 0 0 0 0 0");
	attribute(w, 4, "capabilities/rel", "30000");
	read_one(w, 4, &e);
	assert_num(e.kinds, 0);
	attribute(w, 4, "capabilities/abs", "0 3");
	read_one(w, 4, &e);
	assert_num(e.kinds, PASS_TOUCHSCREEN);
}

/* A link's name of this length leads to event2. */
static void link_of_length(const struct world *w, int len)
{
	char name[200];

	snprintf(name, sizeof(name), "by-id/%0*d", len, 0);
	link_to(w, name, "../event2");
}

static void a_name_that_is_too_long_is_none(void **state)
{
	struct world *w = *state;
	struct pass_entry e;

	device(w, 40, "Next", "0000");
	link_to(w, "by-id/other", "../event40");
	link_to(w, "by-id/longer", "../event22");
	link_of_length(w, sizeof(e.by_id));
	read_one(w, 2, &e);
	assert_string_equal(e.by_id, "");
	link_of_length(w, sizeof(e.by_id) - 1);
	read_one(w, 2, &e);
	assert_num(strlen(e.by_id), sizeof(e.by_id) - 1);
	read_one(w, 3, &e);
	assert_string_equal(e.by_id, "");
	assert_string_equal(e.by_path, "");
}

static void a_node_that_is_not_there_has_no_entry(void **state)
{
	struct world *w = *state;
	struct pass_entry e;

	folder(w, "sys/event123456789");
	folder(w, "sys/event123456789/device");
	folder(w, "sys/event1234567890");
	folder(w, "sys/event1234567890/device");
	folder(w, "sys/event12345678901");
	folder(w, "sys/event12345678901/device");
	folder(w, "sys/event5");
	assert_ok(pass_entry_read(&w->host, "event1234567890", &e));
	assert_string_equal(e.node, "event1234567890");
	assert_rc(pass_entry_read(&w->host, "event12345678901", &e), -ENOENT);
	assert_rc(pass_entry_read(&w->host, "event5", &e), -ENOENT);
	assert_rc(pass_entry_read(&w->host, "event6", &e), -ENOENT);
	assert_num(e.instance, 0);
}

static void the_instance_is_the_number_of_the_input(void **state)
{
	static const struct {
		const char *folder, *to;
		unsigned long instance;
	} rows[] = {
		{ "sys/input17", "../input17", 17 },
		{ "sys/input4294967296", "../input4294967296", 4294967296 },
		{ "sys/event5/input17", "input17", 0 },
		{ "sys/event17", "../event17", 0 },
	};
	struct world *w = *state;
	char path[128], to[300] = "";
	struct pass_entry e;

	folder(w, "sys/event5");
	snprintf(path, sizeof(path), "%s/event5/device", w->sys);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		folder(w, "%s", rows[i].folder);
		assert_sys(symlink(rows[i].to, path));
		read_one(w, 5, &e);
		assert_num(e.instance, rows[i].instance);
		assert_sys(unlink(path));
	}
	/* A path that is longer than any in sysfs. */
	while (strlen(to) < 280)
		strcat(to, "./");
	strcat(to, "../input17");
	assert_sys(symlink(to, path));
	read_one(w, 5, &e);
	assert_num(e.instance, 0);
}

static void host_without_devices_has_none(void **state)
{
	const struct pass_host none = { .sys = "/nonexistent",
					.dev = "/nonexistent" };
	struct world *w = *state;
	const struct pass_host empty = { .sys = w->dir, .dev = w->dev };
	const struct pass_host wrong = { .sys = "/dev/null" };
	struct pass_entry *e;
	size_t n;

	errno = EPERM;
	assert_ok(pass_entries_read(&none, &e, &n));
	assert_num(n, 0);
	free(e);
	errno = EPERM;
	assert_ok(pass_entries_read(&empty, &e, &n));
	assert_num(n, 0);
	free(e);
	assert_rc(pass_entries_read(&wrong, &e, &n), -ENOTDIR);
	assert_null(e);
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
	uint16_t prop, key[3];
	uint64_t abs; /* bits */
	unsigned int kinds;
	uint16_t first, last; /* a range of keys; 0: none */
	uint8_t rel, sw[4];   /* bits */
};

#define AXIS(code) (UINT64_C(1) << (code))
#define XY	   (AXIS(ABS_X) | AXIS(ABS_Y))
#define MT_XY	   (AXIS(ABS_MT_POSITION_X) | AXIS(ABS_MT_POSITION_Y))
#define NO	   INPUT_PROP_POINTER
#define KIND(name_, prop_, abs_, kinds_, ...)                     \
	.name = (name_), .prop = (prop_), .key = { __VA_ARGS__ }, \
	.abs = (abs_), .kinds = (kinds_)
#define KEYS(name, kinds, ...) KIND(name, NO, 0, kinds, __VA_ARGS__)
#define REL_BITS(x, y)	       ((x) << REL_X | (y) << REL_Y)

static const struct kind kinds[] = {
	{ KIND("pen by its button", NO, XY, PASS_PEN, BTN_STYLUS) },
	{ KIND("pen by its tool", NO, XY, PASS_PEN, BTN_TOOL_PEN) },
	{ KIND("finger on a screen", INPUT_PROP_DIRECT, XY, PASS_TOUCHSCREEN,
	       BTN_TOOL_FINGER) },
	{ KIND("finger on no screen", NO, XY, PASS_TOUCHPAD, BTN_TOOL_FINGER) },
	{ KIND("touch", NO, XY, PASS_TOUCHSCREEN, BTN_TOUCH) },
	{ KIND("direct", INPUT_PROP_DIRECT, XY, PASS_TOUCHSCREEN, 0) },
	{ KIND("position only", NO, XY, 0, 0) },
	{ KIND("contacts", NO, MT_XY, PASS_TOUCHSCREEN, BTN_TOUCH) },
	{ KIND("x only", NO, AXIS(ABS_X), 0, BTN_TOUCH) },
	{ KIND("y only", NO, AXIS(ABS_Y), 0, BTN_TOUCH) },
	{ KIND("contacts' x only", NO, AXIS(ABS_MT_POSITION_X), 0, BTN_TOUCH) },
	{ KIND("contacts' y only", NO, AXIS(ABS_MT_POSITION_Y), 0, BTN_TOUCH) },
	{ KIND("dozens of axes", NO, MT_XY | AXIS(ABS_MT_SLOT - 1), 0,
	       BTN_TOUCH) },
	{ KIND("slots", NO, MT_XY | AXIS(ABS_MT_SLOT), PASS_TOUCHSCREEN,
	       BTN_TOUCH) },
	{ KEYS("first button of a joystick", PASS_GAMEPAD, BTN_JOYSTICK) },
	{ KEYS("last one", PASS_GAMEPAD, BTN_DIGI - 1) },
	{ KEYS("none", 0, BTN_DIGI) },
	{ KEYS("a mouse's last button", 0, BTN_JOYSTICK - 1) },
	{ KEYS("a mouse's buttons are numbered through", 0, BTN_JOYSTICK - 1,
	       BTN_JOYSTICK) },
	{ KEYS("a joystick's first two", PASS_GAMEPAD, BTN_JOYSTICK,
	       BTN_JOYSTICK + 1) },
	{ KEYS("keyboard", PASS_KEYBOARD, KEY_ESC), .first = KEY_ESC,
	  .last = KEY_D },
	{ KEYS("keyboard without its first key", PASS_KEYS, KEY_1),
	  .first = KEY_1, .last = KEY_D },
	{ KEYS("keyboard without its last key", PASS_KEYS, KEY_ESC),
	  .first = KEY_ESC, .last = KEY_S },
	{ KEYS("first key", PASS_KEYS, KEY_ESC) },
	{ KEYS("last key", PASS_KEYS, KEY_MAX) },
	{ KEYS("keys of power", 0, KEY_POWER, KEY_SLEEP, KEY_WAKEUP) },
	{ KEYS("sleep and a key", PASS_KEYS, KEY_SLEEP, KEY_MUTE) },
	{ KEYS("key before the buttons", PASS_KEYS, BTN_MISC - 1) },
	{ KEYS("first button", 0, BTN_MISC) },
	{ KEYS("last button", 0, KEY_OK - 1) },
	{ KEYS("key after the buttons", PASS_KEYS, KEY_OK) },
	{ KIND("mouse", NO, 0, PASS_MOUSE, BTN_LEFT), .rel = REL_BITS(1, 1) },
	{ KIND("mouse without y", NO, 0, 0, BTN_LEFT), .rel = REL_BITS(1, 0) },
	{ KIND("mouse without x", NO, 0, 0, BTN_LEFT), .rel = REL_BITS(0, 1) },
	{ KIND("mouse without buttons", NO, 0, 0, 0), .rel = REL_BITS(1, 1) },
	{ KIND("mouse with other keys", NO, 0, PASS_MOUSE, BTN_LEFT,
	       BTN_JOYSTICK, KEY_MUTE),
	  .rel = REL_BITS(1, 1) },
	{ KIND("keyboard with a mouse", NO, 0, PASS_MOUSE | PASS_KEYBOARD,
	       BTN_LEFT, KEY_ESC),
	  .first = KEY_ESC, .last = KEY_D, .rel = REL_BITS(1, 1) },
	{ KIND("first switch", NO, 0, PASS_SWITCH, 0), .sw = { 1 } },
	{ KIND("last switch", NO, 0, PASS_SWITCH, 0), .sw = { 0, 0, 0, 128 } },
	{ KIND("key and switch", NO, 0, PASS_KEYS | PASS_SWITCH, KEY_MUTE),
	  .sw = { 1 } },
	{ KIND("touchpad", INPUT_PROP_POINTER, XY, PASS_TOUCHPAD, BTN_TOUCH,
	       BTN_TOOL_FINGER, BTN_LEFT) },
	{ KIND("touchscreen", INPUT_PROP_DIRECT, XY, PASS_TOUCHSCREEN,
	       BTN_TOUCH) },
	{ KIND("multi-touch", INPUT_PROP_DIRECT, MT_XY, PASS_TOUCHSCREEN,
	       BTN_TOUCH) },
	{ KIND("pen", INPUT_PROP_DIRECT, XY, PASS_PEN, BTN_TOUCH, BTN_TOOL_PEN,
	       BTN_STYLUS) },
	{ KIND("absolute mouse", INPUT_PROP_POINTER, XY, PASS_MOUSE,
	       BTN_LEFT) },
	{ KIND("gamepad", INPUT_PROP_POINTER, XY, PASS_GAMEPAD, BTN_SOUTH) },
	{ KIND("media keys", INPUT_PROP_POINTER, 0, PASS_KEYS, KEY_MUTE,
	       KEY_VOLUMEUP, KEY_OK) },
	{ KIND("nothing", INPUT_PROP_POINTER, 0, 0, KEY_POWER) },
};

static void kind_is_known(void **state)
{
	const struct kind *row = *state;
	struct {
		struct pass_bits bits;
		uint8_t behind;
	} has = { .behind = 0xff };
	struct pass_bits *b = &has.bits;

	bit_set(b->prop, row->prop);
	for (int i = 0; i < 3; i++)
		if (row->key[i])
			bit_set(b->key, row->key[i]);
	for (unsigned int key = row->first; key < row->last; key++)
		bit_set(b->key, key + 1);
	for (unsigned int code = 0; code < ABS_CNT; code++)
		bit_assign(b->abs, code, row->abs >> code & 1);
	b->rel[0] = row->rel;
	memcpy(b->sw, row->sw, sizeof(b->sw));
	assert_num(pass_kinds(b), row->kinds);
}

#define W(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest plain[] = {
		W(devices_are_read_in_their_order),
		W(more_bits_than_there_is_room_for_are_left_out),
		W(a_name_that_is_too_long_is_none),
		W(a_node_that_is_not_there_has_no_entry),
		W(the_instance_is_the_number_of_the_input),
		W(host_without_devices_has_none),
		W(devices_are_listed_with_all_that_names_them),
		cmocka_unit_test(host_without_devices_says_so),
		cmocka_unit_test(rule_names_the_device),
		W(what_shows_a_guest_is_not_meant),
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
