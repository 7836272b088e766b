/* SPDX-License-Identifier: Apache-2.0 */
/* Where the sibling's memory lies: a driver that adds up sizes finds it. */
#include "injector/vvu/vvu-plan.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

#define MIB (UINT64_C(1) << 20)

/* 16 MiB of the file, and 24 MiB for each half. */
static const struct vvu_shape shape = { 16 * MIB, 64 * MIB };
static const struct vvu_window window = { 0, 64 * MIB };

static struct vu_mem_table from;
static struct vvu_plan plan;

static int setup(void **state)
{
	from = (struct vu_mem_table){ 0 };
	plan = (struct vvu_plan){ 0 };
	return 0;
}

/* Add a region; direct: its fd is the file. */
static void add(uint64_t size, uint64_t offset, bool direct)
{
	const uint64_t n = from.n_regions;

	plan.direct[n] = direct;
	from.regions[from.n_regions++] = (struct vu_mem_region){
		.guest_addr = n << 32,
		.user_addr = (n + 100) << 32,
		.size = size,
		.mmap_offset = offset,
	};
}

/* A driver finds each region where the plan has it; others are fillers. */
static void expect_found(unsigned int n_fillers)
{
	uint64_t at[VU_MEM_TABLE_MAX];
	unsigned int found = 0;

	assert_num(vvu_place_regions(VVU_ID_PACKED, &window, &plan.table, at),
		   0);
	for (uint32_t i = 0; i < plan.table.n_regions; i++)
		for (uint32_t j = 0; j < from.n_regions; j++) {
			const struct vu_mem_region *r = &plan.table.regions[i];

			if (r->guest_addr != from.regions[j].guest_addr)
				continue;
			assert_true(r->user_addr == from.regions[j].user_addr);
			assert_true(r->size == from.regions[j].size);
			assert_true(at[i] == plan.at[j]);
			found++;
		}
	assert_num(found, from.n_regions);
	assert_num(plan.table.n_regions, from.n_regions + n_fillers);
}

/* Of a region: what it says of others, in either kind of address. */
static bool overlap(const struct vu_mem_region *a,
		    const struct vu_mem_region *b)
{
	return (a->guest_addr < b->guest_addr + b->size &&
		b->guest_addr < a->guest_addr + a->size) ||
	       (a->user_addr < b->user_addr + b->size &&
		b->user_addr < a->user_addr + a->size);
}

static void fillers_are_where_nobody_else_is(void **state)
{
	/* The highest addresses are of the first region, and of the last. */
	for (int last = 0; last < 2; last++) {
		setup(NULL);
		add(4096, MIB, true);
		add(4096, 3 * MIB, true);
		add(4096, 0, false);
		from.regions[last ? 2 : 0].guest_addr += UINT64_C(1) << 40;
		from.regions[last ? 0 : 2].user_addr += UINT64_C(1) << 40;
		assert_num(vvu_plan(&plan, &shape, 0, &from), 0);
		expect_found(3);
		for (uint32_t i = 0; i < plan.table.n_regions; i++)
			for (uint32_t j = 0; j < i; j++)
				assert_false(overlap(&plan.table.regions[i],
						     &plan.table.regions[j]));
	}
}

static void halves_have_whole_pages(void **state)
{
	static const struct vvu_shape odd = { 4096, 4 * 4096 };

	add(4096, 0, false);
	assert_num(vvu_plan(&plan, &odd, 0, &from), 0);
	assert_num(plan.at[0], 4096);
	assert_num(vvu_plan(&plan, &odd, 1, &from), 0);
	assert_num(plan.at[0], 2 * 4096);
	from.regions[0].size = 4097;
	assert_num(vvu_plan(&plan, &odd, 0, &from), VVU_PLAN_E_ROOM);
}

static void memory_by_messages_is_packed_in_its_half(void **state)
{
	static const struct vvu_shape plain = { 0, 64 * MIB };

	add(MIB, 5 * MIB, false);
	add(2 * MIB, 0, false);
	assert_num(vvu_plan(&plan, &plain, 0, &from), 0);
	expect_found(0);
	assert_true(plan.at[0] == 0 && plan.at[1] == MIB);
	assert_num(vvu_plan(&plan, &plain, 1, &from), 0);
	expect_found(1);
	assert_true(plan.at[0] == 32 * MIB && plan.at[1] == 33 * MIB);
}

static void direct_memory_lies_where_its_file_has_it(void **state)
{
	add(MIB, 8 * MIB, true);
	add(3 * MIB, 0, true);
	add(2 * MIB, 9 * MIB, true);
	for (unsigned int half = 0; half < 2; half++) {
		assert_num(vvu_plan(&plan, &shape, half, &from), 0);
		expect_found(1);
		for (uint32_t i = 0; i < 3; i++) {
			assert_true(plan.direct[i]);
			assert_true(plan.at[i] == from.regions[i].mmap_offset);
		}
	}
}

