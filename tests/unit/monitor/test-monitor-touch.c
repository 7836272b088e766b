/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <stdio.h>
#include <string.h>
#include "injector/monitor/monitor-touch.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

static struct monitor_touch t;

static int setup(void **state)
{
	fill_with_garbage(&t);
	monitor_touch_init(&t);
	return 0;
}

static void apply(const char *events)
{
	struct vi_event ev[8];
	const size_t n = event_text_read(events, ev, ARRAY_LEN(ev));

	for (size_t i = 0; i < n; i++)
		monitor_touch_event(&t, &ev[i]);
}

static void shows(const char *want)
{
	char text[MONITOR_TOUCH_TEXT];

	monitor_touch_text(&t, text);
	assert_string_equal(text, want);
}

static void contacts_are_shown_by_slot(void **state)
{
	shows("no contact");
	apply("ABS_MT_TRACKING_ID 9");
	shows("1 contact  0: 0,0");
	apply("ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 1, ABS_MT_POSITION_Y 2");
	shows("1 contact  0: 1,2");
	apply("ABS_MT_SLOT 63, ABS_MT_TRACKING_ID 7, ABS_MT_POSITION_X -5");
	shows("2 contacts  0: 1,2  63: -5,0");
	apply("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1");
	shows("1 contact  63: -5,0");
}

static void slots_that_there_are_not_and_other_events_change_nothing(void **s)
{
	apply("ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 4");
	apply("ABS_MT_SLOT 64, ABS_MT_POSITION_X 1");
	apply("ABS_MT_SLOT -1, ABS_MT_POSITION_Y 2");
	/* KEY_SPACE is ABS_MT_TRACKING_ID's number. */
	apply("KEY_SPACE 0, ABS_X 3, ABS_MT_PRESSURE 4");
	shows("1 contact  1: 1,2");
}

static void what_does_not_fit_is_cut(void **state)
{
	char text[MONITOR_TOUCH_TEXT];

	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++) {
		char events[128];

		snprintf(events, sizeof(events),
			 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID 1, "
			 "ABS_MT_POSITION_X -2147483648, "
			 "ABS_MT_POSITION_Y -2147483648",
			 i);
		apply(events);
	}
	monitor_touch_text(&t, text);
	assert_num(strncmp(text, "64 contacts  0: -2147483648,", 28), 0);
	assert_string_equal(strstr(text, "  16:"),
			    "  16: -2147483648,-2147483648 ...");
}

/* As long as the widest contact fits in front of the dots. */
static void as_many_contacts_are_shown_as_fit(void **state)
{
	char text[MONITOR_TOUCH_TEXT], want[MONITOR_TOUCH_TEXT];
	size_t len;
	int n = 0;

	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++)
		t.contact[i].id = 0;
	len = (size_t)sprintf(want, "64 contacts");
	while (len + 30 < MONITOR_TOUCH_TEXT - 4) {
		const int x = len + 31 == MONITOR_TOUCH_TEXT - 4 ? 10 : 0;

		t.contact[n].x = x;
		len += (size_t)sprintf(want + len, "  %d: %d,0", n, x);
		n++;
	}
	strcpy(want + len, " ...");
	shows(want);
	/* With a little more in front there is one contact less. */
	t.contact[0].x = 1000000;
	monitor_touch_text(&t, text);
	assert_true(strlen(text) < MONITOR_TOUCH_TEXT);
	assert_num(strcmp(text + strlen(text) - 4, " ..."), 0);
}

static void it_has_no_other_contacts_at_first(void **state)
{
	struct {
		struct monitor_touch touch;
		int32_t behind;
	} memory;

	fill_with_garbage(&memory);
	monitor_touch_init(&memory.touch);
	assert_num(memory.behind, (int32_t)0xa5a5a5a5);
	assert_num(memory.touch.slot, 0);
	for (int i = 0; i < MONITOR_TOUCH_SLOTS; i++) {
		assert_num(memory.touch.contact[i].id, -1);
		assert_num(memory.touch.contact[i].x, 0);
		assert_num(memory.touch.contact[i].y, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(contacts_are_shown_by_slot, setup),
		cmocka_unit_test_setup(
			slots_that_there_are_not_and_other_events_change_nothing,
			setup),
		cmocka_unit_test_setup(what_does_not_fit_is_cut, setup),
		cmocka_unit_test_setup(as_many_contacts_are_shown_as_fit,
				       setup),
		cmocka_unit_test(it_has_no_other_contacts_at_first),
	};

	return cmocka_run_group_tests_name("monitor-touch", tests, NULL, NULL);
}
