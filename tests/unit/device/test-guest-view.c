/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest has been sent, when frames are delivered in parts, are folded,
 * and when its driver or our process starts again.
 */
#include "tests/lib/check.h"

#include <string.h>

#include "input/device/guest-view.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

static struct spec spec;
static struct guest_view view;
static struct state now; /* what is true */

static int setup(void **state)
{
	memset(&spec, 0, sizeof(spec));
	event_text_device("KEY_A, KEY_B, SW_LID, SW_TABLET_MODE, REL_X, REL_Y, "
			  "ABS_X 0..9, "
			  "ABS_HAT0X -1..1 rest 0, ABS_MT_SLOT 0..2, "
			  "ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..9",
			  &spec);
	state_init(&now, &spec);
	fill_with_garbage(&view);
	guest_view_init(&view, &spec);
	return 0;
}

/* A frame becomes true, and is on its way. */
static void tell(const char *text)
{
	view.out.n = event_text_frame(text, view.out.ev, FRAME_OUT_MAX);
	for (size_t i = 0; i < view.out.n; i++)
		state_apply(&now, &view.out.ev[i]);
}

/* A frame becomes true while what happens is folded. */
static void swallow(const char *text)
{
	static struct frame f;

	f.n = event_text_frame(text, f.ev, FRAME_OUT_MAX);
	for (size_t i = 0; i < f.n; i++)
		state_apply(&now, &f.ev[i]);
	guest_view_absorb(&view, &f);
}

static void unfold(void)
{
	now.slot = -1; /* as device.c does */
	guest_view_unfold(&view, NULL, &now);
}

static void deliver_all(void)
{
	guest_view_delivered(&view, guest_view_left(&view));
}

static void assert_on_its_way(const char *text)
{
	assert_events(guest_view_next(&view), guest_view_left(&view), text);
}

/* A driver that has taken all there is. */
static void running(void)
{
	guest_view_restart(&view);
	unfold();
	deliver_all();
}

static void told_begins_folded_and_unsure(void **state)
{
	assert_true(view.folded);
	assert_num(view.belief, STATE_FORGOTTEN_PERHAPS);
	assert_num(guest_view_left(&view), 0);
	assert_false(view.cut);
	assert_false(view.cut_contact);
	assert_false(view.moves);
	for (uint16_t code = 0; code < REL_CNT; code++)
		assert_num(view.rel[code], 0);
}

static void nothing_is_sent_when_nothing_differs(void **state)
{
	running();
	guest_view_fold(&view, false);
	unfold();
	assert_num(guest_view_left(&view), 0);
	assert_num(view.belief, STATE_CERTAIN);
}

static void what_was_delivered_is_believed_and_the_rest_is_not(void **state)
{
	running();
	tell("KEY_A 1, KEY_B 1");
	guest_view_delivered(&view, 1);
	assert_true(bit_test(view.state.key, KEY_A));
	assert_false(bit_test(view.state.key, KEY_B));
	assert_on_its_way("KEY_B 1, SYN_REPORT 0");
}

static void motion_of_folded_frames_is_summed(void **state)
{
	running();
	tell("REL_X 1");
	guest_view_fold(&view, false);
	swallow("REL_X 2, REL_Y -5");
	swallow("REL_Y 5");
	unfold();
	assert_on_its_way("REL_X 3, SYN_REPORT 0");
}

static void motion_past_the_range_of_a_value_takes_several_frames(void **s)
{
	running();
	guest_view_fold(&view, false);
	for (int i = 0; i < 3; i++)
		swallow("REL_X 2147483647, REL_Y -2147483648");
	swallow("REL_X -2147483646");
	swallow("KEY_A 1");
	unfold();
	assert_on_its_way("KEY_A 1, REL_X 2147483647, REL_Y -2147483648, "
			  "SYN_REPORT 0");
	guest_view_delivered(&view, 2);
	assert_on_its_way("REL_Y -2147483648, SYN_REPORT 0");
	guest_view_delivered(&view, 2);
	assert_on_its_way("REL_X 2147483647, REL_Y -2147483648, SYN_REPORT 0");
	/* What is left is not lost when the guest stalls. */
	guest_view_fold(&view, false);
	swallow("REL_X 1");
	unfold();
	assert_on_its_way("REL_X 2147483647, REL_Y -2147483648, SYN_REPORT 0");
	deliver_all();
	assert_on_its_way("REL_X 2, REL_Y -2147483648, SYN_REPORT 0");
	deliver_all();
	assert_num(guest_view_left(&view), 0);
}

