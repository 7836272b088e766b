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
	event_text_device("KEY_A, KEY_B, SW_LID, REL_X, REL_Y, ABS_X 0..9, "
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
	guest_view_suspect_all(&view);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("SYN_REPORT 0, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
			  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
			  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, "
			  "KEY_A 0, KEY_B 0, SW_LID 0, ABS_HAT0X 0, "
			  "SYN_REPORT 0");
}

/* No contact of ours has the ID that is suspected: each slot is lifted. */
static void a_contact_after_another_process_is_lifted_first(void **state)
{
	swallow("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, KEY_A 1, SW_LID 1");
	guest_view_suspect_all(&view);
	guest_view_restart(&view);
	unfold();
	assert_on_its_way("SYN_REPORT 0, ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, "
			  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
			  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, "
			  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			  "KEY_B 0, KEY_A 1, SW_LID 1, ABS_HAT0X 0, "
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
	assert_on_its_way(
		"SYN_REPORT 0, KEY_B 0, SW_LID 0, ABS_HAT0X 0, SYN_REPORT 0");
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
