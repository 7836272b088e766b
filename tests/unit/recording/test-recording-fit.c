/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings for a device other than the one that they were made of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-describe.h"
#include "injector/recording/recording-fit.h"
#include "injector/recording/recording-read.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

/* Specs are written as event-text.h says. */
static struct spec spec_a, spec_b;

static void read(struct recording *rec, const char *text)
{
	struct recording_fault fault;
	char more[512];

	/* What is behind its end is none of it. */
	snprintf(more, sizeof(more), "%s99 ABS_X=77 KEY_MICMUTE=1\n", text);
	if (recording_read(rec, more, strlen(more), 0, &fault))
		fail_msg("%s: %s", text, fault.why.text);
	rec->n -= 3;
}

static struct recording_device by_spec(struct spec *spec, const char *text)
{
	struct recording_device dev;

	*spec = (struct spec){ 0 };
	event_text_device(text, spec);
	recording_device_by_spec(&dev, spec);
	return dev;
}

/* The values of all events but SYN_REPORT. */
static void assert_values(const struct recording *rec, const int32_t *value,
			  size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < rec->n; i++)
		if (!vi_is_syn_report(&rec->event[i].ev))
			assert_num(vi_value(&rec->event[i].ev), value[at++]);
	assert_num(at, n);
}

#define ASSERT_VALUES(rec, ...)                              \
	assert_values(rec, (const int32_t[]){ __VA_ARGS__ }, \
		      ARRAY_LEN(((const int32_t[]){ __VA_ARGS__ })))

/* --- scaling --- */

static void positions_are_mapped_from_range_to_range(void **state)
{
	const struct recording_device from =
		by_spec(&spec_a, "ABS_X 0..1000, ABS_Y -100..100, "
				 "ABS_PRESSURE 0..10");
	const struct recording_device to =
		by_spec(&spec_b, "ABS_X -500..1500, ABS_Y 0..4, "
				 "ABS_PRESSURE 1..2047");
	struct recording rec;

	read(&rec, "0 ABS_X=0 ABS_Y=-100 ABS_PRESSURE=0\n"
		   "1 ABS_X=1000 ABS_Y=100 ABS_PRESSURE=10\n"
		   "2 ABS_X=250 ABS_Y=12 ABS_X=1100 REL_X=100\n");
	assert_true(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, -500, 0, 1, 1500, 4, 2047, 0, 2, 1700, 100);
	assert_num(vi_value(&rec.event[rec.n].ev), 77);
	recording_fini(&rec);
}

static void numbers_of_things_remain(void **state)
{
	const char *text = "ABS_MT_SLOT 0..9, ABS_MT_TRACKING_ID 0..65535, "
			   "ABS_MT_TOOL_TYPE 0..15, ABS_MT_POSITION_X 0..9";
	const struct recording_device from = by_spec(&spec_a, text);
	const struct recording_device to =
		by_spec(&spec_b, "ABS_MT_SLOT 0..4, ABS_MT_TRACKING_ID 0..255, "
				 "ABS_MT_TOOL_TYPE 0..2, "
				 "ABS_MT_POSITION_X 0..99");
	struct recording rec;

	read(&rec, "0 ABS_MT_SLOT=2 ABS_MT_TRACKING_ID=500 "
		   "ABS_MT_TOOL_TYPE=1 ABS_MT_POSITION_X=9\n"
		   "1 ABS_MT_TRACKING_ID=-1\n");
	assert_true(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, 2, 500, 1, 99, -1);
	recording_fini(&rec);
}

static void sizes_are_of_positions(void **state)
{
	struct recording_device from, to;
	struct recording rec;

	recording_device_by_size(&from, 101, 11);
	recording_device_by_size(&to, 1001, 6);
	read(&rec, "0 ABS_MT_SLOT=5 ABS_MT_POSITION_X=100 "
		   "ABS_MT_POSITION_Y=10 ABS_X=50 ABS_PRESSURE=50\n");
	assert_true(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, 5, 1000, 5, 500, 50);
	recording_fini(&rec);
	/* One of a single point has no range. */
	recording_device_by_size(&from, 1, 1);
	read(&rec, "0 ABS_X=0 ABS_Y=0\n");
	assert_false(recording_scale(&rec, &from, &to));
	recording_fini(&rec);
}

