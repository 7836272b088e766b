/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-file.h"
#include "injector/inject/inject-fit.h"
#include "injector/inject/inject-play.h"
#include "injector/recording/recording-note.h"
#include "injector/recording/recording-read.h"
#include "injector/recording/recording-slot.h"

static void print_notes(const struct inject_context *ctx, const char *path,
			const struct recording *rec)
{
	struct recording_fault note;
	struct fault text;

	for (unsigned int i = 0; recording_note(rec, i, &note); i++) {
		recording_fault_text(&text, path, &note);
		inject_command_note(ctx, text.text);
	}
}

static int play_check_options(const struct inject_command *c,
			      const struct inject_context *ctx, struct fault *f)
{
	if (c->set.from.width && !c->set.scale)
		return fault_set(f, "--from requires --scale");
	if (!c->set.map)
		return 0;
	if (c->set.given & INJECT_OPT(DEVICE))
		return fault_set(f, "--map and --device exclude each other");
	if (c->address)
		return fault_set(f, "--map and @%s exclude each other",
				 c->address);
	if (ctx->spec)
		return fault_set(f, "--map and --spec exclude each other");
	if (c->set.scale)
		return fault_set(f, "--map and --scale exclude each other");
	return 0;
}

static int play_read_map(struct inject_play *play, struct inject_command *c,
			 struct fault *f)
{
	int r = 0;

	if (c->set.map) {
		c->own_devices = true;
		r = inject_map_read(&play->map, c->set.map, f);
	} else {
		play->map.n = 1;
		play->map.part[0].device = (unsigned int)c->set.device;
	}
	if (r)
		return r;
	play->rec = calloc(play->map.n, sizeof(*play->rec));
	return play->rec ? 0 : fault_no_memory(f);
}

static int play_read_file(struct inject_file *file, struct inject_command *c,
			  struct inject_context *ctx, struct fault *f)
{
	const char *path = c->operand[0];
	int r = strcmp(path, "-") ? 0 : inject_command_claim_stdin(c, ctx, f);

	return r ? r : inject_file_read(file, path, f);
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

static void remove_unplayed(struct recording *rec,
			    const struct inject_command *c)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n; i++)
		if (is_played(c, &rec->event[i].ev))
			rec->event[n++] = rec->event[i];
	rec->n = n;
}

static int play_read_part(struct recording *rec, unsigned int device,
			  const struct inject_fit *fit, struct fault *f)
{
	const char *path = fit->c->operand[0];
	struct recording_fault fault;
	const struct spec *spec = fit->ctx->spec;
	int r = recording_read(rec, fit->file->text, fit->file->len, device,
			       &fault);

	if (spec)
		rec->plain = !spec_slots(spec);
	if (!r && !rec->plain)
		r = recording_slot_check(rec, &fault);
	if (r) {
		recording_fault_text(f, path, &fault);
		return r;
	}
	remove_unplayed(rec, fit->c);
	print_notes(fit->ctx, path, rec);
	return 0;
}

int inject_play_read(struct inject_play *play, struct inject_command *c,
		     struct inject_context *ctx, struct fault *f)
{
	struct inject_file file;
	struct inject_fit fit = { .file = &file, .c = c, .ctx = ctx };
	int r = play_check_options(c, ctx, f);

	if (!r)
		r = play_read_map(play, c, f);
	if (!r)
		r = play_read_file(&file, c, ctx, f);
	if (r)
		return r;
	for (size_t i = 0; !r && i < play->map.n; i++) {
		fit.rec = &play->rec[i];
		r = play_read_part(fit.rec, play->map.part[i].device, &fit, f);
		if (!r && !c->set.map)
			r = inject_fit(&fit, f);
	}
	inject_file_fini(&file);
	return r;
}

void inject_play_fini(struct inject_play *play)
{
	for (size_t i = 0; play->rec && i < play->map.n; i++)
		recording_fini(&play->rec[i]);
	free(play->rec);
	inject_map_fini(&play->map);
}
