/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest starts, sleeps, reboots, is killed and restarted; so does the
 * server. The guest then gets the current state, and no event of the past.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define GUEST_DOWN_MS 700
#define ASLEEP_MS     500

/* Type a key while there is no guest. */
static void type_ten_times(const struct device *dev)
{
	for (int i = 0; i < 10; i++) {
		inject(dev, "KEY_B 1");
		inject(dev, "KEY_B 0");
	}
}

/* Fingers at 100 and 200. */
static void put_two_fingers(void)
{
	inject(touchscreen(), "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, "
			      "ABS_MT_POSITION_X 100, ABS_MT_POSITION_Y 10");
	inject(touchscreen(), "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 2, "
			      "ABS_MT_POSITION_X 200, ABS_MT_POSITION_Y 20");
}

/* The second one moves, the first is lifted, and a third reuses its slot. */
static void change_fingers(void)
{
	inject(touchscreen(), "ABS_MT_SLOT 1, ABS_MT_POSITION_X 250");
	inject(touchscreen(), "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	inject(touchscreen(), "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 3, "
			      "ABS_MT_POSITION_X 300, ABS_MT_POSITION_Y 30");
}

/* The result of put_two_fingers() and change_fingers(). */
static void assert_fingers_changed(void)
{
	assert_contacts(touchscreen(), "250 20\n300 30\n");
	assert_state(touchscreen(), "1 330 1\n3 0 250\n3 1 20\n");
}

