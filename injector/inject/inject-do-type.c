/* SPDX-License-Identifier: Apache-2.0 */
/* Text as keys of a layout: type, paste. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-file.h"
#include "injector/inject/inject-typing.h"
#include "input/base/bom.h"
#include "input/spec/spec-names.h"

/* From one character to the next: every guest that was tried keeps up. */
#define DELAY_NS (5 * INJECT_MS)

/* Keys held by earlier commands. */
#define HELD_MAX 64

struct type_plan {
	struct inject_layout *layout;	/* owned */
	struct inject_compose *compose; /* owned, MAY be NULL */
	struct inject_typing typing;
};

static size_t count_chars(const struct inject_strokes *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->step[i].ch != 0;
	return n;
}

static int play_steps(const struct inject_command *c, struct inject_run *run)
{
	const struct type_plan *plan = c->plan;
	const struct inject_strokes *s = &plan->typing.strokes;
	const int64_t delay = c->set.delay, half = delay / 2;
	int r = 0;

	inject_receipt_text(&run->to->receipt, count_chars(s));
	for (size_t i = 0; !r && i < s->n; i++) {
		const struct inject_step *step = &s->step[i];

		if (step->ch)
			inject_receipt_typing(&run->to->receipt, step->ch);
		r = inject_run_key(run, step->key, step->down);
		if (!r && step->timed)
			r = inject_run_sleep(run,
					     step->down ? half : delay - half);
	}
	return r;
}

/* --- the keyboard as it is found --- */

struct found {
	struct inject_start start;
	uint16_t held[HELD_MAX]; /* of start */
	unsigned int by_others;	 /* enum vinject_modifier */
};

/* Return: what a modifier key is in found->by_others. */
static unsigned int modifier_bit(uint16_t key)
{
	switch (key) {
	case KEY_LEFTCTRL:
		return VINJECT_LEFT_CTRL;
	case KEY_LEFTSHIFT:
		return VINJECT_LEFT_SHIFT;
	case KEY_LEFTALT:
		return VINJECT_LEFT_ALT;
	case KEY_LEFTMETA:
		return VINJECT_LEFT_META;
	case KEY_RIGHTCTRL:
		return VINJECT_RIGHT_CTRL;
	case KEY_RIGHTSHIFT:
		return VINJECT_RIGHT_SHIFT;
	case KEY_RIGHTALT:
		return VINJECT_RIGHT_ALT;
	case KEY_RIGHTMETA:
		return VINJECT_RIGHT_META;
	}
	return 0;
}

static bool is_held_by_others(const struct found *found, uint16_t key)
{
	return found->by_others & modifier_bit(key);
}

static int look_around(struct inject_run *run, struct found *found)
{
	int r = inject_run_learn_leds(run);

	if (r)
		return r;
	*found = (struct found){
		.start = { .caps_lock = vinject_led(run->to->v, LED_CAPSL),
			   .num_lock = vinject_led(run->to->v, LED_NUML),
			   .held = found->held },
	};
	r = inject_run_held_by_others(run, &found->by_others);
	for (uint16_t key = 1; key < BTN_MISC; key++)
		if ((inject_run_holds(run, key) ||
		     is_held_by_others(found, key)) &&
		    found->start.n_held < HELD_MAX)
			found->held[found->start.n_held++] = key;
	return r;
}

static bool changes_text(const struct type_plan *plan,
			 const struct inject_start *start)
{
	struct fault fault;

	return inject_typing_check(&plan->typing, start, &fault);
}

/* Leave only what changes the text by itself, if there is such a thing. */
static void forget_harmless(const struct type_plan *plan, struct found *found)
{
	const struct inject_start all = found->start;
	struct inject_start *start = &found->start;

	start->caps_lock = changes_text(
		plan, &(struct inject_start){ .caps_lock = all.caps_lock });
	start->num_lock = changes_text(
		plan, &(struct inject_start){ .num_lock = all.num_lock });
	start->n_held = 0;
	for (size_t i = 0; i < all.n_held; i++) {
		const uint16_t key = found->held[i];

		if (changes_text(plan, &(struct inject_start){ .held = &key,
							       .n_held = 1 }))
			found->held[start->n_held++] = key;
	}
	if (!start->caps_lock && !start->num_lock && !start->n_held)
		*start = all;
}

/* Return: a key that only another program can release, or 0. */
static uint16_t find_theirs(const struct found *found)
{
	for (size_t i = 0; i < found->start.n_held; i++)
		if (is_held_by_others(found, found->held[i]))
			return found->held[i];
	return 0;
}

/* Return: -EBUSY */
static int refuse_theirs(const struct inject_command *c, struct inject_run *run,
			 uint16_t key, const struct fault *fault)
{
	return fault_errno(&run->fault, -EBUSY,
			   "%s: %.200s: another program holds %s",
			   c->verb->name, fault->text, names_code(EV_KEY, key));
}

/* Return: -EBUSY, with what is in the way of the text. */
static int refuse_found(const struct inject_command *c, struct inject_run *run,
			const struct inject_start *start,
			const struct fault *fault)
{
	const char *what = "Caps Lock is on in the guest";
	char held[64];

	if (!start->caps_lock && start->n_held) {
		snprintf(held, sizeof(held), "%s is held by an earlier command",
			 names_code(EV_KEY, start->held[0]));
		what = held;
	} else if (!start->caps_lock) {
		what = "Num Lock is on in the guest";
	}
	return fault_errno(&run->fault, -EBUSY,
			   "%s: %.200s: %s; use --clear-modifiers to undo that "
			   "for the text",
			   c->verb->name, fault->text, what);
}

