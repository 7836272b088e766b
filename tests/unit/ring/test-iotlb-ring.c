/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory and rings behind an IOMMU: I/O virtual pages that are mapped to
 * other pages of memory, or not known yet. The driver is written by hand: one
 * chain in a split ring.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "input/ring/iotlb.h"
#include "input/ring/vring.h"

#define PAGE  0x1000u
#define PAGES 8
#define UVA   0x7f0000000000u
#define GPA   0x100000u
/* Page i is at I/O virtual IOVA + i * PAGE, unless a test moves it. */
#define IOVA 0xabc000u
#define NUM  4

#define RW (GUEST_READ | GUEST_WRITE)

static _Alignas(4096) uint8_t ram[PAGES][PAGE];
static struct guest_mem mem;

static int setup(void **state)
{
	struct guest_region all = { { GPA }, { UVA }, sizeof(ram), ram[0] };

	memset(ram, 0, sizeof(ram));
	mem = (struct guest_mem){ .iotlb = iotlb_new() };
	guest_mem_add(&mem, &all);
	return mem.iotlb ? 0 : -1;
}

static int teardown(void **state)
{
	free(mem.iotlb);
	return 0;
}

/* Map I/O virtual page i to page `in` of ram. */
static void map(unsigned int i, unsigned int in, uint32_t access)
{
	struct iotlb_range range = {
		.first = { IOVA + i * PAGE },
		.last = { IOVA + i * PAGE + PAGE - 1 },
		.uva = { UVA + in * PAGE },
		.access = access,
	};

	assert_ok(iotlb_update(mem.iotlb, range));
}

static struct gpa at(uint64_t offset)
{
	return (struct gpa){ IOVA + offset };
}

static void expect_miss(int rc, uint64_t offset, uint32_t access)
{
	assert_rc(rc, GUEST_MEM_E_MISS);
	assert_num(mem.miss.addr.v, IOVA + offset);
	assert_num(mem.miss.access, access);
}

static void copies_go_through_pages_wherever_they_lie(void **state)
{
	char got[9] = "";

	map(0, 5, RW);
	map(1, 2, RW);
	assert_ok(guest_mem_write(&mem, at(PAGE - 3), "abcdefgh", 8));
	assert_memory_equal(&ram[5][PAGE - 3], "abc", 3);
	assert_memory_equal(&ram[2][0], "defgh", 5);
	assert_ok(guest_mem_read(&mem, at(PAGE - 3), got, 8));
	assert_string_equal(got, "abcdefgh");
}

static void what_is_not_known_is_a_miss_of_its_first_byte(void **state)
{
	char got[8];

	expect_miss(guest_mem_read(&mem, at(0x10), got, 8), 0x10, GUEST_READ);
	expect_miss(guest_mem_write(&mem, at(0x20), got, 8), 0x20, GUEST_WRITE);
	map(0, 0, RW);
	expect_miss(guest_mem_write(&mem, at(PAGE - 3), got, 8), PAGE,
		    GUEST_WRITE);
}

/* An answer with one access must not revoke the other. */
static void who_may_read_and_wants_to_write_asks_for_both(void **state)
{
	map(0, 0, GUEST_READ);
	expect_miss(guest_mem_write(&mem, at(0), "x", 1), 0, RW);
	map(0, 0, GUEST_WRITE);
	expect_miss(guest_mem_read(&mem, at(0), &(char){ 0 }, 1), 0, RW);
}

static void a_page_outside_of_the_shared_memory_is_outside(void **state)
{
	map(0, PAGES, RW);
	assert_rc(guest_mem_write(&mem, at(0), "x", 1), GUEST_MEM_E_OUTSIDE);
	map(0, PAGES - 1, RW);
	assert_ok(guest_mem_write(&mem, at(PAGE - 1), "x", 1));
	assert_true(guest_mem_has_uva(&mem, (struct uva){ UVA }, sizeof(ram)));
	assert_false(
		guest_mem_has_uva(&mem, (struct uva){ UVA + 1 }, sizeof(ram)));
}

static void what_is_logged_is_guest_physical(void **state)
{
	uint8_t bits[64] = { 0 };

	mem.log = (struct guest_log){ bits, sizeof(bits) };
	map(0, 3, RW);
	map(1, 6, RW);
	assert_ok(guest_mem_write(&mem, at(PAGE - 4), "abcdefgh", 8));
	for (unsigned int page = 0; page < 8 * sizeof(bits); page++)
		assert_num(bits[page / 8] >> (page % 8) & 1,
			   page == GPA / PAGE + 3 || page == GPA / PAGE + 6);
}

