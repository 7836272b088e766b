/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, text, buttons and switches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-file.h"
#include "injector/inject/inject-keys.h"
#include "injector/inject/inject-typing.h"

/* How long a key is down: a game that looks 60 times a second sees it. */
#define HOLD_NS (20 * INJECT_MS)
/* From one to the next, which is how a double click differs from two. */
#define DELAY_NS (50 * INJECT_MS)
/* From one character to the next; all guests were seen to keep up. */
#define TYPE_NS (5 * INJECT_MS)

#define KEY_OPTIONS                                                 \
	(INJECT_OPT(HOLD) | INJECT_OPT(DELAY) | INJECT_OPT(COUNT) | \
	 INJECT_OPT(DOWN) | INJECT_OPT(UP))

static int64_t or_default(int64_t ns, int64_t otherwise)
{
	return ns < 0 ? otherwise : ns;
}

/* A frame of one key. */
static int press(struct inject_run *run, uint16_t key, bool down)
{
	int r = inject_run_check(run, vinject_key(run->to->v, key, down));

	return r ? r : inject_run_frame(run);
}

/* --- key, click --- */

static int press_combo(struct inject_run *run, const struct inject_combo *combo)
{
	int r = 0;

	for (size_t i = 0; !r && i < combo->n; i++)
		r = press(run, combo->key[i], true);
	return r;
}

static int release_combo(struct inject_run *run,
			 const struct inject_combo *combo)
{
	int r = 0;

	for (size_t i = combo->n; !r && i;)
		r = press(run, combo->key[--i], false);
	return r;
}

static int run_combo(const struct inject_settings *set, struct inject_run *run,
		     const struct inject_combo *combo)
{
	int r = 0;

	for (long i = 0; !r && i < set->count; i++) {
		if (i)
			r = inject_run_sleep(run,
					     or_default(set->delay, DELAY_NS));
		if (!r && !set->up)
			r = press_combo(run, combo);
		if (!r && !set->up && !set->down)
			r = inject_run_sleep(run,
					     or_default(set->hold, HOLD_NS));
		if (!r && !set->down)
			r = release_combo(run, combo);
	}
	return r;
}

/* plan: a combo for each operand */
static int run_combos(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_combo *combo = c->plan;
	const size_t n = c->n ? c->n : 1;
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		if (i)
			r = inject_run_sleep(
				run, or_default(c->set.delay, DELAY_NS));
		if (!r)
			r = run_combo(&c->set, run, &combo[i]);
	}
	return r;
}

static struct inject_combo *new_combos(size_t n, struct fault *f)
{
	struct inject_combo *combo = calloc(n, sizeof(*combo));

	if (!combo)
		fault_no_memory(f);
	return combo;
}

static int prepare_key(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct inject_combo *combo = c->plan = new_combos(c->n, f);
	int r = combo ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++)
		r = inject_combo_read(&combo[i], c->operand[i], f);
	return r;
}

const struct inject_verb inject_verb_key = {
	.name = "key",
	.usage = "KEY[+KEY]... [--hold=TIME] [--delay=TIME] [--count=N] "
		 "[--down|--up]",
	.label = "keyboard",
	.options = KEY_OPTIONS,
	.min = 1,
	.max = SIZE_MAX,
	.prepare = prepare_key,
	.run = run_combos,
};

static int prepare_click(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct inject_combo *combo = c->plan = new_combos(c->n + 1, f);
	int r = combo ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++) {
		combo[i].n = 1;
		r = inject_button_read(&combo[i].key[0], c->operand[i], f);
	}
	if (!c->n && combo)
		combo[0] = (struct inject_combo){ { BTN_LEFT }, 1 };
	return r;
}

const struct inject_verb inject_verb_click = {
	.name = "click",
	.usage = "[BUTTON]... [--count=N] [--hold=TIME] [--delay=TIME] "
		 "[--down|--up]",
	.label = "mouse",
	.options = KEY_OPTIONS,
	.max = SIZE_MAX,
	.prepare = prepare_click,
	.run = run_combos,
};

/* --- type, paste --- */

struct typing_plan {
	uint16_t shift[INJECT_SHIFTS];
	struct inject_typing typing;
};

/* Hold these shifts, and no others. */
static int change_shifts(struct inject_run *run, const struct typing_plan *plan,
			 uint8_t *held, uint8_t wanted)
{
	int r = 0;

	for (int i = 0; !r && i < INJECT_SHIFTS; i++)
		if ((*held & ~wanted) >> i & 1)
			r = press(run, plan->shift[i], false);
	for (int i = 0; !r && i < INJECT_SHIFTS; i++)
		if ((wanted & ~*held) >> i & 1)
			r = press(run, plan->shift[i], true);
	*held = wanted;
	return r;
}

