/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "injector/inject/inject-latency.h"

void inject_latency_add(struct inject_latency *l,
			struct inject_latency_sample sample)
{
	if (l->n == l->room) {
		const size_t room = l->room ? 2 * l->room : 1024;
		struct inject_latency_sample *grown =
			realloc(l->sample, room * sizeof(*grown));

		if (!grown)
			return;
		l->sample = grown;
		l->room = room;
	}
	l->sample[l->n++] = sample;
}

static int compare_ns(const void *a, const void *b)
{
	const struct inject_latency_sample *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* The lowest value that so many per cent of all do not exceed. */
static double percentile_ms(const struct inject_latency *l, size_t percent)
{
	const size_t rank = (l->n * percent + 99) / 100;

	return (double)l->sample[rank - 1].ns / 1e6;
}

void inject_latency_text(char text[128], struct inject_latency *l)
{
	qsort(l->sample, l->n, sizeof(*l->sample), compare_ns);
	snprintf(text, 128,
		 "p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max %.3f ms",
		 percentile_ms(l, 50), percentile_ms(l, 90),
		 percentile_ms(l, 99), percentile_ms(l, 100));
}

void inject_latency_fini(struct inject_latency *l)
{
	free(l->sample);
	*l = INJECT_LATENCY_NULL;
}
