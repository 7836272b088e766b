/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What README.md's section of the host's devices names in its sentences: each
 * `...` with an option is taken from there and tried. One that is not in the
 * table, or a row that the section no longer has, is a failure.
 */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "injector/libvinject/vinject.h"
#include "tests/guest/inside-readme.h"
#include "tests/guest/inside.h"
#include "tests/lib/array.h"
#include "tests/lib/clock.h"
#include "tests/lib/temp-dir.h"

#define SOCKET README_DIR "/kbd.vmm"
#define VM     README_DIR "/vm"
#define BLOCK  "sh\n" /* after its last grave accent */

static struct node keyboard, mouse;

static void plug(struct node *n, const char *name, const char *file)
{
	static struct spec spec;

	node_spec(&spec, file);
	snprintf(spec.name, sizeof(spec.name), "%s", name);
	node_plug(n, &spec);
}

static void type(const char *key)
{
	char frame[40];

	for (int down = 1; down >= 0; down--) {
		snprintf(frame, sizeof(frame), "%s %d", key, down);
		node_play(&keyboard, frame);
	}
}

static void await_shown(struct process *monitor, const char *event)
{
	INSIDE_WAIT(strstr(process_stdout(monitor), event));
}

/* What is typed on the host arrives at the socket. */
static void assert_served(void)
{
	struct process *monitor = inside_monitor("", SOCKET);

	type("KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	inside_end(monitor);
}

/* The keyboard of the host, with what the README adds. */
static struct process *serve_with(const char *words)
{
	struct process *p = inside_start(
		"vinput-passthrough",
		"--socket-path=" SOCKET " %s type=keyboard", words);

	inside_expect_log(p, "goes to the guest", 1);
	return p;
}

static struct process *launch(const char *words)
{
	struct process *p =
		inside_start("vinput-launch", "--dir=" VM " %s", words);

	inside_expect_log(p, "ready", 1);
	return p;
}

/* --- What is said of each --- */

static void both_ctrl_keys_switch(const char *words)
{
	struct process *p = serve_with(words);

	node_play(&keyboard, "KEY_RIGHTCTRL 1");
	node_play(&keyboard, "KEY_LEFTCTRL 1");
	node_play(&keyboard, "KEY_RIGHTCTRL 0");
	node_play(&keyboard, "KEY_LEFTCTRL 0");
	inside_expect_log(p, "goes to the host", 1);
	INSIDE_WAIT(!node_is_grabbed(&keyboard));
	assert_num(inside_end(p), 0);
}

static void programs_type_as_well(const char *words)
{
	struct process *p = serve_with(words), *monitor;
	struct vinject *v = vinject_new();
	char path[128];

	assert_non_null(v);
	snprintf(path, sizeof(path), README_DIR "/%s", strchr(words, '=') + 1);
	monitor = inside_monitor("", SOCKET);
	assert_ok(vinject_open(v, path));
	assert_ok(vinject_key(v, KEY_B, true));
	assert_ok(vinject_frame(v));
	await_shown(monitor, "(KEY_B), value 1");
	vinject_free(v);
	await_shown(monitor, "(KEY_B), value 0");
	inside_end(monitor);
	assert_num(inside_end(p), 0);
}

static void the_host_has_keys_anyway(const char *words)
{
	struct process *p = serve_with(words), *monitor;
	struct node kept;

	node_await(&kept, "vinput kept keys");
	monitor = inside_monitor("", SOCKET);
	node_play(&keyboard, "KEY_MUTE 1");
	INSIDE_WAIT(node_key(&kept, KEY_MUTE));
	node_play(&keyboard, "KEY_MUTE 0");
	type("KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	assert_null(strstr(process_stdout(monitor), "KEY_MUTE), value"));
	inside_end(monitor);
	assert_num(inside_end(p), 0);
	node_remove(&kept);
}

static void those_of_a_seat_are_added(const char *words)
{
	struct process *launcher = launch("--rotary");
	struct process *p = inside_start("vinput-passthrough",
					 "--dir=" VM " --all %s", words);
	char *list;

	inside_expect_log(p, "goes to", 2);
	list = inside_run("vinput-launch", "--control=" VM " list");
	assert_non_null(strstr(list, "Keyboard"));
	assert_non_null(strstr(list, "Mouse"));
	free(list);
	assert_num(inside_end(p), 0);
	assert_num(inside_end(launcher), 0);
}

/* PATH and the node are replaced, and the option in brackets is left out. */
static void a_vm_manager_starts_it(const char *words)
{
	char path[32], node[32];
	const char *rest = strchr(words, '[');
	struct process *p;

	assert_non_null(rest);
	assert_num(sscanf(words, "--socket-path=%31s --evdev-path=%31s", path,
			  node),
		   2);
	assert_string_equal(path, "PATH");
	for (int grab = 1; grab >= 0; grab--) {
		p = inside_start(
			"vhost-user-input",
			"--socket-path=" SOCKET " --evdev-path=%s%s%.*s",
			keyboard.path, grab ? "" : " ",
			grab ? 0 : (int)strcspn(rest + 1, "]"), rest + 1);
		inside_expect_log(p, "goes to the guest", 1);
		assert_true(node_is_grabbed(&keyboard) == grab);
		assert_served();
		assert_num(inside_end(p), 0);
	}
}

static void a_file_describes_many(const char *words)
{
	struct process *launcher = launch("--keyboard --mouse"), *p, *keys;

	file_write(README_DIR "/FILE",
		   "{\"devices\": [{\"device\": \"type=keyboard\", \"to\": "
		   "\"" VM "/keyboard.inject\"}, {\"device\": \"type=mouse\", "
		   "\"to\": \"" VM "/mouse.inject\"}]}");
	p = inside_start("vinput-passthrough", "%s", words);
	inside_expect_log(p, "goes to the guest", 2);
	keys = inside_monitor("", VM "/keyboard.sock");
	type("KEY_A");
	await_shown(keys, "(KEY_A), value 0");
	inside_end(keys);
	assert_num(inside_end(p), 0);
	assert_num(inside_end(launcher), 0);
}

static void a_launcher_starts_one(const char *words)
{
	struct process *launcher, *motion;
	char all[160];

	snprintf(all, sizeof(all), "--keyboard %s", words);
	launcher = launch(all);
	INSIDE_WAIT(node_is_grabbed(&mouse));
	motion = inside_monitor("", VM "/mouse.sock");
	node_play(&mouse, "REL_X 7");
	await_shown(motion, "(REL_X), value 7");
	inside_end(motion);
	assert_num(inside_end(launcher), 0);
}

/* Return: whether the guest's device has the serial number. */
static bool has_serial(const char *words, const char *path)
{
	struct process *p =
		inside_start("vinput-passthrough",
			     "--socket-path=" SOCKET " %s %s", words, path);
	struct process *monitor = inside_monitor("--json", SOCKET);
	const bool has = strstr(process_stdout(monitor), "\"S1\"");

	inside_end(monitor);
	assert_num(inside_end(p), 0);
	return has;
}

/* uinput's devices have none. */
static void the_serial_number_is_hidden(const char *words)
{
	struct node usb;

	inside_qmp("device_add {\"driver\":\"usb-kbd\",\"id\":\"one\","
		   "\"serial\":\"S1\"}");
	node_await(&usb, NULL);
	assert_true(has_serial("", usb.path));
	assert_false(has_serial(words, usb.path));
	inside_qmp("device_del {\"id\":\"one\"}");
	node_await_end(&usb);
	node_remove(&usb);
}

/* --- The section --- */

static const struct row {
	const char *option;
	void (*try)(const char *words); /* without the program's name */
} rows[] = {
	{ "--toggle=", both_ctrl_keys_switch },
	{ "--inject-path=", programs_type_as_well },
	{ "--keep=", the_host_has_keys_anyway },
	{ "--seat=", those_of_a_seat_are_added },
	{ "--evdev-path=", a_vm_manager_starts_it },
	{ "--config=", a_file_describes_many },
	{ "--passthrough=", a_launcher_starts_one },
	{ "--serial=", the_serial_number_is_hidden },
};

/* Return: its number. The section may break a line in it. */
static size_t try(char *span)
{
	for (char *p = span; (p = strchr(p, '\n'));)
		*p = ' ';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!strstr(span, rows[i].option))
			continue;
		print_message("%s\n", span);
		rows[i].try(strstr(span, "--"));
		return i;
	}
	fail_msg("nothing tries what README.md names: %s", span);
	return 0;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Blocks are inside-readme.c's. */
static void try_all_of(char *section)
{
	bool tried[ARRAY_LEN(rows)] = { false };
	char *rest = section, *part;

	for (bool code = false; (part = strsep(&rest, "`")); code = !code)
		if (code && strstr(part, "--") && !begins(part, BLOCK))
			tried[try(part)] = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!tried[i])
			fail_msg("README.md does not name %s", rows[i].option);
}

void the_options_that_the_readme_names_do_what_it_says(void **state)
{
	char *section = readme_section();

	inside_install_specs();
	mkdir(README_DIR, 0700);
	assert_sys(chdir(README_DIR));
	udev_start();
	plug(&keyboard, "Keyboard", "/specs/keyboard.json");
	plug(&mouse, "Mouse", "/specs/mouse.json");
	try_all_of(section);
	free(section);
	node_remove(&keyboard);
	node_remove(&mouse);
	udev_stop();
}
