/* SPDX-License-Identifier: Apache-2.0 */
/* pass-spec.h: devices without a node, and what a server makes of their spec.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-spec.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-write.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

struct world {
	struct libevdev *dev;
	struct spec spec;
	struct pass_notes notes;
	struct fault why;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	/* Of another device before. */
	memset(&w->spec, 0xff, sizeof(w->spec));
	w->dev = libevdev_new();
	libevdev_set_name(w->dev, "A device");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	libevdev_free(w->dev);
	free(w);
	return 0;
}

static void key(struct world *w, unsigned int code)
{
	libevdev_enable_event_code(w->dev, EV_KEY, code, NULL);
}

static void axis(struct world *w, unsigned int code, int min, int max)
{
	const struct input_absinfo info = {
		.minimum = min,
		.maximum = max,
		.fuzz = 4,
		.flat = 15,
		.resolution = 12,
	};

	libevdev_enable_event_code(w->dev, EV_ABS, code, &info);
}

static void no_diag(void *arg, const struct spec_diag *diag)
{
	fail_msg("%s", diag->text);
}

/* The server reads what is written as the same device. */
static void make_spec(struct world *w)
{
	static struct spec again;

	if (pass_spec_from(&w->spec, w->dev, &w->notes, &w->why))
		fail_msg("%s", w->why.text);
	char *text = spec_write(&w->spec);
	assert_non_null(text);
	assert_ok(spec_read(
		&again,
		&(struct spec_text){ .bytes = text, .len = strlen(text) },
		no_diag, NULL));
	free(text);
	assert_memory_equal(&again, &w->spec, sizeof(again));
}

static void assert_refused(struct world *w, const char *why)
{
	assert_rc(pass_spec_from(&w->spec, w->dev, &w->notes, &w->why),
		  -EINVAL);
	if (!strstr(w->why.text, why))
		fail_msg("not '%s' but '%s'", why, w->why.text);
}

static void keyboard_is_the_same(void **state)
{
	struct world *w = *state;
	const int delay = 250, period = 33;

	libevdev_set_uniq(w->dev, "00:11:22:33:44:55");
	libevdev_set_id_bustype(w->dev, BUS_USB);
	libevdev_set_id_vendor(w->dev, 0x46d);
	libevdev_set_id_product(w->dev, 0xc31c);
	libevdev_set_id_version(w->dev, 0x110);
	libevdev_enable_property(w->dev, INPUT_PROP_POINTER);
	key(w, KEY_A);
	key(w, KEY_MAX);
	libevdev_enable_event_code(w->dev, EV_MSC, MSC_SCAN, NULL);
	libevdev_enable_event_code(w->dev, EV_LED, LED_CAPSL, NULL);
	libevdev_enable_event_code(w->dev, EV_REP, REP_DELAY, &delay);
	libevdev_enable_event_code(w->dev, EV_REP, REP_PERIOD, &period);
	make_spec(w);
	assert_string_equal(w->spec.name, "A device");
	assert_string_equal(w->spec.serial, "00:11:22:33:44:55");
	assert_num(w->spec.ids.bustype, BUS_USB);
	assert_num(w->spec.ids.vendor, 0x46d);
	assert_num(w->spec.ids.product, 0xc31c);
	assert_num(w->spec.ids.version, 0x110);
	assert_true(bit_test(w->spec.props, INPUT_PROP_POINTER));
	assert_true(spec_has(&w->spec, EV_KEY, KEY_MAX));
	assert_true(spec_has(&w->spec, EV_MSC, MSC_SCAN));
	assert_true(spec_has(&w->spec, EV_LED, LED_CAPSL));
	assert_true(w->spec.has_repeat);
	assert_num(w->spec.repeat_delay_ms, 250);
	assert_num(w->spec.repeat_period_ms, 33);
	assert_num(w->notes.n, 0);
}

static void axis_has_its_resolution_and_is_not_clamped(void **state)
{
	struct world *w = *state;

	key(w, BTN_TOOL_PEN);
	axis(w, ABS_X, -5, 21600);
	axis(w, ABS_MISC, 0, 0);
	make_spec(w);
	const struct spec_abs *x = &w->spec.abs[ABS_X];
	assert_num(x->min, -5);
	assert_num(x->max, 21600);
	assert_num(x->fuzz, 4);
	assert_num(x->flat, 15);
	assert_num(x->res, 12);
	assert_true(x->unclamped);
	assert_true(spec_has(&w->spec, EV_ABS, ABS_MISC));
}

static void stick_returns_to_its_rest(void **state)
{
	struct world *w = *state;

	for (unsigned int code = BTN_SOUTH; code <= BTN_THUMBR; code++)
		key(w, code);
	axis(w, ABS_X, 0, 255);
	axis(w, ABS_HAT0X, -1, 1);
	make_spec(w);
	assert_true(w->spec.abs[ABS_X].has_rest);
	assert_num(w->spec.abs[ABS_X].rest, 127);
}