static int run_typing(const struct inject_command *c, struct inject_run *run)
{
	const struct typing_plan *plan = c->plan;
	const int64_t delay = or_default(c->set.delay, TYPE_NS);
	uint8_t held = 0;
	int r = 0;

	for (size_t i = 0; !r && i < plan->typing.n; i++) {
		const struct inject_stroke *s = &plan->typing.stroke[i];

		r = change_shifts(run, plan, &held, s->shifts);
		if (!r)
			r = press(run, s->key, true);
		if (!r)
			r = inject_run_sleep(run, delay / 2);
		if (!r)
			r = press(run, s->key, false);
		if (!r)
			r = inject_run_sleep(run, delay - delay / 2);
	}
	return r ? r : change_shifts(run, plan, &held, 0);
}

static int plan_text(struct inject_command *c, const char *text, size_t len,
		     struct fault *f)
{
	struct typing_plan *plan = c->plan = calloc(1, sizeof(*plan));
	struct inject_compose *compose = NULL;
	struct inject_layout *layout;
	int r;

	if (!plan)
		return fault_no_memory(f);
	r = inject_layout_new(&layout, &c->set.names, f);
	if (r)
		return r;
	memcpy(plan->shift, layout->shift, sizeof(plan->shift));
	if (c->set.compose)
		r = inject_compose_new(&compose, layout, c->set.locale, f);
	if (!r)
		r = inject_typing_plan(&plan->typing, layout, compose, text,
				       len, f);
	inject_compose_free(compose);
	inject_layout_free(layout);
	return r;
}

static void fini_typing(struct inject_command *c)
{
	struct typing_plan *plan = c->plan;

	if (plan)
		inject_typing_fini(&plan->typing);
	free(plan);
}

/* Words are a text with blanks between. */
static int prepare_type(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	size_t len = 1;
	char *text, *at;
	int r;

	for (size_t i = 0; i < c->n; i++)
		len += strlen(c->operand[i]) + 1;
	at = text = malloc(len);
	if (!text)
		return fault_no_memory(f);
	*at = '\0';
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
	 INJECT_OPT(LOCALE))
#define TYPE_USAGE                                                        \
	"[--layout=NAME] [--variant=NAME] [--compose] [--locale=LOCALE] " \
	"[--model=NAME] [--xkb-options=NAMES] [--delay=TIME]"

const struct inject_verb inject_verb_type = {
	.name = "type",
	.usage = "TEXT... " TYPE_USAGE,
	.label = "keyboard",
	.options = TYPE_OPTIONS,
	.min = 1,
	.max = SIZE_MAX,
	.prepare = prepare_type,
	.run = run_typing,
	.fini = fini_typing,
};

static int prepare_paste(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct inject_file file;
	int r;

	if (ctx->stdin_used)
		return fault_set(f, "paste: the standard input is read "
				    "already");
	ctx->stdin_used = true;
	r = inject_file_read(&file, "-", f);
	if (!r)
		r = plan_text(c, file.text, file.len, f);
	inject_file_fini(&file);
	return r;
}

const struct inject_verb inject_verb_paste = {
	.name = "paste",
	.usage = TYPE_USAGE,
	.label = "keyboard",
	.options = TYPE_OPTIONS,
	.prepare = prepare_paste,
	.run = run_typing,
	.fini = fini_typing,
};

/* --- switch --- */

struct switch_plan {
	uint16_t code;
	bool on;
};

static int prepare_switch(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct switch_plan *plan = c->plan = calloc(c->n, sizeof(*plan));
	int r = 0;

	if (!plan)
		return fault_no_memory(f);
	for (size_t i = 0; !r && i < c->n; i += 2) {
		const char *to = i + 1 < c->n ? c->operand[i + 1] : "";

		r = inject_switch_read(&plan[i / 2].code, c->operand[i], f);
		if (r)
			return r;
		plan[i / 2].on = strcmp(to, "on") == 0;
		if (!plan[i / 2].on && strcmp(to, "off") != 0)
			r = fault_set(f,
				      "switch: behind %s must be on or "
				      "off",
				      c->operand[i]);
	}
	return r;
}

/* All of them in one frame. */
static int run_switch(const struct inject_command *c, struct inject_run *run)
{
	const struct switch_plan *plan = c->plan;
	int r = 0;

	for (size_t i = 0; !r && i < c->n / 2; i++)
		r = inject_run_check(
			run,
			vinject_switch(run->to->v, plan[i].code, plan[i].on));
	return r ? r : inject_run_frame(run);
}

const struct inject_verb inject_verb_switch = {
	.name = "switch",
	.usage = "NAME on|off [NAME on|off]...",
	.label = "switches",
	.min = 2,
	.max = SIZE_MAX,
	.prepare = prepare_switch,
	.run = run_switch,
};
