/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-launch keeps a VM's devices alive: its servers are killed and upgraded
 * under a running guest. QEMU does not reconnect: if its connections ended, the
 * devices would be dead.
 * Its devices are a browser's, too.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/launched.h"
#include "tests/guest/program.h"
#include "tests/guest/tests.h"

#define DEATHS	   10
#define UPGRADES   3
#define BROWSER_MS 60000 /* until it has started and tapped */

/* Its log goes to that of the servers. */
static pid_t start_tap(const char *dir)
{
	char *program = program_path(""), *text;
	pid_t pid;

	assert_true(asprintf(&text, "%s tap %s", program, dir) > 0);
	pid = program_start("tests/browser/run", text);
	free(text);
	free(program);
	return pid;
}

/* A connection dies with its server, and what it held is released. */
static void kill_while_held(const struct device *keys,
			    const struct device *screen, const char *dir)
{
	const int typist = server_connect(&keys->srv);
	const int finger = server_connect(&screen->srv);

	inject_by(typist, "KEY_G 1");
	inject_by(finger, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			  "ABS_MT_POSITION_X 100, ABS_MT_POSITION_Y 10");
	assert_state(keys, "1 34 1\n");
	assert_contacts(screen, "100 10\n");
	launched_replace(dir, "keyboard");
	launched_replace(dir, "touch_0");
	close(typist);
	close(finger);
	assert_state(keys, "");
	assert_contacts(screen, "");
}

static void assert_led_comes(const struct device *dev)
{
	const int fd = server_connect(&dev->srv);

	/*
	 * The server has accepted this connection once it has taken its frame.
	 */
	inject_by(fd, "KEY_J 1");
	assert_state(dev, "1 36 1\n");
	forget_status(fd);
	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(fd, LED_CAPSL, on);
	}
	close(fd);
	assert_state(dev, "");
}

/* A finger moves on while another version of the server takes over. */
static void upgrade_in_a_swipe(const struct device *screen, const char *dir)
{
	const int finger = server_connect(&screen->srv);

	inject_by(finger, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			  "ABS_MT_POSITION_X 100, ABS_MT_POSITION_Y 10");
	assert_contacts(screen, "100 10\n");
	inject_by(finger, "ABS_MT_POSITION_X 200");
	assert_contacts(screen, "200 10\n");
	program_run("vinput-launch",
		    launched_words("--control=%s upgrade touch_0", dir));
	close(finger);
	assert_contacts(screen, "");
}

void guest_survives_servers_of_a_launcher(void **state)
{
	struct device devs[2], *keys = &devs[0], *screen = &devs[1];
	char dir[100];
	pid_t launcher, waiter;

	begin();
	snprintf(dir, sizeof(dir), "%.80s.launch", keyboard()->srv.socket);
	launched_device(keys, keyboard(), dir, "keyboard");
	launched_device(screen, touchscreen(), dir, "touch_0");
	launcher = program_start("vinput-launch",
				 launched_words("--dir=%s --keyboard "
						"--display=1280x800",
						dir));
	program_run("vinput-launch",
		    launched_words("--wait=%s --timeout=20", dir));
	waiter = program_start(
		"vinput-launch",
		launched_words("--wait=%s --guest --timeout=120", dir));
	boot_with(devs, ARRAY_LEN(devs));
	program_wait(waiter);
	for (int i = 0; i < DEATHS; i++) {
		launched_assert_types(keys);
		kill_while_held(keys, screen, dir);
		assert_led_comes(keys);
	}
	for (int i = 0; i < UPGRADES; i++) {
		upgrade_in_a_swipe(screen, dir);
		program_run(
			"vinput-launch",
			launched_words("--control=%s upgrade keyboard", dir));
		assert_led_comes(keys);
		launched_assert_types(keys);
	}
	assert_reads_nothing_more();
	done();
	vm_kill(&vm);
	assert_int_equal(kill(launcher, SIGTERM), 0);
	program_wait(launcher);
}

/* The browser runs on the host, beside the guest. */
void tap_in_a_browser_is_a_tap_in_the_guest(void **state)
{
	struct vi_event down[64];
	struct device screen;
	char dir[100];
	pid_t launcher;

	if (system("tests/browser/run build/release possible"))
		skip();
	begin_through_relays(&reattach_styles[REATTACH_CLOUD_HYPERVISOR]);
	snprintf(dir, sizeof(dir), "%.80s.page", keyboard()->srv.socket);
	launched_device(&screen, touchscreen(), dir, "touch_0");
	launcher = program_start(
		"vinput-launch",
		launched_words("--dir=%s --display=1280x800", dir));
	program_run("vinput-launch",
		    launched_words("--wait=%s --timeout=20", dir));
	boot_with(&screen, 1);
	forget_events();
	const pid_t tap = start_tap(dir);

	assert_true(vm_take_frame(&vm, screen.node, down, ARRAY_LEN(down),
				  BROWSER_MS));
	assert_contacts(&screen, "320 200\n");
	assert_state(&screen, "1 330 1\n3 0 320\n3 1 200\n");
	program_wait(tap);
	assert_contacts(&screen, "");
	assert_state(&screen, "3 0 320\n3 1 200\n");
	forget_events();
	done();
	vm_kill(&vm);
	relay_stop(&screen.relay);
	assert_int_equal(kill(launcher, SIGTERM), 0);
	program_wait(launcher);
}
