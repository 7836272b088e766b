/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that is another VM's back-end (VVU):
 *
 *	vm, the sibling ◄─vhost-user─► vinput-vvu-proxy ◄─vfio-user─► device_vm
 *	QEMU 9 or newer                                vhost-user-input --vfio
 *
 * The server runs in device_vm, with its IOMMU and vfio-pci, and its injector
 *is the test, at the other end of a serial port. The sibling's QEMU and guest
 * know nothing of that.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/program.h"
#include "tests/guest/tests.h"

#define KEYS	    20
#define MOVES	    20
#define SIBLING_LEN (256 << 20) /* see vm.c */

static struct vm device_vm = VM_NULL;
static pid_t proxy;
static int memory_fd = -1; /* the sibling's, if it is accessed directly */
static char memory[64];	   /* its name */

/* The proxy's paths are those of the device. */
static void start_proxy(struct device *dev)
{
	char words[400];

	snprintf(dev->vfio, sizeof(dev->vfio), "%s.vfio", dev->srv.socket);
	snprintf(words, sizeof(words), "--vfio-user=%s --socket-path=%s%s%s",
		 dev->vfio, dev->srv.socket, memory[0] ? " --memory=" : "",
		 memory);
	proxy = program_start("vinput-vvu-proxy", words);
	await_listener(dev->vfio);
	await_listener(dev->srv.socket);
}

/* Not in /dev/shm, which may be too small for it, as in a container. */
static void make_memory(void)
{
	memory_fd = memfd_create("sibling", MFD_CLOEXEC);
	assert_true(memory_fd >= 0);
	assert_int_equal(ftruncate(memory_fd, SIBLING_LEN), 0);
	snprintf(memory, sizeof(memory), "/proc/%d/fd/%d", (int)getpid(),
		 memory_fd);
}

static void serve(const struct device *dev)
{
	char words[300];
	int n = snprintf(words, sizeof(words), "--spec=/specs/%s.json",
			 dev->srv.spec);

	for (size_t i = 0; i < SERVER_SETS_MAX && dev->srv.sets[i]; i++)
		n += snprintf(words + n, sizeof(words) - (size_t)n, " --set=%s",
			      dev->srv.sets[i]);
	free(vm_ask(&device_vm, "serve %s", words));
}

/* like: the device that the guest of the device VM serves. */
static void start(struct device *dev, const struct device *like)
{
	require_vfio_user();
	begin_without_guest();
	vm_kill(&vm);
	init_device(dev, like->srv.path);
	/* A server of the host listens at the other one. */
	snprintf(dev->srv.socket, sizeof(dev->srv.socket), "%.80s.vhost",
		 like->srv.socket);
	start_proxy(dev);
	boot_device_vm(&device_vm, dev->vfio);
	dev->srv.inject_fd = device_vm.serial;
	serve(dev);
	boot_sibling(dev, memory[0] ? memory : NULL);
}

static void stop(struct device *dev)
{
	vm_kill(&vm);
	vm_kill(&device_vm);
	kill(proxy, SIGTERM);
	program_wait(proxy);
	free(dev->spec);
	if (memory_fd >= 0)
		close(memory_fd);
	memory_fd = -1;
	memory[0] = '\0';
}

/* --- what gets across --- */

static void assert_types(const struct device *dev)
{
	forget_events();
	for (int i = 0; i < KEYS; i++)
		assert_passes(dev, i % 2 ? "KEY_A 0" : "KEY_A 1");
}

static void assert_leds(const struct device *dev)
{
	forget_status(dev->srv.inject_fd);
	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(dev->srv.inject_fd, LED_CAPSL, on);
	}
}

static void assert_swipes(const struct device *dev)
{
	char text[128];

	inject(dev, "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X "
		    "100, ABS_MT_POSITION_Y 200");
	for (int i = 1; i <= MOVES; i++) {
		snprintf(text, sizeof(text), "ABS_MT_POSITION_X %d",
			 100 + 10 * i);
		inject(dev, text);
	}
	snprintf(text, sizeof(text), "%d 200\n", 100 + 10 * MOVES);
	assert_contacts(dev, text);
	inject(dev, "ABS_MT_TRACKING_ID -1");
	assert_contacts(dev, "");
}

/* Another device of the same proxy. */
static void serve_touchscreen(struct device *dev)
{
	struct device touch;

	init_device(&touch, touchscreen()->srv.path);
	snprintf(touch.srv.socket, sizeof(touch.srv.socket), "%s",
		 dev->srv.socket);
	touch.srv.inject_fd = dev->srv.inject_fd;
	free(dev->spec);
	*dev = touch;
	serve(dev);
}

/* The proxy's counters have this. */
static void assert_counts(const char *text)
{
	for (long end = now_ms() + EVENT_MS; now_ms() < end; usleep(50000)) {
		kill(proxy, SIGUSR1);
		if (program_has_logged(text))
			return;
	}
	fail_msg("the proxy does not count \"%s\"", text);
}

/* --- tests --- */

static void assert_both_ways(struct device *dev)
{
	assert_true(is_as_specified(dev));
	assert_types(dev);
	assert_leds(dev);
	/* A server that is killed, with its driver of the device. */
	inject(dev, "KEY_G 1");
	assert_state(dev, "1 34 1\n");
	vm_kill(&vm);
	free(vm_ask(&device_vm, "unserve %d", SIGKILL));
	serve_touchscreen(dev);
	boot_sibling(dev, memory[0] ? memory : NULL);
	assert_true(is_as_specified(dev));
	assert_swipes(dev);
}

void a_guest_serves_another_vm_by_messages(void **state)
{
	struct device dev;

	start(&dev, keyboard());
	assert_both_ways(&dev);
	assert_counts("siblings=2 regions_direct=0 ");
	stop(&dev);
	done();
}

void a_guest_serves_another_vm_by_its_memory(void **state)
{
	struct device dev;

	make_memory();
	start(&dev, keyboard());
	assert_both_ways(&dev);
	assert_counts(" regions_by_messages=0 reads=0 writes=0 outside=0");
	stop(&dev);
	done();
}

/* The server stays; the VM that it serves is another one. */
void a_guest_serves_one_vm_after_the_other(void **state)
{
	struct device dev;

	make_memory();
	start(&dev, keyboard());
	inject(&dev, "KEY_G 1");
	assert_state(&dev, "1 34 1\n");
	boot_sibling(&dev, memory);
	assert_state(&dev, "1 34 1\n");
	inject(&dev, "KEY_G 0");
	assert_state(&dev, "");
	assert_types(&dev);
	/* The device VM reboots under its sibling. */
	vm_send(&device_vm, "reboot");
	vm_wait_ready(&device_vm, 0);
	serve(&dev);
	boot_sibling(&dev, memory);
	assert_types(&dev);
	stop(&dev);
	done();
}
