/* SPDX-License-Identifier: Apache-2.0 */
/* type-a.h: which contact of a frame continues which of the one before. */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "input/device/type-a.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

#define EVENTS_MAX 4097

static struct type_a ta;
static struct vi_event in[EVENTS_MAX], out[EVENTS_MAX + TYPE_A_EXTRA];

static int setup(void **state)
{
	fill_with_garbage(&ta);
	type_a_init(&ta, 3);
	ta.next_id = 6;
	return 0;
}

static void converts(const char *from, const char *to)
{
	const size_t n = event_text_frame(from, in, EVENTS_MAX);
	const size_t got = type_a_convert(&ta, in, n, out);

	assert_true(vi_is_syn_report(&out[got - 1]));
	assert_events(out, got - 1, to);
}

#define AT(x, y)                                               \
	"ABS_MT_POSITION_X " #x ", ABS_MT_POSITION_Y " #y ", " \
	"SYN_MT_REPORT 0"
#define XY(x, y) "ABS_MT_POSITION_X " #x ", ABS_MT_POSITION_Y " #y
#define SLOT(n)	 "ABS_MT_SLOT " #n ", "
#define ID(n)	 "ABS_MT_TRACKING_ID " #n

static void a_contact_comes_moves_and_goes(void **state)
{
	converts("BTN_TOUCH 1, " AT(1, 2),
		 "BTN_TOUCH 1, " SLOT(0) ID(7) ", " XY(1, 2));
	converts(AT(3, 2), SLOT(0) XY(3, 2));
	converts("SYN_MT_REPORT 0, BTN_TOUCH 0",
		 SLOT(0) ID(-1) ", BTN_TOUCH 0");
	converts("SYN_MT_REPORT 0", "-");
	converts(AT(3, 2), SLOT(0) ID(8) ", " XY(3, 2));
}

static void a_frame_without_contacts_leaves_them(void **state)
{
	converts(AT(1, 2), SLOT(0) ID(7) ", " XY(1, 2));
	converts("KEY_A 1", "KEY_A 1");
	converts(AT(1, 3), SLOT(0) XY(1, 3));
}

static void the_nearest_continues_whatever_the_order(void **state)
{
	converts(AT(0, 0) ", " AT(100, 100),
		 SLOT(0) ID(7) ", " XY(0, 0) ", " SLOT(1)
			 ID(8) ", " XY(100, 100));
	converts(AT(90, 99) ", " AT(10, 1),
		 SLOT(1) XY(90, 99) ", " SLOT(0) XY(10, 1));
	/* The first listed is far from both, but nearest pairs come first. */
	converts(AT(50, 50) ", " AT(11, 1),
		 SLOT(1) XY(50, 50) ", " SLOT(0) XY(11, 1));
	converts(AT(49, 50), SLOT(0) ID(-1) ", " SLOT(1) XY(49, 50));
}

static void tracking_ids_count_more_than_positions(void **state)
{
	converts(ID(40) ", " AT(0, 0) ", " ID(41) ", " AT(9, 9),
		 SLOT(0) ID(40) ", " XY(0, 0) ", " SLOT(1)
			 ID(41) ", " XY(9, 9));
	converts(ID(41) ", " AT(0, 0) ", " ID(40) ", " AT(9, 9),
		 SLOT(1) XY(0, 0) ", " SLOT(0) XY(9, 9));
	converts(ID(42) ", " AT(0, 0),
		 SLOT(0) ID(-1) ", " SLOT(1) ID(-1) ", " SLOT(2)
			 ID(42) ", " XY(0, 0));
}

/* Nor is it nearer to 0. */
static void a_position_that_is_not_sent_does_not_count(void **state)
{
	converts(AT(1, 50) ", " AT(60, 0),
		 SLOT(0) ID(7) ", " XY(1, 50) ", " SLOT(1)
			 ID(8) ", " XY(60, 0));
	converts("ABS_MT_POSITION_X 2, SYN_MT_REPORT 0",
		 SLOT(1) ID(-1) ", " SLOT(0) "ABS_MT_POSITION_X 2");
	converts("ABS_MT_POSITION_Y 50, SYN_MT_REPORT 0, " AT(60, 0),
		 SLOT(0) "ABS_MT_POSITION_Y 50, " SLOT(1) ID(9) ", " XY(60, 0));
}