static void a_size_is_the_first_position_outside(void **state)
{
	struct recording_misfits m;
	struct recording_device dev;
	struct recording rec;

	recording_device_by_size(&dev, 100, 10);
	read(&rec, "0 ABS_X=99 ABS_Y=9 ABS_MT_SLOT=0 ABS_MT_POSITION_X=99 "
		   "ABS_MT_POSITION_Y=9 ABS_MT_TOOL_X=99 ABS_MT_TOOL_Y=9\n"
		   "1 ABS_X=100 ABS_Y=10 ABS_MT_POSITION_X=100 "
		   "ABS_MT_POSITION_Y=10 ABS_MT_TOOL_X=100 ABS_MT_TOOL_Y=10\n");
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.outside, 6);
	assert_num(m.first_outside, 8);
	recording_fini(&rec);
}

static void extreme_ranges_do_not_overflow(void **state)
{
	const struct recording_device from =
		by_spec(&spec_a, "ABS_X -2147483648..2147483647, ABS_Y 0..1");
	const struct recording_device to =
		by_spec(&spec_b, "ABS_X -2147483648..2147483647, "
				 "ABS_Y -2147483648..2147483647");
	struct recording rec;

	read(&rec, "0 ABS_X=-2147483648 ABS_X=2147483647 ABS_Y=2147483647 "
		   "ABS_Y=-2147483648\n");
	assert_true(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, INT32_MIN, INT32_MAX, INT32_MAX, INT32_MIN);
	recording_fini(&rec);
}

static void without_a_common_axis_nothing_is_scaled(void **state)
{
	const struct recording_device from = by_spec(&spec_a, "ABS_X 0..9");
	const struct recording_device to =
		by_spec(&spec_b, "ABS_Y 0..9, ABS_X 5..5");
	struct recording rec;

	read(&rec, "0 ABS_X=5\n");
	assert_false(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, 5);
	recording_fini(&rec);
}

/* --- the recorded device --- */

/* clang-format off */
static const char *const described[] = {
	"# EVEMU 1.3\n"
	"A: 35 -5 100 1 2 7\n"
	"E: 0.0 0003 0035 9\n",
	"Input device ID: bus 0x3 vendor 0x1 product 0x1 version 0x1\n"
	"  Event type 3 (EV_ABS)\n"
	"    Event code 53 (ABS_MT_POSITION_X)\n"
	"      Value      9\n"
	"      Min       -5\n"
	"      Max      100\n"
	"Testing ... (interrupt to exit)\n",
	"devices:\n"
	"- node: /dev/input/event1\n"
	"  evdev:\n"
	"    name: \"a\"\n"
	"    absinfo:\n"
	"      53: [1, 2, 0, 0, 0]\n"
	"  events:\n"
	"- node: /dev/input/event2\n"
	"  evdev:\n"
	"    name: \"b\"\n"
	"    absinfo:\n"
	"      53: [-5, 100, 0, 0, 0]\n"
	"  events:\n",
};
/* clang-format on */

static void the_ranges_of_the_recorded_device_are_read(void **state)
{
	for (unsigned int i = 0; i < ARRAY_LEN(described); i++) {
		struct recording_device dev;
		struct recording_fault fault;

		fill_with_garbage(&dev);
		assert_ok(recording_describe(&dev, described[i],
					     strlen(described[i]),
					     i == 2 ? 2 : 0, &fault));
		assert_true(dev.abs[ABS_MT_POSITION_X].known);
		assert_num(dev.abs[ABS_MT_POSITION_X].min, -5);
		assert_num(dev.abs[ABS_MT_POSITION_X].max, 100);
		assert_false(dev.abs[ABS_X].known || dev.abs[ABS_X].limits);
		assert_null(dev.spec);
	}
}

