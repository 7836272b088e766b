/* SPDX-License-Identifier: Apache-2.0 */
/* merge.h: the last code, slot and control event, and IDs that are taken. */
#include "tests/lib/check.h"

#include <string.h>

#include "input/device/control.h"
#include "input/device/merge.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

static struct spec spec;
static struct merge merge;
static struct merge_source src;
static struct frame out;
static struct vi_event control[FRAME_EVENTS_MAX];

static void begin(const char *has)
{
	memset(&spec, 0, sizeof(spec));
	event_text_device(has, &spec);
	fill_with_garbage(&merge);
	merge.control = control;
	merge_init(&merge, &spec);
	fill_with_garbage(&src);
	merge_source_init(&src);
}

static int setup(void **state)
{
	begin("ABS_MT_SLOT 0..2, ABS_MT_TRACKING_ID 0..65535");
	return 0;
}

static void frame_of(const char *text)
{
	struct vi_event ev[8];
	const size_t n = event_text_frame(text, ev, 8);

	assert_num(merge_frame(&merge, &src, ev, n, &out), n);
}

static void a_device_may_have_the_last_code_of_each_type(void **state)
{
	begin("KEY_MAX, SW_MAX, ABS_MAX 0..9");
	frame_of("KEY_MAX 1, SW_MAX 1, ABS_MAX 9");
	assert_events(out.ev, out.n,
		      "KEY_MAX 1, SW_MACHINE_COVER 1, ABS_MAX 9, SYN_REPORT 0");
	merge_release(&merge, &src, &out);
	assert_events(out.ev, out.n, "KEY_MAX 0, SYN_REPORT 0");
}

static void at_most_a_frame_of_control_events_is_kept(void **state)
{
	const struct vi_event ev[] = { vi_event(CONTROL_RECEIPT, 0, 1),
				       vi_event(CONTROL_RECEIPT, 0, 2),
				       vi_event(EV_SYN, SYN_REPORT, 0) };

	merge.n_control = FRAME_EVENTS_MAX - 1;
	merge_frame(&merge, &src, ev, 3, &out);
	assert_num(merge.n_control, FRAME_EVENTS_MAX);
	assert_num(merge.count.undeclared, 1);
}

/* That the guest has not seen. */
static void contacts_that_continue_get_ids_of_their_own(void **state)
{
	struct state seen;

	frame_of("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1");
	state_init(&seen, &spec);
	seen.contact[2].id = 7;
	merge_continue_ids(&merge, 7, &seen);
	assert_num(merge.now.contact[0].id, 8);
	assert_num(merge.next_id, 9);
}

static void no_contact_goes_back_to_a_slot_that_is_gone(void **state)
{
	const struct merge_slots was = { .slot = { 5 }, .id = { 3 } };

	merge.was = &was;
	frame_of("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 1");
	assert_num(merge.live, 1 << 0);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_may_have_the_last_code_of_each_type),
		T(at_most_a_frame_of_control_events_is_kept),
		T(contacts_that_continue_get_ids_of_their_own),
		T(no_contact_goes_back_to_a_slot_that_is_gone),
	};

	return cmocka_run_group_tests_name("merge-limits", tests, NULL, NULL);
}
