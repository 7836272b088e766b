/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-passthrough@.service and vinput-launch@.service. */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-systemd.h"
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define PASS	    "vinput-passthrough@kbd.service"
#define PASS_SOCKET "/run/vinput-passthrough/kbd/kbd.vmm"
#define LAUNCH	    "vinput-launch@vm.service"
#define LAUNCH_DIR  "/run/vinput/vm"
#define BOTH_PASS   "vinput-passthrough@vm1.service"
#define BOTH_LAUNCH "vinput-launch@vm1.service"
#define DROP_INS    "/etc/systemd/system/"
#define EXAMPLES    "/usr/local/share/vinput/passthrough/"
#define EXPOSURE    15 /* tenths; of 100 */

static struct node keyboard;

static void plug(struct node *n, const char *name, const char *file)
{
	static struct spec spec;

	node_spec(&spec, file);
	snprintf(spec.name, sizeof(spec.name), "%s", name);
	node_plug(n, &spec);
}

static void type(struct node *n, const char *key)
{
	char frame[40];

	for (int down = 1; down >= 0; down--) {
		snprintf(frame, sizeof(frame), "%s %d", key, down);
		node_play(n, frame);
	}
}

static void await_shown(struct process *monitor, const char *event)
{
	UNITS_WAIT(strstr(process_stdout(monitor), event));
}

/* --- A device of the host --- */

static void start_passthrough(void)
{
	units_write("/etc/vinput/passthrough/kbd.json",
		    "{\"socket_path\": \"kbd.vmm\", \"devices\": "
		    "[{\"device\": \"type=keyboard\"}]}\n");
	plug(&keyboard, "Keyboard", "/specs/keyboard.json");
	node_set_led(&keyboard, LED_COMPOSE, 1);
	units_do("reset-failed"); /* so many starts in a short time */
	units_do("start " PASS);
	assert_true(unit_property_is(PASS, "Type", "notify"));
	assert_true(unit_property_is(PASS, "SubState", "running"));
	assert_sys(access(PASS_SOCKET, F_OK));
	UNITS_WAIT(node_is_grabbed(&keyboard));
}

static struct process *connect_guest(void)
{
	struct process *monitor = inside_start(
		"vinput-monitor",
		"--wait --led=COMPOSE=off --led=CAPSL=on " PASS_SOCKET);

	UNITS_WAIT(node_led(&keyboard, LED_CAPSL) &&
		   !node_led(&keyboard, LED_COMPOSE));
	return monitor;
}

/* The console sets others itself. */
static void assert_leds_are_the_hosts(void)
{
	UNITS_WAIT(node_led(&keyboard, LED_COMPOSE) &&
		   !node_led(&keyboard, LED_CAPSL));
}

static void assert_is_the_hosts(void)
{
	UNITS_WAIT(!node_is_grabbed(&keyboard));
	assert_leds_are_the_hosts();
}

