/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: play. Several devices of one recording are played at once, frame
 * by frame, each to a device of its own.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-play.h"

static int prepare_play(struct inject_command *c, struct inject_context *ctx,
			struct fault *f)
{
	struct inject_play *play = inject_command_plan(c, 1, sizeof(*play), f);

	return play ? inject_play_read(play, c, ctx, f) : -ENOMEM;
}

static void fini_play(void *plan)
{
	inject_play_fini(plan);
}

static int select_part(const struct inject_play *play, size_t part,
		       struct inject_run *run)
{
	const char *to = play->map.part[part].to;

	return to ? inject_run_to(run, to) : 0;
}

static int open_parts(const struct inject_command *c, struct inject_run *run)
{
	const struct inject_play *play = c->plan;
	int r = 0;

	for (size_t i = 0; !r && i < play->map.n; i++) {
		r = select_part(play, i, run);
		if (!r)
			r = inject_run_need_guest(run);
	}
	return r;
}

/* Where each part is, by the index of its next event. */
struct player {
	const struct inject_command *c;
	const struct inject_play *play;
	size_t next[RECORDING_DEVICES_MAX];
	int64_t first_us; /* of all parts */
	int64_t begin_ns;
};

/* Return: when a part's next frame ends, INT64_MAX: there is none. */
static int64_t frame_us(const struct player *p, size_t part)
{
	const struct recording *rec = &p->play->rec[part];
	size_t i = p->next[part];

	while (i < rec->n && !vi_is_syn_report(&rec->event[i].ev))
		i++;
	return i < rec->n ? rec->event[i].time_us : INT64_MAX;
}

/* Return: the part whose next frame ends first. */
static size_t earliest_part(const struct player *p)
{
	size_t earliest = 0;

	for (size_t i = 1; i < p->play->map.n; i++)
		if (frame_us(p, i) < frame_us(p, earliest))
			earliest = i;
	return earliest;
}

static int wait_for(const struct player *p, int64_t time_us,
		    struct inject_run *run)
{
	const double ns = (double)(time_us - p->first_us) * 1000;

	if (p->c->set.speed <= 0)
		return 0;
	return inject_run_until(run,
				p->begin_ns + llround(ns / p->c->set.speed));
}

static int play_frame(struct player *p, size_t part, struct inject_run *run)
{
	const struct recording *rec = &p->play->rec[part];
	bool ended = false;
	int r = select_part(p->play, part, run);

	while (!r && !ended) {
		const struct recording_event *at = &rec->event[p->next[part]++];

		ended = vi_is_syn_report(&at->ev);
		if (ended)
			r = wait_for(p, at->time_us, run);
		if (!r)
			r = inject_run_event(run, &at->ev);
	}
	return r;
}

/* The device has dozens of axes, as the recording says. */
static int set_plain(const struct player *p, struct inject_run *run)
{
	int r = 0;

	for (size_t i = 0; !r && i < p->play->map.n; i++) {
		if (!p->play->rec[i].plain)
			continue;
		r = select_part(p->play, i, run);
		if (!r)
			r = inject_run_check(
				run, vinject_touch_slots(run->to->v, 0));
	}
	return r;
}

static int64_t first_us(const struct inject_play *play)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < play->map.n; i++)
		if (play->rec[i].event[0].time_us < first)
			first = play->rec[i].event[0].time_us;
	return first;
}

static int play_once(const struct inject_command *c, struct inject_run *run)
{
	struct player p = { .c = c, .play = c->plan, .begin_ns = run->due_ns };
	size_t part = earliest_part(&p);
	int r = set_plain(&p, run);

	p.first_us = first_us(p.play);
	while (!r && frame_us(&p, part) < INT64_MAX) {
		r = play_frame(&p, part, run);
		part = earliest_part(&p);
	}
	return r;
}

static int release_parts(const struct inject_play *play, struct inject_run *run)
{
	int r = 0;

	for (size_t i = 0; !r && i < play->map.n; i++) {
		r = select_part(play, i, run);
		if (!r)
			r = inject_run_release(run);
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
			r = release_parts(c->plan, run);
	}
	return r;
}

const struct inject_verb inject_verb_play = {
	.name = "play",
	.usage = "FILE|- [--speed=FACTOR|max] [--loop=N] [--device=N] "
		 "[--map=N:ADDRESS[,N:ADDRESS]...] [--scale [--from=WxH]] "
		 "[--lenient] [--keep-repeats]",
	.min = 1,
	.max = 1,
	.options = INJECT_OPT(SPEED) | INJECT_OPT(LOOP) | INJECT_OPT(DEVICE) |
		   INJECT_OPT(KEEP_REPEATS) | INJECT_OPT(MAP) |
		   INJECT_OPT(SCALE) | INJECT_OPT(FROM) | INJECT_OPT(LENIENT),
	.defaults = { .speed = 1, .loop = 1 },
	.prepare = prepare_play,
	.run = run_play,
	.open = open_parts,
	.fini = fini_play,
};
