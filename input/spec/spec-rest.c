/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with buttons of a joystick or gamepad and without BTN_TOUCH is one;
 * on any other ABS_X is a position, which has to stay. The axes of a joystick:
 *
 *	min < 0 < max			0, whatever it is
 *	triggers, pedals, throttle	min
 *	sticks, hats, rudder, wheel	the middle
 *
 * ABS_Z and ABS_RZ count as triggers, as on gamepads; where they are a stick,
 * their range is nearly always signed.
 */
#include "input/spec/spec-rest.h"

static bool is_joystick(const struct spec *spec)
{
	if (spec_has(spec, EV_KEY, BTN_TOUCH))
		return false;
	for (uint16_t key = BTN_JOYSTICK; key <= BTN_THUMBR; key++)
		if (spec_has(spec, EV_KEY, key))
			return true;
	return false;
}

static bool springs_back(unsigned int code)
{
	return code <= ABS_RZ || (code >= ABS_THROTTLE && code <= ABS_BRAKE) ||
	       (code >= ABS_HAT0X && code <= ABS_HAT3Y);
}

static bool rests_at_min(unsigned int code)
{
	switch (code) {
	case ABS_Z:
	case ABS_RZ:
	case ABS_THROTTLE:
	case ABS_GAS:
	case ABS_BRAKE:
		return true;
	}
	return false;
}

static int32_t spring_rest(unsigned int code, const struct spec_abs *abs)
{
	if (abs->min < 0 && abs->max > 0)
		return 0;
	if (rests_at_min(code))
		return abs->min;
	return (int32_t)(((int64_t)abs->min + abs->max) / 2);
}

void spec_rest_defaults(struct spec *spec)
{
	bool joystick = is_joystick(spec);

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		struct spec_abs *abs = &spec->abs[code];

		if (!spec_has(spec, EV_ABS, code) || abs->has_rest)
			continue;
		if (code == ABS_PRESSURE)
			abs->rest = abs->min;
		else if (joystick && springs_back(code))
			abs->rest = spring_rest(code, abs);
		else
			continue;
		abs->has_rest = true;
	}
}
