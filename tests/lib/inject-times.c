/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include "tests/lib/inject-times.h"

void inject_stamp(struct inject_stamps *at, int64_t ns)
{
	if (at->n < sizeof(at->ns) / sizeof(at->ns[0]))
		at->ns[at->n++] = ns;
}

size_t inject_times_read(FILE *in, const struct inject_stamps *at,
			 struct inject_time *time, size_t max)
{
	int64_t sent, taken;
	size_t n = 0, i = 0;

	while (n < max &&
	       fscanf(in, "%" SCNd64 "%" SCNd64 "%*s", &sent, &taken) == 2) {
		while (i < at->n && at->ns[i] < sent)
			i++;
		if (i < at->n && at->ns[i] <= taken)
			time[n++] = (struct inject_time){
				.notified = (double)(at->ns[i] - sent) / 1e3,
				.taken = (double)(taken - sent) / 1e3,
			};
	}
	return n;
}
