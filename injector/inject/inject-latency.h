/* SPDX-License-Identifier: Apache-2.0 */
/* Times that were measured, and their percentiles. Pure. */
#ifndef VINPUT_INJECT_LATENCY_H
#define VINPUT_INJECT_LATENCY_H

#include <stddef.h>
#include <stdint.h>

struct inject_latency_sample {
	uint64_t sent_ns; /* CLOCK_MONOTONIC */
	uint64_t ns;	  /* how long it took from then on */
};

struct inject_latency {
	struct inject_latency_sample *sample; /* owned */
	size_t n, room;
};

#define INJECT_LATENCY_NULL ((struct inject_latency){ 0 })

/* Without memory it is left out. */
void inject_latency_add(struct inject_latency *l,
			struct inject_latency_sample sample);
/*
 * Write p50, p90, p99 and the maximum, in ms. l MUST NOT be empty; it gets
 * sorted.
 */
void inject_latency_text(char text[128], struct inject_latency *l);
void inject_latency_fini(struct inject_latency *l); /* idempotent */

#endif
