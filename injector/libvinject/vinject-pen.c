/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pen: a tool is near or away, and touches or not. A guest does not expect
 * one tool to leave and another to come in one frame, so these are two.
 */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"

/* The most events that vinject_pen_out() adds. */
#define OUT_EVENTS 6

static const uint16_t buttons[] = { BTN_STYLUS, BTN_STYLUS2, BTN_STYLUS3 };
#define BUTTONS (sizeof(buttons) / sizeof(buttons[0]))

static void pen_release_key(struct vinject *v, uint16_t code)
{
	if (vinject_state_key(&v->draft, code))
		vinject_add(v, EV_KEY, code, 0);
}

int vinject_pen_out(struct vinject *v)
{
	const int r = vinject_room(v, OUT_EVENTS);

	if (r || !v->pen)
		return r;
	if (v->draft.abs[ABS_PRESSURE])
		vinject_add(v, EV_ABS, ABS_PRESSURE, 0);
	pen_release_key(v, BTN_TOUCH);
	for (unsigned int i = 0; i < BUTTONS; i++)
		pen_release_key(v, buttons[i]);
	pen_release_key(v, v->pen);
	v->pen = 0;
	return 0;
}

int vinject_pen_in(struct vinject *v, enum vinject_pen tool)
{
	int r = vinject_room(v, OUT_EVENTS + 2);

	if (r)
		return r;
	if (tool != VINJECT_PEN && tool != VINJECT_ERASER)
		return -EINVAL;
	if (v->pen == tool)
		return 0;
	if (v->pen) {
		vinject_pen_out(v);
		vinject_add(v, EV_SYN, SYN_REPORT, 0);
	}
	vinject_add(v, EV_KEY, (uint16_t)tool, 1);
	v->pen = (uint16_t)tool;
	return 0;
}

int vinject_pen_move(struct vinject *v, int32_t x, int32_t y)
{
	return vinject_position(v, x, y);
}

int vinject_pen_pressure(struct vinject *v, int32_t pressure)
{
	const bool touches = pressure > 0;
	const int r = vinject_room(v, 2);

	if (r)
		return r;
	vinject_add(v, EV_ABS, ABS_PRESSURE, pressure);
	if (touches != vinject_state_key(&v->draft, BTN_TOUCH))
		vinject_add(v, EV_KEY, BTN_TOUCH, touches);
	return 0;
}

int vinject_pen_tilt(struct vinject *v, int32_t x, int32_t y)
{
	const int r = vinject_room(v, 2);

	if (r)
		return r;
	vinject_add(v, EV_ABS, ABS_TILT_X, x);
	vinject_add(v, EV_ABS, ABS_TILT_Y, y);
	return 0;
}

int vinject_pen_button(struct vinject *v, unsigned int button, bool down)
{
	if (button >= BUTTONS)
		return -EINVAL;
	return vinject_key(v, buttons[button], down);
}
