/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and buttons: key, click. */
#include <errno.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-keys.h"

/* How long a key is held: a game that polls 60 times a second notices it. */
#define HOLD_NS (20 * INJECT_MS)
/* Between two keys; two clicks at this distance are a double click. */
#define DELAY_NS (50 * INJECT_MS)

#define KEY_OPTIONS                                                 \
	(INJECT_OPT(HOLD) | INJECT_OPT(DELAY) | INJECT_OPT(COUNT) | \
	 INJECT_OPT(DOWN) | INJECT_OPT(UP))
#define LAYOUT_OPTIONS                                                  \
	(INJECT_OPT(LAYOUT) | INJECT_OPT(VARIANT) | INJECT_OPT(MODEL) | \
	 INJECT_OPT(XKB_OPTIONS))
#define KEY_DEFAULTS .hold = HOLD_NS, .delay = DELAY_NS, .count = 1

static int press_combo(struct inject_run *run, const struct inject_combo *combo)
{
	int r = 0;

	for (size_t i = 0; !r && i < combo->n; i++)
		r = inject_run_key(run, combo->key[i], true);
	return r;
}

static int release_combo(struct inject_run *run,
			 const struct inject_combo *combo)
{
	int r = 0;

	for (size_t i = combo->n; !r && i;)
		r = inject_run_key(run, combo->key[--i], false);
	return r;
}

static int run_combo(const struct inject_settings *set, struct inject_run *run,
		     const struct inject_combo *combo)
{
	int r = 0;

	for (long i = 0; !r && i < set->count; i++) {
		if (i)
			r = inject_run_sleep(run, set->delay);
		if (!r && !set->up)
			r = press_combo(run, combo);
		if (!r && !set->up && !set->down)
			r = inject_run_sleep(run, set->hold);
		if (!r && !set->down)
			r = release_combo(run, combo);
	}
	return r;
}

/* The plan: a combo for each operand; click has one without an operand, too. */
static int run_combos(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_combo *combo = c->plan;
	const size_t n = c->n ? c->n : 1;
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		if (i)
			r = inject_run_sleep(run, c->set.delay);
		if (!r)
			r = run_combo(&c->set, run, &combo[i]);
	}
	return r;
}

static int prepare_key(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct inject_combo *combo =
		inject_command_plan(c, c->n, sizeof(*combo), f);
	struct inject_keysyms keysyms = {
		.names = &c->set.names,
		.preferred = c->set.given & LAYOUT_OPTIONS,
	};
	int r = combo ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++)
		r = inject_combo_read(&combo[i], c->operand[i], &keysyms, f);
	inject_keysyms_fini(&keysyms);
	return r;
}

const struct inject_verb inject_verb_key = {
	.name = "key",
	.usage = "KEY[+KEY]... [--hold=TIME] [--delay=TIME] [--count=N] "
		 "[--down|--up] [--layout=NAME] [--variant=NAME] "
		 "[--model=NAME] [--xkb-options=NAMES]",
	.label = "keyboard",
	.min = 1,
	.max = SIZE_MAX,
	.options = KEY_OPTIONS | LAYOUT_OPTIONS,
	.defaults = { KEY_DEFAULTS },
	.prepare = prepare_key,
	.run = run_combos,
};

static int prepare_click(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	struct inject_combo *combo =
		inject_command_plan(c, c->n + 1, sizeof(*combo), f);
	int r = combo ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++) {
		combo[i].n = 1;
		r = inject_button_read(&combo[i].key[0], c->operand[i], f);
	}
	if (!r && !c->n)
		combo[0] = (struct inject_combo){ { BTN_LEFT }, 1 };
	return r;
}

const struct inject_verb inject_verb_click = {
	.name = "click",
	.usage = "[BUTTON]... [--count=N] [--hold=TIME] [--delay=TIME] "
		 "[--down|--up]",
	.label = "mouse",
	.max = SIZE_MAX,
	.options = KEY_OPTIONS,
	.defaults = { KEY_DEFAULTS },
	.prepare = prepare_click,
	.run = run_combos,
};
