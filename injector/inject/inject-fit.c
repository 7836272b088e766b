/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include "injector/inject/inject-fit.h"
#include "injector/recording/event-word.h"
#include "injector/recording/recording-fit.h"

/* Return: whether anything is known. */
static bool target_device(struct recording_device *dev,
			  const struct inject_context *ctx)
{
	const struct inject_value *axis = ctx->screen.axis;

	if (ctx->spec)
		recording_device_by_spec(dev, ctx->spec);
	else if (ctx->screen.known)
		recording_device_by_size(dev, (int32_t)axis[0].max + 1,
					 (int32_t)axis[1].max + 1);
	return ctx->spec || ctx->screen.known;
}

static int fit_scale(struct recording *rec, const struct inject_settings *set,
		     const struct recording_device *to, struct fault *f)
{
	struct recording_device from;

	if (!set->from.width)
		return fault_set(f, "--scale requires --from=WxH");
	recording_device_by_size(&from, (int32_t)set->from.width,
				 (int32_t)set->from.height);
	if (recording_scale(rec, &from, to))
		return 0;
	return fault_set(f, "--scale: the device has no positions");
}

struct fit {
	struct recording *rec;
	const struct inject_command *c;
	const struct inject_context *ctx;
	struct recording_device to;
	struct recording_misfits misfits;
	struct fault *fault;
};

/* "ABS_DISTANCE, BTN_TOOL_FINGER and 3 more" */
static void list_kinds(char *out, size_t size,
		       const struct recording_misfits *misfits)
{
	const unsigned int n = misfits->kinds < RECORDING_KINDS
				       ? misfits->kinds
				       : RECORDING_KINDS;
	size_t len = 0;

	for (unsigned int i = 0; i < n; i++) {
		char name[EVENT_WORD_SIZE];

		event_word_name(name, &misfits->kind[i]);
		len += (size_t)snprintf(out + len, size - len, "%s%s",
					i ? ", " : "", name);
	}
	if (misfits->kinds > n)
		snprintf(out + len, size - len, " and %u more",
			 misfits->kinds - n);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void say_undeclared(const struct fit *fit, struct fault *why)
{
	const size_t n = fit->misfits.undeclared;
	char kinds[RECORDING_KINDS * EVENT_WORD_SIZE];

	list_kinds(kinds, sizeof(kinds), &fit->misfits);
	fault_set(why, "the device has no %s (%zu event%s): %s", kinds, n,
		  plural(n),
		  fit->c->set.lenient ? "left out"
				      : "use --lenient to play the rest");
}

static void say_outside(const struct fit *fit, struct fault *why)
{
	const struct vi_event *ev =
		&fit->rec->event[fit->misfits.first_outside].ev;
	const struct recording_range *range = &fit->to.abs[vi_code(ev)];
	const size_t n = fit->misfits.outside;
	char name[EVENT_WORD_SIZE];

	event_word_name(name, ev);
	fault_set(why,
		  "%s %d is outside the device's range %d..%d (%zu such "
		  "event%s): %s",
		  name, vi_value(ev), range->min, range->max, n, plural(n),
		  fit->c->set.lenient ? "clamped"
		  : fit->c->set.scale ? "use --lenient to clamp"
				      : "use --scale to fit positions, or "
					"--lenient to clamp");
}

/* index: of the event. Return: -EINVAL, or 0: it has only been printed. */
static int report(const struct fit *fit, size_t index,
		  struct recording_fault *why)
{
	recording_locate(why, fit->rec, fit->rec->event[index].line);
	recording_fault_text(fit->fault, fit->c->operand[0], why);
	if (!fit->c->set.lenient)
		return -EINVAL;
	inject_command_note(fit->ctx, fit->fault->text);
	return 0;
}

static int report_misfits(const struct fit *fit)
{
	struct recording_fault why;
	int r = 0;

	if (fit->misfits.undeclared) {
		say_undeclared(fit, &why.why);
		r = report(fit, fit->misfits.first_undeclared, &why);
	}
	if (!r && fit->misfits.outside) {
		say_outside(fit, &why.why);
		r = report(fit, fit->misfits.first_outside, &why);
	}
	return r;
}

int inject_fit(struct recording *rec, const struct inject_command *c,
	       const struct inject_context *ctx, struct fault *f)
{
	struct fit fit = { .rec = rec, .c = c, .ctx = ctx, .fault = f };
	int r = 0;

	if (!target_device(&fit.to, ctx))
		return c->set.scale ? fault_set(f, "--scale requires "
						   "--spec=SPEC or --size=WxH")
				    : 0;
	if (c->set.scale)
		r = fit_scale(rec, &c->set, &fit.to, f);
	if (r)
		return r;
	recording_find_misfits(&fit.misfits, rec, &fit.to);
	r = report_misfits(&fit);
	if (!r)
		recording_remove_misfits(rec, &fit.to);
	return r;
}
