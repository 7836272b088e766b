/* SPDX-License-Identifier: Apache-2.0 */
/* stream-hold.h: pens and pads of which only the label is known. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/stream-hold.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

static const char *const labels[] = { "pen", "pen_1", "gamepad", "gamepad_1" };

enum {
	PEN,
	OTHER_PEN,
	PAD,
	OTHER_PAD
};

static struct world {
	struct stream_devices devices;
	struct stream_device *device[ARRAY_LEN(labels)];
	int end[ARRAY_LEN(labels)]; /* the devices' */
	struct stream_hold hold;
} w;

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		int pair[2];

		w.device[i] = stream_device_new(&w.devices, labels[i], NULL);
		assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				      pair));
		assert_ok(vinject_open_fd(w.device[i]->v, pair[0]));
		assert_sys(fcntl(pair[1], F_SETFL, O_NONBLOCK));
		w.end[i] = pair[1];
	}
	fill_with_garbage(&w.hold);
	stream_hold_init(&w.hold, 1);
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		stream_device_free(&w.devices, w.device[i]);
		close(w.end[i]);
	}
	return 0;
}

/* The device's next frame; "": none. */
static void expect_frame(int device, const char *wanted)
{
	struct vi_event ev[64];
	ssize_t len;
	char *text;

	stream_hold_finish(&w.hold, &w.devices);
	len = read(w.end[device], ev, sizeof(ev));
	text = len > 0 ? event_text_write(ev, (size_t)len / sizeof(*ev) - 1)
		       : NULL;
	assert_string_equal(text ? text : "", wanted);
	free(text);
}

static void only_devices_with_events_get_a_frame(void **state)
{
	vinject_key(w.device[PAD]->v, BTN_SOUTH, 1);
	stream_hold_touch(&w.hold, w.device[OTHER_PAD]);
	expect_frame(PAD, "");
	stream_hold_touch(&w.hold, w.device[PAD]);
	expect_frame(PAD, "BTN_SOUTH 1");
}

static void each_button_of_a_pen_is_its_own(void **state)
{
	stream_hold_pen(&w.hold, w.device[PEN], VINJECT_PEN, 0xb);
	expect_frame(PEN, "BTN_TOOL_PEN 1, BTN_STYLUS 1, BTN_STYLUS2 1");
	stream_hold_pen(&w.hold, w.device[PEN], VINJECT_PEN, 0xe);
	expect_frame(PEN, "BTN_STYLUS 0, BTN_STYLUS3 1");
	assert_true(stream_hold_any(&w.hold));
	stream_hold_pen_away(&w.hold);
	assert_false(stream_hold_any(&w.hold));
}

static void pad_is_down_from_the_middle_on(void **state)
{
	struct stream_pad *pad = &w.hold.pad[STREAM_PADS_MAX - 1];

	stream_hold_pad_open(&w.hold, pad, w.device[PAD]);
	assert_true(stream_hold_any(&w.hold));
	stream_hold_pad_button(&w.hold, pad, 1, 0.49);
	expect_frame(PAD, "");
	stream_hold_pad_button(&w.hold, pad, 1, 0.5);
	expect_frame(PAD, "BTN_EAST 1");
	stream_hold_pad_button(&w.hold, pad, 1, 0.6);
	expect_frame(PAD, "");
	stream_hold_pad_event(&w.hold, pad, ABS_HAT0X, 1);
	expect_frame(PAD, "ABS_HAT0X 1");
	stream_hold_pad_gone(&w.hold, pad);
	expect_frame(PAD, "BTN_EAST 0, ABS_HAT0X 0");
	assert_false(stream_hold_any(&w.hold));
}

static void only_the_device_that_goes_is_forgotten(void **state)
{
	struct stream_pad *pads = w.hold.pad;

	stream_hold_pen(&w.hold, w.device[PEN], VINJECT_PEN, 1);
	stream_hold_pad_open(&w.hold, &pads[0], w.device[PAD]);
	stream_hold_pad_open(&w.hold, &pads[1], w.device[OTHER_PAD]);
	stream_hold_forget(&w.hold, w.device[OTHER_PEN]);
	assert_ptr_equal(w.hold.pen, w.device[PEN]);
	assert_num(w.hold.pen_buttons, 1);
	stream_hold_forget(&w.hold, w.device[PEN]);
	assert_null(w.hold.pen);
	assert_num(w.hold.pen_buttons, 0);
	stream_hold_forget(&w.hold, w.device[OTHER_PAD]);
	assert_ptr_equal(pads[0].device, w.device[PAD]);
	assert_null(pads[1].device);
	assert_true(stream_hold_any(&w.hold));
	stream_hold_forget(&w.hold, w.device[PAD]);
	assert_false(stream_hold_any(&w.hold));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_devices_with_events_get_a_frame),
		T(each_button_of_a_pen_is_its_own),
		T(pad_is_down_from_the_middle_on),
		T(only_the_device_that_goes_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
