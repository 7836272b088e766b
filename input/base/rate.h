/* SPDX-License-Identifier: Apache-2.0 */
/* How much of something there was in a second. Filled with zeros: none. Pure.
 */
#ifndef VINPUT_RATE_H
#define VINPUT_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	double second; /* when it began, by any clock that does not go back */
	uint64_t amount;
};

/* Add to it. Return: whether it is within at_most in this second. */
static inline bool rate_admit(struct rate *r, double now_s, uint64_t more,
			      uint64_t at_most)
{
	if (now_s - r->second >= 1)
		*r = (struct rate){ .second = now_s };
	r->amount += more;
	return r->amount <= at_most;
}

#endif