static void both_kinds_lie_side_by_side(void **state)
{
	add(MIB, 0, false);
	add(MIB, MIB, true);
	assert_num(vvu_plan(&plan, &shape, 0, &from), 0);
	expect_found(2);
	assert_true(plan.at[0] == 16 * MIB && plan.at[1] == MIB);
	assert_num(vvu_plan(&plan, &shape, 1, &from), 0);
	expect_found(2);
	assert_true(plan.at[0] == 40 * MIB && plan.at[1] == MIB);
}

static void the_same_memory_is_direct_once(void **state)
{
	add(2 * MIB, 0, true);
	add(2 * MIB, MIB, true);
	add(MIB, 0, true);
	assert_num(vvu_plan(&plan, &shape, 0, &from), 0);
	expect_found(1);
	assert_true(plan.direct[0] && !plan.direct[1] && !plan.direct[2]);
}

static void memory_past_the_end_of_the_file_is_not_direct(void **state)
{
	add(2 * MIB, 15 * MIB, true);
	add(MIB, 15 * MIB, true);
	assert_num(vvu_plan(&plan, &shape, 0, &from), 0);
	assert_true(!plan.direct[0] && plan.direct[1]);
	expect_found(1);
}

static void without_room_for_fillers_nothing_is_direct(void **state)
{
	for (uint64_t i = 0; i < 5; i++)
		add(4096, (2 * i + 1) * MIB, true);
	assert_num(vvu_plan(&plan, &shape, 0, &from), 0);
	expect_found(1);
	for (uint32_t i = 0; i < 5; i++)
		assert_false(plan.direct[i]);
}

static void a_table_fits_in_both_halves_or_in_none(void **state)
{
	static const struct vvu_shape plain = { 0, 64 * MIB };

	for (uint64_t i = 0; i < VU_MEM_TABLE_MAX; i++)
		add(4096, 0, false);
	for (unsigned int half = 0; half < 2; half++) {
		from.n_regions = VU_MEM_TABLE_MAX;
		assert_num(vvu_plan(&plan, &plain, half, &from),
			   VVU_PLAN_E_REGIONS);
		from.n_regions = VU_MEM_TABLE_MAX - 1;
		assert_num(vvu_plan(&plan, &plain, half, &from), 0);
		expect_found(half);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	for (uint64_t i = 0; i < VU_MEM_TABLE_MAX; i++)
		add(4096, 0, false);
	assert_num(vvu_plan(&plan, &shape, 0, &from), VVU_PLAN_E_REGIONS);
	from.n_regions = 1;
	from.regions[0].size = 24 * MIB;
	assert_num(vvu_plan(&plan, &shape, 1, &from), 0);
	from.regions[0].size++;
	assert_num(vvu_plan(&plan, &shape, 0, &from), VVU_PLAN_E_ROOM);
	assert_num(vvu_plan(&plan, &shape, 1, &from), VVU_PLAN_E_ROOM);
	from.n_regions = 2;
	from.regions[0].size = 24 * MIB;
	assert_num(vvu_plan(&plan, &shape, 1, &from), VVU_PLAN_E_ROOM);
}

static void regions_that_wrap_are_refused(void **state)
{
	static const struct vu_mem_region rows[] = {
		{ .size = 0 },
		{ .size = 2, .guest_addr = UINT64_MAX },
		{ .size = 2, .user_addr = UINT64_MAX },
		{ .size = 2, .mmap_offset = UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		from.n_regions = 1;
		from.regions[0] = rows[i];
		assert_num(vvu_plan(&plan, &shape, 0, &from),
			   VVU_PLAN_E_REGION);
		/* Nor as the second one. */
		from.regions[1] = rows[i];
		from.regions[0] = (struct vu_mem_region){ .size = 4096 };
		from.n_regions = 2;
		assert_num(vvu_plan(&plan, &shape, 0, &from),
			   VVU_PLAN_E_REGION);
	}
	from.n_regions = 1;
	/* No address is left for a filler. */
	from.regions[0] =
		(struct vu_mem_region){ .size = 1,
					.guest_addr = UINT64_MAX - 1 };
	assert_num(vvu_plan(&plan, &shape, 0, &from), VVU_PLAN_E_ROOM);
}

static void a_table_may_be_empty(void **state)
{
	assert_num(vvu_plan(&plan, &shape, 1, &from), 0);
	assert_num(plan.table.n_regions, 0);
}

#define test(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(memory_by_messages_is_packed_in_its_half),
		test(direct_memory_lies_where_its_file_has_it),
		test(fillers_are_where_nobody_else_is),
		test(halves_have_whole_pages),
		test(both_kinds_lie_side_by_side),
		test(the_same_memory_is_direct_once),
		test(memory_past_the_end_of_the_file_is_not_direct),
		test(without_room_for_fillers_nothing_is_direct),
		test(a_table_fits_in_both_halves_or_in_none),
		test(what_does_not_fit_is_refused),
		test(regions_that_wrap_are_refused),
		test(a_table_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
