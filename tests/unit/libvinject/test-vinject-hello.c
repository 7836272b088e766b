/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a handle asks of a server that knows control events, and that none of
 * their answers is taken for anything else.
 */
#include <errno.h>
#include <string.h>

#include "injector/libvinject/vinject.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"
#include "tests/lib/process.h"

/* --- hello --- */

static void hello_is_said_once(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_reads(s, "HELLO, SYN");
	assert_rc(vinject_hello(s->v, 10), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_ok(vinject_hello(s->v, -1));
	assert_ok(vinject_hello(s->v, 0));
	fake_server_reads(s, "");
}

static void without_an_answer_events_still_work(void **state)
{
	struct fake_server *s = *state;
	char name[8];

	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	assert_rc(vinject_lossless(s->v, -1), -EOPNOTSUPP);
	assert_rc(vinject_watch_driver(s->v, NULL, NULL), -EOPNOTSUPP);
	assert_rc(vinject_wait_driver(s->v, 0), -EOPNOTSUPP);
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -EOPNOTSUPP);
	assert_rc(vinject_cancel(s->v, NULL, 0), -EOPNOTSUPP);
	assert_rc(vinject_wait_receipt(s->v, 1, 0, NULL), -EINVAL);
	vinject_key(s->v, KEY_A, true);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "HELLO, SYN, KEY 30 1, SYN");
	assert_num(vinject_owed(s->v), 0);
}

static void an_answer_may_come_late(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 7, CONTROL_MAGIC);
	fake_server_dispatch(s);
	assert_ok(vinject_ask_receipt(s->v, NULL));
}

static void hello_with_other_magic_is_no_answer(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, 0);
	fake_server_says(s, CONTROL_HELLO, 0, CONTROL_MAGIC);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
}

static void what_was_said_to_an_earlier_user_is_no_answer(void **state)
{
	struct fake_server *s = *state;

	for (int i = 0; i < 60; i++)
		fake_server_says(s, CONTROL_RECEIPT, 0, i);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
}

static void hello_needs_a_connection(void **state)
{
	struct vinject *v = vinject_new();

	(void)state;
	assert_rc(vinject_hello(v, 0), -EPIPE);
	assert_rc(vinject_lossless(v, 0), -EPIPE);
	assert_rc(vinject_ask_receipt(v, NULL), -EPIPE);
	vinject_free(v);
}

/* --- with LEDs beside --- */

static void control_events_reach_no_status_callback(void **state)
{
	struct fake_server *s = *state;

	for (uint32_t type = CONTROL_FIRST; type < CONTROL_FIRST + 20; type++)
		fake_server_says(s, (uint16_t)type, 1, 2);
	fake_server_says(s, UINT16_MAX, 1, 2);
	fake_server_dispatch(s);
	fake_server_greet(s);
	for (uint32_t type = CONTROL_FIRST + 1; type < CONTROL_FIRST + 20;
	     type++)
		fake_server_says(s, (uint16_t)type, 1, 2);
	fake_server_says(s, EV_LED, LED_NUML, 1);
	fake_server_dispatch(s);
	fake_server_dispatch(s);
	assert_num(s->n_status, 1);
	assert_true(vinject_led(s->v, LED_NUML));
}

/* --- lossless, driver, name --- */

static void lossless_has_a_limit(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_rc(vinject_lossless(s->v, -2), -EINVAL);
	assert_ok(vinject_lossless(s->v, 500));
	assert_ok(vinject_lossless(s->v, 0));
	fake_server_reads(s, "LOSSLESS 500, SYN, LOSSLESS 0, SYN");
}

