/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mice, absolute pointers, wheels: move, moveto, scroll, turn. A relative
 * motion with a duration has many frames: each sends the way up to now,
 * rounded, minus what was sent before, so that no fraction is lost.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-motion.h"
#include "input/base/near.h"

#define MOTION_OPTIONS \
	(INJECT_OPT(DURATION) | INJECT_OPT(EASING) | INJECT_OPT(RATE))
#define MOTION_DEFAULTS .easing = INJECT_EASE_IN_OUT, .rate = INJECT_RATE
#define MOTION_USAGE	"[--duration=TIME] [--easing=EASING] [--rate=HZ]"

/* Writes one frame of a motion. */
typedef int move_fn(struct vinject *v, int32_t dx, int32_t dy);

/* way: two amounts, sent little by little. */
static int run_motion(const struct inject_command *c, struct inject_run *run,
		      struct inject_point way, move_fn *move)
{
	struct inject_motion m;
	int32_t x = 0, y = 0;
	int r = 0;

	inject_motion_begin(&m, &c->set, run->due_ns);
	while (!r && inject_motion_next(&m)) {
		const int32_t to_x = (int32_t)lround(way.x * m.part);
		const int32_t to_y = (int32_t)lround(way.y * m.part);

		r = inject_run_until(run, m.due_ns);
		if (r || (to_x == x && to_y == y))
			continue;
		r = inject_run_check(run, move(run->to->v, to_x - x, to_y - y));
		if (!r)
			r = inject_run_frame(run);
		x = to_x;
		y = to_y;
	}
	return r;
}

/* --- move --- */

static int prepare_move(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	static const struct inject_value dx = { "dx", INT16_MIN, INT16_MAX };
	static const struct inject_value dy = { "dy", INT16_MIN, INT16_MAX };
	struct inject_point *way = inject_command_plan(c, 1, sizeof(*way), f);
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
	.min = 2,
	.max = 2,
	.options = MOTION_OPTIONS,
	.defaults = { MOTION_DEFAULTS },
	.prepare = prepare_move,
	.run = run_move,
};

/* --- moveto --- */

/* Of the shipped tablet: the whole screen, whatever its size. */
#define TABLET_MAX 32767

static int prepare_moveto(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct inject_point *point =
		inject_command_plan(c, c->n / 2, sizeof(*point), f);
	struct inject_context tablet = *ctx;

	if (!point)
		return -ENOMEM;
	if (!ctx->spec) {
		tablet.screen.mapped = true;
		tablet.screen.range[0] =
			(struct inject_value){ "x", 0, TABLET_MAX };
		tablet.screen.range[1] =
			(struct inject_value){ "y", 0, TABLET_MAX };
	}
	return inject_command_points(c, &tablet, point, f);
}

static int move_to(struct inject_run *run, struct inject_point p)
{
	int r = inject_run_check(run, vinject_position(run->to->v,
						       (int32_t)lround(p.x),
						       (int32_t)lround(p.y)));

	return r ? r : inject_run_frame(run);
}

/* To the first point at once, then along the others. */
static int run_moveto(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *point = c->plan;
	const size_t n = c->n / 2;
	struct inject_motion m;
	int r = move_to(run, point[0]);

	inject_motion_begin(&m, &c->set, run->due_ns);
	while (!r && n > 1 && inject_motion_next(&m)) {
		r = inject_run_until(run, m.due_ns);
		if (!r)
			r = move_to(run, inject_path_at(point, n, m.part));
	}
	return r;
}

const struct inject_verb inject_verb_moveto = {
	.name = "moveto",
	.usage = "X Y [X Y]... " MOTION_USAGE,
	.label = "tablet",
	.min = 2,
	.max = 2 * INJECT_POINTS_MAX,
	.options = MOTION_OPTIONS,
	.defaults = { MOTION_DEFAULTS },
	.prepare = prepare_moveto,
	.run = run_moveto,
};

/* --- scroll, turn --- */

/* More than a hand ever turns. */
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

/* Return: an index into directions, -1: none. */
static int direction_by_name(const char *word)
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

/* For a wheel, positive y is up. */
static int prepare_scroll(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct inject_point *way = inject_command_plan(c, 1, sizeof(*way), f);
	const char *word = c->operand[0];
	const int to = direction_by_name(word);
	int r;

	if (!way)
		return -ENOMEM;
	if (to >= 0)
		return read_direction(way, to, &c->operand[1], f);
	if (!strpbrk(word, "0123456789"))
		return fault_set(f, "scroll: unknown direction %.40s%s", word,
				 fault_hint(near_word(directions, word)));
	r = read_notches(&way->y, word, f);
	if (!r && c->n > 1)
		r = read_notches(&way->x, c->operand[1], f);
	return r;
}

static int move_wheel(struct vinject *v, int32_t dx, int32_t dy)
{
	return vinject_wheel(v, dy, dx);
}

static int run_scroll(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *way = c->plan;

	return run_motion(c, run, *way, move_wheel);
}

const struct inject_verb inject_verb_scroll = {
	.name = "scroll",
	.usage = "up|down|left|right [NOTCHES] | VERTICAL [HORIZONTAL] " //
	MOTION_USAGE,
	.label = "mouse",
	.min = 1,
	.max = 2,
	.options = MOTION_OPTIONS,
	.defaults = { MOTION_DEFAULTS },
	.prepare = prepare_scroll,
	.run = run_scroll,
};

static int prepare_turn(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	static const struct inject_value steps = { "steps", -NOTCHES_MAX,
						   NOTCHES_MAX };
	struct inject_point *way = inject_command_plan(c, 1, sizeof(*way), f);

	if (!way)
		return -ENOMEM;
	if (!c->set.dial)
		return read_notches(&way->y, c->operand[0], f);
	return inject_value_number(&way->y, &steps, c->operand[0], f);
}

static int move_dial(struct vinject *v, int32_t dx, int32_t dy)
{
	return vinject_dial(v, dy);
}

static int run_turn(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_point *way = c->plan;

	return run_motion(c, run, *way, c->set.dial ? move_dial : move_wheel);
}

const struct inject_verb inject_verb_turn = {
	.name = "turn",
	.usage = "NOTCHES [--dial] " MOTION_USAGE,
	.label = "rotary",
	.min = 1,
	.max = 1,
	.options = MOTION_OPTIONS | INJECT_OPT(DIAL),
	.defaults = { MOTION_DEFAULTS },
	.prepare = prepare_turn,
	.run = run_turn,
};
