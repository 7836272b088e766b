/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control events (input/device/control.h): HELLO, and requests that are
 * answered at once.
 */
#include "tests/lib/check.h"

#include <string.h>

#include "tests/lib/control-world.h"

#define RING(what, value) vi_event(CONTROL_RING, CONTROL_RING_##what, value)
/* Of SPEC_NAME_MAX bytes. */
#define LONGEST \
	"a name of as many bytes as a device may have: there are 63....."
_Static_assert(sizeof(LONGEST) == SPEC_NAME_MAX + 1, "is the longest");

#define HELD_BY_OTHERS(bits) vi_event(CONTROL_HELD, 0, bits)

static void hello_is_answered_when_it_is_received(void **state)
{
	INJECT(0, HELLO);
	EXPECT_SILENCE(0);
	INJECT(0, SYN);
	EXPECT_TOLD(0, HELLO);
	INJECT(0, HELLO);
	EXPECT_TOLD(0, HELLO);
}

static void a_hello_behind_other_frames_is_answered_in_its_turn(void **state)
{
	guest_starts(1);
	INJECT(0, KEY(KEY_A, 1), SYN, HELLO, SYN, KEY(KEY_B, 1), RECEIPT(3),
	       SYN);
	EXPECT_SILENCE(0);
	expect(0, "KEY_A 1");
	EXPECT_SILENCE(0);
	expect(9, "SYN_REPORT 0, KEY_B 1, SYN_REPORT 0");
	EXPECT_TOLD(0, HELLO);
	guest_returns(3);
	EXPECT_SILENCE(0);
	guest_returns(1);
	EXPECT_TOLD(0, ANSWER(0, 3));
}

/* What stands before it could not be counted. */
static void a_hello_is_the_first_event_of_its_frame(void **state)
{
	guest_starts(99);
	INJECT(0, KEY(KEY_A, 1), HELLO, RECEIPT(3), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	guest_returns(EVERYTHING);
	EXPECT_SILENCE(0);
	assert_num(w.dev->merge.count.undeclared, 2);
	assert_null(w.src[0].receipts);
}

static void a_hello_has_its_version_and_its_magic(void **state)
{
	INJECT(0, vi_event(CONTROL_HELLO, 0, CONTROL_MAGIC), SYN);
	INJECT(0, vi_event(CONTROL_HELLO, 1, CONTROL_MAGIC + 1), SYN);
	INJECT(0, vi_event(CONTROL_FIRST + 1, 1, CONTROL_MAGIC), SYN);
	pump();
	EXPECT_SILENCE(0);
	assert_num(w.dev->merge.count.undeclared, 3);
	INJECT(0, vi_event(CONTROL_HELLO, 77, CONTROL_MAGIC), SYN);
	EXPECT_TOLD(0, HELLO);
}

/* As a socket that several programs inherit one after the other. */
static void a_second_hello_switches_off_what_the_first_one_set(void **state)
{
	INJECT(0, HELLO, SYN, WATCH(1), LOSSLESS(-1), SYN);
	INJECT(0, HELLO, SYN);
	assert_false(w.src[0].receipts->watch);
	assert_num(w.src[0].receipts->lossless_ms, 0);
}

static void a_hello_that_found_no_space_is_sent_later(void **state)
{
	w.told[0].full = true;
	INJECT(0, HELLO, SYN);
	w.told[0].full = false;
	EXPECT_SILENCE(0);
	device_set_driver(w.dev, CONTROL_DRIVER_NONE);
	EXPECT_TOLD(0, HELLO);
	device_set_driver(w.dev, CONTROL_DRIVER_NO_VMM);
	EXPECT_SILENCE(0);
}

static void stray_types_are_undeclared_without_hello(void **state)
{
	guest_starts(99);
	INJECT(0, RECEIPT(1), LOSSLESS(-1), WATCH(1),
	       vi_event(CONTROL_NAME, 0, 0), CANCEL, vi_event(0xffff, 1, 1),
	       KEY(KEY_A, 1), SYN);
	expect(0, "KEY_A 1, SYN_REPORT 0");
	device_set_driver(w.dev, CONTROL_DRIVER_RUNNING);
	guest_returns(EVERYTHING);
	EXPECT_SILENCE(0);
	assert_num(w.dev->merge.count.undeclared, 6);
	assert_num(w.dev->owed, 0);
	assert_true(LIST_EMPTY(&w.dev->askers));
}

static void a_server_that_cannot_answer_knows_no_control_events(void **state)
{
	w.dev->sink.answer = NULL;
	INJECT(0, HELLO, RECEIPT(1), SYN);
	INJECT(0, KEY(KEY_A, 1), SYN, HELLO, SYN);
	pump();
	assert_num(w.dev->merge.count.undeclared, 3);
	assert_null(w.src[0].receipts);
}

static void types_that_only_a_server_sends_are_undeclared(void **state)
{
	guest_starts(99);
	greet(0);
	INJECT(0, RECEIPT(1), DRIVER(NONE), vi_event(0xabcd, 5, 0), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(UNDECLARED, 2),
		    vi_event(CONTROL_UNKNOWN, 0, CONTROL_DRIVER),
		    ANSWER(BIT(UNDECLARED), 1));
	assert_num(w.dev->merge.count.undeclared, 2);
}

static void a_frame_may_be_full_of_control_events(void **state)
{
	static struct vi_event ev[FRAME_EVENTS_MAX + 1];

	guest_starts(99);
	greet(0);
	for (int i = 0; i < FRAME_EVENTS_MAX; i++)
		ev[i] = RECEIPT(i);
	ev[FRAME_EVENTS_MAX] = SYN;
	device_inject(w.dev, &w.src[0], ev, ARRAY_LEN(ev));
	pump();
	assert_num(w.told[0].n, CONTROL_OWED_MAX);
	w.told[0].n = 0;
	INJECT(0, RECEIPT(-7), SYN);
	pump();
	EXPECT_TOLD(0, COUNT(LOST, FRAME_EVENTS_MAX - CONTROL_OWED_MAX),
		    ANSWER(BIT(LOST), -7));
	assert_num(w.dev->merge.count.undeclared, 0);
}

static void the_name_comes_in_parts_of_4_bytes(void **state)
{
	static const char *const names[] = { "", "abc", "abcd", "Touch pad",
					     LONGEST };

	greet(0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char got[sizeof(w.spec.name)];

		memset(got, 'x', sizeof(got));
		strcpy(w.spec.name, names[i]);
		INJECT(0, vi_event(CONTROL_NAME, 0, 0));
		assert_num(w.told[0].n, strlen(names[i]) / 4 + 1);
		for (size_t k = 0; k < w.told[0].n; k++) {
			const struct vi_event *ev = &w.told[0].ev[k];

			assert_num(vi_type(ev), CONTROL_NAME);
			assert_num(vi_code(ev), 4 * k);
			memcpy(got + 4 * k, (const uint8_t *)ev + 4, 4);
		}
		assert_string_equal(got, names[i]);
		w.told[0].n = 0;
	}
}

static int asked; /* for a ring */

static void ask_ring(void *arg, struct device_source *src)
{
	assert_ptr_equal(src, &w.src[0]);
	asked++;
}

static void a_ring_is_asked_for_by_all_of_its_event(void **state)
{
	const struct vi_event others[] = {
		RING(ASK, CONTROL_MAGIC - 1),
		RING(OFFER, CONTROL_MAGIC),
		vi_event(CONTROL_NAME, CONTROL_RING_ASK, CONTROL_MAGIC),
		KEY(KEY_A, 1),
	};

	asked = 0;
	w.dev->sink.ask_ring = ask_ring;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		INJECT(0, others[i], SYN);
		pump();
		assert_num(asked, 0);
	}
	INJECT(0, RING(ASK, CONTROL_MAGIC), SYN);
	assert_num(asked, 1);
}