static void the_next_user_of_the_socket_starts_anew(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_rc(vinject_wait_driver(s->v, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	vinject_free(s->v);
	s->v = NULL;
	fake_server_reads(s, "LOSSLESS 0, WATCH 0, SYN");
}

static void the_driver_is_watched(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	fake_server_dispatch(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	for (int32_t i = -1; i <= CONTROL_DRIVER_RUNNING + 1; i++) {
		fake_server_says(s, CONTROL_DRIVER, 0, i);
		fake_server_says(s, CONTROL_DRIVER, 0, i);
	}
	fake_server_dispatch(s);
	assert_num(s->n_drivers, 3);
	assert_num(s->drivers[0], VINJECT_DRIVER_NO_VMM);
	assert_num(s->drivers[1], VINJECT_DRIVER_NONE);
	assert_num(s->drivers[2], VINJECT_DRIVER_RUNNING);
	assert_ok(vinject_watch_driver(s->v, NULL, NULL));
	fake_server_reads(s, "WATCH 1, SYN, WATCH 0, SYN");
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	fake_server_dispatch(s);
	assert_num(s->n_drivers, 3);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
}

static void a_driver_is_waited_for(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_rc(vinject_wait_driver(s->v, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	assert_rc(vinject_wait_driver(s->v, 1), -ETIMEDOUT);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_NONE);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	assert_ok(vinject_wait_driver(s->v, -1));
	fake_server_reads(s, "WATCH 1, SYN");
	/* A callback that is set now hears the present state. */
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	fake_server_reads(s, "WATCH 1, SYN");
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	fake_server_dispatch(s);
	assert_num(s->n_drivers, 1);
	fake_server_ends(s);
	assert_rc(vinject_wait_driver(s->v, -1), -EPIPE);
}

static void says_name(struct fake_server *s, const char *name, size_t len)
{
	for (size_t at = 0; at <= len; at += 4) {
		char part[4] = { 0 };
		int32_t value;

		for (size_t i = 0; i < 4 && at + i < len; i++)
			part[i] = name[at + i];
		memcpy(&value, part, 4);
		fake_server_says(s, CONTROL_NAME, (uint16_t)at,
				 (int32_t)le32toh((uint32_t)value));
	}
}

static void the_name_comes_in_parts(void **state)
{
	struct fake_server *s = *state;
	char name[129], longest[128];

	fake_server_greet(s);
	memset(longest, 'x', sizeof(longest));
	says_name(s, "not asked for", 13);
	fake_server_dispatch(s);
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	fake_server_reads(s, "NAME, SYN");
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	fake_server_reads(s, "");
	fake_server_says(s, CONTROL_NAME, 129, 0);
	fake_server_says(s, CONTROL_NAME, UINT16_MAX, 0);
	says_name(s, "touch_12", 8);
	assert_ok(vinject_name(s->v, name, sizeof(name), 0));
	assert_string_equal(name, "touch_12");

	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	says_name(s, longest, sizeof(longest));
	assert_ok(vinject_name(s->v, name, sizeof(name), 0));
	assert_memory_equal(name, longest, 128);
	assert_num(name[128], 0);

	assert_rc(vinject_name(s->v, name, 4, 0), -ETIMEDOUT);
	says_name(s, "abcd", 4);
	assert_rc(vinject_name(s->v, name, 4, 0), -ERANGE);
	assert_string_equal(name, "abc");
}

static void what_others_hold_is_asked_each_time(void **state)
{
	struct fake_server *s = *state;
	unsigned int held = 77;

	assert_rc(vinject_held_by_others(s->v, &held, 0), -EOPNOTSUPP);
	fake_server_greet(s);
	fake_server_says(s, CONTROL_HELD, 0, 1);
	fake_server_dispatch(s);
	assert_rc(vinject_held_by_others(s->v, &held, 0), -ETIMEDOUT);
	assert_rc(vinject_held_by_others(s->v, &held, 0), -ETIMEDOUT);
	fake_server_reads(s, "HELD, SYN");
	assert_num(held, 77);
	/* Bits of a later version are none of ours. */
	fake_server_says(s, CONTROL_HELD, 0, 0x7ffff00 | VINJECT_RIGHT_ALT);
	assert_ok(vinject_held_by_others(s->v, &held, 0));
	assert_num(held, VINJECT_RIGHT_ALT);
	assert_rc(vinject_held_by_others(s->v, &held, 0), -ETIMEDOUT);
	fake_server_reads(s, "HELD, SYN");
	fake_server_says(s, CONTROL_HELD, 0, 0);
	assert_ok(vinject_held_by_others(s->v, &held, -1));
	assert_num(held, 0);
}

int main(void)
{
#define T(test)                                                  \
	cmocka_unit_test_setup_teardown(test, fake_server_setup, \
					fake_server_teardown)
#define P(test)                                                          \
	cmocka_unit_test_setup_teardown(test, fake_server_setup_packets, \
					fake_server_teardown)
	const struct CMUnitTest tests[] = {
		T(hello_is_said_once),
		P(hello_is_said_once),
		T(without_an_answer_events_still_work),
		T(an_answer_may_come_late),
		T(hello_with_other_magic_is_no_answer),
		T(what_was_said_to_an_earlier_user_is_no_answer),
		P(what_was_said_to_an_earlier_user_is_no_answer),
		cmocka_unit_test(hello_needs_a_connection),
		T(control_events_reach_no_status_callback),
		P(control_events_reach_no_status_callback),
		T(lossless_has_a_limit),
		T(the_next_user_of_the_socket_starts_anew),
		T(the_driver_is_watched),
		T(a_driver_is_waited_for),
		T(the_name_comes_in_parts),
		T(what_others_hold_is_asked_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
