/* SPDX-License-Identifier: Apache-2.0 */
/*
 * README.md's commands for devices of the host, typed as they stand there: each
 * block by a shell, in one directory. The host has one device of each kind that
 * they name. A block that nothing here types is a failure.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/guest/inside-readme.h"
#include "tests/guest/inside.h"
#include "tests/lib/array.h"
#include "tests/lib/clock.h"

#define README	"/README.md"
#define SECTION "\n## Host devices\n"
#define BLOCK	"\n```sh\n"
#define DIR	README_DIR
#define SAID	INSIDE_DIR "/readme.said"

static struct node keyboard, mouse, touchpad;
static pid_t shell;   /* 0: none; the leader of a process group */
static size_t blocks; /* that were typed */

/* --- The host --- */

static void plug(struct node *n, const char *name, const char *file)
{
	struct spec spec;

	node_spec(&spec, file);
	snprintf(spec.name, sizeof(spec.name), "%s", name);
	if (n == &keyboard) {
		spec.ids.vendor = 0x046d; /* the one of the README */
		spec.ids.product = 0xc31c;
	}
	node_plug(n, &spec);
}

static void plug_all(void)
{
	plug(&keyboard, "Keyboard", "/specs/keyboard.json");
	plug(&mouse, "Mouse", "/specs/mouse.json");
	plug(&touchpad, "Touchpad", "/specs/multi-touchpad.json");
}

static void unplug_all(void)
{
	node_remove(&keyboard);
	node_remove(&mouse);
	node_remove(&touchpad);
}

static void type(const char *key)
{
	char frame[40];

	for (int down = 1; down >= 0; down--) {
		snprintf(frame, sizeof(frame), "%s %d", key, down);
		node_play(&keyboard, frame);
	}
}

static void play_chord(void)
{
	node_play(&keyboard, "KEY_LEFTCTRL 1");
	node_play(&keyboard, "KEY_RIGHTCTRL 1");
	node_play(&keyboard, "KEY_LEFTCTRL 0");
	node_play(&keyboard, "KEY_RIGHTCTRL 0");
}

static void swipe(void)
{
	char frame[160];

	for (int i = 0; i < 20; i++) {
		snprintf(frame, sizeof(frame),
			 "%sABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 300, "
			 "ABS_X %d, ABS_Y 300%s",
			 i ? "" : "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ",
			 200 + 20 * i, 200 + 20 * i,
			 i ? "" : ", BTN_TOUCH 1, BTN_TOOL_FINGER 1");
		node_play(&touchpad, frame);
		usleep(10000);
	}
	node_play(&touchpad,
		  "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0, BTN_TOOL_FINGER 0");
}

/* --- The shell --- */

/* Return: "" if there is no such file; to be freed. */
static char *file_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return strdup("");
	if (getdelim(&text, &size, '\0', f) < 0)
		*text = '\0';
	fclose(f);
	return text;
}

char *readme_section(void)
{
	char *text = file_text(README), *section, *end;

	section = strstr(text, SECTION);
	assert_non_null(section);
	end = strstr(section + 1, "\n## ");
	assert_non_null(end);
	*end = '\0';
	section = strdup(section);
	free(text);
	return section;
}

/* The next block of a section, without its fences; NULL: there is none. */
static char *next_block(char **section)
{
	char *block = strstr(*section, BLOCK), *end;

	if (!block)
		return NULL;
	block += strlen(BLOCK);
	end = strstr(block, "```\n");
	assert_non_null(end);
	*end = '\0';
	*section = end + 1;
	return block;
}

/* The block of the section that has this command; to be freed. */
static char *block_with(const char *command)
{
	char *section = readme_section(), *rest = section, *block, *found;

	do
		block = next_block(&rest);
	while (block && !strstr(block, command));
	if (!block)
		fail_msg("no command in %s: %s", README, command);
	found = strdup(block);
	free(section);
	return found;
}

static void assert_all_typed(void)
{
	char *section = readme_section(), *rest = section;
	size_t n = 0;

	while (next_block(&rest))
		n++;
	assert_num(blocks, n);
	free(section);
}

__attribute__((noreturn)) static void be_shell(const char *block)
{
	setpgid(0, 0);
	if (!freopen(SAID, "we", stdout) || chdir(DIR) < 0)
		_exit(1);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", block, NULL);
	_exit(127);
}

static void type_block(const char *command)
{
	char *block = block_with(command);

	print_message("%s", block);
	shell = fork();
	assert_sys(shell);
	if (!shell)
		be_shell(block);
	setpgid(shell, shell); /* it is, for sure, when this returns */
	free(block);
	blocks++;
}

