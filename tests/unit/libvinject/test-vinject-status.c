/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes back from a device: by a callback, which may do anything with the
 * handle, and of LEDs also without one.
 */
#include <errno.h>

#include "tests/lib/vinject-device.h"

static void status_events_come_by_callback(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { LED(LED_CAPSL, 1),
				       vi_event(EV_SND, SND_BELL, 1), SYN,
				       LED(LED_CAPSL, 0) };
	const char *bytes = (const char *)ev;

	open_there(f);
	vinject_set_status(f->v, keep_status, f);
	assert_false(readable(f->v));
	device_says(f, bytes, 11);
	assert_true(readable(f->v));
	assert_num(vinject_dispatch(f->v), 0);
	assert_events(f->status, f->n_status, "LED_CAPSL 1");
	assert_true(vinject_led(f->v, LED_CAPSL));
	assert_false(vinject_led(f->v, LED_NUML));
	assert_false(readable(f->v));
	device_says(f, bytes + 11, sizeof(ev) - 11);
	assert_num(vinject_dispatch(f->v), 0);
	assert_events(f->status, f->n_status,
		      "LED_CAPSL 1, SND_BELL 1, SYN_REPORT 0, LED_CAPSL 0");
	assert_false(vinject_led(f->v, LED_CAPSL));
}

static void leds_are_known_without_a_callback(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { LED(LED_MAX, 1),	   LED(LED_CNT, 1),
				       LED(UINT16_MAX, 1), LED(LED_CAPSL, 1),
				       LED(LED_NUML, 1),   LED(LED_SCROLLL, 1),
				       LED(LED_NUML, 0) };

	open_there(f);
	device_says(f, ev, sizeof(ev));
	assert_num(vinject_dispatch(f->v), 0);
	assert_true(vinject_led(f->v, LED_MAX));
	assert_false(vinject_led(f->v, LED_CNT));
	assert_false(vinject_led(f->v, UINT16_MAX));
	assert_true(vinject_led(f->v, LED_CAPSL));
	assert_false(vinject_led(f->v, LED_NUML));
	assert_true(vinject_led(f->v, LED_SCROLLL));
}

static void type_back(void *arg, uint16_t type, uint16_t code, int32_t value)
{
	struct fixture *f = arg;

	vinject_key(f->v, KEY_A, value);
	vinject_frame(f->v);
}

static void a_callback_may_inject(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { LED(LED_CAPSL, 1), LED(LED_CAPSL, 0) };

	open_there(f);
	vinject_set_status(f->v, type_back, f);
	device_says(f, ev, sizeof(ev));
	assert_num(vinject_dispatch(f->v), 0);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

static void a_callback_may_find_the_device_gone(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { LED(LED_CAPSL, 1), LED(LED_CAPSL, 0) };

	open_there(f);
	vinject_set_status(f->v, type_back, f);
	device_says(f, ev, sizeof(ev));
	device_goes(f);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
}

static void find_another(void *arg, uint16_t type, uint16_t code, int32_t value)
{
	struct fixture *f = arg;

	keep_status(arg, type, code, value);
	if (f->n_status > 1)
		return;
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
}

/* The first connection has left half an event. */
static void a_callback_may_come_to_another_connection(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev[] = { LED(LED_CAPSL, 1), LED(LED_CAPSL, 0) };

	open_there(f);
	vinject_set_status(f->v, find_another, f);
	vinject_set_reconnect(f->v, true);
	vinject_set_timeout(f->v, DEADLINE_MS);
	device_says(f, ev, 12);
	device_goes(f);
	assert_num(vinject_dispatch(f->v), 0);
	accept_it(f);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
	device_says(f, &ev[1], 8);
	assert_num(vinject_dispatch(f->v), 0);
	assert_events(f->status, f->n_status, "LED_CAPSL 1, LED_CAPSL 0");
}

static void the_last_words_of_a_device_are_heard(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev = LED(LED_CAPSL, 1);

	open_there(f);
	vinject_set_status(f->v, keep_status, f);
	device_says(f, &ev, sizeof(ev));
	device_goes(f);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_events(f->status, f->n_status, "LED_CAPSL 1");
}

/* It left a frame unread: the kernel reports a reset before its packets. */
static void a_device_that_reads_nothing_is_heard_too(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev = LED(LED_CAPSL, 1);

	open_type(f, SOCK_SEQPACKET);
	vinject_set_status(f->v, keep_status, f);
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	device_says(f, &ev, sizeof(ev));
	device_goes(f);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_events(f->status, f->n_status, "LED_CAPSL 1");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(status_events_come_by_callback),
		T(leds_are_known_without_a_callback),
		T(a_callback_may_inject),
		T(a_callback_may_find_the_device_gone),
		T(a_callback_may_come_to_another_connection),
		T(the_last_words_of_a_device_are_heard),
		T(a_device_that_reads_nothing_is_heard_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
