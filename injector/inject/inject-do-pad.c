/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gamepads: pad. An operand is a chord, items joined by '+': "a", "lb+x",
 * "lstick=0.5,-1+rt=0.7", "hat=1,0".
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-keys.h"
#include "input/base/near.h"

/* Long enough for games that poll 30 times a second. */
#define HOLD_NS	    (50 * INJECT_MS)
#define DELAY_NS    (50 * INJECT_MS)
#define CHORD_MAX   16
#define STICK_MAX   32767
#define TRIGGER_MAX 255

enum pad_part {
	PAD_BUTTON,
	PAD_STICK,
	PAD_TRIGGER,
	PAD_HAT,
};

struct pad_item {
	enum pad_part part;
	unsigned int number; /* of a button, or enum vinject_side */
	struct inject_point to;
};

struct pad_chord {
	struct pad_item item[CHORD_MAX];
	size_t n;
};

static const struct {
	const char *name;
	enum pad_part part;
	unsigned int side;
} parts[] = {
	{ "lstick", PAD_STICK, VINJECT_LEFT },
	{ "rstick", PAD_STICK, VINJECT_RIGHT },
	{ "lt", PAD_TRIGGER, VINJECT_LEFT },
	{ "rt", PAD_TRIGGER, VINJECT_RIGHT },
	{ "hat", PAD_HAT, 0 },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* "0.5,-1"; changes the word. */
static int read_pair(struct inject_point *p, char *word, struct fault *f)
{
	static const struct inject_value x = { "x", -1, 1 };
	static const struct inject_value y = { "y", -1, 1 };
	char *comma = strchr(word, ',');
	int r;

	if (!comma)
		return fault_set(f,
				 "pad: %.40s must be X,Y, each from -1 "
				 "to 1",
				 word);
	*comma = '\0';
	r = inject_value_number(&p->x, &x, word, f);
	return r ? r : inject_value_number(&p->y, &y, comma + 1, f);
}

/* NAME=VALUE, with eq at its '='; changes the word. */
static int read_part(struct pad_item *item, char *word, char *eq,
		     struct fault *f)
{
	const struct inject_value pressed = { word, 0, 1 };
	const char *names[PARTS + 1];
	size_t i;

	*eq = '\0';
	for (i = 0; i < PARTS && strcmp(parts[i].name, word) != 0; i++)
		names[i] = parts[i].name;
	names[i] = NULL;
	if (i == PARTS)
		return fault_set(f, "unknown stick or trigger %.40s%s", word,
				 fault_hint(near_word(names, word)));
	item->part = parts[i].part;
	item->number = parts[i].side;
	if (item->part == PAD_TRIGGER)
		return inject_value_number(&item->to.x, &pressed, eq + 1, f);
	if (read_pair(&item->to, eq + 1, f))
		return -EINVAL;
	if (item->part == PAD_HAT && (item->to.x != round(item->to.x) ||
				      item->to.y != round(item->to.y)))
		return fault_set(f, "pad: hat values must be -1, 0 or 1");
	return 0;
}

/* Changes the word. */
static int read_chord(struct pad_chord *chord, char *word, struct fault *f)
{
	int r = 0;

	while (!r && word) {
		struct pad_item *item = &chord->item[chord->n++];
		char *plus = strchr(word, '+');
		char *eq;

		if (chord->n > CHORD_MAX)
			return fault_set(f,
					 "pad: more than %d items at the same "
					 "time",
					 CHORD_MAX);
		if (plus)
			*plus++ = '\0';
		eq = strchr(word, '=');
		r = eq ? read_part(item, word, eq, f)
		       : inject_pad_button_read(&item->number, word, f);
		word = plus;
	}
	return r;
}

static int prepare_pad(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct pad_chord *chord =
		inject_command_plan(c, c->n, sizeof(*chord), f);
	int r = chord ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++) {
		char *word = strdup(c->operand[i]);

		r = word ? read_chord(&chord[i], word, f) : fault_no_memory(f);
		free(word);
	}
	return r;
}

static int32_t scale(double part)
{
	return (int32_t)lround(part < 0 ? part * (STICK_MAX + 1)
					: part * STICK_MAX);
}

/* on: as the item says, else back to rest. */
static int set_item(struct vinject *v, const struct pad_item *item, bool on)
{
	const double x = on ? item->to.x : 0, y = on ? item->to.y : 0;
	const enum vinject_side side = (enum vinject_side)item->number;

	switch (item->part) {
	case PAD_BUTTON:
		return vinject_pad_button(v, item->number, on);
	case PAD_STICK:
		return vinject_pad_stick(v, side, scale(x), scale(y));
	case PAD_TRIGGER:
		return vinject_pad_trigger(v, side,
					   (int32_t)lround(x * TRIGGER_MAX));
	case PAD_HAT:
		return vinject_pad_hat(v, (int32_t)x, (int32_t)y);
	}
	return -EINVAL;
}

static int send_chord(struct inject_run *run, const struct pad_chord *chord,
		      bool on)
{
	int r = 0;

	for (size_t i = 0; !r && i < chord->n; i++)
		r = set_item(run->to->v, &chord->item[i], on);
	r = inject_run_check(run, r);
	return r ? r : inject_run_frame(run);
}

static int run_pad(const struct inject_command *c, struct inject_run *run)
{
	const struct pad_chord *chord = c->plan;
	int r = 0;

	for (size_t i = 0; !r && i < c->n; i++) {
		if (i)
			r = inject_run_sleep(run, c->set.delay);
		if (!r && !c->set.up)
			r = send_chord(run, &chord[i], true);
		if (!r && !c->set.up && !c->set.down)
			r = inject_run_sleep(run, c->set.hold);
		if (!r && !c->set.down)
			r = send_chord(run, &chord[i], false);
	}
	return r;
}

const struct inject_verb inject_verb_pad = {
	.name = "pad",
	.usage = "BUTTON|lstick=X,Y|rstick=X,Y|lt=P|rt=P|hat=X,Y[+...]... "
		 "[--hold=TIME] [--delay=TIME] [--down|--up]",
	.label = "gamepad",
	.min = 1,
	.max = SIZE_MAX,
	.options = INJECT_OPT(HOLD) | INJECT_OPT(DELAY) | INJECT_OPT(DOWN) |
		   INJECT_OPT(UP),
	.defaults = { .hold = HOLD_NS, .delay = DELAY_NS },
	.prepare = prepare_pad,
	.run = run_pad,
};
