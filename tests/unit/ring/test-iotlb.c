/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of changes and of what is found after them, and a model: the expected
 * result for each address of a small space after random changes.
 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include <string.h>

#include "input/ring/iotlb.h"
#include "tests/lib/random.h"

#define RW (GUEST_READ | GUEST_WRITE)

static int setup(void **state)
{
	*state = iotlb_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static int update(struct iotlb *t, uint64_t first, uint64_t last, uint64_t uva,
		  uint32_t access)
{
	struct iotlb_range range = {
		.first = { first },
		.last = { last },
		.uva = { uva },
		.access = access,
	};

	return iotlb_update(t, range);
}

static void invalidate(struct iotlb *t, uint64_t first, uint64_t last)
{
	iotlb_invalidate(t, (struct iova){ first }, (struct iova){ last });
}

/* Return: the translation of addr, 0 if it is unknown. */
static uint64_t find(struct iotlb *t, uint64_t addr)
{
	const struct iotlb_range *r = iotlb_find(t, (struct iova){ addr });

	return r ? r->uva.v + (addr - r->first.v) : 0;
}

static void expect_sorted_and_apart(const struct iotlb *t)
{
	assert_true(t->n <= IOTLB_RANGES_MAX);
	for (unsigned int i = 0; i < t->n; i++) {
		assert_true(t->range[i].first.v <= t->range[i].last.v);
		assert_true(!i || t->range[i - 1].last.v < t->range[i].first.v);
	}
}

static void an_address_is_found_in_its_range_only(void **state)
{
	struct iotlb *t = *state;

	assert_num(find(t, 0), 0);
	assert_ok(update(t, 0x1000, 0x1fff, 0x7000, GUEST_READ));
	assert_ok(update(t, 0x5000, 0x5000, 0x9000, GUEST_WRITE));
	assert_num(find(t, 0xfff), 0);
	assert_num(find(t, 0x1000), 0x7000);
	assert_num(find(t, 0x1fff), 0x7fff);
	assert_num(find(t, 0x2000), 0);
	assert_num(find(t, 0x5000), 0x9000);
	assert_num(find(t, 0x5001), 0);
	assert_num(iotlb_find(t, (struct iova){ 0x1234 })->access, GUEST_READ);
	assert_num(iotlb_find(t, (struct iova){ 0x5000 })->access, GUEST_WRITE);
	iotlb_clear(t);
	assert_num(find(t, 0x1000), 0);
}

/* [first, last] into a table with 0x100..0x1ff at 0x10000: what remains. */
struct hole {
	const char *name;
	uint64_t first, last;
	uint64_t found[6]; /* of the `probes` that remain, in order */
};

static const uint64_t probes[] = { 0x100, 0x140, 0x17f, 0x180, 0x1c0, 0x1ff };

static const struct hole holes[] = {
	{ "before",
	  0,
	  0xff,
	  { 0x10000, 0x10040, 0x1007f, 0x10080, 0x100c0, 0x100ff } },
	{ "behind",
	  0x200,
	  UINT64_MAX,
	  { 0x10000, 0x10040, 0x1007f, 0x10080, 0x100c0, 0x100ff } },
	{ "its head", 0x80, 0x17f, { 0, 0, 0, 0x10080, 0x100c0, 0x100ff } },
	{ "its tail", 0x180, 0x1ff, { 0x10000, 0x10040, 0x1007f } },
	{ "its middle", 0x110, 0x1ef, { 0x10000, 0, 0, 0, 0, 0x100ff } },
	{ "one byte",
	  0x140,
	  0x140,
	  { 0x10000, 0, 0x1007f, 0x10080, 0x100c0, 0x100ff } },
	{ "just it", 0x100, 0x1ff, { 0 } },
	{ "everything", 0, UINT64_MAX, { 0 } },
	{ "nothing: it ends before it begins",
	  0x1c0,
	  0x140,
	  { 0x10000, 0x10040, 0x1007f, 0x10080, 0x100c0, 0x100ff } },
};

static void an_invalidated_range_is_cut_out(void **state)
{
	struct iotlb *t = *state;

	for (size_t i = 0; i < sizeof(holes) / sizeof(*holes); i++) {
		iotlb_clear(t);
		assert_ok(update(t, 0x100, 0x1ff, 0x10000, RW));
		invalidate(t, holes[i].first, holes[i].last);
		expect_sorted_and_apart(t);
		for (size_t p = 0; p < 6; p++)
			assert_num(find(t, probes[p]), holes[i].found[p]);
	}
}

static void an_update_replaces_what_it_overlaps(void **state)
{
	struct iotlb *t = *state;

	assert_ok(update(t, 0x100, 0x1ff, 0x10000, GUEST_READ));
	assert_ok(update(t, 0x300, 0x3ff, 0x20000, GUEST_READ));
	assert_ok(update(t, 0x180, 0x37f, 0x90000, GUEST_WRITE));
	expect_sorted_and_apart(t);
	assert_num(t->n, 3);
	assert_num(find(t, 0x17f), 0x1007f);
	assert_num(find(t, 0x180), 0x90000);
	assert_num(find(t, 0x37f), 0x901ff);
	assert_num(find(t, 0x380), 0x20080);
	assert_num(iotlb_find(t, (struct iova){ 0x200 })->access, GUEST_WRITE);
}

static void a_range_can_reach_the_last_address(void **state)
{
	struct iotlb *t = *state;

	assert_ok(update(t, 0, UINT64_MAX, 0, RW));
	assert_num(find(t, UINT64_MAX), UINT64_MAX);
	invalidate(t, UINT64_MAX, UINT64_MAX);
	assert_num(find(t, UINT64_MAX), 0);
	assert_num(find(t, UINT64_MAX - 1), UINT64_MAX - 1);
	invalidate(t, 0, UINT64_MAX);
	assert_num(t->n, 0);
}

static void ranges_that_wrap_are_refused(void **state)
{
	struct iotlb *t = *state;

	assert_rc(update(t, 0x2000, 0x1fff, 0, RW), IOTLB_E_RANGE);
	assert_rc(update(t, 0x1000, 0x1fff, UINT64_MAX - 0xffe, RW),
		  IOTLB_E_RANGE);
	assert_rc(update(t, 0, UINT64_MAX, 1, RW), IOTLB_E_RANGE);
	assert_num(t->n, 0);
	assert_ok(update(t, 0x1000, 0x1fff, UINT64_MAX - 0xfff, RW));
}

static void the_oldest_is_forgotten_when_there_is_no_room(void **state)
{
	struct iotlb *t = *state;

	/* Downwards: the order of addresses is not that of age. */
	for (uint64_t i = 0; i < IOTLB_RANGES_MAX; i++)
		assert_ok(update(t, 0x10000000 - i * 0x1000,
				 0x10000fff - i * 0x1000, 0x1000, RW));
	assert_ok(update(t, 0x1000, 0x1fff, 0x5000, RW));
	expect_sorted_and_apart(t);
	assert_num(t->n, IOTLB_RANGES_MAX);
	assert_num(find(t, 0x10000000), 0);
	assert_num(find(t, 0x10000000 - 0x1000), 0x1000);
	assert_num(find(t, 0x1000), 0x5000);
	/* A repeated update makes a range young. */
	assert_ok(update(t, 0xffff000, 0xfffffff, 0x7000, RW));
	assert_ok(update(t, 0x3000, 0x3fff, 0x6000, RW));
	assert_num(find(t, 0xffff000), 0x7000);
	assert_num(find(t, 0xfffe000), 0);
}

static void a_hole_in_a_full_table_costs_at_most_a_tail(void **state)
{
	struct iotlb *t = *state;

	for (uint64_t i = 0; i < IOTLB_RANGES_MAX; i++)
		assert_ok(update(t, i * 0x1000, i * 0x1000 + 0xfff,
				 0x1000000 + i * 0x1000, RW));
	invalidate(t, 0x5100, 0x51ff);
	expect_sorted_and_apart(t);
	assert_num(t->n, IOTLB_RANGES_MAX);
	assert_num(find(t, 0x50ff), 0x10050ff);
	assert_num(find(t, 0x5100), 0);
	assert_num(find(t, 0x5200), 0);
	assert_num(find(t, 0x6000), 0x1006000);
}

static void any_number_of_ranges_is_kept_in_bounds(void **state)
{
	struct iotlb *t = *state;
	struct rnd rnd = { 1 };

	for (int i = 0; i < 200000; i++) {
		uint64_t first = rnd_next(&rnd) << 20;
		uint64_t last = first + (rnd_next(&rnd) & 0xffffff);

		if (i % 3)
			update(t, first, last, rnd_next(&rnd), RW);
		else
			invalidate(t, first, last);
	}
	expect_sorted_and_apart(t);
}

#define SPACE 4096

static void it_agrees_with_a_table_of_each_address(void **state)
{
	static uint64_t truth[SPACE]; /* the translation, 0: unknown */
	struct iotlb *t = *state;
	struct rnd rnd = { 7 };

	memset(truth, 0, sizeof(truth));
	for (int i = 0; i < 20000; i++) {
		uint64_t first = rnd_below(&rnd, SPACE);
		uint64_t last = first + rnd_below(&rnd, 40);
		uint64_t uva = rnd_below(&rnd, 2)
				       ? SPACE + rnd_below(&rnd, 1 << 20)
				       : 0;

		if (last >= SPACE)
			last = SPACE - 1;
		if (uva)
			assert_ok(update(t, first, last, uva, RW));
		else
			invalidate(t, first, last);
		for (uint64_t a = first; a <= last; a++)
			truth[a] = uva ? uva + (a - first) : 0;
		uint64_t probe = rnd_below(&rnd, SPACE);
		assert_num(find(t, probe), truth[probe]);
		assert_num(find(t, first), truth[first]);
	}
	expect_sorted_and_apart(t);
	for (uint64_t a = 0; a < SPACE; a++)
		assert_num(find(t, a), truth[a]);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_address_is_found_in_its_range_only),
		test(an_invalidated_range_is_cut_out),
		test(an_update_replaces_what_it_overlaps),
		test(a_range_can_reach_the_last_address),
		test(ranges_that_wrap_are_refused),
		test(the_oldest_is_forgotten_when_there_is_no_room),
		test(a_hole_in_a_full_table_costs_at_most_a_tail),
		test(any_number_of_ranges_is_kept_in_bounds),
		test(it_agrees_with_a_table_of_each_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
