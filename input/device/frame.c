/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's kernel ignores events that were not declared, and passes values out
 * of range on to programs, which then draw outside the screen.
 */
#include "input/base/hot.h"
#include "input/device/frame.h"

WARM struct frame_abs frame_check_abs(const struct spec *spec, uint16_t code,
				      int32_t given)
{
	const struct spec_abs *abs = &spec->abs[code];
	int32_t value;

	if (code == ABS_MT_SLOT && spec_slots(spec))
		return (struct frame_abs){ given < 0 || given > abs->max
						   ? FRAME_BAD_SLOT
						   : FRAME_PASS,
					   given };
	if (given >= abs->min && given <= abs->max)
		return (struct frame_abs){ FRAME_PASS, given };
	if (code == ABS_MT_TRACKING_ID && spec_slots(spec))
		return (struct frame_abs){ FRAME_PASS, given };
	value = frame_clamp(spec, code, given);
	return (struct frame_abs){ value == given ? FRAME_PASS : FRAME_CLAMPED,
				   value };
}

enum frame_verdict frame_check(const struct spec *spec,
			       const struct vi_event *ev, int32_t *value)
{
	struct frame_abs abs;

	*value = vi_value(ev);
	if (!frame_declares(spec, ev))
		return FRAME_UNDECLARED;
	if (vi_type(ev) != EV_ABS)
		return FRAME_PASS;
	abs = frame_check_abs(spec, vi_code(ev), *value);
	*value = abs.value;
	return abs.verdict;
}
