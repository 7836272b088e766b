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
	struct inject_layout *layout;	/* owned */
	struct inject_compose *compose; /* owned, MAY be NULL */
	struct inject_typing typing;
};

static int play_steps(const struct inject_command *c, struct inject_run *run)
{
	const struct type_plan *plan = c->plan;
	const struct inject_strokes *s = &plan->typing.strokes;
	const int64_t delay = c->set.delay, half = delay / 2;
	int r = 0;

	for (size_t i = 0; !r && i < s->n; i++) {
		const struct inject_step *step = &s->step[i];

		r = inject_run_key(run, step->key, step->down);
		if (!r && step->timed)
			r = inject_run_sleep(run,
					     step->down ? half : delay - half);
	}
	return r;
}

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
	 INJECT_OPT(LOCALE) | INJECT_OPT(UNICODE))
#define TYPE_USAGE                                                        \
	"[--layout=NAME] [--variant=NAME] [--compose] [--locale=LOCALE] " \
	"[--unicode=METHOD] "                                             \
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
	.run = play_steps,
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
	.run = play_steps,
	.fini = fini_type,
};