static void long_name_is_cut_at_a_character(void **state)
{
	struct world *w = *state;
	char name[101];

	memset(name, 'x', 100);
	name[100] = '\0';
	memcpy(name + 62, "ü", 2);
	libevdev_set_name(w->dev, name);
	key(w, KEY_A);
	make_spec(w);
	assert_num(strlen(w->spec.name), 62);
	assert_num(w->notes.n, 1);
	assert_non_null(strstr(w->notes.line[0], "the name is cut"));
}

static void name_of_63_bytes_is_whole(void **state)
{
	struct world *w = *state;
	char name[64];

	memset(name, 'x', 63);
	name[63] = '\0';
	libevdev_set_name(w->dev, name);
	key(w, KEY_A);
	make_spec(w);
	assert_string_equal(w->spec.name, name);
	assert_num(w->notes.n, 0);
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	struct world *w = *state;

	libevdev_set_name(w->dev, "K\xff\xc3 \xc0\xaf\xed\xa0\x80 \xe2\x82");
	libevdev_set_uniq(w->dev, "\x01\x80");
	key(w, KEY_A);
	make_spec(w);
	assert_string_equal(w->spec.name, "K?? ????? ??");
	assert_string_equal(w->spec.serial, "??");
	assert_num(w->notes.n, 2);
	assert_non_null(strstr(w->notes.line[1],
			       "the serial (uniq) has bytes that are not text; "
			       "the guest gets \"??\""));
}

static void characters_of_all_lengths_are_kept(void **state)
{
	static const char *const kept[] = {
		"\xc2\x80",	    "\xdf\xbf",		"\xe0\xa0\x80",
		"\xed\x9f\xbf",	    "\xee\x80\x80",	"\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
	};
	static const char *const bad[] = {
		"\x80\x80",	    "\xbf\xbf",		"\xc1\x81",
		"\xe0\x9f\xbf",	    "\xed\xbf\xbf",	"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
	};
	struct world *w = *state;

	key(w, KEY_A);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		libevdev_set_name(w->dev, kept[i]);
		make_spec(w);
		assert_string_equal(w->spec.name, kept[i]);
		assert_num(w->notes.n, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char name[8] = "????", *end = name + strlen(bad[i]);

		/* Replaced is also what a whole character follows. */
		strcpy(end, "a");
		libevdev_set_uniq(w->dev, "");
		char given[8];

		strcpy(stpcpy(given, bad[i]), "a");
		libevdev_set_name(w->dev, given);
		make_spec(w);
		assert_string_equal(w->spec.name, name);
		assert_num(w->notes.n, 1);
	}
}

static void device_without_a_name_gets_one(void **state)
{
	struct world *w = *state;

	libevdev_set_name(w->dev, "");
	key(w, KEY_A);
	make_spec(w);
	assert_string_equal(w->spec.name, "Unnamed device");
	assert_non_null(strstr(w->notes.line[0], "it has no name"));
}

static void assert_notes(const struct world *w, const char *const *words,
			 size_t n)
{
	assert_num(w->notes.n, n);
	for (size_t i = 0; i < n; i++)
		if (!strstr(w->notes.line[i], words[i]))
			fail_msg("not '%s' but '%s'", words[i],
				 w->notes.line[i]);
}

static void what_cannot_be_carried_is_noted(void **state)
{
	static const char *const words[] = {
		"EV_SND without codes",
		"key repeat (EV_REP) without valid times",
		"force feedback (EV_FF)",
	};
	struct world *w = *state;
	const int never = -1;

	key(w, BTN_SOUTH);
	libevdev_enable_event_type(w->dev, EV_SND);
	libevdev_enable_event_code(w->dev, EV_REP, REP_DELAY, &never);
	libevdev_enable_event_code(w->dev, EV_FF, FF_RUMBLE, NULL);
	make_spec(w);
	assert_notes(w, words, 3);
	assert_false(spec_has(&w->spec, EV_FF, FF_RUMBLE));
	assert_true(spec_has(&w->spec, EV_REP, REP_DELAY));
}

static void negative_measure_is_0_and_noted(void **state)
{
	static const char *const words[] = {
		"fuzz of axis 0x00 is -1; the guest gets 0",
		"flat of axis 0x00 is -2; the guest gets 0",
		"resolution of axis 0x00 is -3; the guest gets 0",
	};
	const struct input_absinfo info = {
		.maximum = 9, .fuzz = -1, .flat = -2, .resolution = -3
	};
	struct world *w = *state;

	libevdev_enable_event_code(w->dev, EV_ABS, ABS_X, &info);
	make_spec(w);
	assert_notes(w, words, 3);
}

/* A key that does not repeat. */
static void times_of_repeat_may_be_0(void **state)
{
	struct world *w = *state;
	const int zero = 0;

	key(w, KEY_A);
	libevdev_enable_event_code(w->dev, EV_REP, REP_DELAY, &zero);
	libevdev_enable_event_code(w->dev, EV_REP, REP_PERIOD, &zero);
	make_spec(w);
	assert_true(w->spec.has_repeat);
	assert_num(w->notes.n, 0);
}