static void assert_fingers_can_be_lifted(void)
{
	inject(touchscreen(), "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	assert_contacts(touchscreen(), "250 20\n");
	assert_state(touchscreen(), "1 330 1\n3 0 250\n3 1 20\n");
	inject(touchscreen(), "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1");
	assert_contacts(touchscreen(), "");
	assert_state(touchscreen(), "3 0 250\n3 1 20\n");
}

/* Everything that can be held or set, and much that is over. */
static void make_history(void)
{
	type_ten_times(keyboard());
	inject(keyboard(), "KEY_G 1");
	inject(lid(), "SW_LID 1, SW_HEADPHONE_INSERT 1");
	inject(lid(), "SW_HEADPHONE_INSERT 0");
	inject(tablet(), "ABS_X 9, ABS_Y 9");
	inject(tablet(), "ABS_X 1000, ABS_Y 2000");
	inject(gamepad(), "ABS_X 32767, ABS_RX -20000, BTN_SOUTH 1");
	inject(gamepad(), "ABS_X 0, BTN_SOUTH 0");
	inject(mouse(), "REL_X 5");
	put_two_fingers();
	change_fingers();
}

/* Servers and guest are new. */
void guest_that_first_boots_gets_only_the_current_state(void **state)
{
	begin_without_guest();
	make_history();
	boot();
	assert_state(keyboard(), "1 34 1\n");
	assert_state(lid(), "5 0 1\n");
	assert_state(tablet(), "3 0 1000\n3 1 2000\n");
	assert_state(gamepad(), "3 0 0\n3 1 0\n3 2 0\n3 3 -20000\n3 4 0\n"
				"3 5 0\n3 16 0\n3 17 0\n");
	assert_fingers_changed();
	assert_int_equal(times_told(keyboard(), "KEY_G 1"), 1);
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	assert_int_equal(times_told(lid(), "SW_HEADPHONE_INSERT 1"), 0);
	assert_int_equal(times_told(tablet(), "ABS_X 9"), 0);
	assert_int_equal(times_told(gamepad(), "BTN_SOUTH 1"), 0);
	assert_int_equal(times_told(mouse(), "REL_X 5"), 0);
	assert_fingers_can_be_lifted();
	forget_events();
	assert_passes(keyboard(), "KEY_G 0");
	assert_passes(lid(), "SW_LID 0");
	assert_passes(gamepad(), "ABS_RX 0");
	assert_passes(mouse(), "REL_X 7");
	assert_reads_nothing_more();
	done();
}

void guest_that_slept_gets_what_changed_meanwhile(void **state)
{
	const struct device *dev;
	unsigned int told;

	begin();
	dev = keyboard();
	told = times_told(dev, "KEY_B 1");
	inject(dev, "KEY_E 1");
	inject(dev, "KEY_F 1");
	assert_state(dev, "1 18 1\n1 33 1\n");
	put_two_fingers();
	assert_contacts(touchscreen(), "100 10\n200 20\n");
	vm_send(&vm, "suspend");
	usleep(ASLEEP_MS * 1000);
	inject(dev, "KEY_F 0");
	type_ten_times(dev);
	inject(lid(), "SW_LID 1");
	change_fingers();
	free(vm_answer(&vm));
	assert_state(dev, "1 18 1\n");
	assert_state(lid(), "5 0 1\n");
	assert_fingers_changed();
	assert_int_equal(times_told(dev, "KEY_B 1"), told);
	assert_fingers_can_be_lifted();
	inject(dev, "KEY_E 0");
	assert_state(dev, "");
	forget_events();
	/* The key that was held repeated before the agent was thawed. */
	vm_forgive_loss(&vm);
	assert_passes(lid(), "SW_LID 0");
	assert_passes(dev, "KEY_G 1");
	assert_passes(dev, "KEY_G 0");
	assert_reads_nothing_more();
	done();
}

void guest_that_reboots_gets_only_the_current_state(void **state)
{
	begin();
	inject(keyboard(), "KEY_G 1");
	put_two_fingers();
	assert_state(keyboard(), "1 34 1\n");
	assert_contacts(touchscreen(), "100 10\n200 20\n");
	vm_send(&vm, "reboot");
	usleep(GUEST_DOWN_MS * 1000);
	type_ten_times(keyboard());
	inject(lid(), "SW_LID 1");
	change_fingers();
	vm_wait_ready(&vm, n_devices);
	find_nodes();
	assert_state(keyboard(), "1 34 1\n");
	assert_state(lid(), "5 0 1\n");
	assert_fingers_changed();
	assert_int_equal(times_told(keyboard(), "KEY_G 1"), 1);
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	assert_fingers_can_be_lifted();
	forget_events();
	assert_passes(keyboard(), "KEY_G 0");
	assert_passes(lid(), "SW_LID 0");
	assert_reads_nothing_more();
	done();
}

void devices_serve_a_qemu_that_follows_a_killed_one(void **state)
{
	int visitor;

	begin();
	visitor = server_connect(&keyboard()->srv);
	inject(keyboard(), "KEY_H 1");
	inject_by(visitor, "KEY_K 1");
	put_two_fingers();
	assert_state(keyboard(), "1 35 1\n1 37 1\n");
	assert_contacts(touchscreen(), "100 10\n200 20\n");
	vm_kill(&vm);
	type_ten_times(keyboard());
	inject(keyboard(), "KEY_H 0");
	close(visitor);
	inject(lid(), "SW_LID 1");
	change_fingers();
	boot();
	assert_all_as_specified();
	assert_state(lid(), "5 0 1\n");
	assert_state(keyboard(), "");
	assert_fingers_changed();
	assert_int_equal(times_told(keyboard(), "KEY_B 1"), 0);
	assert_int_equal(times_told(keyboard(), "KEY_H 1"), 0);
	assert_int_equal(times_told(keyboard(), "KEY_K 1"), 0);
	assert_fingers_can_be_lifted();
	forget_events();
	assert_passes(lid(), "SW_LID 0");
	assert_passes(keyboard(), "KEY_J 1");
	assert_passes(keyboard(), "KEY_J 0");
	assert_reads_nothing_more();
	done();
}

/* A socket that the server inherited is the launcher's to remove. */
void servers_end_well_on_sigterm_while_a_guest_runs(void **state)
{
	begin();
	for (size_t i = 0; i < n_devices; i++) {
		struct server *srv = &devices[i].srv;
		int status = server_stop(srv);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(access(srv->socket, F_OK) == 0,
				 srv->cuttlefish);
	}
}
