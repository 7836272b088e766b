/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gestures of fingers: they come down, move as the gesture has it, and are
 * lifted. All fingers are in one frame each time.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"

#define TAP_NS	(50 * INJECT_MS)
#define GAP_NS	(100 * INJECT_MS) /* between the taps of a double tap */
#define MOVE_NS (300 * INJECT_MS)
#define SPACING 100 /* a finger's width and something, on most screens */
#define RADIUS	200

#define FINGER_OPTIONS                                                 \
	(INJECT_OPT(FINGERS) | INJECT_OPT(HOLD) | INJECT_OPT(SINGLE) | \
	 INJECT_OPT(PRESSURE))
#define MOVE_OPTIONS \
	(INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE))
#define MOVE_USAGE                                                       \
	"[--duration=TIME] [--easing=EASING] [--hold=TIME] [--rate=HZ] " \
	"[--pressure=P]"

struct touch_plan {
	struct inject_gesture gesture;
	int64_t duration;
	long steps;
	bool single;
	int32_t x[INJECT_FINGERS_MAX], y[INJECT_FINGERS_MAX];
};

static int64_t or_default(int64_t ns, int64_t otherwise)
{
	return ns < 0 ? otherwise : ns;
}

/* --- before it runs --- */

/* Return: a plan with what all gestures have in common, NULL: no memory. */
static struct touch_plan *new_plan(struct inject_command *c,
				   const struct inject_context *ctx, long least,
				   struct fault *f)
{
	struct touch_plan *plan = c->plan = calloc(1, sizeof(*plan));

	if (!plan) {
		fault_no_memory(f);
		return NULL;
	}
	plan->single = c->set.single || ctx->single;
	plan->gesture.fingers =
		(unsigned int)(c->set.fingers < 0 ? least : c->set.fingers);
	plan->gesture.easing = c->set.easing;
	plan->gesture.spacing =
		c->set.given & INJECT_OPT(SPACING) ? c->set.spacing : SPACING;
	plan->gesture.angle_from = plan->gesture.angle_to = c->set.angle;
	plan->duration = or_default(c->set.duration, MOVE_NS);
	plan->steps = inject_settings_steps(&c->set, plan->duration);
	return plan;
}

/* Every finger must be where the device has a place for it, all the time. */
static int check_plan(const struct inject_command *c,
		      const struct inject_context *ctx, struct fault *f)
{
	const struct touch_plan *plan = c->plan;
	const struct inject_gesture *g = &plan->gesture;
	struct fault why;

	if (plan->single && g->fingers > 1)
		return fault_set(f, "%s: the device knows one finger only",
				 c->verb->name);
	for (long i = 0; i <= plan->steps; i++)
		for (unsigned int n = 0; n < g->fingers; n++) {
			const double time = (double)i / (double)plan->steps;
			const struct inject_point p =
				inject_gesture_at(g, n, time);

			if (inject_point_check(p, &ctx->screen, &why))
				return fault_set(f, "%s: finger %u: %.400s",
						 c->verb->name, n + 1,
						 why.text);
		}
	return 0;
}

/* --- running --- */

/* Down or moved to. Return: whether it was said; or a negative errno. */
static int say_finger(const struct inject_command *c, struct inject_run *run,
		      unsigned int n, struct inject_point p)
{
	struct touch_plan *plan = c->plan;
	const int32_t x = (int32_t)lround(p.x), y = (int32_t)lround(p.y);
	struct vinject *v = run->to->v;
	const bool is_down = n < vinject_touch_count(v);
	int r;

	if (is_down && plan->x[n] == x && plan->y[n] == y)
		return 0;
	plan->x[n] = x;
	plan->y[n] = y;
	r = vinject_touch_down(v, n, x, y);
	if (!r && !is_down && c->set.pressure)
		r = vinject_touch_pressure(v, n, (int32_t)c->set.pressure);
	return r ? inject_run_check(run, r) : 1;
}

static int say_fingers(const struct inject_command *c, struct inject_run *run,
		       double time)
{
	const struct touch_plan *plan = c->plan;
	int said = 0;

	for (unsigned int n = 0; n < plan->gesture.fingers; n++) {
		int r = say_finger(c, run, n,
				   inject_gesture_at(&plan->gesture, n, time));

		if (r < 0)
			return r;
		said |= r;
	}
	return said ? inject_run_frame(run) : 0;
}

static int lift(struct inject_run *run)
{
	int r = inject_run_check(run, vinject_touch_cancel(run->to->v));

	return r ? r : inject_run_frame(run);
}

static int put_down(const struct inject_command *c, struct inject_run *run)
{
	const struct touch_plan *plan = c->plan;
	int r = inject_run_check(
		run, vinject_touch_slots(run->to->v,
					 plan->single ? 0 : VINJECT_SLOTS_MAX));

	return r ? r : say_fingers(c, run, 0);
}

/* The fingers rest for --hold before they move: a drag is one that does. */
static int run_gesture(const struct inject_command *c, struct inject_run *run)
{
	const struct touch_plan *plan = c->plan;
	int r = put_down(c, run);
	int64_t begin;

	if (!r && c->set.hold > 0)
		r = inject_run_sleep(run, c->set.hold);
	begin = run->due_ns;
	for (long i = 1; !r && i <= plan->steps; i++) {
		r = inject_run_until(run,
				     begin + plan->duration * i / plan->steps);
		if (!r)
			r = say_fingers(c, run,
					(double)i / (double)plan->steps);
	}
	return r ? r : lift(run);
}

