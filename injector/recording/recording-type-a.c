/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter is that of the server; it takes frame by frame. An event that
 * it passes keeps its line, one that it adds gets that of the next.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-type-a.h"
#include "input/device/type-a.h"

static bool is_type_a(const struct recording *rec)
{
	for (size_t i = 0; i < rec->n; i++)
		if (type_a_is_end(&rec->event[i].ev))
			return true;
	return false;
}

/* A frame: its events and room for what they become. */
struct frame_copy {
	struct vi_event *ev;  /* owned */
	struct vi_event *out; /* in the same memory */
	size_t room;
};

static int frame_reserve(struct frame_copy *frame, size_t n, struct fault *f)
{
	if (n + TYPE_A_EXTRA <= frame->room)
		return 0;
	free(frame->ev);
	frame->room = 2 * n + TYPE_A_EXTRA;
	frame->ev = calloc(2 * frame->room, sizeof(*frame->ev));
	if (!frame->ev)
		return fault_no_memory(f);
	frame->out = frame->ev + frame->room;
	return 0;
}

/* Return: the index of an event, from first on; SYN_REPORT's: not there. */
static size_t find_event(const struct recording_event *from, size_t first,
			 const struct vi_event *ev)
{
	while (memcmp(&from[first].ev, ev, sizeof(*ev)) != 0 &&
	       !vi_is_syn_report(&from[first].ev))
		first++;
	return first;
}

/* Add the events to which the n of a frame have been converted. */
static int add_converted(struct recording *to,
			 const struct recording_event *from,
			 const struct frame_copy *frame, size_t n,
			 struct fault *f)
{
	size_t next = 0;
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		const struct vi_event *ev = &frame->out[i];
		const size_t found = find_event(from, next, ev);
		const bool is_new = vi_is_syn_report(&from[found].ev) &&
				    !vi_is_syn_report(ev);
		const size_t at = is_new ? next : found;

		to->line = from[at].line;
		r = recording_add(to, from[at].time_us, ev, f);
		if (!is_new)
			next = found + 1;
	}
	return r;
}

/* Return: the number of events up to SYN_REPORT. */
static size_t frame_length(const struct recording *rec, size_t at)
{
	size_t n = 1;

	while (!vi_is_syn_report(&rec->event[at + n - 1].ev))
		n++;
	return n;
}

static int convert_frames(struct recording *to, const struct recording *from,
			  struct frame_copy *frame, struct fault *f)
{
	struct type_a ta;
	int r = 0;

	type_a_init(&ta, SPEC_SLOTS_MAX);
	for (size_t at = 0, n; !r && at < from->n; at += n) {
		n = frame_length(from, at);
		r = frame_reserve(frame, n, f);
		if (r)
			return r;
		assert(frame->ev && frame->out);
		for (size_t i = 0; i < n; i++)
			frame->ev[i] = from->event[at + i].ev;
		r = add_converted(to, &from->event[at], frame,
				  type_a_convert(&ta, frame->ev, n, frame->out),
				  f);
	}
	return r;
}

int recording_type_a_convert(struct recording *rec, struct fault *f)
{
	struct frame_copy frame = { NULL, NULL, 0 };
	struct recording from = *rec;
	int r;

	if (!is_type_a(rec))
		return 0;
	rec->event = NULL;
	rec->n = rec->room = 0;
	rec->dropping = false;
	r = convert_frames(rec, &from, &frame, f);
	free(frame.ev);
	recording_fini(&from);
	return r;
}
