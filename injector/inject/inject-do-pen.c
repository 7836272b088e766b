/* SPDX-License-Identifier: Apache-2.0 */
/* A stroke of a pen: near, down, along its points, up, away. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"

#define STROKE_NS (300 * INJECT_MS)
/* Half of what the shipped pen has. */
#define PRESSURE 2048

static int prepare_pen(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	c->plan = calloc(c->n / 2, sizeof(struct inject_point));
	if (!c->plan)
		return fault_no_memory(f);
	return inject_command_points(c, ctx, c->plan, f);
}

static int move(struct inject_run *run, struct inject_point p)
{
	return inject_run_check(run, vinject_pen_move(run->to->v,
						      (int32_t)lround(p.x),
						      (int32_t)lround(p.y)));
}

/* In one frame: a tool that comes near has a place and a tilt. */
static int come_near(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *point = c->plan;
	struct vinject *v = run->to->v;
	int r = vinject_pen_in(v, c->set.eraser ? VINJECT_ERASER : VINJECT_PEN);

	if (!r && c->set.given & INJECT_OPT(TILT))
		r = vinject_pen_tilt(v, (int32_t)lround(c->set.tilt.x),
				     (int32_t)lround(c->set.tilt.y));
	r = inject_run_check(run, r);
	if (!r)
		r = move(run, point[0]);
	return r ? r : inject_run_frame(run);
}

static int touch(const struct inject_command *c, struct inject_run *run)
{
	const long pressure = c->set.pressure ? c->set.pressure : PRESSURE;
	struct vinject *v = run->to->v;
	int r = 0;

	if (c->set.given & INJECT_OPT(BUTTON))
		r = vinject_pen_button(v, (uint16_t)(c->set.button - 1), true);
	if (!r && !c->set.hover)
		r = vinject_pen_pressure(v, (int32_t)pressure);
	r = inject_run_check(run, r);
	return r ? r : inject_run_frame(run);
}

static int draw(const struct inject_command *c, struct inject_run *run)
{
	const int64_t duration =
		c->set.duration < 0 ? STROKE_NS : c->set.duration;
	const long steps = inject_settings_steps(&c->set, duration);
	const int64_t begin = run->due_ns;
	int r = 0;

	if (c->n == 2)
		return inject_run_sleep(run, duration);
	for (long i = 1; !r && i <= steps; i++) {
		const double part =
			inject_ease(c->set.easing, (double)i / (double)steps);

		r = inject_run_until(run, begin + duration * i / steps);
		if (!r)
			r = move(run, inject_path_at(c->plan, c->n / 2, part));
		if (!r)
			r = inject_run_frame(run);
	}
	return r;
}

static int run_pen(const struct inject_command *c, struct inject_run *run)
{
	int r = come_near(c, run);

	if (!r)
		r = touch(c, run);
	if (!r)
		r = draw(c, run);
	if (!r && !c->set.hover)
		r = inject_run_check(run, vinject_pen_pressure(run->to->v, 0));
	if (!r && !c->set.hover)
		r = inject_run_frame(run);
	if (!r)
		r = inject_run_check(run, vinject_pen_out(run->to->v));
	return r ? r : inject_run_frame(run);
}

const struct inject_verb inject_verb_pen = {
	.name = "pen",
	.usage = "X Y [X Y]... [--pressure=P] [--tilt=X,Y] [--eraser] "
		 "[--hover] [--button=1..3] [--duration=TIME] "
		 "[--easing=EASING] [--rate=HZ]",
	.label = "pen",
	.options = INJECT_OPT(PRESSURE) | INJECT_OPT(TILT) |
		   INJECT_OPT(ERASER) | INJECT_OPT(HOVER) | INJECT_OPT(BUTTON) |
		   INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE),
	.min = 2,
	.max = 2 * INJECT_POINTS_MAX,
	.prepare = prepare_pen,
	.run = run_pen,
};
