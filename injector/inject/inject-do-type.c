/* SPDX-License-Identifier: Apache-2.0 */
/* Text as keys of a layout: type, paste. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-file.h"
#include "injector/inject/inject-typing.h"
#include "input/base/bom.h"

/* From one character to the next: every guest that was tried keeps up. */
#define DELAY_NS (5 * INJECT_MS)

struct type_plan {
	uint16_t shift[INJECT_SHIFTS];
	struct inject_typing typing;
};

/* Hold these shifts, and no others. */
static int change_shifts(struct inject_run *run, const struct type_plan *plan,
			 uint8_t *held, uint8_t wanted)
{
	int r = 0;

	for (int i = 0; !r && i < INJECT_SHIFTS; i++)
		if ((*held & ~wanted) >> i & 1)
			r = inject_run_key(run, plan->shift[i], false);
	for (int i = 0; !r && i < INJECT_SHIFTS; i++)
		if ((wanted & ~*held) >> i & 1)
			r = inject_run_key(run, plan->shift[i], true);
	*held = wanted;
	return r;
}

static int run_type(const struct inject_command *c, struct inject_run *run)
{
	const struct type_plan *plan = c->plan;
	const int64_t delay = c->set.delay;
	uint8_t held = 0;
	int r = 0;

	for (size_t i = 0; !r && i < plan->typing.n; i++) {
		const struct inject_stroke *s = &plan->typing.stroke[i];

		r = change_shifts(run, plan, &held, s->shifts);
		if (!r)
			r = inject_run_key(run, s->key, true);
		if (!r)
			r = inject_run_sleep(run, delay / 2);
		if (!r)
			r = inject_run_key(run, s->key, false);
		if (!r)
			r = inject_run_sleep(run, delay - delay / 2);
	}
	return r ? r : change_shifts(run, plan, &held, 0);
}

static int plan_text(struct inject_command *c, const char *text, size_t len,
		     struct fault *f)
{
	struct type_plan *plan = inject_command_plan(c, 1, sizeof(*plan), f);
	struct inject_compose *compose = NULL;
	struct inject_layout *layout;
	int r;

	if (!plan)
		return -ENOMEM;
	r = inject_layout_new(&layout, &c->set.names, f);
	if (r)
		return r;
	memcpy(plan->shift, layout->shift, sizeof(plan->shift));
	if (c->set.compose)
		r = inject_compose_new(&compose, layout, c->set.locale, f);
	inject_typing_init(&plan->typing, layout, compose);
	if (!r)
		r = inject_typing_add(&plan->typing, text, len, f);
	inject_compose_free(compose);
	inject_layout_free(layout);
	return r;
}

static void fini_type(void *plan)
{
	inject_typing_fini(&((struct type_plan *)plan)->typing);
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