static void a_ring_may_lie_in_pages_that_follow_each_other_only(void **state)
{
	struct uva ring = { IOVA + 0x800 };
	struct guest_piece piece;

	map(0, 3, RW);
	expect_miss(guest_mem_ring(&mem, ring, PAGE, RW, &piece), PAGE, RW);
	map(1, 4, RW);
	assert_ok(guest_mem_ring(&mem, ring, PAGE, RW, &piece));
	assert_ptr_equal(piece.at, &ram[3][0x800]);
	assert_num(piece.gpa.v, GPA + 3 * PAGE + 0x800);
	map(1, 2, RW);
	assert_rc(guest_mem_ring(&mem, ring, PAGE, RW, &piece),
		  GUEST_MEM_E_PIECES);
	assert_ok(guest_mem_ring(&mem, ring, 0x800, RW, &piece));
	ring.v = UINT64_MAX - 7;
	assert_rc(guest_mem_ring(&mem, ring, 16, RW, &piece),
		  GUEST_MEM_E_OUTSIDE);
}

/* --- rings: in I/O virtual page 0, followed by buffers --- */

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

#define AVAIL 0x100
#define USED  0x200

static const struct vring_addrs addrs = { { IOVA },
					  { IOVA + AVAIL },
					  { IOVA + USED } };

static struct vring ring_in(unsigned int page)
{
	struct vring vr = { .num = NUM, .indirect = true };

	map(0, page, RW);
	assert_ok(vring_map(&vr, &mem, &addrs));
	assert_ok(vring_resume(&vr, 0));
	return vr;
}

static uint16_t *word(unsigned int page, unsigned int offset)
{
	return (uint16_t *)(void *)&ram[page][offset];
}

static void post(unsigned int page, uint64_t addr, uint32_t len, uint16_t flags)
{
	struct desc desc = { htole64(addr), htole32(len), htole16(flags), 0 };

	memcpy(ram[page], &desc, sizeof(desc));
	*word(page, AVAIL + 2) = htole16(le16toh(*word(page, AVAIL + 2)) + 1);
}

static void a_ring_that_is_not_known_is_not_mapped(void **state)
{
	struct vring vr = { .num = NUM };

	expect_miss(vring_map(&vr, &mem, &addrs), 0, GUEST_READ);
	assert_rc(vring_ready(&vr), VRING_E_MISS);
	assert_false(vring_publish(&vr));
	vring_ask_kicks(&vr, true);
	vr.waits = true;
	assert_rc(vring_ready(&vr), 0);
}

