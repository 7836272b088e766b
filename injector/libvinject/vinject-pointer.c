/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mice, absolute pointers, wheels and dials. A high-resolution wheel has two
 * kinds of events (linux/Documentation/input/event-codes.rst): 1/120 of a notch
 * as they come, and whole notches when they are reached.
 */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"

int vinject_motion(struct vinject *v, int32_t dx, int32_t dy)
{
	const int r = vinject_room(v, (size_t) !!dx + !!dy);

	if (r)
		return r;
	if (dx)
		vinject_add(v, EV_REL, REL_X, dx);
	if (dy)
		vinject_add(v, EV_REL, REL_Y, dy);
	return 0;
}

int vinject_button(struct vinject *v, unsigned int button, bool down)
{
	static const uint16_t codes[] = {
		BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, BTN_SIDE, BTN_EXTRA,
	};

	if (button >= sizeof(codes) / sizeof(codes[0]))
		return -EINVAL;
	return vinject_key(v, codes[button], down);
}

int vinject_position(struct vinject *v, int32_t x, int32_t y)
{
	const int r = vinject_room(v, 2);

	if (r)
		return r;
	vinject_add(v, EV_ABS, ABS_X, x);
	vinject_add(v, EV_ABS, ABS_Y, y);
	return 0;
}

static void turn_wheel(struct vinject *v, unsigned int wheel, int32_t amount)
{
	static const struct {
		uint16_t notches, fine;
	} codes[] = {
		{ REL_WHEEL, REL_WHEEL_HI_RES },
		{ REL_HWHEEL, REL_HWHEEL_HI_RES },
	};
	int64_t sum = v->wheel_part[wheel];

	if (!amount)
		return;
	/* The rest would complete a notch in the old direction. */
	if ((sum < 0) != (amount < 0))
		sum = 0;
	sum += amount;
	v->wheel_part[wheel] = (int32_t)(sum % VINJECT_NOTCH);
	vinject_add(v, EV_REL, codes[wheel].fine, amount);
	if (sum / VINJECT_NOTCH)
		vinject_add(v, EV_REL, codes[wheel].notches,
			    (int32_t)(sum / VINJECT_NOTCH));
}

int vinject_wheel(struct vinject *v, int32_t vertical, int32_t horizontal)
{
	const int r = vinject_room(v, 4);

	if (r)
		return r;
	turn_wheel(v, 0, vertical);
	turn_wheel(v, 1, horizontal);
	return 0;
}

int vinject_turn(struct vinject *v, int32_t amount)
{
	return vinject_wheel(v, amount, 0);
}

int vinject_dial(struct vinject *v, int32_t steps)
{
	return vinject_event(v, EV_REL, REL_DIAL, steps);
}