void the_unit_of_a_host_device_serves_and_gives_it_back(void **state)
{
	static struct spec spec;
	struct process *monitor;
	char *held;

	start_passthrough();
	unit_assert_hardened(PASS, unit_main_pid(PASS), EXPOSURE);
	monitor = connect_guest();
	type(&keyboard, "KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	node_play(&keyboard, "KEY_B 1");
	await_shown(monitor, "(KEY_B), value 1");

	unit_stop(PASS);
	assert_is_the_hosts();
	assert_num(access("/run/vinput-passthrough/kbd", F_OK), -1);
	/* The key is the host's until it is up. */
	units_do("start " PASS);
	node_spec(&spec, "/specs/keyboard.json");
	held = next_guest_holds(PASS_SOCKET, &spec);
	assert_string_equal(held, "-");
	free(held);
	node_play(&keyboard, "KEY_B 0");
	UNITS_WAIT(node_is_grabbed(&keyboard));
	units_do("stop " PASS);
	node_remove(&keyboard);
}

static void kill_and_await_restart(const char *options, int times)
{
	const pid_t before = unit_main_pid(PASS);

	units_do("kill --signal=KILL %s " PASS, options);
	unit_await_restart(PASS, before, times);
	UNITS_WAIT(node_is_grabbed(&keyboard));
}

/* vinput-leds survives the first one, not the second. */
void the_unit_of_a_host_device_is_restarted_when_killed(void **state)
{
	struct process *monitor;

	start_passthrough();
	monitor = connect_guest();
	kill_and_await_restart("--kill-whom=main", 1);
	inside_wait(monitor);
	assert_leds_are_the_hosts();
	kill_and_await_restart("", 2);

	monitor = connect_guest();
	type(&keyboard, "KEY_A");
	await_shown(monitor, "(KEY_A), value 0");
	unit_stop(PASS);
	assert_is_the_hosts();
	node_remove(&keyboard);
}

/* --- A launcher --- */

/* Whether `list` shows the keyboard in this state. */
static bool keyboard_is(const char *state)
{
	char *list = units_run("vinput-launch",
			       "--control=" LAUNCH_DIR " --json list");
	const bool is = strstr(list, state);

	free(list);
	return is;
}

static void write_pad(const char *name)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "{\"name\": \"%s\", \"events\": {\"EV_KEY\": "
		 "[\"BTN_SOUTH\"]}}\n",
		 name);
	units_write("/etc/vinput/pad.json", text);
}

static void start_launcher(void)
{
	units_write("/etc/vinput/vm.json",
		    "{\"devices\": [{\"type\": \"keyboard\"}, "
		    "{\"label\": \"pad\", \"spec\": \"/etc/vinput/pad.json\"}]}"
		    "\n");
	write_pad("first");
	units_do("start " LAUNCH);
	assert_true(unit_property_is(LAUNCH, "Type", "notify"));
	assert_true(unit_property_is(LAUNCH, "SubState", "running"));
	assert_sys(access(LAUNCH_DIR "/keyboard.sock", F_OK));
}

/* Type on the keyboard as an injector, which the guest is to see. */
static void inject(const char *key, struct process *monitor)
{
	char shown[40];

	free(units_run("../usr/local/bin/vinput-inject",
		       "--dir=" LAUNCH_DIR " @keyboard key %s", key));
	snprintf(shown, sizeof(shown), "(KEY_%s), value 0", key);
	await_shown(monitor, shown);
}

/* The guest's driver does not notice that servers are replaced, either. */
void the_unit_of_a_launcher_keeps_devices_over_its_death(void **state)
{
	struct process *monitor;
	pid_t before;

	start_launcher();
	before = unit_main_pid(LAUNCH);
	unit_assert_hardened(LAUNCH, before, EXPOSURE);
	monitor = inside_monitor("", LAUNCH_DIR "/keyboard.sock");
	inject("A", monitor);
	units_do("kill --kill-whom=main --signal=KILL " LAUNCH);
	unit_await_restart(LAUNCH, before, 1);
	UNITS_WAIT(keyboard_is("\"vmm\":true,\"driver\":true"));
	inject("B", monitor);
	assert_true(process_runs(monitor));

	unit_stop(LAUNCH);
	assert_num(access(LAUNCH_DIR, F_OK), -1);
}

static bool pad_is_named(const char *name)
{
	char *text = units_run("vinput-launch",
			       "--control=" LAUNCH_DIR " describe pad");
	const bool is = strstr(text, name);

	free(text);
	return is;
}

void the_unit_of_a_launcher_reads_specs_again_on_reload(void **state)
{
	pid_t before;

	start_launcher();
	before = unit_main_pid(LAUNCH);
	assert_true(pad_is_named("first"));
	write_pad("second");
	units_do("reload " LAUNCH);
	UNITS_WAIT(pad_is_named("second"));
	UNITS_WAIT(unit_property_is(LAUNCH, "ActiveState", "active"));
	assert_num(unit_main_pid(LAUNCH), before);
	unit_stop(LAUNCH);
}

