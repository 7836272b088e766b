/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include "injector/inject/inject-fit.h"
#include "injector/recording/event-word.h"
#include "injector/recording/recording-describe.h"
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

/* --from, or what the recording says. */
static int source_device(struct recording_device *dev,
			 const struct inject_fit *fit, struct fault *f)
{
	const struct inject_settings *set = &fit->c->set;
	struct recording_fault why;

	if (set->from.width) {
		recording_device_by_size(dev, (int32_t)set->from.width,
					 (int32_t)set->from.height);
		return 0;
	}
	if (recording_describe(dev, fit->file->text, fit->file->len,
			       (unsigned int)set->device, &why))
		return recording_fault_text(f, fit->c->operand[0], &why);
	return 0;
}

static int fit_scale(const struct inject_fit *fit,
		     const struct recording_device *to, struct fault *f)
{
	struct recording_device from;
	int r = source_device(&from, fit, f);

	if (r || recording_scale(fit->rec, &from, to))
		return r;
	if (fit->c->set.from.width)
		return fault_set(f, "--scale: the device has no positions");
	return fault_set(f,
			 "--scale: %.200s describes no axis of the device; use "
			 "--from=WxH",
			 fit->c->operand[0]);
}

/* What does not fit, and where to say so. */
struct report {
	const struct inject_fit *fit;
	const struct recording_device *to;
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

static void say_undeclared(const struct report *report, struct fault *why)
{
	const size_t n = report->misfits.undeclared;
	char kinds[RECORDING_KINDS * EVENT_WORD_SIZE];

	list_kinds(kinds, sizeof(kinds), &report->misfits);
	fault_set(why, "the device has no %s (%zu event%s): %s", kinds, n,
		  plural(n),
		  report->fit->c->set.lenient
			  ? "left out"
			  : "use --lenient to play the rest");
}

static void say_outside(const struct report *report, struct fault *why)
{
	const struct inject_settings *set = &report->fit->c->set;
	const struct vi_event *ev =
		&report->fit->rec->event[report->misfits.first_outside].ev;
	const struct recording_range *range = &report->to->abs[vi_code(ev)];
	const size_t n = report->misfits.outside;
	char name[EVENT_WORD_SIZE];

	event_word_name(name, ev);
	fault_set(why,
		  "%s %d is outside the device's range %d..%d (%zu such "
		  "event%s): %s",
		  name, vi_value(ev), range->min, range->max, n, plural(n),
		  set->lenient ? "clamped"
		  : set->scale ? "use --lenient to clamp"
			       : "use --scale to fit positions, or --lenient "
				 "to clamp");
}

/* index: of the event. Return: -EINVAL, or 0: it has only been printed. */
static int report_at(const struct report *report, size_t index,
		     struct recording_fault *why)
{
	const struct inject_fit *fit = report->fit;

	recording_locate(why, fit->rec, fit->rec->event[index].line);
	recording_fault_text(report->fault, fit->c->operand[0], why);
	if (!fit->c->set.lenient)
		return -EINVAL;
	inject_command_note(fit->ctx, report->fault->text);
	return 0;
}

static int report_misfits(const struct report *report)
{
	const struct recording_misfits *misfits = &report->misfits;
	struct recording_fault why;
	int r = 0;

	if (misfits->undeclared) {
		say_undeclared(report, &why.why);
		r = report_at(report, misfits->first_undeclared, &why);
	}
	if (!r && misfits->outside) {
		say_outside(report, &why.why);
		r = report_at(report, misfits->first_outside, &why);
	}
	return r;
}

int inject_fit(const struct inject_fit *fit, struct fault *f)
{
	struct recording_device to;
	struct report report = { .fit = fit, .to = &to, .fault = f };
	const bool scale = fit->c->set.scale;
	int r = 0;

	if (!target_device(&to, fit->ctx))
		return scale ? fault_set(f, "--scale requires --spec=SPEC or "
					    "--size=WxH")
			     : 0;
	if (scale)
		r = fit_scale(fit, &to, f);
	if (r)
		return r;
	recording_find_misfits(&report.misfits, fit->rec, &to);
	r = report_misfits(&report);
	if (!r)
		recording_remove_misfits(fit->rec, &to);
	return r;
}