static bool has_axis(const char *text, size_t len, unsigned int device)
{
	struct recording_fault fault;
	struct recording_device dev;

	assert_ok(recording_describe(&dev, text, len, device, &fault));
	return dev.abs[ABS_MT_POSITION_X].known;
}

/* Where a text has no such device, the first one counts. */
static void a_device_begins_with_its_node(void **state)
{
	static const char head[] = "devices:\n- node: a\n  evdev:\n    "
				   "absinfo:\n      53: [1, 2, 0, 0, 0]\n";
	static const char end[] = "- node:", cut_off[] = "   - node: b\n";
	char text[256];
	const size_t len = strlen(head);

	assert_true(has_axis(head, len, 1));
	snprintf(text, sizeof(text), "%s%s", head, end);
	assert_true(has_axis(text, len + strlen(end), 1));
	assert_false(has_axis(text, len + strlen(end), 2));
	assert_true(has_axis(text, len + strlen(end) - 1, 2));
	snprintf(text, sizeof(text), "%s%s", head, cut_off);
	assert_false(has_axis(text, len + strlen(cut_off), 2));
	assert_true(has_axis(text, len + 2, 2));
}

static void a_bad_description_is_named_by_its_line(void **state)
{
	static const char text[] = "# EVEMU 1.3\nN: x\nA: 35 0\n";
	struct recording_device dev;
	struct recording_fault fault;

	assert_rc(recording_describe(&dev, text, strlen(text), 0, &fault),
		  -EINVAL);
	assert_num(fault.line, 3);
}

/* --- what does not fit --- */

static void misfits_are_counted_by_kind(void **state)
{
	const struct recording_device dev =
		by_spec(&spec_a, "KEY_A, ABS_X 0..9, ABS_MISC 0..0");
	struct recording_misfits m;
	struct recording rec;

	read(&rec, "0 KEY_A=1 KEY_B=1 ABS_X=9 ABS_X=10 ABS_MISC=2083\n"
		   "1 MSC_SCAN=5 REL_WHEEL_HI_RES=120 REL_HWHEEL_HI_RES=9 "
		   "KEY_B=0 ABS_Y=1\n"
		   "2 ABS_X=-1 SW_LID=1 REL_X=1\n");
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.undeclared, 5);
	assert_num(m.first_undeclared, 1);
	assert_num(m.kinds, 4);
	assert_num(vi_code(&m.kind[0]), KEY_B);
	assert_num(vi_code(&m.kind[1]), ABS_Y);
	assert_num(vi_code(&m.kind[2]), SW_LID);
	assert_num(m.outside, 2);
	assert_num(vi_value(&rec.event[m.first_outside].ev), 10);
	recording_fini(&rec);
}

static void more_kinds_than_are_named_are_counted(void **state)
{
	const struct recording_device dev = by_spec(&spec_a, "KEY_A");
	struct recording_misfits m;
	struct recording rec;

	read(&rec, "0 KEY_1=1 KEY_2=1 KEY_3=1 KEY_4=1 KEY_5=1 KEY_6=1 KEY_7=1 "
		   "KEY_8=1\n");
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.undeclared, 8);
	assert_num(m.kinds, 8);
	assert_num(vi_code(&m.kind[RECORDING_KINDS - 1]), KEY_6);
	recording_fini(&rec);
}

static void what_does_not_fit_is_removed_or_clamped(void **state)
{
	const struct recording_device dev = by_spec(
		&spec_a, "KEY_A, ABS_X -3..9, ABS_MT_SLOT 0..1, "
			 "ABS_MT_TRACKING_ID 0..9, ABS_MT_POSITION_X 0..9");
	struct recording_misfits m;
	struct recording rec;

	read(&rec, "0 KEY_B=1 KEY_A=1 ABS_X=-9 ABS_X=10\n"
		   "1 ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=70000 "
		   "ABS_MT_POSITION_X=11\n"
		   "2 ABS_MT_SLOT=2 ABS_MT_TRACKING_ID=3 "
		   "ABS_MT_POSITION_X=4 ABS_X=5 ABS_MT_SLOT=0 "
		   "ABS_MT_TRACKING_ID=6\n");
	recording_remove_misfits(&rec, &dev);
	ASSERT_VALUES(&rec, 1, -3, 9, 1, 70000, 9, 5, 0, 6);
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.undeclared + m.outside, 0);
	recording_fini(&rec);
}

