/* SPDX-License-Identifier: Apache-2.0 */
#include "input/sandbox/sandbox-filters.h"

/* The file that make-filters has written; there may be none. */
#ifdef SANDBOX_FILTERS
#include SANDBOX_FILTERS
#else
static const struct sandbox_filter filters[1] = { { .n = 0 } };
#endif

const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls)
{
	for (const struct sandbox_filter *f = filters; f->n; f++)
		if (mode == SANDBOX_ON && f->calls == calls)
			return f;
	return NULL;
}
