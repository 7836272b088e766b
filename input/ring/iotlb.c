/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   range[]   ├──a──┤   ├─────b─────┤├──c──┤
 *   cut           └─────────┘
 *   range[]   ├─a┤           ├─b────┤├──c──┤
 *
 * The ranges are sorted and disjoint, so that an address is found by bisection.
 * Update and invalidate cut out a hole first.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "input/ring/iotlb.h"

struct iotlb *iotlb_new(void)
{
	return calloc(1, sizeof(struct iotlb));
}

void iotlb_clear(struct iotlb *t)
{
	t->n = 0;
}

/* Return: the first range that ends at addr or after it; n if none does. */
static unsigned int first_to_end_at(const struct iotlb *t, struct iova addr)
{
	unsigned int low = 0, high = t->n;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (t->range[middle].last.v < addr.v)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void iotlb_erase(struct iotlb *t, unsigned int from, unsigned int to)
{
	memmove(&t->range[from], &t->range[to],
		(t->n - to) * sizeof(*t->range));
	t->n -= to - from;
}

/* There MUST be room. */
static void iotlb_insert(struct iotlb *t, unsigned int at,
			 struct iotlb_range range)
{
	memmove(&t->range[at + 1], &t->range[at],
		(t->n - at) * sizeof(*t->range));
	t->range[at] = range;
	t->n++;
}

static struct iotlb_range tail_from(struct iotlb_range range, uint64_t first)
{
	range.uva.v += first - range.first.v;
	range.first.v = first;
	return range;
}

/*
 * A range around the hole keeps its tail only if there is room: otherwise the
 * tail will be asked for again.
 * Return: where a range for the hole would be inserted.
 */
static unsigned int iotlb_cut(struct iotlb *t, struct iova first,
			      struct iova last)
{
	unsigned int from = first_to_end_at(t, first), to;

	if (from < t->n && t->range[from].first.v < first.v) {
		struct iotlb_range whole = t->range[from];

		t->range[from++].last.v = first.v - 1;
		if (t->n < IOTLB_RANGES_MAX)
			iotlb_insert(t, from, whole);
	}
	for (to = from; to < t->n && t->range[to].last.v <= last.v; to++)
		;
	iotlb_erase(t, from, to);
	if (from < t->n && t->range[from].first.v <= last.v)
		t->range[from] = tail_from(t->range[from], last.v + 1);
	return from;
}

static void forget_oldest(struct iotlb *t)
{
	unsigned int oldest = 0;

	for (unsigned int i = 1; i < t->n; i++)
		if (t->age - t->range[i].age > t->age - t->range[oldest].age)
			oldest = i;
	iotlb_erase(t, oldest, oldest + 1);
}

int iotlb_update(struct iotlb *t, struct iotlb_range range)
{
	uint64_t end;
	unsigned int at;

	if (range.last.v < range.first.v ||
	    __builtin_add_overflow(range.uva.v, range.last.v - range.first.v,
				   &end))
		return IOTLB_E_RANGE;
	at = iotlb_cut(t, range.first, range.last);
	if (t->n == IOTLB_RANGES_MAX) {
		forget_oldest(t);
		at = first_to_end_at(t, range.first);
	}
	range.age = ++t->age;
	iotlb_insert(t, at, range);
	return 0;
}

void iotlb_invalidate(struct iotlb *t, struct iova first, struct iova last)
{
	if (first.v <= last.v)
		iotlb_cut(t, first, last);
}

static bool iotlb_has(const struct iotlb *t, unsigned int i, struct iova addr)
{
	return i < t->n && t->range[i].first.v <= addr.v &&
	       addr.v <= t->range[i].last.v;
}

const struct iotlb_range *iotlb_find(struct iotlb *t, struct iova addr)
{
	if (!iotlb_has(t, t->hit, addr))
		t->hit = first_to_end_at(t, addr);
	return iotlb_has(t, t->hit, addr) ? &t->range[t->hit] : NULL;
}