static void a_device_with_one_slot_takes_no_other(void **state)
{
	const struct recording_device dev =
		by_spec(&spec_a, "ABS_MT_SLOT 0..0, ABS_MT_TRACKING_ID 0..9, "
				 "ABS_MT_TOOL_Y 0..9");
	struct recording_misfits m;
	struct recording rec;

	read(&rec, "0 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 ABS_MT_SLOT=1 "
		   "ABS_MT_TRACKING_ID=2 ABS_MT_TOOL_Y=3\n");
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.outside, 1);
	recording_remove_misfits(&rec, &dev);
	ASSERT_VALUES(&rec, 0, 1);
	recording_fini(&rec);
}

static void values_that_are_not_clamped_fit(void **state)
{
	struct recording_device dev = by_spec(&spec_a, "ABS_X 0..9");
	struct recording_misfits m;
	struct recording rec;

	spec_a.abs[ABS_X].unclamped = true;
	recording_device_by_spec(&dev, &spec_a);
	read(&rec, "0 ABS_X=10\n");
	recording_find_misfits(&m, &rec, &dev);
	assert_num(m.outside, 0);
	recording_fini(&rec);
}

/* A device without slots may have axes there. */
static void axes_with_codes_of_contacts_are_axes(void **state)
{
	const struct recording_device from =
		by_spec(&spec_a, "ABS_RESERVED 0..1, ABS_MT_SLOT 0..10, "
				 "ABS_MT_TRACKING_ID 0..10");
	const struct recording_device to =
		by_spec(&spec_b, "ABS_RESERVED 0..1, ABS_MT_SLOT -100..100, "
				 "ABS_MT_TRACKING_ID 0..20");
	struct recording_misfits misfits;
	struct recording rec;

	read(&rec, "0 3:46=0 ABS_MT_SLOT=10 ABS_MT_TRACKING_ID=5\n");
	assert_true(recording_scale(&rec, &from, &to));
	ASSERT_VALUES(&rec, 0, 100, 10);
	recording_fini(&rec);

	read(&rec, "0 3:46=0 ABS_MT_SLOT=101 ABS_MT_TRACKING_ID=21 "
		   "ABS_MT_SLOT=7\n");
	recording_find_misfits(&misfits, &rec, &to);
	assert_num(misfits.outside, 2);
	recording_remove_misfits(&rec, &to);
	ASSERT_VALUES(&rec, 0, 100, 20, 7);
	recording_fini(&rec);

	read(&rec, "0 3:46=0 ABS_MT_TRACKING_ID=6\n");
	recording_remove_misfits(&rec, &to);
	ASSERT_VALUES(&rec, 0, 6);
	recording_fini(&rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(axes_with_codes_of_contacts_are_axes),
		cmocka_unit_test(positions_are_mapped_from_range_to_range),
		cmocka_unit_test(numbers_of_things_remain),
		cmocka_unit_test(sizes_are_of_positions),
		cmocka_unit_test(a_size_is_the_first_position_outside),
		cmocka_unit_test(extreme_ranges_do_not_overflow),
		cmocka_unit_test(without_a_common_axis_nothing_is_scaled),
		cmocka_unit_test(the_ranges_of_the_recorded_device_are_read),
		cmocka_unit_test(a_device_begins_with_its_node),
		cmocka_unit_test(a_bad_description_is_named_by_its_line),
		cmocka_unit_test(misfits_are_counted_by_kind),
		cmocka_unit_test(more_kinds_than_are_named_are_counted),
		cmocka_unit_test(what_does_not_fit_is_removed_or_clamped),
		cmocka_unit_test(a_device_with_one_slot_takes_no_other),
		cmocka_unit_test(values_that_are_not_clamped_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
