/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "injector/passthrough/pass-cooked.h"

/* So many of libinput's units are a notch of a wheel, by its documentation. */
#define UNITS_PER_NOTCH 15
/* About what a notch with Ctrl is to programs. */
#define SCALE_PER_NOTCH 1.2

static const struct {
	uint16_t motion, position, mt_position, wheel, notch;
	int wheel_sign; /* a wheel's events are positive upwards */
} axes[2] = {
	[PASS_X] = { REL_X, ABS_X, ABS_MT_POSITION_X, REL_HWHEEL_HI_RES,
		     REL_HWHEEL, 1 },
	[PASS_Y] = { REL_Y, ABS_Y, ABS_MT_POSITION_Y, REL_WHEEL_HI_RES,
		     REL_WHEEL, -1 },
};

void pass_cooked_init(struct pass_cooked *c, const struct spec *spec)
{
	*c = (struct pass_cooked){ .spec = spec, .slot = -1 };
	state_init(&c->now, spec);
}

static void cooked_add(struct pass_cooked *c, uint16_t type, uint16_t code,
		       int32_t value)
{
	const struct vi_event ev = vi_event(type, code, value);

	/* The last place is SYN_REPORT's. */
	if (!spec_has(c->spec, type, code) || c->n == PASS_COOKED_MAX - 1)
		return;
	state_apply(&c->now, &ev);
	c->ev[c->n++] = (struct input_event){
		.input_event_sec = c->time_us / 1000000,
		.input_event_usec = c->time_us % 1000000,
		.type = type,
		.code = code,
		.value = value,
	};
}

/* Return: the whole part of value and of what was left, which is kept. */
static int32_t take_whole(double *rest, double value)
{
	double sum, whole;

	if (!isfinite(value))
		return 0;
	sum = *rest + value;
	sum = sum > INT32_MAX ? INT32_MAX : sum < -INT32_MAX ? -INT32_MAX : sum;
	whole = trunc(sum);
	*rest = sum - whole;
	return (int32_t)whole;
}

static void cooked_move_by(struct pass_cooked *c, enum pass_axis axis, double d)
{
	const int32_t whole = take_whole(&c->rest[axis], d);

	if (whole)
		cooked_add(c, EV_REL, axes[axis].motion, whole);
}

void pass_cooked_motion(struct pass_cooked *c, double dx, double dy)
{
	cooked_move_by(c, PASS_X, dx);
	cooked_move_by(c, PASS_Y, dy);
}

static int32_t scale(const struct spec *spec, uint16_t code, double part)
{
	const struct spec_abs *abs = &spec->abs[code];
	const double size = (double)abs->max - abs->min + 1;
	const double value = abs->min + floor(part * size);

	/* Also what is not a number. */
	if (!(value > abs->min))
		return abs->min;
	return value < abs->max ? (int32_t)value : abs->max;
}

void pass_cooked_position(struct pass_cooked *c, double x, double y)
{
	cooked_add(c, EV_ABS, ABS_X, scale(c->spec, ABS_X, x));
	cooked_add(c, EV_ABS, ABS_Y, scale(c->spec, ABS_Y, y));
}

/* --- scrolling --- */

static void forget_scrolling(struct pass_cooked *c, enum pass_axis axis)
{
	c->wheel_rest[axis] = 0;
	c->notch_rest[axis] = 0;
}

void pass_cooked_wheel(struct pass_cooked *c, enum pass_axis axis, double v120)
{
	int64_t sum;
	int32_t whole;

	/* As the kernel's: another direction begins anew. */
	if (v120 * c->notch_rest[axis] < 0)
		forget_scrolling(c, axis);
	whole = take_whole(&c->wheel_rest[axis], v120);
	if (!whole)
		return;
	cooked_add(c, EV_REL, axes[axis].wheel, axes[axis].wheel_sign * whole);
	sum = (int64_t)c->notch_rest[axis] + whole;
	c->notch_rest[axis] = (int32_t)(sum % PASS_NOTCH);
	if (sum / PASS_NOTCH)
		cooked_add(c, EV_REL, axes[axis].notch,
			   axes[axis].wheel_sign * (int32_t)(sum / PASS_NOTCH));
}

