/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/param.h>
#include "injector/vvu/vvu-plan.h"

#define PAGE UINT64_C(4096)

/* A plan in the making. */
struct draft {
	struct vvu_plan *plan;
	const struct vu_mem_table *from;
	uint64_t end;		      /* of what the table has so far */
	uint64_t guest_end, user_end; /* where nobody's memory is */
};

/* Return: 0 or VVU_PLAN_E_REGION. */
static int draft_check(struct draft *d)
{
	for (uint32_t i = 0; i < d->from->n_regions; i++) {
		const struct vu_mem_region *r = &d->from->regions[i];
		uint64_t guest_end, user_end, end;

		if (!r->size ||
		    __builtin_add_overflow(r->guest_addr, r->size,
					   &guest_end) ||
		    __builtin_add_overflow(r->user_addr, r->size, &user_end) ||
		    __builtin_add_overflow(r->mmap_offset, r->size, &end))
			return VVU_PLAN_E_REGION;
		d->guest_end = MAX(d->guest_end, guest_end);
		d->user_end = MAX(d->user_end, user_end);
	}
	return 0;
}

/* Return: 0 or VVU_PLAN_E_REGIONS. */
static int draft_add(struct draft *d, const struct vu_mem_region *r)
{
	struct vu_mem_table *table = &d->plan->table;

	if (table->n_regions == VU_MEM_TABLE_MAX)
		return VVU_PLAN_E_REGIONS;
	table->regions[table->n_regions] = *r;
	table->regions[table->n_regions++].mmap_offset = d->end;
	d->end += r->size;
	return 0;
}

/* A region that nobody names, up to this offset. */
static int draft_fill(struct draft *d, uint64_t to)
{
	struct vu_mem_region r = { .guest_addr = d->guest_end,
				   .user_addr = d->user_end,
				   .size = to - d->end };

	if (to == d->end)
		return 0;
	if (__builtin_add_overflow(d->guest_end, r.size, &d->guest_end) ||
	    __builtin_add_overflow(d->user_end, r.size, &d->user_end))
		return VVU_PLAN_E_ROOM;
	return draft_add(d, &r);
}

/* Return: the direct region that is next in the file, -1: there is none. */
static int draft_next_direct(const struct draft *d, uint64_t from)
{
	int next = -1;

	for (int i = 0; i < (int)d->from->n_regions; i++) {
		const uint64_t offset = d->from->regions[i].mmap_offset;

		if (d->plan->direct[i] && offset >= from &&
		    (next < 0 || offset < d->from->regions[next].mmap_offset))
			next = i;
	}
	return next;
}

/* Those that begin within another one, or end past the file, are not direct. */
static void draft_choose_direct(struct draft *d, uint64_t direct_len)
{
	bool chosen[VU_MEM_TABLE_MAX] = { false };
	uint64_t end = 0;
	int i;

	while ((i = draft_next_direct(d, end)) >= 0) {
		const struct vu_mem_region *r = &d->from->regions[i];

		if (r->mmap_offset + r->size > direct_len) {
			d->plan->direct[i] = false;
			continue;
		}
		chosen[i] = true;
		end = r->mmap_offset + r->size;
	}
	memcpy(d->plan->direct, chosen, sizeof(chosen));
}

static int draft_place_direct(struct draft *d)
{
	int i, r = 0;

	while (!r && (i = draft_next_direct(d, d->end)) >= 0) {
		d->plan->at[i] = d->from->regions[i].mmap_offset;
		r = draft_fill(d, d->plan->at[i]);
		if (!r)
			r = draft_add(d, &d->from->regions[i]);
	}
	return r;
}

static int draft_place_rest(struct draft *d, uint64_t begin, uint64_t end)
{
	int r = 0;

	for (uint32_t i = 0; i < d->from->n_regions && !r; i++) {
		if (d->plan->direct[i])
			continue;
		if (d->end < begin)
			r = draft_fill(d, begin);
		if (!r && d->from->regions[i].size > end - d->end)
			r = VVU_PLAN_E_ROOM;
		d->plan->at[i] = d->end;
		if (!r)
			r = draft_add(d, &d->from->regions[i]);
	}
	return r;
}

/* d: a copy, since fillers move its ends. */
static int draft_place(struct draft d, const struct vvu_shape *shape,
		       unsigned int half)
{
	const uint64_t half_len =
		(shape->len - shape->direct_len) / 2 & ~(PAGE - 1);
	const uint64_t begin = shape->direct_len + half * half_len;
	int r;

	d.plan->table.n_regions = 0;
	r = draft_place_direct(&d);
	return r ? r : draft_place_rest(&d, begin, begin + half_len);
}

/*
 * Half 1 has as many fillers as half 0, or one more: a table is refused in both
 * halves or in none, so a sibling that shares its table twice keeps its device.
 */
int vvu_plan(struct vvu_plan *plan, const struct vvu_shape *shape,
	     unsigned int half, const struct vu_mem_table *from)
{
	struct draft d = { .plan = plan, .from = from };
	int r = draft_check(&d);

	if (r)
		return r;
	draft_choose_direct(&d, shape->direct_len);
	r = draft_place(d, shape, 1);
	if (r == VVU_PLAN_E_REGIONS) {
		memset(plan->direct, 0, sizeof(plan->direct));
		r = draft_place(d, shape, 1);
	}
	return r || half ? r : draft_place(d, shape, 0);
}
