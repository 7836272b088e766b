/* SPDX-License-Identifier: Apache-2.0 */
/* Gestures of fingers: tap, swipe, pinch, rotate. */
#include <errno.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-touch.h"

#define TAP_NS	(50 * INJECT_MS)
#define GAP_NS	(100 * INJECT_MS) /* between the taps of a double tap */
#define MOVE_NS (300 * INJECT_MS)
#define SPACING 100 /* a little more than a finger's width on most screens */
#define RADIUS	200

#define FINGER_OPTIONS \
	(INJECT_OPT(FINGERS) | INJECT_OPT(HOLD) | INJECT_OPT(PRESSURE))
#define MOVE_OPTIONS \
	(INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE))
#define MOVE_DEFAULTS \
	.duration = MOVE_NS, .easing = INJECT_EASE_IN_OUT, .rate = INJECT_RATE
#define MOVE_USAGE                                                       \
	"[--duration=TIME] [--easing=EASING] [--hold=TIME] [--rate=HZ] " \
	"[--pressure=P]"

/* --- tap --- */

static int prepare_tap(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct inject_gesture *g = inject_touch_plan(c, ctx, f);
	int r;

	if (!g)
		return -ENOMEM;
	g->n_points = 1;
	r = inject_command_points(c, ctx, g->point, f);
	return r ? r : inject_touch_check(c, ctx, f);
}

static int run_tap(const struct inject_command *c, struct inject_run *run)
{
	int r = 0;

	for (long i = 0; !r && i < c->set.count; i++) {
		if (i)
			r = inject_run_sleep(run, c->set.delay);
		if (!r)
			r = inject_touch_down(c, run);
		if (!r)
			r = inject_run_sleep(run, c->set.hold);
		if (!r)
			r = inject_touch_lift(run);
	}
	return r;
}

const struct inject_verb inject_verb_tap = {
	.name = "tap",
	.usage = "X Y [--fingers=N] [--spacing=D] [--count=N] [--hold=TIME] "
		 "[--delay=TIME] [--pressure=P] [--single]",
	.label = "touch_0",
	.min = 2,
	.max = 2,
	.options = FINGER_OPTIONS | INJECT_OPT(SINGLE) | INJECT_OPT(SPACING) |
		   INJECT_OPT(COUNT) | INJECT_OPT(DELAY),
	.defaults = { .fingers = 1,
		      .spacing = SPACING,
		      .count = 1,
		      .hold = TAP_NS,
		      .delay = GAP_NS },
	.prepare = prepare_tap,
	.run = run_tap,
};

/* --- swipe --- */

static int prepare_swipe(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct inject_gesture *g = inject_touch_plan(c, ctx, f);
	int r;

	if (!g)
		return -ENOMEM;
	g->n_points = c->n / 2;
	r = inject_command_points(c, ctx, g->point, f);
	return r ? r : inject_touch_check(c, ctx, f);
}

const struct inject_verb inject_verb_swipe = {
	.name = "swipe",
	.usage = "X Y X Y [X Y]... [--fingers=N] [--spacing=D] " MOVE_USAGE
		 " [--single]",
	.label = "touch_0",
	.min = 4,
	.max = 2 * INJECT_POINTS_MAX,
	.options = FINGER_OPTIONS | MOVE_OPTIONS | INJECT_OPT(SINGLE) |
		   INJECT_OPT(SPACING),
	.defaults = { MOVE_DEFAULTS, .fingers = 1, .spacing = SPACING },
	.prepare = prepare_swipe,
	.run = inject_touch_run,
};

/* --- pinch, rotate --- */

static int prepare_pinch(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	static const struct inject_value from = { "from", 0, INT32_MAX };
	static const struct inject_value to = { "to", 0, INT32_MAX };
	struct inject_gesture *g = inject_touch_plan(c, ctx, f);
	int r;

	if (!g)
		return -ENOMEM;
	g->kind = INJECT_GESTURE_PINCH;
	r = inject_point_read(g->point, c->operand, &ctx->screen, f);
	if (!r)
		r = inject_value_number(&g->from, &from, c->operand[2], f);
	if (!r)
		r = inject_value_number(&g->to, &to, c->operand[3], f);
	return r ? r : inject_touch_check(c, ctx, f);
}

const struct inject_verb inject_verb_pinch = {
	.name = "pinch",
	.usage = "X Y FROM TO [--fingers=N] [--angle=DEGREES] " MOVE_USAGE,
	.label = "touch_0",
	.min = 4,
	.max = 4,
	.options = FINGER_OPTIONS | MOVE_OPTIONS | INJECT_OPT(ANGLE),
	.defaults = { MOVE_DEFAULTS, .fingers = 2 },
	.prepare = prepare_pinch,
	.run = inject_touch_run,
};

static int prepare_rotate(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	static const struct inject_value degrees = { "degrees", -36000, 36000 };
	struct inject_gesture *g = inject_touch_plan(c, ctx, f);
	double turn;
	int r;

	if (!g)
		return -ENOMEM;
	g->kind = INJECT_GESTURE_PINCH;
	g->from = g->to = 2 * c->set.radius;
	r = inject_point_read(g->point, c->operand, &ctx->screen, f);
	if (!r)
		r = inject_value_number(&turn, &degrees, c->operand[2], f);
	if (r)
		return r;
	g->angle_to = g->angle_from + turn;
	return inject_touch_check(c, ctx, f);
}

const struct inject_verb inject_verb_rotate = {
	.name = "rotate",
	.usage = "X Y DEGREES [--radius=R] [--fingers=N] [--angle=DEGREES] " //
	MOVE_USAGE,
	.label = "touch_0",
	.min = 3,
	.max = 3,
	.options = FINGER_OPTIONS | MOVE_OPTIONS | INJECT_OPT(ANGLE) |
		   INJECT_OPT(RADIUS),
	.defaults = { MOVE_DEFAULTS, .fingers = 2, .radius = RADIUS },
	.prepare = prepare_rotate,
	.run = inject_touch_run,
};
