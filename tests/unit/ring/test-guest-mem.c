/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <endian.h>
#include <string.h>

#include "input/ring/guest-mem.h"

static uint8_t ram[3][0x1000];

static struct guest_region region(uint64_t gpa, uint64_t uva, uint64_t size,
				  uint8_t *local)
{
	return (struct guest_region){ { gpa }, { uva }, size, local };
}

/* Two regions adjacent in guest addresses only, and a third one. */
static struct guest_mem three_regions(void)
{
	struct guest_mem mem = { 0 };
	struct guest_region r[] = {
		region(0x1000, 0x700000, 0x1000, ram[0]),
		region(0x2000, 0x500000, 0x1000, ram[1]),
		region(0x9000, 0x900000, 0x1000, ram[2]),
	};

	for (int i = 0; i < 3; i++) {
		assert_ok(guest_mem_check(&mem, &r[i]));
		guest_mem_add(&mem, &r[i]);
	}
	return mem;
}

/* Return: len bytes at a front-end virtual address, or NULL. */
static void *at_uva(struct guest_mem *mem, uint64_t uva, uint64_t len)
{
	struct guest_piece piece;
	int r = guest_mem_ring(mem, (struct uva){ uva }, len, GUEST_READ,
			       &piece);

	return r ? NULL : piece.at;
}

static void addresses_are_found_with_all_their_bytes_or_not_at_all(void **state)
{
	static const struct {
		uint64_t gpa, len;
		int ram; /* -1: not contiguous */
		size_t offset;
	} cases[] = {
		{ 0x1000, 1, 0, 0 },	       { 0x1fff, 1, 0, 0xfff },
		{ 0x1000, 0x1000, 0, 0 },      { 0x2ff8, 8, 1, 0xff8 },
		{ 0x9000, 0x1000, 2, 0 },      { 0x1fff, 2, -1, 0 },
		{ 0x0fff, 2, -1, 0 },	       { 0x3000, 1, -1, 0 },
		{ 0x9001, 0x1000, -1, 0 },     { 0x1000, 0, -1, 0 },
		{ 0x1000, UINT64_MAX, -1, 0 }, { UINT64_MAX, 1, -1, 0 },
		{ UINT64_MAX - 3, 8, -1, 0 },
	};
	struct guest_mem mem = three_regions();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gpa gpa = { cases[i].gpa };
		void *want = cases[i].ram < 0
				     ? NULL
				     : ram[cases[i].ram] + cases[i].offset;

		assert_ptr_equal(guest_mem_at_gpa(&mem, gpa, cases[i].len),
				 want);
	}
}

static void front_end_addresses_do_not_reach_over_a_region(void **state)
{
	struct guest_mem mem = three_regions();

	assert_ptr_equal(at_uva(&mem, 0x500000, 0x1000), ram[1]);
	assert_null(at_uva(&mem, 0x500000, 0x1001));
	assert_null(at_uva(&mem, 0x500fff, 2));
	assert_null(at_uva(&mem, 0x1000, 1));
	assert_null(at_uva(&mem, UINT64_MAX, 2));
}

static void copies_go_over_the_border_of_touching_regions(void **state)
{
	struct guest_mem mem = three_regions();
	struct gpa at = { 0x1ffc };
	char got[9] = "";

	assert_ok(guest_mem_write(&mem, at, "abcdefgh", 8));
	assert_memory_equal(ram[0] + 0xffc, "abcd", 4);
	assert_memory_equal(ram[1], "efgh", 4);
	assert_ok(guest_mem_read(&mem, at, got, 8));
	assert_string_equal(got, "abcdefgh");
}

static void copies_outside_are_refused(void **state)
{
	struct guest_mem mem = three_regions();
	char buf[16] = "";

	assert_rc(guest_mem_write(&mem, (struct gpa){ 0x2ffc }, buf, 8),
		  GUEST_MEM_E_OUTSIDE);
	assert_rc(guest_mem_read(&mem, (struct gpa){ 0x9ffc }, buf, 8),
		  GUEST_MEM_E_OUTSIDE);
	assert_rc(guest_mem_read(&mem, (struct gpa){ UINT64_MAX }, buf, 8),
		  GUEST_MEM_E_OUTSIDE);
}

static void a_log_has_a_bit_for_each_page_that_is_written(void **state)
{
	struct guest_mem mem = three_regions();
	uint8_t bits[3] = { 0 };

	guest_mem_log(&mem, (struct gpa){ 0x1000 }, 1);
	assert_false(mem.logged);
	mem.log = (struct guest_log){ bits, 2 };
	guest_mem_log(&mem, (struct gpa){ 0x1fff }, 0);
	assert_false(mem.logged);
	guest_mem_log(&mem, (struct gpa){ 0x1fff }, 2);
	assert_true(mem.logged);
	guest_mem_log(&mem, (struct gpa){ 0xf000 }, 0x1001);
	assert_memory_equal(bits, "\x06\x80\x00", 3);
}

static void our_own_addresses_are_logged_in_their_regions(void **state)
{
	static const uint64_t pages[] = { 1 << 1, 1 << 2, 1 << 9 };
	struct guest_mem mem = three_regions();

	for (size_t i = 0; i < 3; i++)
		for (size_t at = 0; at < 0x1000; at += 0x1000 - 8) {
			uint8_t bits[8] = { 0 };
			uint64_t got;

			mem.log = (struct guest_log){ bits, sizeof(bits) };
			guest_mem_log_local(&mem, ram[i] + at, 8);
			memcpy(&got, bits, sizeof(got));
			assert_num(le64toh(got), pages[i]);
		}
}