/* Every code of every type that there is. */
static void every_bit_is_the_same(void **state)
{
	static const unsigned int types[] = { EV_KEY, EV_REL, EV_MSC,
					      EV_SW,  EV_LED, EV_SND };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		for (int c = types[i] == EV_KEY; /* no KEY_RESERVED */
		     c <= libevdev_event_type_get_max(types[i]); c++)
			libevdev_enable_event_code(w->dev, types[i],
						   (unsigned int)c, NULL);
	for (unsigned int prop = 0; prop <= INPUT_PROP_MAX; prop++)
		libevdev_enable_property(w->dev, prop);
	make_spec(w);
	assert_num(w->notes.n, 0);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		for (unsigned int c = types[i] == EV_KEY; c < SPEC_CODES; c++)
			assert_num(spec_has(&w->spec, (uint16_t)types[i],
					    (uint16_t)c),
				   (int)c <= libevdev_event_type_get_max(
						     types[i]));
	for (unsigned int prop = 0; prop <= INPUT_PROP_MAX; prop++)
		assert_true(bit_test(w->spec.props, prop));
}

static void touchpad_keeps_its_slots(void **state)
{
	struct world *w = *state;

	key(w, BTN_TOUCH);
	axis(w, ABS_MT_SLOT, 0, 1);
	axis(w, ABS_MT_TRACKING_ID, 0, 65535);
	axis(w, ABS_MT_POSITION_X, 0, 1000);
	libevdev_enable_property(w->dev, INPUT_PROP_SEMI_MT);
	make_spec(w);
	assert_num(spec_slots(&w->spec), 2);
	assert_true(w->spec.exact);
	assert_false(w->spec.abs[ABS_MT_SLOT].unclamped);
	assert_true(w->spec.abs[ABS_MT_POSITION_X].unclamped);
	assert_true(bit_test(w->spec.props, INPUT_PROP_SEMI_MT));
}

static void all_axes_are_no_contacts(void **state)
{
	struct world *w = *state;

	for (unsigned int code = 0; code < ABS_CNT; code++)
		axis(w, code, 0, 255);
	make_spec(w);
	assert_num(spec_slots(&w->spec), 0);
	assert_true(w->spec.abs[ABS_MT_SLOT].unclamped);
	assert_false(pass_spec_is_type_a(w->dev));
	assert_false(w->spec.exact);
	for (unsigned int code = 0; code < ABS_CNT; code++)
		assert_true(spec_has(&w->spec, EV_ABS, (uint16_t)code));
}

static void contacts_without_slots_get_some(void **state)
{
	static const char *const words[] = { "the guest gets them with 16" };
	struct world *w = *state;

	axis(w, ABS_MT_POSITION_X, 0, 1000);
	axis(w, ABS_MT_TRACKING_ID, 0, 9);
	assert_true(pass_spec_is_type_a(w->dev));
	make_spec(w);
	assert_num(spec_slots(&w->spec), 16);
	assert_num(w->spec.abs[ABS_MT_TRACKING_ID].max, 9);
	assert_true(w->spec.exact);
	assert_notes(w, words, 1);
}

/* Below the contacts' axes is one that only other devices have. */
static void contacts_are_told_by_their_axes(void **state)
{
	struct world *w = *state;

	axis(w, ABS_MT_POSITION_Y, 0, 1000);
	axis(w, ABS_MT_TOUCH_MAJOR, 0, 9);
	assert_true(pass_spec_is_type_a(w->dev));
	axis(w, ABS_MT_SLOT - 1, 0, 9);
	assert_false(pass_spec_is_type_a(w->dev));
}

/* A hostile USB device may declare anything. */
static void too_many_slots_are_refused(void **state)
{
	struct world *w = *state;

	axis(w, ABS_MT_SLOT, 0, 64);
	axis(w, ABS_MT_TRACKING_ID, 0, 65535);
	axis(w, ABS_MT_POSITION_X, 0, 1000);
	assert_refused(w, "must be at most 63");
}

static void reversed_range_is_refused(void **state)
{
	struct world *w = *state;

	axis(w, ABS_X, 10, 5);
	assert_refused(w, "less than \"min\"");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(keyboard_is_the_same),
		T(axis_has_its_resolution_and_is_not_clamped),
		T(stick_returns_to_its_rest),
		T(long_name_is_cut_at_a_character),
		T(name_of_63_bytes_is_whole),
		T(bytes_that_are_not_utf8_are_replaced),
		T(characters_of_all_lengths_are_kept),
		T(device_without_a_name_gets_one),
		T(what_cannot_be_carried_is_noted),
		T(negative_measure_is_0_and_noted),
		T(times_of_repeat_may_be_0),
		T(every_bit_is_the_same),
		T(touchpad_keeps_its_slots),
		T(all_axes_are_no_contacts),
		T(contacts_without_slots_get_some),
		T(contacts_are_told_by_their_axes),
		T(too_many_slots_are_refused),
		T(reversed_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
