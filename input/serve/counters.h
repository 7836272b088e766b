/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been counted, as one line for the log (SIGUSR1) and as one JSON
 * object (--stats-path). Both come from one table of names, so a new counter
 * is one row. Pure.
 */
#ifndef VINPUT_COUNTERS_H
#define VINPUT_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct counters {
	/* What injectors sent. */
	uint64_t sources; /* at this moment */
	uint64_t sources_total, sources_refused, sources_denied,
		sources_dropped;
	uint64_t frames_in, events_in;
	/* What the guest was given. */
	uint64_t frames_out, events_out;
	/* What it was not given one by one, or not at all, by reason. */
	uint64_t frames_folded, frames_empty;
	uint64_t undeclared, clamped, bad_slot, no_slot, no_contact, unfinished;
	/* How it went. */
	uint64_t resyncs, stalls, releases;
	uint64_t queue_longest; /* bytes of one source that waited at a time */
	uint64_t status_events;
	uint64_t frontends, frontend_violations, ring_violations;
};

/* Enough for either form. */
#define COUNTERS_TEXT_MAX 2048

/* Return: length of the text; it ends with NUL, and the JSON with a newline. */
size_t counters_line(const struct counters *c, char text[COUNTERS_TEXT_MAX]);
size_t counters_json(const struct counters *c, char text[COUNTERS_TEXT_MAX]);

#endif