static void a_device_without_rings_knows_no_such_request(void **state)
{
	INJECT(0, RING(ASK, CONTROL_MAGIC), SYN);
	pump();
	assert_num(w.dev->merge.count.undeclared, 1);
	EXPECT_SILENCE(0);
}

/* Not those of the one that asks, and no other keys. */
static void modifiers_that_others_hold_are_told(void **state)
{
	static const uint16_t keys[] = {
		KEY_LEFTCTRL,  KEY_LEFTSHIFT,  KEY_LEFTALT,  KEY_LEFTMETA,
		KEY_RIGHTCTRL, KEY_RIGHTSHIFT, KEY_RIGHTALT, KEY_RIGHTMETA,
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		bit_set(w.spec.bits[EV_KEY], keys[i]);
	guest_starts(999);
	greet(0);
	INJECT(0, HELD_BY_OTHERS(0), SYN);
	EXPECT_TOLD(0, HELD_BY_OTHERS(0));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		INJECT(1, KEY(keys[i], 1), KEY(KEY_A, 1), SYN);
		pump();
		INJECT(0, HELD_BY_OTHERS(0), SYN);
		EXPECT_TOLD(0, HELD_BY_OTHERS(1 << i));
		INJECT(1, KEY(keys[i], 0), SYN);
		INJECT(0, KEY(keys[i], 1), SYN);
		pump();
		INJECT(0, HELD_BY_OTHERS(0), SYN);
		EXPECT_TOLD(0, HELD_BY_OTHERS(0));
	}
	INJECT(1, KEY(KEY_LEFTCTRL, 1), SYN);
	pump();
	INJECT(0, HELD_BY_OTHERS(0), HELD_BY_OTHERS(0), SYN);
	EXPECT_TOLD(0, HELD_BY_OTHERS(1));
	assert_num(w.dev->merge.count.undeclared, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(hello_is_answered_when_it_is_received),
		control_test(
			a_hello_behind_other_frames_is_answered_in_its_turn),
		control_test(a_hello_is_the_first_event_of_its_frame),
		control_test(a_hello_has_its_version_and_its_magic),
		control_test(
			a_second_hello_switches_off_what_the_first_one_set),
		control_test(a_hello_that_found_no_space_is_sent_later),
		control_test(stray_types_are_undeclared_without_hello),
		control_test(
			a_server_that_cannot_answer_knows_no_control_events),
		control_test(types_that_only_a_server_sends_are_undeclared),
		control_test(a_frame_may_be_full_of_control_events),
		control_test(the_name_comes_in_parts_of_4_bytes),
		control_test(a_ring_is_asked_for_by_all_of_its_event),
		control_test(a_device_without_rings_knows_no_such_request),
		control_test(modifiers_that_others_hold_are_told),
	};

	return cmocka_run_group_tests_name("device-hello", tests, NULL, NULL);
}
