/* SPDX-License-Identifier: Apache-2.0 */
/* spec-check.h: devices that are not read from a text. */
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-check.h"
#include "tests/lib/check.h"

struct axis {
	uint16_t code;
	struct spec_abs abs;
};

static void add_axes(struct spec *spec, const struct axis *axes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bit_set(spec->bits[EV_ABS], axes[i].code);
		spec->abs[axes[i].code] = axes[i].abs;
	}
}

#define ID                          \
	{                           \
		ABS_MT_TRACKING_ID, \
		{                   \
			.max = 9    \
		}                   \
	}
#define X                          \
	{                          \
		ABS_MT_POSITION_X, \
		{                  \
			.max = 9   \
		}                  \
	}

static void what_is_wrong_with_axes_is_said(void **state)
{
	static const struct {
		struct axis axes[3];
		size_t n;
		const char *text;
	} rows[] = {
		{ { { ABS_X, { .max = 9 } } }, 1, NULL },
		{ { { ABS_X, { 0 } } }, 1, NULL },
		{ { { ABS_Y, { .min = 3, .max = 2 } } },
		  1,
		  "ABS_Y (1): max 2 is less than \"min\", 3" },
		{ { { ABS_Z, { .max = 2, .has_rest = true, .rest = 3 } } },
		  1,
		  "ABS_Z (2): rest 3 is not in the axis' range, 0..2" },
		{ { { ABS_Z,
		      { .max = 2,
			.has_rest = true,
			.rest = 3,
			.unclamped = true } } },
		  1,
		  NULL },
		{ { { ABS_MT_SLOT, { .max = 63 } }, ID, X }, 3, NULL },
		{ { { ABS_MT_SLOT, { .max = 64 } }, ID, X },
		  3,
		  "ABS_MT_SLOT (47): max 64: must be at most 63, for 64 "
		  "slots" },
		{ { { ABS_MT_SLOT, { .min = 1, .max = 3 } }, ID, X },
		  3,
		  "ABS_MT_SLOT (47): min 1: must be 0, the first slot" },
		{ { { ABS_MT_SLOT, { .max = 3 } }, X },
		  2,
		  "ABS_MT_SLOT (47): requires ABS_MT_TRACKING_ID, which "
		  "begins and ends contacts" },
		{ { { ABS_MT_SLOT, { .max = 5000 } },
		    { ABS_MT_SLOT - 1, { .max = 1 } },
		    X },
		  3,
		  NULL },
		{ { X },
		  1,
		  "ABS_MT_POSITION_X (53): ABS_MT_POSITION_X (53) without "
		  "ABS_MT_SLOT: no contact can arrive; declare ABS_MT_SLOT, "
		  "from 0 to the number of contacts minus 1, and "
		  "ABS_MT_TRACKING_ID" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec spec = { 0 };
		struct spec_flaw flaw;

		add_axes(&spec, rows[i].axes, rows[i].n);
		assert_num(spec_check(&spec, &flaw), rows[i].text != NULL);
		if (rows[i].text)
			assert_string_equal(flaw.text, rows[i].text);
	}
}

static void a_device_has_events(void **state)
{
	struct spec spec = { 0 };
	struct spec_flaw flaw;

	assert_true(spec_check(&spec, &flaw));
	assert_string_equal(flaw.text, "the device has neither keys nor axes");
	bit_set(spec.bits[EV_SND], SND_MAX);
	assert_false(spec_check(&spec, &flaw));
}

static void key_0_is_none(void **state)
{
	struct spec spec = { 0 };
	struct spec_flaw flaw;

	bit_set(spec.bits[EV_KEY], KEY_ESC);
	assert_false(spec_check(&spec, &flaw));
	bit_set(spec.bits[EV_KEY], KEY_RESERVED);
	assert_true(spec_check(&spec, &flaw));
	assert_string_equal(flaw.text, "KEY_RESERVED (0) is not a key: guests "
				       "ignore it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_with_axes_is_said),
		cmocka_unit_test(a_device_has_events),
		cmocka_unit_test(key_0_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
