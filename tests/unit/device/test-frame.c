/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h: the verdict on each event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "input/device/frame.h"
#include "tests/lib/event-text.h"

static int declare(void **state)
{
	struct spec *spec = calloc(1, sizeof(*spec));

	event_text_device("KEY_A, REL_X, SW_LID, MSC_SCAN, LED_CAPSL, "
			  "ABS_X -5..5, ABS_Z 7..7, ABS_MT_SLOT 0..3, "
			  "ABS_MT_TRACKING_ID 0..10, ABS_MT_PRESSURE 1..9",
			  spec);
	*state = spec;
	return 0;
}

static int forget(void **state)
{
	free(*state);
	return 0;
}

static void assert_verdict(const struct spec *spec, struct vi_event ev,
			   enum frame_verdict verdict, int32_t value)
{
	int32_t got;

	assert_int_equal(frame_check(spec, &ev, &got), verdict);
	assert_int_equal(got, value);
}

static void declared_events_pass_with_any_value(void **state)
{
	const struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_KEY, KEY_A, 7), FRAME_PASS, 7);
	assert_verdict(spec, vi_event(EV_REL, REL_X, INT32_MIN), FRAME_PASS,
		       INT32_MIN);
	assert_verdict(spec, vi_event(EV_SW, SW_LID, 1), FRAME_PASS, 1);
	assert_verdict(spec, vi_event(EV_MSC, MSC_SCAN, -1), FRAME_PASS, -1);
	assert_verdict(spec, vi_event(EV_LED, LED_CAPSL, 1), FRAME_PASS, 1);
}

static void undeclared_events_are_found(void **state)
{
	const struct spec *spec = *state;
	static const struct vi_event bad[] = {
		{ EV_KEY, KEY_B, 0 },	{ EV_REL, REL_Y, 0 },
		{ EV_ABS, ABS_Y, 0 },	{ EV_ABS, ABS_MT_POSITION_X, 0 },
		{ EV_KEY, KEY_CNT, 0 }, { EV_KEY, 1023, 0 },
		{ EV_KEY, 1024, 0 },	{ EV_KEY, 0xffff, 0 },
		{ EV_ABS, ABS_CNT, 0 }, { EV_CNT, 0, 0 },
		{ 0xffff, 0xffff, 0 },	{ EV_PWR, 0, 0 },
		{ EV_FF_STATUS, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_verdict(spec,
			       vi_event(bad[i].type_le, bad[i].code_le, 1),
			       FRAME_UNDECLARED, 1);
}

static void of_ev_syn_only_syn_report_passes(void **state)
{
	const struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_SYN, SYN_REPORT, 1), FRAME_PASS, 1);
	assert_verdict(spec, vi_event(EV_SYN, SYN_MT_REPORT, 0),
		       FRAME_UNDECLARED, 0);
	assert_verdict(spec, vi_event(EV_SYN, SYN_DROPPED, 0), FRAME_UNDECLARED,
		       0);
}

static void absolute_values_are_clamped(void **state)
{
	const struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_ABS, ABS_X, -5), FRAME_PASS, -5);
	assert_verdict(spec, vi_event(EV_ABS, ABS_X, 5), FRAME_PASS, 5);
	assert_verdict(spec, vi_event(EV_ABS, ABS_X, 6), FRAME_CLAMPED, 5);
	assert_verdict(spec, vi_event(EV_ABS, ABS_X, INT32_MIN), FRAME_CLAMPED,
		       -5);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_PRESSURE, 0),
		       FRAME_CLAMPED, 1);
}

static void axes_without_range_are_not_clamped(void **state)
{
	struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_ABS, ABS_Z, 0), FRAME_PASS, 0);
	assert_verdict(spec, vi_event(EV_ABS, ABS_Z, INT32_MAX), FRAME_PASS,
		       INT32_MAX);
	spec->abs[ABS_X].unclamped = true;
	assert_verdict(spec, vi_event(EV_ABS, ABS_X, 6), FRAME_PASS, 6);
}

static void tracking_ids_are_not_clamped(void **state)
{
	const struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),
		       FRAME_PASS, -1);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_TRACKING_ID, INT32_MAX),
		       FRAME_PASS, INT32_MAX);
}

static void slots_out_of_range_are_found(void **state)
{
	const struct spec *spec = *state;

	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT, 0), FRAME_PASS, 0);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT, 3), FRAME_PASS, 3);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT, 4), FRAME_BAD_SLOT,
		       4);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT, -1), FRAME_BAD_SLOT,
		       -1);
}

static void with_the_code_before_slots_there_are_none(void **state)
{
	struct spec *spec = *state;

	bit_set(spec->bits[EV_ABS], ABS_MT_SLOT - 1);
	spec->abs[ABS_MT_SLOT - 1].max = 1;
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT - 1, 1), FRAME_PASS,
		       1);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_SLOT, 4), FRAME_CLAMPED,
		       3);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),
		       FRAME_CLAMPED, 0);
	assert_verdict(spec, vi_event(EV_ABS, ABS_MT_PRESSURE, 1), FRAME_PASS,
		       1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, declare, forget)
	const struct CMUnitTest tests[] = {
		TEST(declared_events_pass_with_any_value),
		TEST(undeclared_events_are_found),
		TEST(of_ev_syn_only_syn_report_passes),
		TEST(absolute_values_are_clamped),
		TEST(axes_without_range_are_not_clamped),
		TEST(tracking_ids_are_not_clamped),
		TEST(slots_out_of_range_are_found),
		TEST(with_the_code_before_slots_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