/* --- tap --- */

static int prepare_tap(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct touch_plan *plan = new_plan(c, ctx, 1, f);
	int r;

	if (!plan)
		return -ENOMEM;
	plan->steps = 1;
	plan->gesture.n_points = 1;
	r = inject_command_points(c, ctx, plan->gesture.point, f);
	return r ? r : check_plan(c, ctx, f);
}

static int run_tap(const struct inject_command *c, struct inject_run *run)
{
	int r = 0;

	for (long i = 0; !r && i < c->set.count; i++) {
		if (i)
			r = inject_run_sleep(run,
					     or_default(c->set.delay, GAP_NS));
		if (!r)
			r = put_down(c, run);
		if (!r)
			r = inject_run_sleep(run,
					     or_default(c->set.hold, TAP_NS));
		if (!r)
			r = lift(run);
	}
	return r;
}

const struct inject_verb inject_verb_tap = {
	.name = "tap",
	.usage = "X Y [--fingers=N] [--spacing=D] [--count=N] [--hold=TIME] "
		 "[--delay=TIME] [--pressure=P] [--single]",
	.label = "touch_0",
	.options = FINGER_OPTIONS | INJECT_OPT(SPACING) | INJECT_OPT(COUNT) |
		   INJECT_OPT(DELAY),
	.min = 2,
	.max = 2,
	.prepare = prepare_tap,
	.run = run_tap,
};

/* --- swipe --- */

static int prepare_swipe(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct touch_plan *plan = new_plan(c, ctx, 1, f);
	int r;

	if (!plan)
		return -ENOMEM;
	plan->gesture.n_points = c->n / 2;
	r = inject_command_points(c, ctx, plan->gesture.point, f);
	return r ? r : check_plan(c, ctx, f);
}

const struct inject_verb inject_verb_swipe = {
	.name = "swipe",
	.usage = "X Y X Y [X Y]... [--fingers=N] [--spacing=D] " MOVE_USAGE
		 " [--single]",
	.label = "touch_0",
	.options = FINGER_OPTIONS | MOVE_OPTIONS | INJECT_OPT(SPACING),
	.min = 4,
	.max = 2 * INJECT_POINTS_MAX,
	.prepare = prepare_swipe,
	.run = run_gesture,
};

/* --- pinch, rotate --- */

static int prepare_pinch(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	static const struct inject_value from = { "from", 0, INT32_MAX };
	static const struct inject_value to = { "to", 0, INT32_MAX };
	struct touch_plan *plan = new_plan(c, ctx, 2, f);
	struct inject_gesture *g;
	int r;

	if (!plan)
		return -ENOMEM;
	g = &plan->gesture;
	g->kind = INJECT_PINCH;
	r = inject_point_read(g->point, c->operand, &ctx->screen, f);
	if (!r)
		r = inject_value_number(&g->from, &from, c->operand[2], f);
	if (!r)
		r = inject_value_number(&g->to, &to, c->operand[3], f);
	return r ? r : check_plan(c, ctx, f);
}

#define CIRCLE_OPTIONS                                                   \
	(INJECT_OPT(FINGERS) | INJECT_OPT(HOLD) | INJECT_OPT(PRESSURE) | \
	 MOVE_OPTIONS | INJECT_OPT(ANGLE))

const struct inject_verb inject_verb_pinch = {
	.name = "pinch",
	.usage = "X Y FROM TO [--fingers=N] [--angle=DEGREES] " MOVE_USAGE,
	.label = "touch_0",
	.options = CIRCLE_OPTIONS,
	.min = 4,
	.max = 4,
	.prepare = prepare_pinch,
	.run = run_gesture,
};

static int prepare_rotate(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	static const struct inject_value degrees = { "degrees", -36000, 36000 };
	struct touch_plan *plan = new_plan(c, ctx, 2, f);
	struct inject_gesture *g;
	double turn;
	int r;

	if (!plan)
		return -ENOMEM;
	g = &plan->gesture;
	g->kind = INJECT_PINCH;
	g->from = 2 *
		  (c->set.given & INJECT_OPT(RADIUS) ? c->set.radius : RADIUS);
	g->to = g->from;
	r = inject_point_read(g->point, c->operand, &ctx->screen, f);
	if (!r)
		r = inject_value_number(&turn, &degrees, c->operand[2], f);
	if (r)
		return r;
	g->angle_to = g->angle_from + turn;
	return check_plan(c, ctx, f);
}

const struct inject_verb inject_verb_rotate = {
	.name = "rotate",
	.usage = "X Y DEGREES [--radius=R] [--fingers=N] [--angle=DEGREES] " //
	MOVE_USAGE,
	.label = "touch_0",
	.options = CIRCLE_OPTIONS | INJECT_OPT(RADIUS),
	.min = 3,
	.max = 3,
	.prepare = prepare_rotate,
	.run = run_gesture,
};
