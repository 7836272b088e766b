/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/event-word.h"
#include "injector/recording/recording.h"

/* No clock shows more, and sums of two times cannot overflow. */
#define SECONDS_MAX 1000000000000

static int reserve(struct recording *rec, struct fault *f)
{
	size_t room = rec->room ? 2 * rec->room : 256;
	struct recording_event *grown;

	if (rec->n < rec->room)
		return 0;
	if (rec->n >= RECORDING_EVENTS_MAX)
		return fault_set(f, "more than %d events",
				 RECORDING_EVENTS_MAX);
	grown = realloc(rec->event, room * sizeof(*grown));
	if (!grown)
		return fault_no_memory(f);
	rec->event = grown;
	rec->room = room;
	return 0;
}

static void recording_count(struct recording *rec, struct recording_odd *odd)
{
	if (!odd->n++)
		odd->line = rec->line;
}

static bool in_frame(const struct recording *rec)
{
	return rec->n && !vi_is_syn_report(&rec->event[rec->n - 1].ev);
}

/*
 * The events before a SYN_DROPPED are a frame, which ends there. *ev becomes
 * what ends it. Return: whether the event is to be left out.
 */
static bool recording_drop(struct recording *rec, struct vi_event *ev)
{
	const bool was_dropping = rec->dropping;

	if (vi_type(ev) == EV_SYN && vi_code(ev) == SYN_DROPPED) {
		recording_count(rec, &rec->dropped);
		rec->dropping = true;
		*ev = vi_event(EV_SYN, SYN_REPORT, 0);
		return was_dropping || !in_frame(rec);
	}
	if (!was_dropping || vi_is_syn_report(ev)) {
		rec->dropping = false;
		return false;
	}
	rec->lost++;
	return true;
}

int recording_add(struct recording *rec, int64_t time_us,
		  const struct vi_event *ev, struct fault *f)
{
	struct vi_event added = *ev;
	int r;

	if (rec->n && time_us < rec->event[rec->n - 1].time_us)
		return fault_set(
			f, "the time is before that of the previous event");
	if (recording_drop(rec, &added))
		return 0;
	r = reserve(rec, f);
	if (r)
		return r;
	rec->event[rec->n++] =
		(struct recording_event){ time_us, added, rec->line };
	return 0;
}

/* Return: a time by a clock that is never set back. */
static int64_t recording_clock(struct recording *rec, int64_t time_us)
{
	int64_t last_us = rec->n ? rec->event[rec->n - 1].time_us : INT64_MIN;

	time_us += rec->shift_us;
	if (time_us >= last_us)
		return time_us;
	recording_count(rec, &rec->set_back);
	rec->shift_us += last_us - time_us;
	return last_us;
}

int recording_add_numbers(struct recording *rec, int64_t time_us,
			  const long number[3], struct fault *f)
{
	struct vi_event ev;
	int r = event_word_from_numbers(&ev, number, f);

	return r ? r
		 : recording_add(rec, recording_clock(rec, time_us), &ev, f);
}

int recording_insert(struct recording *rec, size_t before,
		     const struct vi_event *ev, struct fault *f)
{
	struct recording_event *at;
	int r = reserve(rec, f);

	if (r)
		return r;
	at = &rec->event[before];
	memmove(at + 1, at, (rec->n - before) * sizeof(*at));
	at->ev = *ev;
	rec->n++;
	return 0;
}

int recording_end_frame(struct recording *rec, int64_t time_us, struct fault *f)
{
	const struct vi_event syn = vi_event(EV_SYN, SYN_REPORT, 0);

	return recording_add(rec, time_us, &syn, f);
}

void recording_locate(struct recording_fault *f, const struct recording *rec,
		      unsigned int line)
{
	const struct fault why = f->why;

	f->line = rec->dump ? 0 : line;
	if (rec->dump)
		fault_set(&f->why, "event %u: %.400s", line, why.text);
}

int recording_fault_text(struct fault *out, const char *path,
			 const struct recording_fault *f)
{
	if (f->line)
		return fault_set(out, "%s:%u: %.400s", path, f->line,
				 f->why.text);
	return fault_set(out, "%s: %.400s", path, f->why.text);
}

int recording_time(const char *text, const char **end, int64_t *time_us)
{
	int64_t seconds = 0, fraction = 0;
	int digits = 0;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > SECONDS_MAX)
			return -EINVAL;
	}
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text); text++, digits++) {
			if (digits < 6)
				fraction = fraction * 10 + (*text - '0');
			if (digits > 8)
				return -EINVAL;
		}
		if (!digits)
			return -EINVAL;
	}
	for (; digits < 6; digits++)
		fraction *= 10;
	*time_us = seconds * 1000000 + fraction;
	*end = text;
	return 0;
}

void recording_fini(struct recording *rec)
{
	free(rec->event);
	*rec = RECORDING_NULL;
}
