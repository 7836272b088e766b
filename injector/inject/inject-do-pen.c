/* SPDX-License-Identifier: Apache-2.0 */
/* A stroke of a pen: into proximity, down, along its points, up, and out. */
#include <errno.h>
#include <math.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-motion.h"

#define STROKE_NS (300 * INJECT_MS)
/* Half of what the shipped pen has. */
#define PRESSURE 2048

static int prepare_pen(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct inject_point *point =
		inject_command_plan(c, c->n / 2, sizeof(*point), f);

	return point ? inject_command_points(c, ctx, point, f) : -ENOMEM;
}

static int move_pen(struct inject_run *run, struct inject_point p)
{
	return inject_run_check(run, vinject_pen_move(run->to->v,
						      (int32_t)lround(p.x),
						      (int32_t)lround(p.y)));
}

/* How far it is from the screen; 0 while it touches. */
static int keep_distance(const struct inject_command *c, struct inject_run *run,
			 bool touches)
{
	const int32_t distance = touches ? 0 : (int32_t)c->set.distance;

	if (!(c->set.given & INJECT_OPT(DISTANCE)))
		return 0;
	return inject_run_check(
		run, vinject_event(run->to->v, EV_ABS, ABS_DISTANCE, distance));
}

/* One frame: a tool that comes into proximity has a place and a tilt. */
static int enter_proximity(const struct inject_command *c,
			   struct inject_run *run)
{
	const struct inject_point *point = c->plan;
	struct vinject *v = run->to->v;
	int r = vinject_pen_in(v, c->set.eraser ? VINJECT_ERASER : VINJECT_PEN);

	if (!r && c->set.given & INJECT_OPT(TILT))
		r = vinject_pen_tilt(v, (int32_t)lround(c->set.tilt.x),
				     (int32_t)lround(c->set.tilt.y));
	r = inject_run_check(run, r);
	if (!r)
		r = keep_distance(c, run, false);
	if (!r)
		r = move_pen(run, point[0]);
	return r ? r : inject_run_frame(run);
}

static int touch_down(const struct inject_command *c, struct inject_run *run)
{
	struct vinject *v = run->to->v;
	int r = 0;

	if (c->set.button)
		r = vinject_pen_button(v, (uint16_t)(c->set.button - 1), true);
	if (!r && !c->set.hover)
		r = vinject_pen_pressure(v, (int32_t)c->set.pressure);
	r = inject_run_check(run, r);
	if (!r && !c->set.hover)
		r = keep_distance(c, run, true);
	return r ? r : inject_run_frame(run);
}

static int lift_off(const struct inject_command *c, struct inject_run *run)
{
	int r = inject_run_check(run, vinject_pen_pressure(run->to->v, 0));

	if (!r)
		r = keep_distance(c, run, false);
	return r ? r : inject_run_frame(run);
}

static int draw(const struct inject_command *c, struct inject_run *run)
{
	struct inject_motion m;
	int r = 0;

	if (c->n == 2)
		return inject_run_sleep(run, c->set.duration);
	inject_motion_begin(&m, &c->set, run->due_ns);
	while (!r && inject_motion_next(&m)) {
		r = inject_run_until(run, m.due_ns);
		if (!r)
			r = move_pen(run,
				     inject_path_at(c->plan, c->n / 2, m.part));
		if (!r)
			r = inject_run_frame(run);
	}
	return r;
}

static int run_pen(const struct inject_command *c, struct inject_run *run)
{
	int r = enter_proximity(c, run);

	if (!r)
		r = touch_down(c, run);
	if (!r)
		r = draw(c, run);
	if (!r && !c->set.hover)
		r = lift_off(c, run);
	if (!r)
		r = inject_run_check(run, vinject_pen_out(run->to->v));
	return r ? r : inject_run_frame(run);
}

const struct inject_verb inject_verb_pen = {
	.name = "pen",
	.usage = "X Y [X Y]... [--pressure=P] [--tilt=X,Y] [--eraser] "
		 "[--hover] [--distance=D] [--button=1..3] [--duration=TIME] "
		 "[--easing=EASING] [--rate=HZ]",
	.label = "pen",
	.min = 2,
	.max = 2 * INJECT_POINTS_MAX,
	.options = INJECT_OPT(PRESSURE) | INJECT_OPT(TILT) |
		   INJECT_OPT(ERASER) | INJECT_OPT(HOVER) |
		   INJECT_OPT(DISTANCE) | INJECT_OPT(BUTTON) |
		   INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE),
	.defaults = { .pressure = PRESSURE,
		      .duration = STROKE_NS,
		      .easing = INJECT_EASE_IN_OUT,
		      .rate = INJECT_RATE },
	.prepare = prepare_pen,
	.run = run_pen,
};
