/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two states, event by event: no more than is needed. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "injector/libvinject/vinject-state.h"
#include "tests/lib/cases.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

#define TOUCH "ABS_MT_TRACKING_ID 5, ABS_MT_POSITION_X 1, ABS_MT_POSITION_Y 2"

static struct vi_event diff[VINJECT_DIFF_MAX];

static void apply(struct vinject_state *st, const char *text)
{
	struct vi_event ev[32];
	const size_t n = event_text_read(text, ev, ARRAY_LEN(ev));

	for (size_t i = 0; i < n; i++)
		vinject_state_apply(st, &ev[i]);
}

static void assert_diff(const struct vinject_state *from,
			const struct vinject_state *to, const char *want)
{
	assert_events(diff, vinject_state_diff(from, to, diff), want);
}

static const struct diff_row {
	const char *name, *before, *then, *want;
} diff_rows[] = {
	{ "what_is_as_it_was", "KEY_A 1, SW_LID 1, ABS_X 3, " TOUCH,
	  "KEY_A 1, SW_LID 1, ABS_X 3, " TOUCH, "-" },
	{ "a_key", "-", "KEY_A 1", "KEY_A 1" },
	{ "first_what_goes_up", "KEY_B 1", "KEY_A 1, KEY_B 0",
	  "KEY_B 0, KEY_A 1" },
	{ "the_last_named_key", "KEY_ESC 1", "BTN_TRIGGER_HAPPY40 1",
	  "BTN_TRIGGER_HAPPY40 1" },
	{ "switches", "SW_LID 1, SW_DOCK 1",
	  "SW_LID 0, SW_DOCK 1, SW_TABLET_MODE 1",
	  "SW_LID 0, SW_TABLET_MODE 1" },
	{ "an_axis_at_0", "-", "ABS_X 0", "ABS_X 0" },
	{ "axes", "ABS_X 1, ABS_Y 1", "ABS_Y 2, ABS_Z -1",
	  "ABS_Y 2, ABS_Z -1" },
	{ "a_contact", "-", TOUCH, TOUCH },
	{ "a_contact_that_moves_along_x", TOUCH, "ABS_MT_POSITION_X 3",
	  "ABS_MT_POSITION_X 3" },
	{ "a_contact_that_moves_along_y", TOUCH, "ABS_MT_POSITION_Y 3",
	  "ABS_MT_POSITION_Y 3" },
	{ "an_axis_that_is_new", TOUCH, "ABS_MT_PRESSURE 0, ABS_MT_TOOL_Y 7",
	  "ABS_MT_PRESSURE 0, ABS_MT_TOOL_Y 7" },
	{ "the_first_axis_of_contacts", TOUCH, "ABS_MT_TOUCH_MAJOR 2",
	  "ABS_MT_TOUCH_MAJOR 2" },
	{ "axes_of_no_contact", "-",
	  "ABS_MT_TOUCH_MAJOR 1, ABS_MT_POSITION_X 3, ABS_MT_TOOL_Y 5", "-" },
	{ "an_axis_of_contact_0", "-", "ABS_MT_TRACKING_ID 0, ABS_MT_TOOL_X 1",
	  "ABS_MT_TRACKING_ID 0, ABS_MT_TOOL_X 1" },
	{ "a_lift", TOUCH, "ABS_MT_TRACKING_ID -1", "ABS_MT_TRACKING_ID -1" },
	{ "the_same_contact_again", TOUCH,
	  "ABS_MT_TRACKING_ID 5, ABS_MT_POSITION_X 4", "ABS_MT_POSITION_X 4" },
	{ "another_contact", TOUCH, "ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_Y 2",
	  "ABS_MT_TRACKING_ID -1, SYN_REPORT 0, "
	  "ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_Y 2" },
	{ "another_contact_in_a_slot", "ABS_MT_SLOT 1, " TOUCH,
	  "ABS_MT_TRACKING_ID 6",
	  "ABS_MT_TRACKING_ID -1, SYN_REPORT 0, ABS_MT_TRACKING_ID 6" },
	{ "contact_0_after_another", TOUCH, "ABS_MT_TRACKING_ID 0",
	  "ABS_MT_TRACKING_ID -1, SYN_REPORT 0, ABS_MT_TRACKING_ID 0" },
	{ "a_contact_0", "ABS_MT_TRACKING_ID 0", "ABS_MT_TRACKING_ID 1",
	  "ABS_MT_TRACKING_ID -1, SYN_REPORT 0, ABS_MT_TRACKING_ID 1" },
	{ "another_slot", TOUCH, "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 0",
	  "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 0" },
	{ "a_slot_and_back", TOUCH,
	  "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 0, ABS_MT_SLOT 0",
	  "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 0, ABS_MT_SLOT 0" },
	{ "the_slot_alone", "-", "ABS_MT_SLOT 3", "ABS_MT_SLOT 3" },
	{ "the_last_slot", "ABS_MT_SLOT 63, " TOUCH, "ABS_MT_TRACKING_ID -1",
	  "ABS_MT_TRACKING_ID -1" },
	{ "a_lift_in_one_slot_of_two", TOUCH ", ABS_MT_SLOT 1, " TOUCH,
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1",
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1" },
	{ "moves_in_two_slots", TOUCH ", ABS_MT_SLOT 1, " TOUCH,
	  "ABS_MT_POSITION_X 8, ABS_MT_SLOT 0, ABS_MT_POSITION_X 9",
	  "ABS_MT_SLOT 0, ABS_MT_POSITION_X 9, "
	  "ABS_MT_SLOT 1, ABS_MT_POSITION_X 8, ABS_MT_SLOT 0" },
	{ "a_tool_that_goes", "BTN_TOOL_PEN 1", "BTN_TOOL_PEN 0",
	  "BTN_TOOL_PEN 0" },
	{ "a_tool_that_comes", "-", "BTN_TOOL_RUBBER 1", "BTN_TOOL_RUBBER 1" },
	{ "a_second_tool", "BTN_TOOL_PEN 1", "BTN_TOOL_RUBBER 1",
	  "BTN_TOOL_RUBBER 1" },
	{ "another_tool", "BTN_TOOL_PEN 1", "BTN_TOOL_PEN 0, BTN_TOOL_RUBBER 1",
	  "BTN_TOOL_PEN 0, SYN_REPORT 0, BTN_TOOL_RUBBER 1" },
};

static void has_this_difference(void **state)
{
	const struct diff_row *row = *state;
	struct vinject_state from, to;

	fill_with_garbage(&from);
	vinject_state_init(&from);
	apply(&from, row->before);
	to = from;
	apply(&to, row->then);
	assert_diff(&from, &to, row->want);
}

static void all_that_there_is_comes_in_its_order(void **state)
{
	struct vinject_state from, to;

	vinject_state_init(&from);
	apply(&from, "KEY_A 1, SW_LID 1");
	to = from;
	apply(&to, "KEY_A 0, SW_LID 0, SW_DOCK 1, ABS_X 1, KEY_B 1, " TOUCH);
	assert_diff(&from, &to,
		    "KEY_A 0, " TOUCH
		    ", KEY_B 1, SW_LID 0, SW_DOCK 1, ABS_X 1");
	assert_diff(&to, &from,
		    "ABS_MT_TRACKING_ID -1, KEY_B 0, KEY_A 1, SW_DOCK 0, "
		    "SW_LID 1");
}

static void without_slots_their_codes_are_axes(void **state)
{
	struct vinject_state from, to;

	vinject_state_init(&from);
	vinject_state_set_plain(&from, true);
	to = from;
	apply(&to, "ABS_MT_SLOT 5, ABS_MT_POSITION_X 4, ABS_MT_TOOL_Y 1");
	assert_diff(&from, &to,
		    "ABS_MT_SLOT 5, ABS_MT_POSITION_X 4, ABS_MT_TOOL_Y 1");
	/* With slots again, those axes are none. */
	apply(&to, "ABS_X 1");
	vinject_state_set_plain(&to, false);
	vinject_state_set_plain(&from, false);
	assert_diff(&from, &to, "ABS_X 1");
}

static void contacts_end_where_slots_do(void **state)
{
	struct vinject_state st, plain;

	vinject_state_init(&st);
	apply(&st, "ABS_MT_SLOT 1, " TOUCH ", KEY_A 1");
	plain = st;
	vinject_state_set_plain(&plain, false);
	assert_diff(&st, &plain, "-"); /* it was none before */
	vinject_state_set_plain(&plain, true);
	assert_diff(&st, &plain, "ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 0");
	assert_true(vinject_state_key(&plain, KEY_A));
	assert_false(vinject_state_key(&plain, KEY_B));
	/* What was ever held stays known. */
	assert_memory_equal(plain.key_ever, st.key_ever, sizeof(st.key_ever));
	assert_num(plain.slot_ever, 1 << 1);
}

/* What was ever pressed or put down is released, whatever it is now. */
static void a_withdrawal_releases_all_that_may_be_held(void **state)
{
	struct vinject_state from, to, before;

	vinject_state_init(&from);
	apply(&from, "KEY_A 1, KEY_A 0, KEY_C 0, ABS_X 5, ABS_Y 0, ABS_GAS 9");
	apply(&from, "ABS_MT_SLOT 2, " TOUCH ", ABS_MT_TRACKING_ID -1");
	apply(&from, "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 0");
	to = from;
	apply(&to, "KEY_B 1, ABS_MT_SLOT 4, " TOUCH);
	before = to;
	vinject_state_withdraw(&from, &to, 1u << ABS_X | 1u << ABS_Y);
	assert_memory_equal(to.key_ever, before.key_ever, sizeof(to.key_ever));
	assert_diff(&from, &to,
		    "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		    "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, KEY_A 0, "
		    "ABS_MT_SLOT 4, ABS_X 0, ABS_Y 0");
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(all_that_there_is_comes_in_its_order),
		cmocka_unit_test(without_slots_their_codes_are_axes),
		cmocka_unit_test(contacts_end_where_slots_do),
		cmocka_unit_test(a_withdrawal_releases_all_that_may_be_held),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(diff_rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), diff_rows,
	      cmocka_unit_test(has_this_difference));
	return cmocka_run_group_tests_name("vinject-state", tests, NULL, NULL);
}
