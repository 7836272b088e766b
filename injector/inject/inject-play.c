/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-file.h"
#include "injector/inject/inject-play.h"
#include "injector/recording/recording-note.h"
#include "injector/recording/recording-read.h"

/* path:line: why, or without a line. Return: -EINVAL */
static int locate(struct fault *f, const char *path,
		  const struct recording_fault *fault)
{
	if (fault->line)
		return fault_set(f, "%s:%u: %.400s", path, fault->line,
				 fault->why.text);
	return fault_set(f, "%s: %.400s", path, fault->why.text);
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

static int play_check_options(const struct inject_command *c,
			      const struct inject_context *ctx, struct fault *f)
{
	if (!c->set.map)
		return 0;
	if (c->set.given & INJECT_OPT(DEVICE))
		return fault_set(f, "--map and --device exclude each other");
	if (c->address)
		return fault_set(f, "--map and @%s exclude each other",
				 c->address);
	if (ctx->spec)
		return fault_set(f, "--map and --spec exclude each other");
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

static int play_read_part(struct inject_play *play, size_t part,
			  const struct inject_file *file,
			  struct recording_fault *fault)
{
	return recording_read(&play->rec[part], file->text, file->len,
			      play->map.part[part].device, fault);
}

int inject_play_read(struct inject_play *play, struct inject_command *c,
		     struct inject_context *ctx, struct fault *f)
{
	const char *path = c->operand[0];
	struct inject_file file;
	struct recording_fault fault;
	int r = play_check_options(c, ctx, f);

	if (!r)
		r = play_read_map(play, c, f);
	if (!r)
		r = play_read_file(&file, c, ctx, f);
	if (r)
		return r;
	for (size_t i = 0; !r && i < play->map.n; i++) {
		r = play_read_part(play, i, &file, &fault);
		if (r)
			locate(f, path, &fault);
		else
			print_notes(ctx, path, &play->rec[i]);
	}
	inject_file_fini(&file);
	return r;
}

void inject_play_fini(struct inject_play *play)
{
	for (size_t i = 0; play->rec && i < play->map.n; i++)
		recording_fini(&play->rec[i]);
	free(play->rec);
	play->rec = NULL;
	inject_map_fini(&play->map);
}
