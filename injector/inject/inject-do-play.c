/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: play. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-file.h"
#include "injector/recording/recording-note.h"
#include "injector/recording/recording-read.h"

/* path:line: why, or without a line. */
static void locate(struct fault *f, const char *path,
		   const struct recording_fault *fault)
{
	if (fault->line)
		fault_set(f, "%s:%u: %.400s", path, fault->line,
			  fault->why.text);
	else
		fault_set(f, "%s: %.400s", path, fault->why.text);
}

static void print_notes(const struct inject_context *ctx, const char *path,
			const struct recording *rec)
{
	struct recording_fault note;
	struct fault text;

	for (unsigned int i = 0; recording_note(rec, i, &note); i++) {
		locate(&text, path, &note);
		inject_command_note(ctx, text.text);
	}
}

static int prepare_play(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	struct recording *rec = inject_command_plan(c, 1, sizeof(*rec), f);
	const char *path = c->operand[0];
	struct recording_fault fault;
	struct inject_file file;
	int r = rec ? 0 : -ENOMEM;

	if (!r && strcmp(path, "-") == 0)
		r = inject_command_claim_stdin(c, ctx, f);
	if (!r)
		r = inject_file_read(&file, path, f);
	if (r)
		return r;
	r = recording_read(rec, file.text, file.len,
			   (unsigned int)c->set.device, &fault);
	inject_file_fini(&file);
	if (r)
		locate(f, path, &fault);
	else
		print_notes(ctx, path, rec);
	return r;
}

static void fini_play(void *plan)
{
	recording_fini(plan);
}

/*
 * A recording also holds what a host sent to its device, and repeated keys,
 * which the guest's kernel generates itself.
 */
static bool is_played(const struct inject_command *c, const struct vi_event *ev)
{
	switch (vi_type(ev)) {
	case EV_SYN:
		return vi_is_syn_report(ev);
	case EV_KEY:
		return vi_value(ev) != 2 || c->set.keep_repeats;
	case EV_REL:
	case EV_ABS:
	case EV_MSC:
	case EV_SW:
		return true;
	}
	return false;
}

static int play_once(const struct inject_command *c, struct inject_run *run)
{
	const struct recording *rec = c->plan;
	const int64_t begin = run->due_ns;
	int r = 0;

	for (size_t i = 0; !r && i < rec->n; i++) {
		const struct vi_event *ev = &rec->event[i].ev;
		const int64_t ns =
			(rec->event[i].time_us - rec->event[0].time_us) * 1000;

		if (!is_played(c, ev))
			continue;
		if (vi_is_syn_report(ev) && c->set.speed > 0)
			r = inject_run_until(
				run,
				begin + llround((double)ns / c->set.speed));
		if (!r)
			r = inject_run_event(run, ev);
	}
	return r;
}

/* What a recording leaves held must be released before it begins again. */
static int run_play(const struct inject_command *c, struct inject_run *run)
{
	/* One round of a rehearsal finds all faults. */
	const long loop = run->mode == INJECT_MODE_REHEARSE ? 1 : c->set.loop;
	int r = 0;

	for (long i = 0; !r && (!loop || i < loop); i++) {
		r = play_once(c, run);
		if (!r)
			r = inject_run_release(run);
	}
	return r;
}

const struct inject_verb inject_verb_play = {
	.name = "play",
	.usage = "FILE|- [--speed=FACTOR|max] [--loop=N] [--device=N] "
		 "[--keep-repeats]",
	.min = 1,
	.max = 1,
	.options = INJECT_OPT(SPEED) | INJECT_OPT(LOOP) | INJECT_OPT(DEVICE) |
		   INJECT_OPT(KEEP_REPEATS),
	.defaults = { .speed = 1, .loop = 1 },
	.prepare = prepare_play,
	.run = run_play,
	.fini = fini_play,
};