/* Else the next frame would take two contacts for one. */
static void no_contact_gets_the_id_of_another_in_its_frame(void **state)
{
	converts(AT(0, 0) ", " ID(7) ", " AT(9, 9),
		 SLOT(0) ID(8) ", " XY(0, 0) ", " SLOT(1) ID(7) ", " XY(9, 9));
	converts(ID(7) ", " AT(9, 9), SLOT(0) ID(-1) ", " SLOT(1) XY(9, 9));
}

static void the_callers_range_of_ids_is_used(void **state)
{
	ta.first_id = TYPE_A_OWN_IDS;
	ta.next_id = 0xffff;
	converts(AT(0, 0), SLOT(0) ID(65536) ", " XY(0, 0));
	converts(ID(0) ", " AT(0, 0),
		 SLOT(0) ID(-1) ", " SLOT(1) ID(0) ", " XY(0, 0));
}

static void what_has_an_id_twice_or_none_is_no_second_contact(void **state)
{
	converts(ID(4) ", " AT(0, 0) ", " ID(4) ", " AT(9, 9),
		 SLOT(0) ID(4) ", " XY(0, 0));
	converts(ID(-1) ", " AT(0, 0), SLOT(0) ID(-1));
}

static void contacts_beyond_the_slots_are_dropped(void **state)
{
	converts(AT(1, 1) ", " AT(2, 2) ", " AT(3, 3) ", " AT(4, 4),
		 SLOT(0) ID(7) ", " XY(1, 1) ", " SLOT(1)
			 ID(8) ", " XY(2, 2) ", " SLOT(2) ID(9) ", " XY(3, 3));
	/* The last one that is left continues; the others are lifted. */
	converts(AT(3, 4),
		 SLOT(0) ID(-1) ", " SLOT(1) ID(-1) ", " SLOT(2) XY(3, 4));
}

static void a_full_device_lifts_by_a_new_id(void **state)
{
	type_a_init(&ta, 1);
	converts(ID(4) ", " AT(0, 0), SLOT(0) ID(4) ", " XY(0, 0));
	converts(ID(5) ", " AT(1, 0), SLOT(0) ID(5) ", " XY(1, 0));
}

static void slots_of_the_sender_do_not_count(void **state)
{
	converts("ABS_MT_SLOT 9, " AT(1, 2) ", ABS_MT_SLOT 1, SYN_MT_REPORT 0",
		 SLOT(0) ID(7) ", " XY(1, 2));
}

static void far_positions_do_not_overflow(void **state)
{
	converts(AT(-2147483648, -2147483648) ", " AT(2147483647, 2147483647),
		 SLOT(0) ID(7) ", " XY(-2147483648, -2147483648) ", " SLOT(1)
			 ID(8) ", " XY(2147483647, 2147483647));
	converts(AT(2147483647, 2147483640),
		 SLOT(0) ID(-1) ", " SLOT(1) XY(2147483647, 2147483640));
}

/* Each frame lifts all and has as many new ones as possible. */
static void the_largest_frame_fits(void **state)
{
	type_a_init(&ta, SPEC_SLOTS_MAX);
	for (int round = 0; round < 2; round++) {
		size_t n = 0, got;

		while (n + 2 < EVENTS_MAX - 1) {
			in[n] = vi_event(EV_ABS, ABS_MT_TRACKING_ID,
					 (int32_t)n + 10000 * round);
			in[n + 1] = vi_event(EV_SYN, SYN_MT_REPORT, 0);
			n += 2;
		}
		in[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
		got = type_a_convert(&ta, in, n, out);
		assert_in_range(got, 2 * SPEC_SLOTS_MAX + 1, n + TYPE_A_EXTRA);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(a_contact_comes_moves_and_goes),
		TEST(a_frame_without_contacts_leaves_them),
		TEST(the_nearest_continues_whatever_the_order),
		TEST(tracking_ids_count_more_than_positions),
		TEST(a_position_that_is_not_sent_does_not_count),
		TEST(no_contact_gets_the_id_of_another_in_its_frame),
		TEST(the_callers_range_of_ids_is_used),
		TEST(what_has_an_id_twice_or_none_is_no_second_contact),
		TEST(contacts_beyond_the_slots_are_dropped),
		TEST(a_full_device_lifts_by_a_new_id),
		TEST(slots_of_the_sender_do_not_count),
		TEST(far_positions_do_not_overflow),
		TEST(the_largest_frame_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
