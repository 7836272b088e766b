/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a handle forgets when it is opened again, and when what it sent is
 * withdrawn: a device that is new knows nothing of what was held before.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

static struct vinject *v;
static int device;

static void open_again(void)
{
	int fd[2];

	if (device >= 0) {
		close(device);
		assert_rc(vinject_dispatch(v), -EPIPE);
	}
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	assert_ok(vinject_open_fd(v, fd[0]));
	device = fd[1];
}

static int setup(void **state)
{
	v = vinject_new();
	assert_non_null(v);
	device = -1;
	open_again();
	return 0;
}

static int teardown(void **state)
{
	vinject_free(v);
	close(device);
	return 0;
}

/* What was said until now goes out as this. */
static void says(const char *text)
{
	struct vi_event ev[VINJECT_FRAME_MAX + 1];
	ssize_t len;

	assert_num(vinject_frame(v), 0);
	len = recv(device, ev, sizeof(ev), MSG_DONTWAIT);
	assert_sys(len);
	assert_events(ev, (size_t)len / sizeof(*ev) - 1, text);
}

static void a_pen_comes_again(void **state)
{
	vinject_pen_in(v, VINJECT_PEN);
	says("BTN_TOOL_PEN 1");
	open_again();
	vinject_pen_in(v, VINJECT_PEN);
	says("BTN_TOOL_PEN 1");
	vinject_withdraw(v);
	assert_num(v->pen, 0);
}

static void a_hat_is_in_its_middle_again(void **state)
{
	vinject_pad_button(v, 12, true);
	says("ABS_HAT0Y -1");
	open_again();
	vinject_pad_button(v, 13, true);
	says("ABS_HAT0Y 1");
	vinject_withdraw(v);
	assert_num(v->pad, 0);
}

static void leds_are_off_again(void **state)
{
	const struct vi_event lit[] = {
		vi_event(EV_LED, LED_CAPSL, 1),
		vi_event(EV_LED, LED_MAX, 1),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};

	assert_num(send(device, lit, sizeof(lit), 0), sizeof(lit));
	assert_true(vinject_dispatch(v) >= 0);
	assert_true(vinject_led(v, LED_CAPSL));
	assert_true(vinject_led(v, LED_MAX));
	assert_false(vinject_led(v, LED_MAX + 1));
	open_again();
	assert_false(vinject_led(v, LED_CAPSL));
	assert_false(vinject_led(v, LED_MAX));
}

/* Until the socket takes no more. */
static void fill(void)
{
	vinject_set_timeout(v, 0);
	do
		assert_ok(vinject_key(v, KEY_A,
				      !vinject_state_key(&v->now, KEY_A)));
	while (!vinject_frame(v));
}

static int32_t drain_motion(void)
{
	struct vi_event ev;
	int32_t sum = 0;

	for (;;) {
		while (recv(device, &ev, sizeof(ev), MSG_DONTWAIT) > 0)
			if (vi_type(&ev) == EV_REL)
				sum += vi_value(&ev);
		if (!vinject_pending(v))
			return sum;
		assert_true(vinject_flush(v) >= 0);
	}
}

static void motion_that_had_no_room_is_not_made_up_for(void **state)
{
	for (int i = 0; i < 2; i++) {
		fill();
		vinject_motion(v, 5, 0);
		assert_true(vinject_frame(v) > 0);
		if (!i)
			open_again();
	}
	assert_num(drain_motion(), 5);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_pen_comes_again),
		T(a_hat_is_in_its_middle_again),
		T(leds_are_off_again),
		T(motion_that_had_no_room_is_not_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
