/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame: the events of one source up to and including SYN_REPORT, and the
 * verdict of the spec on each of them. Pure.
 */
#ifndef VINPUT_FRAME_H
#define VINPUT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "input/spec/spec.h"

/* A source MUST NOT send more events in a row without SYN_REPORT. */
#define FRAME_EVENTS_MAX 4096
/*
 * Room for what a frame can become: twice as many events and a constant, see
 * merge.c; or every key, axis and slot in a resync frame.
 */
#define FRAME_OUT_MAX (3 * FRAME_EVENTS_MAX)

/* A frame on its way to the guest. Too large for a stack. */
struct frame {
	size_t n; /* events in ev; a whole one ends with SYN_REPORT */
	struct vi_event ev[FRAME_OUT_MAX];
};

static inline void frame_add(struct frame *f, uint16_t type, uint16_t code,
			     int32_t value)
{
	f->ev[f->n++] = vi_event(type, code, value);
}

/* Return: the value, moved into the range of this ABS_ code if it has one. */
static inline int32_t frame_clamp(const struct spec *spec, uint16_t code,
				  int32_t value)
{
	const struct spec_abs *abs = &spec->abs[code];

	if (spec_in_range(spec, code, value) || !spec_clamps(spec, code))
		return value;
	return value < abs->min ? abs->min : abs->max;
}

/* Return: the value that is nearest to 0, for an axis that nobody moved. */
static inline int32_t frame_none(const struct spec *spec, uint16_t code)
{
	const struct spec_abs *abs = &spec->abs[code];

	return abs->min > 0 ? abs->min : abs->max < 0 ? abs->max : 0;
}

enum frame_verdict {
	FRAME_PASS,
	FRAME_CLAMPED,	  /* *value was moved into the range */
	FRAME_UNDECLARED, /* not in the spec: drop */
	FRAME_BAD_SLOT,	  /* ABS_MT_SLOT out of range: see merge.h */
};

/*
 * Return: whether the spec has this event. Of EV_SYN only SYN_REPORT passes, of
 * EV_REP nothing: the rate of repetition is the device's, not an injector's.
 */
static inline bool frame_declares(const struct spec *spec,
				  const struct vi_event *ev)
{
	const uint16_t type = vi_type(ev), code = vi_code(ev);

	if (type == EV_SYN)
		return code == SYN_REPORT;
	return type != EV_REP && spec_has(spec, type, code);
}

/*
 * Judge a value of a declared EV_ABS event. It is clamped into min..max, unless
 * the axis has no range or the spec says not to; with slots, ABS_MT_TRACKING_ID
 * (any value; < 0 lifts) and ABS_MT_SLOT (FRAME_BAD_SLOT when out of range) are
 * not.
 */
struct frame_abs {
	enum frame_verdict verdict;
	int32_t value;
};
struct frame_abs frame_check_abs(const struct spec *spec, uint16_t code,
				 int32_t given);

/* Judge one event against the spec, with both; *value is set to its value. */
enum frame_verdict frame_check(const struct spec *spec,
			       const struct vi_event *ev, int32_t *value);

#endif