static void sums_of_motion_are_bounded(void **state)
{
	unsigned int frames = 0;

	running();
	guest_view_fold(&view, false);
	for (int i = 0; i < 1000; i++)
		swallow("REL_X -2147483648");
	unfold();
	for (; guest_view_left(&view); frames++)
		deliver_all();
	assert_num(frames, GUEST_VIEW_MOTION_MAX >> 31);
}

static void motion_of_a_resync_frame_folded_again_is_not_lost(void **state)
{
	running();
	guest_view_fold(&view, false);
	swallow("REL_X 4");
	unfold();
	guest_view_fold(&view, false);
	swallow("REL_X 1");
	unfold();
	assert_on_its_way("REL_X 5, SYN_REPORT 0");
}

static void fold_names_the_slots_that_the_guest_believes_taken(void **state)
{
	running();
	tell("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 5, ABS_MT_SLOT 1, "
	     "ABS_MT_TRACKING_ID 6");
	deliver_all();
	tell("ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 7");
	assert_num(guest_view_fold(&view, false), 3); /* not begun: dropped */
	unfold();
	guest_view_delivered(&view, 1);
	assert_num(guest_view_fold(&view, false), 7); /* begun: will be seen */
}

/* Of the rest of a frame, behind the first event. */
static void fold_names_the_slots_of_contacts_that_will_be_seen(void **state)
{
	static const struct {
		const char *text;
		uint64_t slots;
	} rows[] = {
		{ "KEY_A 1, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0", 1 },
		{ "KEY_A 1, ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 3", 4 },
		{ "KEY_A 1, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 3, "
		  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 4",
		  6 },
		{ "KEY_A 1, ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1", 0 },
		{ "KEY_A 1, ABS_MT_SLOT 1, ABS_X 5", 0 },
		/* Of a slot that nobody has selected. */
		{ "KEY_A 1, ABS_MT_TRACKING_ID 3", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setup(NULL);
		running();
		tell(rows[i].text);
		guest_view_delivered(&view, 1);
		assert_num(guest_view_fold(&view, false), rows[i].slots);
	}
}

/* Not what is left of a longer one before it. */
static void only_a_frame_on_its_way_will_be_seen(void **state)
{
	running();
	tell("ABS_MT_SLOT 1, KEY_A 1, ABS_MT_TRACKING_ID 4");
	deliver_all();
	tell("ABS_MT_TRACKING_ID -1");
	deliver_all();
	tell("KEY_B 1");
	guest_view_delivered(&view, 1);
	assert_num(guest_view_fold(&view, false), 0);
}

static void where_a_restart_cut_is_known(void **state)
{
	static const struct {
		const char *text;
		size_t delivered;
		bool cut, contact;
	} rows[] = {
		{ "KEY_A 1", 1, true, false },
		{ "ABS_X 1", 1, true, false },
		{ "ABS_MT_SLOT 0", 1, true, false },
		{ "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1", 2, true, true },
		{ "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, KEY_A 1", 3, true,
		  true },
		{ "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, SYN_REPORT 0, KEY_A 1",
		  3, false, false },
		{ "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, SYN_REPORT 0, KEY_A 1",
		  4, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setup(NULL);
		running();
		tell(rows[i].text);
		guest_view_delivered(&view, rows[i].delivered);
		guest_view_restart(&view);
		assert_num(view.cut, rows[i].cut);
		assert_num(view.cut_contact, rows[i].contact);
	}
}

/*
 * Axes may mean something else, so that they are sent again; the last key has
 * switches behind it.
 */
static void of_another_spec_what_both_have_is_known(void **state)
{
	static struct spec other;

	running();
	tell("KEY_A 1, KEY_B 1, SW_LID 1, SW_TABLET_MODE 1, ABS_X 3, "
	     "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1, ABS_MT_SLOT 1, "
	     "ABS_MT_TRACKING_ID 2");
	deliver_all();
	memset(&other, 0, sizeof(other));
	event_text_device(
		"KEY_B, SW_TABLET_MODE, ABS_X 0..9, ABS_MT_SLOT 0..0, "
		"ABS_MT_TRACKING_ID 0..65535",
		&other);
	guest_view_change_spec(&view, &other);
	assert_ptr_equal(view.spec, &other);
	assert_false(bit_test(view.state.key, KEY_A));
	assert_true(bit_test(view.state.key, KEY_B));
	assert_false(bit_test(view.state.sw, SW_LID));
	assert_true(bit_test(view.state.sw, SW_TABLET_MODE));
	assert_true(view.state.abs_known == 0);
	assert_num(view.state.slot, -1);
	assert_false(view.state.plain);
	assert_num(view.state.contact[0].id, 1);
	assert_num(view.state.contact[1].id, -1);
	other.bits[EV_ABS][ABS_MT_SLOT / 8] = 0;
	guest_view_change_spec(&view, &other);
	assert_true(view.state.plain);
	assert_num(view.state.contact[0].id, -1);
}

/*
 * The driver is gone with half a frame. It is back, and remembers its half; the
 * other half was never there for it.
 */
static void a_driver_that_remembers_half_a_frame_is_put_right(void **state)
{
	running();
	tell("KEY_A 1, ABS_X 5, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 3");
	deliver_all();
	tell("KEY_B 1, KEY_A 0, ABS_X 0, ABS_MT_TRACKING_ID -1");
	guest_view_delivered(&view, 1);
	guest_view_fold(&view, false);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, KEY_A 0, "
			  "KEY_B 1, ABS_X 0, SYN_REPORT 0");
}

static void a_frame_that_a_restart_cut_off_gets_its_end(void **state)
{
	running();
	tell("REL_X 1");
	guest_view_delivered(&view, 1);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("SYN_REPORT 0");
	deliver_all();
	guest_view_restart(&view);
	unfold();
	assert_num(guest_view_left(&view), 0);
}

static void a_restart_in_the_resync_frame_says_all_of_it_again(void **state)
{
	running();
	guest_view_fold(&view, false);
	swallow("KEY_A 1, KEY_B 1, ABS_X 3");
	unfold();
	guest_view_delivered(&view, 2);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("KEY_A 1, KEY_B 1, ABS_X 3, SYN_REPORT 0");
}

static void a_restart_drops_motion_not_sent(void **state)
{
	running();
	guest_view_fold(&view, false);
	swallow("REL_X 4");
	guest_view_restart(&view);
	unfold();
	assert_num(guest_view_left(&view), 0);
}

/*
 * A driver that another process served: everything may be on in its guest. Axes
 * with a rest are known, others only once a source moves them.
 */
static void what_another_process_may_have_sent_is_taken_back(void **state)
{
	running();
	guest_view_suspect_all(&view);
	assert_num(view.belief, STATE_FORGOTTEN_PERHAPS);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way(
		"SYN_REPORT 0, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
		"ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		"ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, "
		"KEY_A 0, KEY_B 0, SW_LID 0, SW_TABLET_MODE 0, ABS_HAT0X 0, "
		"SYN_REPORT 0");
}

/* No contact of ours has the ID that is suspected: each slot is lifted. */
static void a_contact_after_another_process_is_lifted_first(void **state)
{
	swallow("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, KEY_A 1, SW_LID 1");
	guest_view_suspect_all(&view);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way(
		"SYN_REPORT 0, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
		"ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		"ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, "
		"ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
		"KEY_B 0, KEY_A 1, SW_TABLET_MODE 0, SW_LID 1, ABS_HAT0X 0, "
		"SYN_REPORT 0");
}

/* Half of that frame has been seen: the other half is as doubtful as before. */
static void what_is_suspected_stays_so_until_it_is_delivered(void **state)
{
	guest_view_suspect_all(&view);
	guest_view_restart(&view);
	unfold();
	guest_view_delivered(&view, 8); /* .. KEY_A 0 */
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("SYN_REPORT 0, KEY_B 0, SW_LID 0, SW_TABLET_MODE 0, "
			  "ABS_HAT0X 0, SYN_REPORT 0");
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(told_begins_folded_and_unsure),
		T(nothing_is_sent_when_nothing_differs),
		T(what_was_delivered_is_believed_and_the_rest_is_not),
		T(motion_of_folded_frames_is_summed),
		T(motion_past_the_range_of_a_value_takes_several_frames),
		T(sums_of_motion_are_bounded),
		T(motion_of_a_resync_frame_folded_again_is_not_lost),
		T(fold_names_the_slots_that_the_guest_believes_taken),
		T(fold_names_the_slots_of_contacts_that_will_be_seen),
		T(only_a_frame_on_its_way_will_be_seen),
		T(where_a_restart_cut_is_known),
		T(of_another_spec_what_both_have_is_known),
		T(a_driver_that_remembers_half_a_frame_is_put_right),
		T(a_frame_that_a_restart_cut_off_gets_its_end),
		T(a_restart_in_the_resync_frame_says_all_of_it_again),
		T(a_restart_drops_motion_not_sent),
		T(what_another_process_may_have_sent_is_taken_back),
		T(a_contact_after_another_process_is_lifted_first),
		T(what_is_suspected_stays_so_until_it_is_delivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
