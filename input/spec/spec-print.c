/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines and their order are evtest's, without current values. What evtest
 * does not print (the serial) has a line of the same form. A number without a
 * name is shown as "?", as in evtest.
 */
#include <string.h>
#include "input/spec/spec-names.h"
#include "input/spec/spec-print.h"

static const char *name_or_unknown(const char *name)
{
	return name ? name : "?";
}

static bool any_bit(const uint8_t *bits, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bits[i])
			return true;
	return false;
}

static void print_abs(FILE *out, const struct spec_abs *abs)
{
	fprintf(out, "      Min   %6d\n", abs->min);
	fprintf(out, "      Max   %6d\n", abs->max);
	if (abs->fuzz)
		fprintf(out, "      Fuzz  %6d\n", abs->fuzz);
	if (abs->flat)
		fprintf(out, "      Flat  %6d\n", abs->flat);
	if (abs->res)
		fprintf(out, "      Resolution %6d\n", abs->res);
}

static void print_type(FILE *out, const struct spec *spec, unsigned int type)
{
	fprintf(out, "  Event type %u (%s)\n", type,
		name_or_unknown(names_type(type)));
	for (unsigned int code = 0; code < SPEC_CODES; code++) {
		if (!bit_test(spec->bits[type], code))
			continue;
		fprintf(out, "    Event code %u (%s)\n", code,
			name_or_unknown(names_code(type, code)));
		if (type == EV_ABS && code < ABS_CNT)
			print_abs(out, &spec->abs[code]);
	}
}

static void print_events(FILE *out, const struct spec *spec)
{
	fprintf(out, "Supported events:\n");
	fprintf(out, "  Event type 0 (EV_SYN)\n");
	for (unsigned int type = EV_SYN + 1; type < EV_CNT; type++)
		if (type != EV_REP &&
		    any_bit(spec->bits[type], SPEC_BITMAP_LEN))
			print_type(out, spec, type);
}

static void print_repeat(FILE *out, const struct spec *spec)
{
	const uint32_t ms[] = { spec->repeat_delay_ms, spec->repeat_period_ms };

	if (!any_bit(spec->bits[EV_REP], SPEC_BITMAP_LEN))
		return;
	fprintf(out, "Key repeat handling:\n");
	fprintf(out, "  Repeat type 20 (EV_REP)\n");
	for (unsigned int code = REP_DELAY; code <= REP_PERIOD; code++) {
		fprintf(out, "    Repeat code %u (%s)\n", code,
			code == REP_DELAY ? "REP_DELAY" : "REP_PERIOD");
		if (spec->has_repeat)
			fprintf(out, "      Value %6u\n", ms[code]);
	}
}

static void print_props(FILE *out, const struct spec *spec)
{
	fprintf(out, "Properties:\n");
	for (unsigned int prop = 0; prop < SPEC_CODES; prop++)
		if (bit_test(spec->props, prop))
			fprintf(out, "  Property type %u (%s)\n", prop,
				name_or_unknown(names_prop(prop)));
}

void spec_print(FILE *out, const struct spec *spec)
{
	fprintf(out,
		"Input device ID: bus 0x%x vendor 0x%x product 0x%x "
		"version 0x%x\n",
		spec->ids.bustype, spec->ids.vendor, spec->ids.product,
		spec->ids.version);
	fprintf(out, "Input device name: \"%s\"\n", spec->name);
	fprintf(out, "Input device serial: \"%s\"\n", spec->serial);
	print_events(out, spec);
	print_repeat(out, spec);
	print_props(out, spec);
}

static void print_rule(FILE *out, const struct spec *spec, uint16_t code,
		       bool rest)
{
	fprintf(out, "  Event code %u (%s)\n", code,
		name_or_unknown(names_code(EV_ABS, code)));
	if (rest)
		fprintf(out, "    Rest  %6d\n", spec->abs[code].rest);
}

/* An axis with a single value has no range to be moved into. */
static bool has_rule(const struct spec *spec, uint16_t code, bool rest)
{
	if (!spec_has(spec, EV_ABS, code) ||
	    (spec_is_mt(spec, code) &&
	     (code == ABS_MT_SLOT || code == ABS_MT_TRACKING_ID)))
		return false;
	return rest ? spec->abs[code].has_rest : !spec_clamps(spec, code);
}

static void print_rules(FILE *out, const struct spec *spec, bool rest)
{
	bool any = false;

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		if (!has_rule(spec, code, rest))
			continue;
		if (!any)
			fprintf(out, rest ? "Axes return to:\n"
					  : "Axes that are not clamped:\n");
		any = true;
		print_rule(out, spec, code, rest);
	}
}

static void print_exact(FILE *out, const struct spec *spec)
{
	if (spec->exact)
		fprintf(out, "Frames of a single source pass as they are\n");
}

static void print_initial(FILE *out, const struct spec *spec, unsigned int type,
			  unsigned int code)
{
	fprintf(out, "  Event code %u (%s)\n", code,
		name_or_unknown(names_code(type, code)));
	if (type == EV_SW)
		fprintf(out, "    State %6d\n", 1);
	else
		fprintf(out, "    Value %6d\n", spec->abs[code].initial);
}

static void print_initials(FILE *out, const struct spec *spec)
{
	bool any = any_bit(spec->initial_sw, sizeof(spec->initial_sw));

	for (unsigned int code = 0; code < ABS_CNT; code++)
		any |= spec->abs[code].has_initial;
	if (!any)
		return;
	fprintf(out, "Starts with:\n");
	for (unsigned int code = 0; code < SW_CNT; code++)
		if (bit_test(spec->initial_sw, code))
			print_initial(out, spec, EV_SW, code);
	for (unsigned int code = 0; code < ABS_CNT; code++)
		if (spec->abs[code].has_initial)
			print_initial(out, spec, EV_ABS, code);
}

void spec_print_rules(FILE *out, const struct spec *spec)
{
	print_rules(out, spec, true);
	print_rules(out, spec, false);
	print_exact(out, spec);
	print_initials(out, spec);
}
