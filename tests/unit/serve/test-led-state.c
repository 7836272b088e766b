/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include "input/serve/led-state.h"
#include "tests/lib/event-text.h"

static struct led_state st;

static void note(const char *text)
{
	struct vi_event ev[8];

	led_state_note(&st, ev, event_text_read(text, ev, ARRAY_LEN(ev)));
}

static void expect(const char *text)
{
	struct vi_event ev[LED_CNT];

	assert_events(ev, led_state_events(&st, ev), text);
}

static void leds_are_known_once_they_were_said(void **state)
{
	expect("-");
	note("LED_CAPSL 0, LED_NUML 1, SND_BELL 1");
	expect("LED_NUML 1, LED_CAPSL 0");
	note("LED_CAPSL 5, LED_NUML 0");
	expect("LED_NUML 0, LED_CAPSL 1");
}

static void no_other_event_is_one(void **state)
{
	const struct vi_event out_of_range = vi_event(EV_LED, LED_CNT, 1);

	st = (struct led_state){ 0 };
	note("KEY_ESC 1, SND_CLICK 1");
	led_state_note(&st, &out_of_range, 1);
	expect("-");
	assert_num(st.known, 0);
	note("LED_CHARGING 1"); /* the last that has a name */
	expect("LED_CHARGING 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leds_are_known_once_they_were_said),
		cmocka_unit_test(no_other_event_is_one),
	};

	return cmocka_run_group_tests_name("led-state", tests, NULL, NULL);
}