/* --- Both, with the drop-ins that their manuals have --- */

#define USER "[Service]\nDynamicUser=no\nUser=vinput\n"

static void write_drop_ins(void)
{
	units_write(DROP_INS "vinput-launch@.service.d/user.conf", USER);
	units_write(DROP_INS "vinput-passthrough@.service.d/user.conf",
		    "[Unit]\nWants=vinput-launch@%i.service\n"
		    "After=vinput-launch@%i.service\n" USER);
	units_write("/etc/vinput/vm1.json",
		    "{\"devices\": [{\"type\": \"keyboard\"}, "
		    "{\"type\": \"mouse\"}]}\n");
	units_write("/etc/vinput/passthrough/kbd.json", "{}");
	assert_sys(symlink(EXAMPLES "desk.json",
			   "/etc/vinput/passthrough/vm1.json"));
	units_do("daemon-reload");
}

static void remove_drop_ins(void)
{
	unlink(DROP_INS "vinput-launch@.service.d/user.conf");
	unlink(DROP_INS "vinput-passthrough@.service.d/user.conf");
	units_do("daemon-reload");
}

static void play_chord(void)
{
	node_play(&keyboard, "KEY_LEFTCTRL 1");
	node_play(&keyboard, "KEY_RIGHTCTRL 1");
	node_play(&keyboard, "KEY_LEFTCTRL 0");
	node_play(&keyboard, "KEY_RIGHTCTRL 0");
}

void the_units_of_both_share_a_desk_as_their_manuals_say(void **state)
{
	struct process *keys, *motion;
	struct node mouse;

	write_drop_ins();
	plug(&keyboard, "Keyboard", "/specs/keyboard.json");
	plug(&mouse, "Mouse", "/specs/mouse.json");
	units_do("start " BOTH_PASS);
	assert_true(unit_property_is(BOTH_LAUNCH, "SubState", "running"));
	keys = inside_monitor("", "/run/vinput/vm1/keyboard.sock");
	motion = inside_monitor("", "/run/vinput/vm1/mouse.sock");
	assert_false(node_is_grabbed(&keyboard));
	play_chord();
	UNITS_WAIT(node_is_grabbed(&keyboard) && node_is_grabbed(&mouse));
	type(&keyboard, "KEY_A");
	await_shown(keys, "(KEY_A), value 0");
	node_play(&mouse, "REL_X 7");
	await_shown(motion, "(REL_X), value 7");

	unit_stop(BOTH_PASS);
	unit_stop(BOTH_LAUNCH);
	node_remove(&keyboard);
	node_remove(&mouse);
	remove_drop_ins();
}

void the_unit_of_a_launcher_serves_a_host_device_by_a_drop_in(void **state)
{
	struct process *monitor;
	struct node mouse;

	units_write(DROP_INS "vinput-launch@.service.d/devices.conf",
		    "[Service]\nPrivateDevices=no\nDevicePolicy=closed\n"
		    "DeviceAllow=char-input rw\nSupplementaryGroups=input\n");
	units_write("/etc/vinput/vm2.json",
		    "{\"devices\": [{\"label\": \"mouse\", \"passthrough\": "
		    "\"type=mouse\"}]}\n");
	units_do("daemon-reload");
	plug(&mouse, "Mouse", "/specs/mouse.json");
	units_do("start vinput-launch@vm2");
	monitor = inside_monitor("", "/run/vinput/vm2/mouse.sock");
	UNITS_WAIT(node_is_grabbed(&mouse));
	node_play(&mouse, "REL_X 7");
	await_shown(monitor, "(REL_X), value 7");
	unit_stop("vinput-launch@vm2");
	assert_false(node_is_grabbed(&mouse));
	node_remove(&mouse);
	unlink(DROP_INS "vinput-launch@.service.d/devices.conf");
	units_do("daemon-reload");
}
