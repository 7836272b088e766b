/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include "injector/inject/inject-motion.h"
#include "injector/inject/inject-touch.h"

/*
 * A quarter of what the shipped touchpad has, which takes a finger without any
 * for one that hovers. Devices drop it if they do not declare it.
 */
#define PAD_PRESSURE 64

struct touch_plan {
	struct inject_gesture gesture;
	bool single;
	long pressure; /* when they touch; 0: none is sent */
	/* Positions of the fingers that are down: */
	int32_t x[INJECT_FINGERS_MAX], y[INJECT_FINGERS_MAX];
};

struct inject_gesture *inject_touch_plan(struct inject_command *c,
					 const struct inject_context *ctx,
					 struct fault *f)
{
	struct touch_plan *plan = inject_command_plan(c, 1, sizeof(*plan), f);

	if (!plan)
		return NULL;
	plan->single = c->set.single || ctx->single;
	if (c->set.given & INJECT_OPT(PRESSURE))
		plan->pressure = c->set.pressure;
	else
		plan->pressure = ctx->spec ? ctx->pressure : PAD_PRESSURE;
	plan->gesture.fingers = (unsigned int)c->set.fingers;
	plan->gesture.easing = c->set.easing;
	plan->gesture.spacing = c->set.spacing;
	plan->gesture.angle_from = plan->gesture.angle_to = c->set.angle;
	return &plan->gesture;
}

/* All fingers at one time, from 0 to 1. */
static int check_fingers(const struct inject_command *c,
			 const struct inject_context *ctx, double time,
			 struct fault *f)
{
	const struct touch_plan *plan = c->plan;
	struct fault why;

	for (unsigned int i = 0; i < plan->gesture.fingers; i++)
		if (inject_point_check(
			    inject_gesture_at(&plan->gesture, i, time),
			    &ctx->screen, &why))
			return fault_set(f, "%s: finger %u: %.400s",
					 c->verb->name, i + 1, why.text);
	return 0;
}

int inject_touch_check(const struct inject_command *c,
		       const struct inject_context *ctx, struct fault *f)
{
	const struct touch_plan *plan = c->plan;
	struct inject_motion m;
	int r;

	if (plan->single && plan->gesture.fingers > 1)
		return fault_set(f, "%s: the device supports only one finger",
				 c->verb->name);
	r = check_fingers(c, ctx, 0, f);
	inject_motion_begin(&m, &c->set, 0);
	while (!r && inject_motion_next(&m))
		r = check_fingers(c, ctx, m.time, f);
	return r;
}

/*
 * Put a finger down or move it.
 * Return: 1; 0: it is there already; or a negative errno.
 */
static int move_finger(const struct inject_command *c, struct inject_run *run,
		       unsigned int i, struct inject_point p)
{
	struct touch_plan *plan = c->plan;
	const int32_t x = (int32_t)lround(p.x), y = (int32_t)lround(p.y);
	struct vinject *v = run->to->v;
	const bool is_down = i < vinject_touch_count(v);
	int r;

	if (is_down && plan->x[i] == x && plan->y[i] == y)
		return 0;
	plan->x[i] = x;
	plan->y[i] = y;
	r = vinject_touch_down(v, i, x, y);
	if (!r && !is_down && plan->pressure)
		r = vinject_touch_pressure(v, i, (int32_t)plan->pressure);
	return r ? inject_run_check(run, r) : 1;
}

static int move_fingers(const struct inject_command *c, struct inject_run *run,
			double time)
{
	const struct touch_plan *plan = c->plan;
	int moved = 0;

	for (unsigned int i = 0; i < plan->gesture.fingers; i++) {
		int r = move_finger(c, run, i,
				    inject_gesture_at(&plan->gesture, i, time));

		if (r < 0)
			return r;
		moved |= r;
	}
	return moved ? inject_run_frame(run) : 0;
}

int inject_touch_down(const struct inject_command *c, struct inject_run *run)
{
	const struct touch_plan *plan = c->plan;
	int r = inject_run_check(
		run, vinject_touch_slots(run->to->v,
					 plan->single ? 0 : VINJECT_SLOTS_MAX));

	return r ? r : move_fingers(c, run, 0);
}

int inject_touch_lift(struct inject_run *run)
{
	int r = inject_run_check(run, vinject_touch_cancel(run->to->v));

	return r ? r : inject_run_frame(run);
}

int inject_touch_run(const struct inject_command *c, struct inject_run *run)
{
	struct inject_motion m;
	int r = inject_touch_down(c, run);

	if (!r)
		r = inject_run_sleep(run, c->set.hold);
	inject_motion_begin(&m, &c->set, run->due_ns);
	while (!r && inject_motion_next(&m)) {
		r = inject_run_until(run, m.due_ns);
		if (!r)
			r = move_fingers(c, run, m.time);
	}
	return r ? r : inject_touch_lift(run);
}
