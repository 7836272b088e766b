/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mice, absolute pointers, wheels. A motion with a duration is many frames: in
 * each the way is what the easing says, rounded, minus what was told already,
 * so that no fraction gets lost.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "input/base/near.h"

#define MOTION_OPTIONS \
	(INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE))
#define MOTION_USAGE "[--duration=TIME] [--easing=EASING] [--rate=HZ]"

/* What one frame of a motion says. */
typedef int tell_fn(struct vinject *v, int32_t dx, int32_t dy);

/* Two amounts, told bit by bit. */
static int run_motion(const struct inject_command *c, struct inject_run *run,
		      struct inject_point way, tell_fn *tell)
{
	const int64_t duration = c->set.duration > 0 ? c->set.duration : 0;
	const int64_t begin = run->due_ns;
	const long steps = inject_settings_steps(&c->set, duration);
	int32_t x = 0, y = 0;
	int r = 0;

	for (long i = 1; !r && i <= steps; i++) {
		const double part =
			inject_ease(c->set.easing, (double)i / (double)steps);
		const int32_t to_x = (int32_t)lround(way.x * part);
		const int32_t to_y = (int32_t)lround(way.y * part);

		r = inject_run_until(run, begin + duration * i / steps);
		if (r || (to_x == x && to_y == y))
			continue;
		r = inject_run_check(run, tell(run->to->v, to_x - x, to_y - y));
		if (!r)
			r = inject_run_frame(run);
		x = to_x;
		y = to_y;
	}
	return r;
}

/* --- move --- */

static struct inject_point *new_points(struct inject_command *c, size_t n,
				       struct fault *f)
{
	c->plan = calloc(n, sizeof(struct inject_point));
	if (!c->plan)
		fault_no_memory(f);
	return c->plan;
}

static int prepare_move(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	static const struct inject_value dx = { "dx", INT16_MIN, INT16_MAX };
	static const struct inject_value dy = { "dy", INT16_MIN, INT16_MAX };
	struct inject_point *way = new_points(c, 1, f);
	int r = way ? 0 : -ENOMEM;

	if (!r)
		r = inject_value_number(&way->x, &dx, c->operand[0], f);
	if (!r)
		r = inject_value_number(&way->y, &dy, c->operand[1], f);
	return r;
}

static int run_move(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *way = c->plan;

	return run_motion(c, run, *way, vinject_motion);
}

const struct inject_verb inject_verb_move = {
	.name = "move",
	.usage = "DX DY " MOTION_USAGE,
	.label = "mouse",
	.options = MOTION_OPTIONS,
	.min = 2,
	.max = 2,
	.prepare = prepare_move,
	.run = run_move,
};

/* --- moveto --- */

static int prepare_moveto(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct inject_point *point = new_points(c, c->n / 2, f);

	if (!point)
		return -ENOMEM;
	return inject_command_points(c, ctx, point, f);
}

static int go_to(struct inject_run *run, struct inject_point p)
{
	int r = inject_run_check(run, vinject_position(run->to->v,
						       (int32_t)lround(p.x),
						       (int32_t)lround(p.y)));

	return r ? r : inject_run_frame(run);
}

/* To the first point at once, from there along the others. */
static int run_moveto(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *point = c->plan;
	const int64_t duration = c->set.duration > 0 ? c->set.duration : 0;
	const int64_t begin = run->due_ns;
	const size_t n = c->n / 2;
	const long steps = n > 1 ? inject_settings_steps(&c->set, duration) : 0;
	int r = go_to(run, point[0]);

	for (long i = 1; !r && i <= steps; i++) {
		const double part =
			inject_ease(c->set.easing, (double)i / (double)steps);

		r = inject_run_until(run, begin + duration * i / steps);
		if (!r)
			r = go_to(run, inject_path_at(point, n, part));
	}
	return r;
}

const struct inject_verb inject_verb_moveto = {
	.name = "moveto",
	.usage = "X Y [X Y]... " MOTION_USAGE,
	.label = "tablet",
	.options = MOTION_OPTIONS,
	.min = 2,
	.max = 2 * INJECT_POINTS_MAX,
	.prepare = prepare_moveto,
	.run = run_moveto,
};

/* --- scroll, turn --- */

/* Notches, as many as a hand could ever turn. */
#define NOTCHES_MAX 1e6

static int read_notches(double *amount, const char *word, struct fault *f)
{
	static const struct inject_value notches = { "notches", -NOTCHES_MAX,
						     NOTCHES_MAX };
	int r = inject_value_number(amount, &notches, word, f);

	*amount *= VINJECT_NOTCH;
	return r;
}

static const char *const directions[] = { "up", "down", "right", "left", NULL };

/* Return: the direction's place, -1. */
static int direction(const char *word)
{
	for (int i = 0; directions[i]; i++)
		if (strcmp(directions[i], word) == 0)
			return i;
	return -1;
}

/* "down", "down 3" */
static int read_direction(struct inject_point *way, int to, char *const *number,
			  struct fault *f)
{
	double amount = VINJECT_NOTCH;
	int r = *number ? read_notches(&amount, *number, f) : 0;

	if (to == 1 || to == 3)
		amount = -amount;
	if (to < 2)
		way->y = amount;
	else
		way->x = amount;
	return r;
}

/* In a wheel's way, y is up. */
static int prepare_scroll(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct inject_point *way = new_points(c, 1, f);
	const char *word = c->operand[0];
	const int to = direction(word);
	int r;

	if (!way)
		return -ENOMEM;
	if (to >= 0)
		return read_direction(way, to, &c->operand[1], f);
	if (!strpbrk(word, "0123456789"))
		return fault_set(f, "scroll: there is no direction %.40s%s",
				 word, fault_hint(near_word(directions, word)));
	r = read_notches(&way->y, word, f);
	if (!r && c->n > 1)
		r = read_notches(&way->x, c->operand[1], f);
	return r;
}

static int tell_wheel(struct vinject *v, int32_t dx, int32_t dy)
{
	return vinject_wheel(v, dy, dx);
}

static int run_scroll(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *way = c->plan;

	return run_motion(c, run, *way, tell_wheel);
}

const struct inject_verb inject_verb_scroll = {
	.name = "scroll",
	.usage = "up|down|left|right [NOTCHES] | VERTICAL [HORIZONTAL] " //
	MOTION_USAGE,
	.label = "mouse",
	.options = MOTION_OPTIONS,
	.min = 1,
	.max = 2,
	.prepare = prepare_scroll,
	.run = run_scroll,
};

static int prepare_turn(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	static const struct inject_value steps = { "steps", -NOTCHES_MAX,
						   NOTCHES_MAX };
	struct inject_point *way = new_points(c, 1, f);

	if (!way)
		return -ENOMEM;
	if (!c->set.dial)
		return read_notches(&way->y, c->operand[0], f);
	return inject_value_number(&way->y, &steps, c->operand[0], f);
}

static int tell_dial(struct vinject *v, int32_t dx, int32_t dy)
{
	return vinject_dial(v, dy);
}

static int run_turn(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *way = c->plan;

	return run_motion(c, run, *way, c->set.dial ? tell_dial : tell_wheel);
}

const struct inject_verb inject_verb_turn = {
	.name = "turn",
	.usage = "NOTCHES [--dial] " MOTION_USAGE,
	.label = "rotary",
	.options = MOTION_OPTIONS | INJECT_OPT(DIAL),
	.min = 1,
	.max = 1,
	.prepare = prepare_turn,
	.run = run_turn,
};
