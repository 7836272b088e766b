/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been counted, for the log (SIGUSR1) and --stats-path. A module fills
 * in its own with x_count(). A new counter is one row here, and the code that
 * counts it. Pure.
 */
#ifndef VINPUT_COUNTERS_H
#define VINPUT_COUNTERS_H

#include <stdint.h>
#include "input/base/counter.h"

/* clang-format off */
/* In the order in which they are shown. */
#define COUNTERS(ROW) \
	/* Whom the device serves now: 1 or 0. */ \
	ROW(vmm) \
	ROW(driver) \
	/* Injectors: connected now, and since the start. */ \
	ROW(sources) \
	ROW(sources_total) \
	ROW(sources_refused) \
	ROW(sources_denied) \
	ROW(sources_dropped) \
	/* Their rings, likewise. */ \
	ROW(shared_rings) \
	ROW(shared_rings_total) \
	ROW(shared_rings_refused) \
	/* What they sent, and what the guest was sent. */ \
	ROW(frames_in) \
	ROW(events_in) \
	ROW(frames_out) \
	ROW(events_out) \
	/* What the guest was not sent one by one, or not at all. */ \
	ROW(frames_folded) \
	ROW(frames_empty) \
	ROW(undeclared) \
	ROW(clamped) \
	ROW(bad_slot) \
	ROW(no_slot) \
	ROW(no_contact) \
	ROW(unfinished) \
	/* How it went. */ \
	ROW(resyncs) \
	ROW(stalls) \
	ROW(releases) \
	ROW(queue_longest) /* bytes of one source that waited at a time */ \
	ROW(receipts) \
	ROW(receipts_lost) \
	ROW(status_events) \
	ROW(frontends) \
	ROW(frontend_violations) \
	ROW(ring_violations)
/* clang-format on */

struct counters {
#define COUNTER_MEMBER(name) uint64_t name;
	COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

/* Return: how many counters there are in out. */
size_t counters_show(const struct counters *c,
		     struct counter out[COUNTERS_MAX]);

#endif