static void await_said(const char *needle)
{
	const double end = clock_ms() + INSIDE_MS;
	char *text = NULL;

	do {
		free(text);
		usleep(1000);
		text = file_text(SAID);
	} while (!strstr(text, needle) && clock_ms() < end);
	if (!strstr(text, needle))
		fail_msg("no \"%s\" in: %s", needle, text);
	free(text);
}

/* Ctrl+C, as in a terminal; what ran in the background is killed then. */
static void stop_block(void)
{
	kill(-shell, SIGTERM);
	INSIDE_WAIT(!node_is_grabbed(&keyboard) && !node_is_grabbed(&mouse) &&
		    !node_is_grabbed(&touchpad));
	kill(-shell, SIGKILL);
	waitpid(shell, NULL, 0);
	shell = 0;
	unlink(SAID);
}

/* --- The guest --- */

static void await_shown(struct process *monitor, const char *event)
{
	INSIDE_WAIT(strstr(process_stdout(monitor), event));
}

static bool shows(struct process *monitor, const char *event)
{
	return strstr(process_stdout(monitor), event);
}

static struct process *start_launcher(const char *name)
{
	struct process *p =
		inside_start("vinput-launch", "--dir=" DIR "/%s --mouse", name);

	inside_expect_log(p, "ready", 1);
	return p;
}

/* --- The set-ups --- */

static void one_device_for_one_vm(void)
{
	struct process *monitor;

	type_block("--socket-path=kbd.vmm type=keyboard");
	await_said(keyboard.path);
	await_said("\"Keyboard\" goes to the guest");
	monitor = inside_monitor("", DIR "/kbd.vmm");
	type("KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	inside_end(monitor);
	stop_block();
}

static void shared_with_the_host(void)
{
	struct process *keys, *motion;

	type_block("--to=vm/mouse.inject type=mouse");
	await_said("\"Mouse\" goes to the guest");
	keys = inside_monitor("", DIR "/vm/keyboard.sock");
	motion = inside_monitor("", DIR "/vm/mouse.sock");
	type("KEY_A");
	await_shown(keys, "(KEY_A), value 0");
	node_play(&mouse, "REL_X 7");
	await_shown(motion, "(REL_X), value 7");
	play_chord();
	await_said("\"Mouse\" goes to the host");
	INSIDE_WAIT(!node_is_grabbed(&mouse) && !node_is_grabbed(&keyboard));
	type("KEY_B");
	play_chord();
	INSIDE_WAIT(node_is_grabbed(&keyboard));
	type("KEY_C");
	await_shown(keys, "(KEY_C), value 0");
	assert_false(shows(keys, "(KEY_B), value"));
	inside_end(keys);
	inside_end(motion);
	stop_block();
}

static void everything_that_is_plugged_in(void)
{
	struct process *launchers[] = { start_launcher("vm"),
					start_launcher("vm2") };
	struct process *first, *second;

	type_block("--dir=vm --dir=vm2 --all");
	await_said("\"Touchpad\" goes to");
	first = inside_monitor("", DIR "/vm/Keyboard.sock");
	second = inside_monitor("", DIR "/vm2/Keyboard.sock");
	type("KEY_A");
	await_shown(first, "(KEY_A), value 0");
	play_chord();
	await_said("\"Touchpad\" goes to vm2");
	type("KEY_B");
	await_shown(second, "(KEY_B), value 0");
	assert_false(shows(second, "(KEY_A), value") ||
		     shows(first, "(KEY_B), value"));
	inside_end(first);
	inside_end(second);
	stop_block();
	for (size_t i = 0; i < ARRAY_LEN(launchers); i++)
		inside_end(launchers[i]);
}

static void a_server_without_access(void)
{
	struct process *monitor;

	type_block("--print-spec 046d:c31c >kbd.json");
	await_said("\"Keyboard\" goes to the guest");
	monitor = inside_monitor("", DIR "/kbd.vmm");
	assert_true(shows(monitor, "\"Keyboard\""));
	type("KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	inside_end(monitor);
	stop_block();
}

static void a_touchpad_is_a_mouse(void)
{
	struct process *launcher = start_launcher("vm"), *monitor;

	type_block("--to=vm/mouse.inject type=touchpad");
	await_said("\"Touchpad\" goes to the guest");
	monitor = inside_monitor("", DIR "/vm/mouse.sock");
	swipe();
	await_shown(monitor, "(REL_X), value");
	inside_end(monitor);
	stop_block();
	inside_end(launcher);
}

void the_readmes_commands_give_devices_to_a_guest(void **state)
{
	inside_install_specs();
	mkdir(DIR, 0700);
	udev_start();
	plug_all();
	one_device_for_one_vm();
	shared_with_the_host();
	everything_that_is_plugged_in();
	a_server_without_access();
	a_touchpad_is_a_mouse();
	assert_all_typed();
	unplug_all();
	udev_stop();
}
