/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same devices by vfio-user: QEMU's vfio-user-pci, and vinput-vfio-user
 * before each server. Linux takes packed rings, since they are offered; a relay
 * behind vinput-vfio-user withholds them.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/launched.h"
#include "tests/guest/program.h"
#include "tests/guest/tests.h"

#define KEYS	      200
#define DEATHS	      6
#define GUEST_DOWN_MS 700

static const struct reattach_style *without_packed(void)
{
	return &reattach_styles[REATTACH_CROSVM];
}

void vfio_user_guest_sees_and_reads_each_device(void **state)
{
	begin_with_vfio_user(NULL);
	assert_all_as_specified();
	assert_plays_all();
	done();
}

void vfio_user_guest_reads_a_frame_longer_than_its_ring(void **state)
{
	begin_with_vfio_user(NULL);
	assert_reads_100_events_as_one();
	done();
	begin_with_vfio_user(without_packed());
	assert_reads_100_events_as_one();
	done();
}

static void assert_leds(const struct device *dev)
{
	forget_status(dev->srv.inject_fd);
	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(dev->srv.inject_fd, LED_CAPSL, on);
	}
	assert_no_status(dev->srv.inject_fd);
}

void vfio_user_guest_sets_leds(void **state)
{
	begin_with_vfio_user(NULL);
	assert_leds(keyboard());
	done();
}

static void assert_types(const struct device *dev, int keys)
{
	forget_events();
	for (int i = 0; i < keys; i++)
		assert_passes(dev, i % 2 ? "KEY_A 0" : "KEY_A 1");
}

/* The next server releases what the last one's injector held. */
static void assert_survives_deaths(void)
{
	for (int i = 0; i < DEATHS; i++) {
		inject(keyboard(), "KEY_B 1");
		assert_state(keyboard(), "1 48 1\n");
		restart_server(keyboard(), false);
		assert_state(keyboard(), "");
		assert_types(keyboard(), 4);
	}
	assert_leds(keyboard());
	assert_true(is_as_specified(keyboard()));
}

void vfio_user_guest_does_not_notice_that_servers_die(void **state)
{
	begin_with_vfio_user(NULL);
	assert_survives_deaths();
	done();
	begin_with_vfio_user(without_packed());
	assert_survives_deaths();
	done();
}

void vfio_user_guest_that_reboots_gets_only_the_current_state(void **state)
{
	begin_with_vfio_user(NULL);
	inject(keyboard(), "KEY_G 1");
	assert_state(keyboard(), "1 34 1\n");
	vm_send(&vm, "reboot");
	usleep(GUEST_DOWN_MS * 1000);
	inject(keyboard(), "KEY_B 1");
	inject(keyboard(), "KEY_B 0");
	inject(lid(), "SW_LID 1");
	vm_wait_ready(&vm, n_devices);
	find_nodes();
	assert_state(keyboard(), "1 34 1\n");
	assert_state(lid(), "5 0 1\n");
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	forget_events();
	assert_passes(keyboard(), "KEY_G 0");
	assert_passes(lid(), "SW_LID 0");
	assert_types(keyboard(), 4);
	done();
}

void vfio_user_guest_binds_a_driver_again(void **state)
{
	begin_with_vfio_user(NULL);
	for (int i = 0; i < 3; i++) {
		inject(keyboard(), "KEY_G 1");
		assert_state(keyboard(), "1 34 1\n");
		free(vm_ask(&vm, "rebind %d", keyboard()->node));
		free(vm_ask(&vm, "wait %zu", n_devices));
		find_nodes();
		assert_state(keyboard(), "1 34 1\n");
		inject(keyboard(), "KEY_G 0");
		assert_state(keyboard(), "");
		assert_types(keyboard(), 4);
	}
	done();
}

/*
 * Unplugging is not tested: QEMU 11.1.3 aborts then, whatever the device, if it
 * has MSI-X: vfio_user_msix_teardown() comes after the BAR's end.
 */
void vfio_user_guest_has_a_device_plugged_in(void **state)
{
	struct device *dev;
	char *json, *command;

	begin_with_vfio_user(NULL);
	boot_with(mouse(), 1);
	dev = keyboard();
	inject(dev, "KEY_G 1");
	json = vm_vfio_user(1, start_between(dev));
	assert_true(asprintf(&command, "device_add %s", json) > 0);
	vm_qmp(&vm, command);
	free(command);
	free(json);
	free(vm_ask(&vm, "wait 2"));
	find_nodes_of(dev, 1);
	assert_true(is_as_specified(dev));
	assert_state(dev, "1 34 1\n");
	inject(dev, "KEY_G 0");
	assert_state(dev, "");
	assert_types(dev, 4);
	assert_leds(dev);
	done();
	vm_kill(&vm);
}

static pid_t launch_keyboard(const char *dir)
{
	const pid_t launcher = program_start(
		"vinput-launch",
		launched_words("--dir=%s --keyboard --vfio-user", dir));

	program_run("vinput-launch",
		    launched_words("--wait=%s --timeout=20", dir));
	return launcher;
}

/* A server that follows another one has the driver soon after its start. */
static void assert_types_when_ready(const struct device *dev, const char *dir)
{
	program_run("vinput-launch",
		    launched_words("--wait=%s --guest --timeout=60", dir));
	launched_assert_types(dev);
}

/* The launcher starts the bridge, which the next one takes over. */
void vfio_user_guest_uses_a_keyboard_of_a_launcher(void **state)
{
	struct device dev;
	const char *vfio = dev.vfio;
	char dir[100];
	pid_t launcher;

	begin_with_vfio_user(NULL);
	snprintf(dir, sizeof(dir), "%.80s.launch", keyboard()->srv.socket);
	launched_device(&dev, keyboard(), dir, "keyboard");
	snprintf(dev.vfio, sizeof(dev.vfio), "%.90s/keyboard.vfio", dir);
	launcher = launch_keyboard(dir);
	boot_at(&dev, 1, &vfio);
	assert_true(is_as_specified(&dev));
	assert_types_when_ready(&dev, dir);
	launched_replace(dir, "keyboard");
	assert_types_when_ready(&dev, dir);
	assert_int_equal(kill(launcher, SIGKILL), 0);
	waitpid(launcher, NULL, 0);
	launched_assert_types(&dev);
	launcher = launch_keyboard(dir);
	assert_types_when_ready(&dev, dir);
	program_run("vinput-launch",
		    launched_words("--control=%s upgrade keyboard", dir));
	assert_types_when_ready(&dev, dir);
	done();
	vm_kill(&vm);
	assert_int_equal(kill(launcher, SIGTERM), 0);
	program_wait(launcher);
}

/* Each buffer has an address of its own there, mapped and unmapped each time.
 */
void vfio_user_guest_uses_a_keyboard_behind_its_iommu(void **state)
{
	struct device dev;

	begin_with_vfio_user(NULL);
	start_iommu_keyboard(&dev, true);
	assert_true(is_as_specified(&dev));
	assert_types(&dev, KEYS);
	assert_leds(&dev);
	restart_server(&dev, false);
	assert_types(&dev, 4);

	inject(&dev, "KEY_G 1");
	assert_reads_frame(&dev, "KEY_G 1");
	vm_send(&vm, "reboot");
	vm_wait_ready(&vm, 1);
	find_nodes_of(&dev, 1);
	assert_state(&dev, "1 34 1\n");
	inject(&dev, "KEY_G 0");
	assert_state(&dev, "");
	assert_types(&dev, KEYS);
	stop_iommu_keyboard(&dev);
}
