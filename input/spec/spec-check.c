/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include "input/spec/spec-check.h"
#include "input/spec/spec-codes.h"

/* Return: true. */
__attribute__((format(printf, 3, 4))) static bool flaw_set(
	struct spec_flaw *flaw, const char *member, const char *format, ...)
{
	va_list args;

	flaw->member = member;
	va_start(args, format);
	vsnprintf(flaw->text, sizeof(flaw->text), format, args);
	va_end(args);
	return true;
}

bool spec_check_range(const struct spec_abs *abs, struct spec_flaw *flaw)
{
	if (abs->min > abs->max)
		return flaw_set(flaw, "max", "%d is less than \"min\", %d",
				abs->max, abs->min);
	if (abs->has_rest && !abs->unclamped && abs->min < abs->max &&
	    (abs->rest < abs->min || abs->rest > abs->max))
		return flaw_set(flaw, "rest",
				"%d is not in the axis' range, %d..%d",
				abs->rest, abs->min, abs->max);
	return false;
}

/*
 * Whether an axis is a contact's position in a device without slots (type A),
 * of which no guest can make anything. The code before ABS_MT_SLOT tells
 * devices that number dozens of axes through.
 */
static bool lacks_slots(const struct spec *spec, unsigned int code)
{
	return (code == ABS_MT_POSITION_X || code == ABS_MT_POSITION_Y) &&
	       !spec_has(spec, EV_ABS, ABS_MT_SLOT) &&
	       !spec_has(spec, EV_ABS, ABS_MT_SLOT - 1);
}

static bool check_slots(const struct spec *spec, struct spec_flaw *flaw)
{
	const struct spec_abs *abs = &spec->abs[ABS_MT_SLOT];

	if (!spec_has(spec, EV_ABS, ABS_MT_TRACKING_ID))
		return flaw_set(flaw, NULL,
				"requires ABS_MT_TRACKING_ID, which begins and "
				"ends contacts");
	if (abs->min != 0)
		return flaw_set(flaw, "min", "%d: must be 0, the first slot",
				abs->min);
	if (abs->max >= SPEC_SLOTS_MAX)
		return flaw_set(flaw, "max",
				"%d: must be at most %d, for %d slots",
				abs->max, SPEC_SLOTS_MAX - 1, SPEC_SLOTS_MAX);
	return false;
}

bool spec_check_contacts(const struct spec *spec, uint16_t code,
			 struct spec_flaw *flaw)
{
	char shown[CODE_SHOWN_LEN];

	if (lacks_slots(spec, code))
		return flaw_set(flaw, NULL,
				"%s without ABS_MT_SLOT: no contact can "
				"arrive; declare ABS_MT_SLOT, from 0 to the "
				"number of contacts minus 1, and "
				"ABS_MT_TRACKING_ID",
				codes_show(shown, EV_ABS, code));
	return code == ABS_MT_SLOT &&
	       !spec_has(spec, EV_ABS, ABS_MT_SLOT - 1) &&
	       check_slots(spec, flaw);
}

bool spec_declares_nothing(const struct spec *spec)
{
	for (unsigned int type = 0; type < EV_CNT; type++)
		for (size_t i = 0; i < SPEC_BITMAP_LEN; i++)
			if (spec->bits[type][i])
				return false;
	return true;
}

/* Say of which axis it is. Return: true. */
static bool name_axis(struct spec_flaw *flaw, uint16_t code)
{
	const struct spec_flaw of = *flaw;
	char shown[CODE_SHOWN_LEN];

	return flaw_set(flaw, of.member, "%s: %s%s%.200s",
			codes_show(shown, EV_ABS, code),
			of.member ? of.member : "", of.member ? " " : "",
			of.text);
}

bool spec_check(const struct spec *spec, struct spec_flaw *flaw)
{
	if (spec_has(spec, EV_KEY, KEY_RESERVED))
		return flaw_set(flaw, NULL, CODES_RESERVED_KEY);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (spec_has(spec, EV_ABS, code) &&
		    (spec_check_range(&spec->abs[code], flaw) ||
		     spec_check_contacts(spec, code, flaw)))
			return name_axis(flaw, code);
	return spec_declares_nothing(spec) &&
	       flaw_set(flaw, NULL, "the device has neither keys nor axes");
}
