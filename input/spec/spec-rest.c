/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a joystick or gamepad is, is udev's rule (systemd's
 * udev-builtin-input_id.c, test_pointers()); on anything else ABS_X is a
 * position, which has to stay. Stricter than udev: the buttons of a tablet's
 * pad rule a joystick out, because its strips and wheels have the codes of
 * sticks. The axes of a joystick:
 *
 *	min < 0 < max			0, whatever it is
 *	triggers, pedals, throttle	min
 *	sticks, hats, rudder, wheel	the middle
 *
 * ABS_Z and ABS_RZ count as triggers, as on gamepads; where they are a stick,
 * their range is nearly always signed.
 */
#include <stddef.h>
#include "input/spec/spec-rest.h"

static unsigned int count_codes(const struct spec *spec, uint16_t type,
				uint16_t first, uint16_t last)
{
	unsigned int n = 0;

	for (uint16_t code = first; code <= last; code++)
		n += spec_has(spec, type, code);
	return n;
}

static bool has_key(const struct spec *spec, uint16_t code)
{
	return spec_has(spec, EV_KEY, code);
}

static bool has_position(const struct spec *spec, uint16_t x, uint16_t y)
{
	return spec_has(spec, EV_ABS, x) && spec_has(spec, EV_ABS, y);
}

/* A mouse with more than 16 buttons runs into those of joysticks. */
static unsigned int joystick_buttons(const struct spec *spec)
{
	if (has_key(spec, BTN_JOYSTICK - 1))
		return 0;
	return count_codes(spec, EV_KEY, BTN_JOYSTICK, BTN_DIGI - 1) +
	       count_codes(spec, EV_KEY, BTN_TRIGGER_HAPPY1,
			   BTN_TRIGGER_HAPPY40) +
	       count_codes(spec, EV_KEY, BTN_DPAD_UP, BTN_DPAD_RIGHT);
}

/* Some keyboards declare buttons and axes of joysticks. */
static bool is_keyboard(const struct spec *spec)
{
	static const uint16_t well_known[] = {
		KEY_LEFTCTRL,  KEY_CAPSLOCK,	   KEY_NUMLOCK, KEY_INSERT,
		KEY_MUTE,      KEY_CALC,	   KEY_FILE,	KEY_MAIL,
		KEY_PLAYPAUSE, KEY_BRIGHTNESSDOWN,
	};
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(well_known) / sizeof(*well_known); i++)
		n += has_key(spec, well_known[i]);
	return n >= 4;
}

static bool is_accelerometer(const struct spec *spec)
{
	return bit_test(spec->props, INPUT_PROP_ACCELEROMETER) ||
	       (!count_codes(spec, EV_KEY, 0, KEY_MAX) &&
		has_position(spec, ABS_X, ABS_Y) &&
		spec_has(spec, EV_ABS, ABS_Z));
}

/* A tablet, its pad, a touch device, a mouse with absolute position. */
static bool is_pointer(const struct spec *spec)
{
	const bool xy = has_position(spec, ABS_X, ABS_Y);
	const bool mt = spec_slots(spec) > 0;

	if (has_key(spec, BTN_0) && has_key(spec, BTN_1))
		return true;
	if (!xy && !mt)
		return false;
	return has_key(spec, BTN_STYLUS) || has_key(spec, BTN_TOOL_PEN) ||
	       has_key(spec, BTN_TOOL_FINGER) || has_key(spec, BTN_TOUCH) ||
	       bit_test(spec->props, INPUT_PROP_DIRECT) ||
	       (xy && count_codes(spec, EV_KEY, BTN_MOUSE, BTN_JOYSTICK - 1));
}

static bool is_joystick(const struct spec *spec)
{
	const unsigned int axes =
		count_codes(spec, EV_ABS, ABS_RX, ABS_PRESSURE - 1);

	return joystick_buttons(spec) + axes >= 2 && !is_keyboard(spec) &&
	       !is_accelerometer(spec) && !is_pointer(spec);
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

void spec_rest_defaults(struct spec *spec, uint64_t none)
{
	bool joystick = is_joystick(spec);

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		struct spec_abs *abs = &spec->abs[code];

		if (!spec_has(spec, EV_ABS, code) || abs->has_rest ||
		    none >> code & 1)
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
