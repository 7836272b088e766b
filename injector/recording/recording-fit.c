/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include "injector/recording/recording-fit.h"

static const uint16_t positions[][2] = {
	{ ABS_X, ABS_Y },
	{ ABS_MT_POSITION_X, ABS_MT_POSITION_Y },
	{ ABS_MT_TOOL_X, ABS_MT_TOOL_Y },
};

void recording_device_by_spec(struct recording_device *dev,
			      const struct spec *spec)
{
	*dev = (struct recording_device){ .spec = spec };
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *abs = &spec->abs[code];

		dev->abs[code] = (struct recording_range){
			.known = abs->min != abs->max,
			.limits = spec_clamps(spec, code),
			.min = abs->min,
			.max = abs->max,
		};
	}
	if (spec_slots(spec))
		dev->abs[ABS_MT_SLOT].limits = true;
}

void recording_device_by_size(struct recording_device *dev, int32_t width,
			      int32_t height)
{
	*dev = (struct recording_device){ .spec = NULL };
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		dev->abs[positions[i][0]] =
			(struct recording_range){ true, true, 0, width - 1 };
		dev->abs[positions[i][1]] =
			(struct recording_range){ true, true, 0, height - 1 };
	}
}

/* --- scaling --- */

/* Whether ABS_MT_ codes are axes like others. */
static bool is_plain(const struct recording_device *dev)
{
	return dev->spec && !spec_slots(dev->spec);
}

/* The values of the others are numbers of something. */
static bool is_quantity(const struct recording_device *dev, unsigned int code)
{
	if (is_plain(dev))
		return code != ABS_MISC;
	switch (code) {
	case ABS_MISC:
	case ABS_MT_SLOT:
	case ABS_MT_TOOL_TYPE:
	case ABS_MT_BLOB_ID:
	case ABS_MT_TRACKING_ID:
		return false;
	}
	return true;
}

static bool can_scale(const struct recording_device *from,
		      const struct recording_device *to, unsigned int code)
{
	return is_quantity(to, code) && from->abs[code].known &&
	       to->abs[code].known && from->abs[code].min < from->abs[code].max;
}

static int32_t scale(const struct recording_range *from,
		     const struct recording_range *to, int32_t value)
{
	const double part =
		((double)value - from->min) / ((double)from->max - from->min);
	const double scaled = to->min + part * ((double)to->max - to->min);

	return (int32_t)lround(fmin(fmax(scaled, INT32_MIN), INT32_MAX));
}

bool recording_scale(struct recording *rec, const struct recording_device *from,
		     const struct recording_device *to)
{
	bool any = false;

	for (unsigned int code = 0; code < ABS_CNT; code++)
		any |= can_scale(from, to, code);
	for (size_t i = 0; any && i < rec->n; i++) {
		struct vi_event *ev = &rec->event[i].ev;
		const uint16_t code = vi_code(ev);

		if (vi_type(ev) == EV_ABS && can_scale(from, to, code))
			*ev = vi_event(EV_ABS, code,
				       scale(&from->abs[code], &to->abs[code],
					     vi_value(ev)));
	}
	return any;
}

/* --- what does not fit --- */

enum fit {
	FITS,
	UNDECLARED,
	OUTSIDE
};

/* These accompany other events; not every device has them. */
static bool is_extra(const struct vi_event *ev)
{
	return vi_type(ev) == EV_SYN || vi_type(ev) == EV_MSC ||
	       vi_type(ev) == EV_LED ||
	       (vi_type(ev) == EV_REL && (vi_code(ev) == REL_WHEEL_HI_RES ||
					  vi_code(ev) == REL_HWHEEL_HI_RES));
}

static enum fit judge(const struct recording_device *dev,
		      const struct vi_event *ev)
{
	const struct recording_range *range;

	if (dev->spec && !is_extra(ev) &&
	    !spec_has(dev->spec, vi_type(ev), vi_code(ev)))
		return UNDECLARED;
	if (vi_type(ev) != EV_ABS ||
	    (vi_code(ev) == ABS_MT_TRACKING_ID && !is_plain(dev)))
		return FITS;
	range = &dev->abs[vi_code(ev)];
	return range->limits && (vi_value(ev) < range->min ||
				 vi_value(ev) > range->max)
		       ? OUTSIDE
		       : FITS;
}

/* Which types and codes have been seen. */
struct seen {
	uint8_t bits[EV_CNT][SPEC_BITMAP_LEN];
};

static void add_undeclared(struct recording_misfits *misfits, struct seen *seen,
			   size_t i, const struct vi_event *ev)
{
	uint8_t *bits = seen->bits[vi_type(ev)];

	if (!misfits->undeclared++)
		misfits->first_undeclared = i;
	if (bit_test(bits, vi_code(ev)))
		return;
	bit_set(bits, vi_code(ev));
	if (misfits->kinds < RECORDING_KINDS)
		misfits->kind[misfits->kinds] = *ev;
	misfits->kinds++;
}

void recording_find_misfits(struct recording_misfits *misfits,
			    const struct recording *rec,
			    const struct recording_device *dev)
{
	struct seen seen = { 0 };

	*misfits = (struct recording_misfits){ 0 };
	for (size_t i = 0; i < rec->n; i++)
		switch (judge(dev, &rec->event[i].ev)) {
		case FITS:
			break;
		case UNDECLARED:
			add_undeclared(misfits, &seen, i, &rec->event[i].ev);
			break;
		case OUTSIDE:
			if (!misfits->outside++)
				misfits->first_outside = i;
			break;
		}
}

static bool is_slot(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) == ABS_MT_SLOT;
}

static bool is_of_contact(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) >= ABS_MT_SLOT &&
	       vi_code(ev) <= ABS_MT_TOOL_Y;
}

static struct vi_event clamp(const struct recording_device *dev,
			     const struct vi_event *ev)
{
	const struct recording_range *range = &dev->abs[vi_code(ev)];

	return vi_event(EV_ABS, vi_code(ev),
			vi_value(ev) < range->min ? range->min : range->max);
}

void recording_remove_misfits(struct recording *rec,
			      const struct recording_device *dev)
{
	bool no_slot = false;
	size_t n = 0;

	for (size_t i = 0; i < rec->n; i++) {
		const struct vi_event *ev = &rec->event[i].ev;
		const enum fit fit = judge(dev, ev);

		if (is_slot(ev))
			no_slot = fit == OUTSIDE && !is_plain(dev);
		if (fit == UNDECLARED || (no_slot && is_of_contact(ev)))
			continue;
		rec->event[n] = rec->event[i];
		if (fit == OUTSIDE)
			rec->event[n].ev = clamp(dev, ev);
		n++;
	}
	rec->n = n;
}