static int play_way(struct inject_run *run, const struct inject_way *way)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < way->n; i++)
		r = inject_run_key(run, way->op[i] & (INJECT_WAY_UP - 1),
				   !(way->op[i] & INJECT_WAY_UP));
	return r;
}

static int switch_locks(const struct type_plan *plan, struct inject_run *run,
			const struct inject_start *start)
{
	const struct inject_levels *levels = &plan->layout->levels;
	int r = start->caps_lock ? play_way(run, &levels->caps_lock) : 0;

	return !r && start->num_lock ? play_way(run, &levels->num_lock) : r;
}

static int hold_keys(struct inject_run *run, const struct inject_start *start,
		     bool down)
{
	int r = 0;

	for (size_t i = 0; !r && i < start->n_held; i++)
		r = inject_run_key(run, start->held[i], down);
	return r;
}

/* Type while held keys are released and locks are off. */
static int play_cleared(const struct inject_command *c, struct inject_run *run,
			const struct inject_start *start)
{
	int r = hold_keys(run, start, false);

	if (!r)
		r = switch_locks(c->plan, run, start);
	if (!r)
		r = play_steps(c, run);
	if (!r)
		r = switch_locks(c->plan, run, start);
	return r ? r : hold_keys(run, start, true);
}

static int run_type(const struct inject_command *c, struct inject_run *run)
{
	const struct type_plan *plan = c->plan;
	struct found found;
	struct fault fault;
	int r = look_around(run, &found);

	if (r)
		return r;
	if (!inject_typing_check(&plan->typing, &found.start, &fault))
		return play_steps(c, run);
	forget_harmless(plan, &found);
	if (find_theirs(&found))
		return refuse_theirs(c, run, find_theirs(&found), &fault);
	if (c->set.clear_modifiers)
		return play_cleared(c, run, &found.start);
	return refuse_found(c, run, &found.start, &fault);
}

/* --- the text --- */

static int plan_text(struct inject_command *c, const char *text, size_t len,
		     struct fault *f)
{
	struct type_plan *plan = inject_command_plan(c, 1, sizeof(*plan), f);
	int r = plan ? inject_layout_new(&plan->layout, &c->set.names, f)
		     : -ENOMEM;

	if (!r && c->set.compose)
		r = inject_compose_new(&plan->compose, plan->layout,
				       c->set.locale, f);
	if (r)
		return r;
	inject_typing_init(&plan->typing, plan->layout, plan->compose,
			   c->set.unicode);
	return inject_typing_add(&plan->typing, text, len, f);
}

static void fini_type(void *arg)
{
	struct type_plan *plan = arg;

	inject_typing_fini(&plan->typing);
	inject_compose_free(plan->compose);
	inject_layout_free(plan->layout);
}

/* The text is the words with a space between each two. */
static int prepare_type(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	size_t len = 1;
	char *text, *at;
	int r;

	for (size_t i = 0; i < c->n; i++)
		len += strlen(c->operand[i]) + 1;
	at = text = calloc(1, len);
	if (!text)
		return fault_no_memory(f);
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			*at++ = ' ';
		at = stpcpy(at, c->operand[i]);
	}
	r = plan_text(c, text, (size_t)(at - text), f);
	free(text);
	return r;
}

#define TYPE_OPTIONS                                                         \
	(INJECT_OPT(DELAY) | INJECT_OPT(LAYOUT) | INJECT_OPT(VARIANT) |      \
	 INJECT_OPT(MODEL) | INJECT_OPT(XKB_OPTIONS) | INJECT_OPT(COMPOSE) | \
	 INJECT_OPT(LOCALE) | INJECT_OPT(UNICODE) |                          \
	 INJECT_OPT(CLEAR_MODIFIERS))
#define TYPE_USAGE                                                        \
	"[--layout=NAME] [--variant=NAME] [--compose] [--locale=LOCALE] " \
	"[--unicode=METHOD] [--clear-modifiers] "                         \
	"[--model=NAME] [--xkb-options=NAMES] [--delay=TIME]"

const struct inject_verb inject_verb_type = {
	.name = "type",
	.usage = "TEXT... " TYPE_USAGE,
	.label = "keyboard",
	.min = 1,
	.max = SIZE_MAX,
	.options = TYPE_OPTIONS,
	.defaults = { .delay = DELAY_NS },
	.prepare = prepare_type,
	.run = run_type,
	.fini = fini_type,
};

static int prepare_paste(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct inject_file file;
	int r = inject_command_claim_stdin(c, ctx, f);

	if (r)
		return r;
	r = inject_file_read(&file, "-", f);
	if (!r) {
		const size_t bom = bom_length(file.text, file.len);

		r = plan_text(c, file.text + bom, file.len - bom, f);
	}
	inject_file_fini(&file);
	return r;
}

const struct inject_verb inject_verb_paste = {
	.name = "paste",
	.usage = TYPE_USAGE,
	.label = "keyboard",
	.options = TYPE_OPTIONS,
	.defaults = { .delay = DELAY_NS },
	.prepare = prepare_paste,
	.run = run_type,
	.fini = fini_type,
};
