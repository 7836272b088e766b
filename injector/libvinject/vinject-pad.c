/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gamepads: buttons are numbered as in the W3C's Gamepad specification
 * ("standard gamepad"), events are those of Linux's xpad driver for an Xbox 360
 * pad.
 */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"

#define TRIGGER_MAX 255

enum {
	LEFT_TRIGGER = 6,
	RIGHT_TRIGGER = 7,
	PAD_UP = 12, /* down, left, right follow */
	PAD_RIGHT = 15,
};

static const uint16_t codes[VINJECT_PAD_BUTTONS] = {
	[0] = BTN_A,	   [1] = BTN_B,	      [2] = BTN_X,	[3] = BTN_Y,
	[4] = BTN_TL,	   [5] = BTN_TR,      [8] = BTN_SELECT, [9] = BTN_START,
	[10] = BTN_THUMBL, [11] = BTN_THUMBR, [16] = BTN_MODE,
};

static void pad_add_axis(struct vinject *v, uint16_t code, int32_t value)
{
	v->pad_axes |= (uint64_t)1 << code;
	vinject_add(v, EV_ABS, code, value);
}

static int pad_add_axes(struct vinject *v, uint16_t x_code, int32_t x,
			int32_t y)
{
	const int r = vinject_room(v, 2);

	if (r)
		return r;
	pad_add_axis(v, x_code, x);
	pad_add_axis(v, x_code + 1, y);
	return 0;
}

int vinject_pad_stick(struct vinject *v, enum vinject_side side, int32_t x,
		      int32_t y)
{
	return pad_add_axes(v, side == VINJECT_LEFT ? ABS_X : ABS_RX, x, y);
}

int vinject_pad_trigger(struct vinject *v, enum vinject_side side,
			int32_t value)
{
	const int r = vinject_room(v, 1);

	if (!r)
		pad_add_axis(v, side == VINJECT_LEFT ? ABS_Z : ABS_RZ, value);
	return r;
}

int vinject_pad_hat(struct vinject *v, int32_t x, int32_t y)
{
	if (x < -1 || x > 1 || y < -1 || y > 1)
		return -EINVAL;
	v->pad = 0;
	return pad_add_axes(v, ABS_HAT0X, x, y);
}

/* Two opposite buttons cancel each other. */
static int pad_press_hat(struct vinject *v, unsigned int button, bool down)
{
	const unsigned int bit = 1u << (button - PAD_UP);
	const unsigned int pad = down ? v->pad | bit : v->pad & ~bit;
	const bool vertical = bit <= 2;
	const int r = vinject_room(v, 1);

	if (r)
		return r;
	v->pad = pad;
	if (vertical)
		pad_add_axis(v, ABS_HAT0Y,
			     (int)(pad >> 1 & 1) - (int)(pad & 1));
	else
		pad_add_axis(v, ABS_HAT0X,
			     (int)(pad >> 3 & 1) - (int)(pad >> 2 & 1));
	return 0;
}

int vinject_pad_button(struct vinject *v, unsigned int button, bool down)
{
	if (button >= VINJECT_PAD_BUTTONS)
		return -EINVAL;
	if (button == LEFT_TRIGGER || button == RIGHT_TRIGGER)
		return vinject_pad_trigger(
			v,
			button == LEFT_TRIGGER ? VINJECT_LEFT : VINJECT_RIGHT,
			down ? TRIGGER_MAX : 0);
	if (button >= PAD_UP && button <= PAD_RIGHT)
		return pad_press_hat(v, button, down);
	return vinject_key(v, codes[button], down);
}