static void a_region_that_cannot_be_is_refused(void **state)
{
	static const struct {
		uint64_t gpa, uva, size;
		int verdict;
	} cases[] = {
		{ 0x3000, 0x10000, 0x1000, 0 },
		{ 0x3000, 0x10000, 0, GUEST_MEM_E_WRAPS },
		{ UINT64_MAX, 0x10000, 2, GUEST_MEM_E_WRAPS },
		{ 0x3000, UINT64_MAX, 2, GUEST_MEM_E_WRAPS },
		{ 0x3000, 0x10000, UINT64_MAX, GUEST_MEM_E_WRAPS },
		/* The last byte of the address space is legal. */
		{ UINT64_MAX, 0x10000, 1, 0 },
		{ 0x0, 0x10000, 0x1001, GUEST_MEM_E_OVERLAP },
		{ 0x2fff, 0x10000, 1, GUEST_MEM_E_OVERLAP },
		{ 0x0, 0x10000, 0x10000, GUEST_MEM_E_OVERLAP },
		{ 0x3000, 0x700fff, 0x10, GUEST_MEM_E_OVERLAP },
	};
	struct guest_mem mem = three_regions();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guest_region r = region(cases[i].gpa, cases[i].uva,
					       cases[i].size, ram[0]);

		assert_rc(guest_mem_check(&mem, &r), cases[i].verdict);
	}
}

static void regions_may_touch(void **state)
{
	struct guest_region middle = region(0x2000, 0x2000, 0x1000, ram[0]);
	struct guest_region below = region(0x1000, 0x1000, 0x1000, ram[1]);
	struct guest_region above = region(0x3000, 0x3000, 0x1000, ram[2]);
	struct guest_mem mem = { 0 };

	guest_mem_add(&mem, &middle);
	assert_ok(guest_mem_check(&mem, &below));
	assert_ok(guest_mem_check(&mem, &above));
}

static void a_full_table_takes_no_more(void **state)
{
	struct guest_mem mem = { 0 };

	for (uint64_t i = 0; i < GUEST_REGIONS_MAX; i++) {
		struct guest_region r =
			region(i * 0x1000, i * 0x1000, 0x1000, ram[0]);

		assert_ok(guest_mem_check(&mem, &r));
		guest_mem_add(&mem, &r);
	}
	struct guest_region more = region(1 << 30, 1 << 30, 0x1000, ram[0]);
	assert_rc(guest_mem_check(&mem, &more), GUEST_MEM_E_FULL);
}

static void only_exactly_a_region_is_removed(void **state)
{
	struct guest_mem mem = three_regions();
	struct guest_region part = region(0x2000, 0x500000, 0x800, NULL);
	struct guest_region whole = region(0x2000, 0x500000, 0x1000, NULL);
	struct gpa in_second = { 0x2000 }, in_third = { 0x9000 };

	assert_rc(guest_mem_remove(&mem, &part), GUEST_MEM_E_OUTSIDE);
	assert_ptr_equal(guest_mem_at_gpa(&mem, in_third, 1), ram[2]);
	assert_ok(guest_mem_remove(&mem, &whole));
	assert_ptr_equal(whole.local, ram[1]);
	assert_null(guest_mem_at_gpa(&mem, in_second, 1));
	assert_ptr_equal(guest_mem_at_gpa(&mem, in_third, 1), ram[2]);
	assert_rc(guest_mem_remove(&mem, &whole), GUEST_MEM_E_OUTSIDE);
	/* The last one. */
	whole = region(0x9000, 0x900000, 0x1000, NULL);
	assert_ok(guest_mem_remove(&mem, &whole));
	assert_null(guest_mem_at_gpa(&mem, in_third, 1));
	assert_null(at_uva(&mem, 0x900000, 1));
}

/* vring-split.c and vring-packed.c use the last one without looking at n. */
static void without_regions_the_last_one_is_empty(void **state)
{
	struct guest_region only = region(0x1000, 0x1000, 0x1000, ram[0]);
	struct guest_mem mem = { 0 };

	guest_mem_add(&mem, &only);
	assert_ptr_equal(guest_mem_at_gpa(&mem, only.gpa, 1), ram[0]);
	assert_ok(guest_mem_remove(&mem, &only));
	assert_null(guest_mem_at_gpa(&mem, only.gpa, 1));
	assert_num(mem.region[mem.last].size, 0);
	assert_null(mem.region[mem.last].local);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			addresses_are_found_with_all_their_bytes_or_not_at_all),
		cmocka_unit_test(
			front_end_addresses_do_not_reach_over_a_region),
		cmocka_unit_test(copies_go_over_the_border_of_touching_regions),
		cmocka_unit_test(copies_outside_are_refused),
		cmocka_unit_test(a_log_has_a_bit_for_each_page_that_is_written),
		cmocka_unit_test(our_own_addresses_are_logged_in_their_regions),
		cmocka_unit_test(a_region_that_cannot_be_is_refused),
		cmocka_unit_test(regions_may_touch),
		cmocka_unit_test(a_full_table_takes_no_more),
		cmocka_unit_test(only_exactly_a_region_is_removed),
		cmocka_unit_test(without_regions_the_last_one_is_empty),
	};

	return cmocka_run_group_tests_name("guest-mem", tests, NULL, NULL);
}
