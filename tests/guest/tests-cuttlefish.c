/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuttlefish's launcher and streamer as they are: how a server is started, what
 * is written to its stdin, and the effect. Cases that consist of events only
 * are in scenarios/cuttlefish-*.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

void leds_go_to_the_stdout_of_a_server_of_cuttlefish(void **state)
{
	const struct device *dev;

	begin();
	dev = cuttlefish("keyboard");
	forget_status(dev->srv.status_fd);
	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(dev->srv.status_fd, LED_CAPSL, on);
	}
	assert_no_status(dev->srv.status_fd);
	assert_no_status(dev->srv.inject_fd);
	done();
}

void mouse_moves_of_cuttlefish_come_with_the_next_button(void **state)
{
	const struct device *dev;

	begin();
	dev = cuttlefish("mouse");
	inject_unfinished(dev->srv.inject_fd, "REL_X 5, REL_Y -3");
	inject_unfinished(dev->srv.inject_fd, "REL_X 2, REL_Y -1");
	assert_reads_nothing_more();
	inject(dev, "BTN_LEFT 1");
	assert_reads_frame(dev, "REL_X 5, REL_X 2, REL_Y -3, REL_Y -1, "
				"BTN_LEFT 1");
	assert_passes(dev, "BTN_LEFT 0");
	assert_reads_nothing_more();
	done();
}

static void put_finger(const struct device *dev, int slot, int id, int x)
{
	char frame[160];

	snprintf(frame, sizeof(frame),
		 "BTN_TOUCH 1, ABS_MT_SLOT %d, ABS_MT_TRACKING_ID %d, "
		 "ABS_MT_POSITION_X %d, ABS_MT_POSITION_Y 7",
		 slot, id, x);
	inject(dev, frame);
}

static void lift_finger(const struct device *dev, int slot)
{
	char frame[80];

	snprintf(frame, sizeof(frame),
		 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID -1, BTN_TOUCH 0", slot);
	inject(dev, frame);
}

/* view.h checks BTN_TOUCH after each frame. */
void touch_of_cuttlefish_is_down_while_any_finger_is(void **state)
{
	const struct device *dev;

	begin();
	dev = cuttlefish("touchscreen");
	put_finger(dev, 0, 20, 100);
	put_finger(dev, 1, 21, 200);
	put_finger(dev, 2, 22, 300);
	lift_finger(dev, 1);
	assert_contacts(dev, "100 7\n300 7\n");
	assert_state(dev, "1 330 1\n");
	lift_finger(dev, 0);
	assert_contacts(dev, "300 7\n");
	assert_state(dev, "1 330 1\n");
	lift_finger(dev, 2);
	assert_contacts(dev, "");
	assert_state(dev, "");
	forget_events();
	done();
}

/* Each is larger than the last; view.h checks the guest's. */
void tracking_ids_that_only_grow_stay_small_in_the_guest(void **state)
{
	static const int id[] = { 1000, 65534, 65535, 65536, 65537, 1 << 30 };
	const struct device *dev;

	begin();
	dev = cuttlefish("touchscreen");
	put_finger(dev, 9, id[0], 500);
	for (size_t i = 1; i < sizeof(id) / sizeof(id[0]); i++) {
		put_finger(dev, 3, id[i], 100);
		assert_contacts(dev, "100 7\n500 7\n");
		lift_finger(dev, 3);
	}
	lift_finger(dev, 9);
	assert_state(dev, "");
	forget_events();
	done();
}

/* The streamer keeps running and reuses the slot for the next browser. */
void finger_that_a_browser_left_is_lifted_when_the_next_comes(void **state)
{
	const struct device *dev;

	begin();
	dev = cuttlefish("touchscreen");
	wipe_slots(dev);
	put_finger(dev, 0, 90, 100);
	assert_reads_frame(dev, "ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 100, "
				"ABS_MT_POSITION_Y 7, BTN_TOUCH 1");
	put_finger(dev, 0, 91, 200);
	/* The streamer has not released BTN_TOUCH, but the finger is up. */
	assert_reads_frame(dev, "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	assert_reads_frame(dev, "ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 200, "
				"BTN_TOUCH 1");
	lift_finger(dev, 0);
	assert_reads_frame(dev, "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	assert_reads_nothing_more();
	done();
}

/* In the middle of everything, and of a frame. */
void streamer_that_ends_leaves_nothing_pressed(void **state)
{
	struct device *screen, *keys, *pointer;

	begin();
	screen = cuttlefish("touchscreen");
	keys = cuttlefish("keyboard");
	pointer = cuttlefish("mouse");
	put_finger(screen, 0, 200, 100);
	put_finger(screen, 1, 201, 200);
	inject(keys, "KEY_LEFTMETA 1");
	inject(keys, "KEY_Q 1");
	inject(pointer, "BTN_LEFT 1");
	inject_unfinished(pointer->srv.inject_fd, "REL_X 5, REL_Y 5");
	assert_contacts(screen, "100 7\n200 7\n");
	assert_state(keys, "1 16 1\n1 125 1\n");
	assert_state(pointer, "1 272 1\n");
	forget_events();
	server_leave(&screen->srv);
	server_leave(&keys->srv);
	server_leave(&pointer->srv);
	assert_contacts(screen, "");
	assert_state(screen, "");
	assert_reads_frame(keys, "KEY_Q 0, KEY_LEFTMETA 0");
	assert_reads_frame(pointer, "BTN_LEFT 0");
	done();
}
