/* SPDX-License-Identifier: Apache-2.0 */
/* Events as they are: raw, release; and sleep, which uses no device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "injector/inject/inject-command.h"
#include "injector/recording/event-word.h"

/* --- raw --- */

static bool is_syn_word(const char *word)
{
	return strcasecmp(word, "syn") == 0 ||
	       strcasecmp(word, "SYN_REPORT") == 0;
}

/*
 * Whether the axis before ABS_MT_SLOT is among the events, which no multi-touch
 * device has: see vinject_touch_slots().
 */
static bool has_plain_axis(const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_ABS &&
		    vi_code(&ev[i]) == ABS_MT_SLOT - 1)
			return true;
	return false;
}

static bool is_plain(const struct inject_context *ctx,
		     const struct vi_event *ev, size_t n)
{
	return ctx->spec ? !spec_slots(ctx->spec) : has_plain_axis(ev, n);
}

static int check_slots(const struct vi_event *ev, size_t n, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; !r && i < n; i++)
		r = event_word_check_slot(&ev[i], f);
	return r;
}

static int prepare_raw(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f)
{
	struct vi_event *ev = inject_command_plan(c, c->n, sizeof(*ev), f);
	int r = ev ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i++) {
		if (is_syn_word(c->operand[i]))
			ev[i] = vi_event(EV_SYN, SYN_REPORT, 0);
		else
			r = event_word_read(&ev[i], c->operand[i], f);
		if (!r && vi_type(&ev[i]) == EV_SYN && vi_code(&ev[i]))
			r = fault_set(f, "raw: %s is reserved to the kernel",
				      c->operand[i]);
	}
	if (!r && !is_plain(ctx, ev, c->n))
		r = check_slots(ev, c->n, f);
	return r;
}

static int run_raw(const struct inject_command *c, struct inject_run *run)
{
	const struct vi_event *ev = c->plan;
	int r = 0;

	if (has_plain_axis(ev, c->n))
		r = inject_run_check(run, vinject_touch_slots(run->to->v, 0));
	for (size_t i = 0; !r && i < c->n; i++)
		r = inject_run_event(run, &ev[i]);
	return r ? r : inject_run_frame(run);
}

const struct inject_verb inject_verb_raw = {
	.name = "raw",
	.usage = "NAME=VALUE|syn...",
	.min = 1,
	.max = SIZE_MAX,
	.prepare = prepare_raw,
	.run = run_raw,
};

/* --- release, sleep --- */

static int run_release(const struct inject_command *c, struct inject_run *run)
{
	return inject_run_release(run);
}

const struct inject_verb inject_verb_release = {
	.name = "release",
	.usage = "",
	.lasting = true,
	.run = run_release,
};

static int prepare_sleep(struct inject_command *c, struct inject_context *ctx,
			 struct fault *f)
{
	int64_t *ns = inject_command_plan(c, 1, sizeof(*ns), f);

	return ns ? inject_value_time(ns, "sleep", c->operand[0], f) : -ENOMEM;
}

static int run_sleep(const struct inject_command *c, struct inject_run *run)
{
	const int64_t *ns = c->plan;

	return inject_run_sleep(run, *ns);
}

const struct inject_verb inject_verb_sleep = {
	.name = "sleep",
	.usage = "TIME",
	.local = true,
	.min = 1,
	.max = 1,
	.prepare = prepare_sleep,
	.run = run_sleep,
};
