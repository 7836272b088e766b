/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers are killed at any moment under a running guest, and others take over.
 * The guest notices nothing: nothing that a dead server's injectors held is
 * stuck, and what is typed afterwards arrives.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"
#include "tests/lib/random.h"

#define DEATHS 8

static struct rnd rnd = { 1 };

/*
 * What is in progress in a device when its server dies, and how to see that it
 * works again.
 */
static const struct victim {
	struct device *(*device)(void);
	const char *begins, *goes_on, *goes_back;
	const char *at_rest; /* its state; NULL: no finger is down */
	const char *down, *is_down, *up, *is_up;
} victims[] = {
	{ keyboard, "KEY_LEFTSHIFT 1, KEY_E 1", "KEY_B 1", "KEY_B 0", "",
	  "KEY_C 1", "1 46 1\n", "KEY_C 0", "" },
	{ mouse, "BTN_LEFT 1", "REL_X 3, BTN_SIDE 1", "REL_X -3, BTN_SIDE 0",
	  "", "BTN_RIGHT 1", "1 273 1\n", "BTN_RIGHT 0", "" },
	{ touchscreen,
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 100, "
	  "ABS_MT_POSITION_Y 10, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2, "
	  "ABS_MT_POSITION_X 200, ABS_MT_POSITION_Y 20",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 3, ABS_MT_POSITION_X 250", NULL,
	  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 9, ABS_MT_POSITION_X 50, "
	  "ABS_MT_POSITION_Y 60",
	  "1 330 1\n3 0 50\n3 1 60\n", "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1",
	  "3 0 50\n3 1 60\n" },
};

/* In the middle of something, with few events: a guest can be slow. */
static void kill_at_work(const struct victim *v)
{
	inject(v->device(), v->begins);
	for (unsigned int n = rnd_below(&rnd, 6); n; n--) {
		inject(v->device(), v->goes_on);
		usleep(rnd_below(&rnd, 2000));
		inject(v->device(), v->goes_back);
	}
	usleep(rnd_below(&rnd, 1000));
	restart_server(v->device(), false);
}

static void assert_at_rest(const struct victim *v)
{
	if (v->at_rest)
		assert_state(v->device(), v->at_rest);
	else
		assert_contacts(v->device(), "");
}

/* A frame that fits into the ring is delivered at once, after all before it. */
static void assert_works(const struct victim *v)
{
	const struct device *dev = v->device();

	inject(dev, v->down);
	assert_state(dev, v->is_down);
	inject(dev, v->up);
	assert_state(dev, v->is_up);
}

static void assert_types(void)
{
	const struct device *dev = keyboard();

	for (int i = 0; i < 3; i++) {
		inject(dev, "KEY_A 1");
		inject(dev, "KEY_A 0");
	}
	for (int i = 0; i < 3; i++) {
		assert_reads_frame(dev, "KEY_A 1");
		assert_reads_frame(dev, "KEY_A 0");
	}
	assert_reads_nothing_more();
}

static void assert_leds_come(void)
{
	const int fd = keyboard()->srv.inject_fd;

	forget_status(fd);
	for (int on = 1; on >= 0; on--) {
		set_led(keyboard(), LED_CAPSL, on);
		assert_led(fd, LED_CAPSL, on);
	}
	assert_no_status(fd);
}

/* Their injectors die with them. */
static void assert_guest_goes_on(const struct reattach_style *style)
{
	begin_through_relays(style);
	for (int i = 0; i < DEATHS; i++) {
		for (size_t v = 0; v < ARRAY_LEN(victims); v++)
			kill_at_work(&victims[v]);
		for (size_t v = 0; v < ARRAY_LEN(victims); v++) {
			assert_at_rest(&victims[v]);
			judge(victims[v].device());
			assert_works(&victims[v]);
		}
		forget_events();
		assert_types();
		assert_leds_come();
	}
	done();
}

void guest_survives_servers_behind_cloud_hypervisor(void **state)
{
	assert_guest_goes_on(&reattach_styles[REATTACH_CLOUD_HYPERVISOR]);
}

/* Linux uses packed rings in QEMU, whose index a front-end does not know. */
void guest_survives_servers_behind_a_qemu_that_reconnects(void **state)
{
	assert_guest_goes_on(&reattach_styles[REATTACH_QEMU]);
}

/* Until the agent sends its hello, when all drivers have started. */
static void kill_until_booted(void)
{
	struct pollfd pfd = { vm.fd, POLLIN, 0 };

	while (!poll(&pfd, 1, (int)rnd_below(&rnd, 400))) {
		const unsigned int v = rnd_below(&rnd, ARRAY_LEN(victims));

		restart_server(victims[v].device(), false);
	}
}

/* During a reset, while the configuration is read, during a start. */
void guest_boots_while_servers_die(void **state)
{
	begin_through_relays(&reattach_styles[REATTACH_CLOUD_HYPERVISOR]);
	vm_send(&vm, "reboot");
	kill_until_booted();
	vm_wait_ready(&vm, n_devices);
	find_nodes();
	assert_all_as_specified();
	for (size_t v = 0; v < ARRAY_LEN(victims); v++)
		assert_works(&victims[v]);
	forget_events();
	assert_types();
	assert_leds_come();
	done();
}

static void hold(void)
{
	inject(keyboard(), "KEY_G 1");
	inject(touchscreen(),
	       "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 100, "
	       "ABS_MT_POSITION_Y 10, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2, "
	       "ABS_MT_POSITION_X 200, ABS_MT_POSITION_Y 20");
	inject(lid(), "SW_LID 1");
}

static void change_what_is_held(void)
{
	inject(keyboard(), "KEY_H 1");
	inject(touchscreen(), "ABS_MT_SLOT 1, ABS_MT_POSITION_X 250");
	inject(lid(), "SW_HEADPHONE_INSERT 1");
}

static void assert_held(void)
{
	assert_state(keyboard(), "1 34 1\n1 35 1\n");
	assert_contacts(touchscreen(), "100 10\n250 20\n");
	assert_state(lid(), "5 0 1\n5 2 1\n");
}

static void assert_let_go(void)
{
	inject(keyboard(), "KEY_G 0, KEY_H 0");
	assert_state(keyboard(), "");
	inject(touchscreen(), "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
			      "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1");
	assert_contacts(touchscreen(), "");
	inject(lid(), "SW_LID 0, SW_HEADPHONE_INSERT 0");
	assert_state(lid(), "");
}

/* --state-fd: injectors stay connected, and what they send meanwhile waits. */
void guest_keeps_what_was_held_when_servers_died(void **state)
{
	static struct device *(*const kept[])(void) = { keyboard, touchscreen,
							lid };

	begin_through_relays(&reattach_styles[REATTACH_CLOUD_HYPERVISOR]);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		restart_server(kept[i](), true);
	for (int death = 0; death < DEATHS; death++) {
		hold();
		usleep(rnd_below(&rnd, 10000));
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			kill_server(kept[i]());
		change_what_is_held();
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			start_server(kept[i]());
		assert_held();
		judge(touchscreen());
		assert_let_go();
		forget_events();
		assert_types();
		assert_leds_come();
	}
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		restart_server(kept[i](), false);
	done();
}