/* What a ring's page allows: only a packed one writes its descriptors. */
static void a_ring_is_mapped_with_the_access_that_it_needs(void **state)
{
	static const struct vring_addrs apart = { { IOVA },
						  { IOVA + PAGE },
						  { IOVA + 2 * PAGE } };
	static const struct {
		bool packed;
		uint32_t desc, avail, used;
		int result;
	} rows[] = {
		{ false, GUEST_READ, GUEST_READ, RW, 0 },
		{ true, RW, GUEST_READ, RW, 0 },
		{ false, GUEST_WRITE, GUEST_READ, RW, GUEST_MEM_E_MISS },
		{ false, GUEST_READ, GUEST_WRITE, RW, GUEST_MEM_E_MISS },
		{ false, GUEST_READ, GUEST_READ, GUEST_READ, GUEST_MEM_E_MISS },
		{ false, GUEST_READ, GUEST_READ, GUEST_WRITE,
		  GUEST_MEM_E_MISS },
		{ true, GUEST_READ, GUEST_READ, RW, GUEST_MEM_E_MISS },
		{ true, GUEST_WRITE, GUEST_READ, RW, GUEST_MEM_E_MISS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct vring vr = { .num = NUM, .packed = rows[i].packed };

		map(0, 0, rows[i].desc);
		map(1, 1, rows[i].avail);
		map(2, 2, rows[i].used);
		assert_rc(vring_map(&vr, &mem, &apart), rows[i].result);
	}
}

static void nothing_is_used_before_its_buffer_is_known(void **state)
{
	struct vring vr = ring_in(3);

	post(3, IOVA + 2 * PAGE - 4, 8, 2);
	map(1, 5, RW);
	assert_rc(vring_write(&vr, "abcdefgh", 8), VRING_E_MISS);
	assert_num(mem.miss.addr.v, IOVA + 2 * PAGE);
	assert_false(vring_publish(&vr));
	vr.waits = true;
	assert_rc(vring_ready(&vr), 0);
	vr.waits = false;
	map(2, 7, RW);
	assert_ok(vring_write(&vr, "abcdefgh", 8));
	assert_true(vring_publish(&vr));
	assert_num(le16toh(*word(3, USED + 2)), 1);
	assert_memory_equal(&ram[5][PAGE - 4], "abcd", 4);
	assert_memory_equal(&ram[7][0], "efgh", 4);
}

static void nothing_is_used_before_its_table_is_known(void **state)
{
	const struct desc entry = { htole64(IOVA + 2 * PAGE), htole32(8), 0,
				    0 };
	struct vring vr = ring_in(0);
	uint32_t got;
	char data[8];

	post(0, IOVA + PAGE, sizeof(entry), 4);
	memcpy(ram[6], &entry, sizeof(entry));
	memcpy(ram[4], "abcdefgh", 8);
	assert_rc(vring_read(&vr, data, 8, &got), VRING_E_MISS);
	map(1, 6, GUEST_READ);
	assert_rc(vring_read(&vr, data, 8, &got), VRING_E_MISS);
	assert_num(mem.miss.addr.v, IOVA + 2 * PAGE);
	assert_num(vring_position(&vr), 0);
	map(2, 4, GUEST_READ);
	assert_ok(vring_read(&vr, data, 8, &got));
	assert_num(got, 8);
	assert_memory_equal(data, "abcdefgh", 8);
}

/* Where it is, whatever the front-end says: that would be I/O virtual. */
static void what_is_used_is_logged_where_the_ring_lies(void **state)
{
	struct vring vr = ring_in(3);
	uint8_t bits[64] = { 0 };

	mem.log = (struct guest_log){ bits, sizeof(bits) };
	vr.log = true;
	map(1, 5, RW);
	post(3, IOVA + PAGE, 8, 2);
	assert_ok(vring_write(&vr, "abcdefgh", 8));
	assert_true(vring_publish(&vr));
	for (unsigned int page = 0; page < 8 * sizeof(bits); page++)
		assert_num(bits[page / 8] >> (page % 8) & 1,
			   page == GPA / PAGE + 3 || page == GPA / PAGE + 5);
}

static void a_ring_knows_what_it_lies_in(void **state)
{
	static const struct {
		uint64_t first, last;
		bool touches;
	} cases[] = {
		{ 0, UINT64_MAX, true },
		{ IOVA, IOVA, true },
		{ 0, IOVA - 1, false },
		{ IOVA + NUM * 16, IOVA + AVAIL - 1, false },
		{ IOVA + AVAIL + 6 + 2 * NUM - 1, IOVA + USED - 1, true },
		{ IOVA + AVAIL + 6 + 2 * NUM, IOVA + USED - 1, false },
		{ IOVA + USED + 6 + 8 * NUM - 1, UINT64_MAX, true },
		{ IOVA + USED + 6 + 8 * NUM, UINT64_MAX, false },
	};
	struct vring vr = ring_in(0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_num(vring_touches(&vr, &addrs, cases[i].first,
					 cases[i].last),
			   cases[i].touches);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(copies_go_through_pages_wherever_they_lie),
		test(what_is_not_known_is_a_miss_of_its_first_byte),
		test(who_may_read_and_wants_to_write_asks_for_both),
		test(a_page_outside_of_the_shared_memory_is_outside),
		test(what_is_logged_is_guest_physical),
		test(a_ring_may_lie_in_pages_that_follow_each_other_only),
		test(a_ring_that_is_not_known_is_not_mapped),
		test(a_ring_is_mapped_with_the_access_that_it_needs),
		test(nothing_is_used_before_its_buffer_is_known),
		test(nothing_is_used_before_its_table_is_known),
		test(what_is_used_is_logged_where_the_ring_lies),
		test(a_ring_knows_what_it_lies_in),
	};

	return cmocka_run_group_tests_name("iotlb-ring", tests, NULL, NULL);
}