void pass_cooked_finger(struct pass_cooked *c, enum pass_axis axis,
			double units)
{
	if (units == 0)
		forget_scrolling(c, axis);
	else
		pass_cooked_wheel(c, axis,
				  units * PASS_NOTCH / UNITS_PER_NOTCH);
}

/*
 * log(), for which libm would be loaded at each start:
 * ln(m) = 2 artanh((m - 1) / (m + 1)), where m is near 1.
 */
static double natural_log(double x)
{
	int exponent;
	const double half = frexp(x, &exponent);
	const bool small = half < M_SQRT1_2;
	const double m = small ? 2 * half : half, t = (m - 1) / (m + 1);
	double sum = 0;

	/* |t| is at most 0.18: t^25 is below a double's precision. */
	for (int n = 23; n > 0; n -= 2)
		sum = sum * t * t + 1.0 / n;
	return (small ? exponent - 1 : exponent) * M_LN2 + 2 * t * sum;
}

void pass_cooked_pinch(struct pass_cooked *c, double scale)
{
	if (!spec_has(c->spec, EV_KEY, KEY_LEFTCTRL) || !(scale > 0))
		return;
	if (c->pinch == 0) {
		c->pinch = 1;
		forget_scrolling(c, PASS_Y);
		cooked_add(c, EV_KEY, KEY_LEFTCTRL, 1);
	}
	/* Apart is up, which enlarges. */
	pass_cooked_wheel(c, PASS_Y,
			  -natural_log(scale / c->pinch) /
				  natural_log(SCALE_PER_NOTCH) * PASS_NOTCH);
	c->pinch = scale;
}

void pass_cooked_pinch_end(struct pass_cooked *c)
{
	if (c->pinch == 0)
		return;
	c->pinch = 0;
	forget_scrolling(c, PASS_Y);
	cooked_add(c, EV_KEY, KEY_LEFTCTRL, 0);
}

void pass_cooked_button(struct pass_cooked *c, uint32_t code, bool down)
{
	if (code < KEY_CNT)
		cooked_add(c, EV_KEY, (uint16_t)code, down);
}

/* --- touches --- */

/* Return: whether the device has the slot. */
static bool cooked_select(struct pass_cooked *c, int slot)
{
	if (slot < 0 || (unsigned int)slot >= spec_slots(c->spec))
		return false;
	if (c->slot != slot)
		cooked_add(c, EV_ABS, ABS_MT_SLOT, slot);
	c->slot = slot;
	return true;
}

void pass_cooked_down(struct pass_cooked *c, int slot)
{
	if (!cooked_select(c, slot))
		return;
	cooked_add(c, EV_ABS, ABS_MT_TRACKING_ID, c->next_id);
	c->next_id = (c->next_id + 1) & 0xffff;
}

void pass_cooked_up(struct pass_cooked *c, int slot)
{
	if (cooked_select(c, slot) && c->now.contact[slot].id >= 0)
		cooked_add(c, EV_ABS, ABS_MT_TRACKING_ID, -1);
}

void pass_cooked_move(struct pass_cooked *c, int slot, double x, double y)
{
	const double part[2] = { x, y };

	if (!cooked_select(c, slot))
		return;
	for (int axis = PASS_X; axis <= PASS_Y; axis++)
		cooked_add(c, EV_ABS, axes[axis].mt_position,
			   scale(c->spec, axes[axis].mt_position, part[axis]));
}

size_t pass_cooked_end(struct pass_cooked *c)
{
	const size_t n = c->n;

	if (!n)
		return 0;
	c->ev[n] = c->ev[n - 1];
	c->ev[n].type = EV_SYN;
	c->ev[n].code = SYN_REPORT;
	c->ev[n].value = 0;
	c->n = 0;
	return n + 1;
}
