/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's kernel ignores events that were not declared, and passes values out
 * of range on to programs, which then draw outside the screen.
 */
#include "input/base/hot.h"
#include "input/device/frame.h"

static enum frame_verdict check_abs(const struct spec *spec, uint16_t code,
				    int32_t *value)
{
	const struct spec_abs *abs = &spec->abs[code];
	const int32_t given = *value;

	if (code == ABS_MT_SLOT && spec_slots(spec))
		return given < 0 || given > abs->max ? FRAME_BAD_SLOT
						     : FRAME_PASS;
	if (given >= abs->min && given <= abs->max)
		return FRAME_PASS;
	if (code == ABS_MT_TRACKING_ID && spec_slots(spec))
		return FRAME_PASS;
	*value = frame_clamp(spec, code, given);
	return *value == given ? FRAME_PASS : FRAME_CLAMPED;
}

HOT enum frame_verdict frame_check(const struct spec *spec,
				   const struct vi_event *ev, int32_t *value)
{
	const uint16_t type = vi_type(ev), code = vi_code(ev);

	*value = vi_value(ev);
	if (type == EV_SYN)
		return code == SYN_REPORT ? FRAME_PASS : FRAME_UNDECLARED;
	/* The rate of repetition is the device's, not an injector's. */
	if (type == EV_REP || !spec_has(spec, type, code))
		return FRAME_UNDECLARED;
	return type == EV_ABS ? check_abs(spec, code, value) : FRAME_PASS;
}
