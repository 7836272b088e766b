/* SPDX-License-Identifier: Apache-2.0 */
/* Items that are written to a vring together, each into its own buffer. */
#include <endian.h>
#include <string.h>

#include "tests/lib/split-driver.h"

/* One descriptor, a chain of two halves, one descriptor in another region. */
static void each_item_gets_a_buffer_of_whatever_form(void **state)
{
	static uint8_t far[16];
	struct guest_region other = {
		{ 0x100000 }, { UVA + 0x100000 }, sizeof(far), far
	};
	struct vring vr = ring_of(4);
	size_t done;

	guest_mem_add(&mem, &other);
	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(1), BUFFERS + 8, 4,
		 VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
	set_desc(desc_at(2), BUFFERS + 12, 8, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(3), 0x100000, 16, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	make_available(&vr, 1);
	make_available(&vr, 3);
	assert_ok(vring_write_each(&vr, "first_1_second_2third__3fourth_4", 8,
				   4, &done));
	assert_num(done, 3);
	assert_memory_equal(ram + BUFFERS, "first_1_second_2", 16);
	assert_memory_equal(far, "third__3", 8);
	vring_publish(&vr);
	assert_num(used_idx(), 3);
	assert_num(le32toh(used()->ring[1].id_le), 1);
	assert_num(le32toh(used()->ring[2].len_le), 8);
}

static void items_are_written_where_their_region_is(void **state)
{
	static uint8_t far[24];
	struct guest_region other = {
		{ 0x100000 }, { UVA + 0x100000 }, sizeof(far), far
	};
	struct vring vr = ring_of(4);
	size_t done;

	guest_mem_add(&mem, &other);
	for (uint16_t i = 0; i < 3; i++) {
		set_desc(desc_at(i), 0x100000 + i * 8u, 8, VRING_DESC_F_WRITE,
			 0);
		make_available(&vr, i);
	}
	assert_ok(
		vring_write_each(&vr, "first_1_second_2third__3", 8, 3, &done));
	assert_num(done, 3);
	assert_memory_equal(far, "first_1_second_2third__3", 24);
}

/* The buffers are longer than an item; the last is not: it is too short. */
static void items_are_written_round_the_ring(void **state)
{
	struct vring vr = ring_of(4);
	size_t done;

	for (uint16_t i = 0; i < 4; i++)
		set_desc(desc_at(i), BUFFERS + i * 8u, i ? 8 + i : 7,
			 VRING_DESC_F_WRITE, i + 1);
	vr.next = vr.published = vr.seen_avail = 0xfffe;
	avail()->idx_le = htole16(0xfffe);
	for (uint16_t i = 4; i--;)
		make_available(&vr, i);
	assert_rc(vring_write_each(&vr, "first_1_second_2third__3fourth_4", 8,
				   4, &done),
		  VRING_E_SHORT);
	assert_num(done, 3);
	assert_memory_equal(ram + BUFFERS + 8, "third__3second_2first_1_", 24);
	vring_publish(&vr);
	assert_num(used_idx(), 1);
	for (uint16_t i = 0; i < 3; i++) {
		const uint16_t at = (2 + i) & 3;

		assert_num(le32toh(used()->ring[at].id_le), 3 - i);
		assert_num(le32toh(used()->ring[at].len_le), 8);
	}
}

static void items_may_be_shorter_than_their_buffers(void **state)
{
	struct vring vr = ring_of(4);
	size_t done;

	memset(ram + BUFFERS, '.', 16);
	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(1), BUFFERS + 8, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	make_available(&vr, 1);
	assert_ok(vring_write_each(&vr, "abcdefgh, not this", 4, 2, &done));
	assert_num(done, 2);
	assert_memory_equal(ram + BUFFERS, "abcd....efgh....", 16);
	assert_num(le32toh(used()->ring[0].len_le), 4);
	assert_num(le32toh(used()->ring[1].len_le), 4);
}

static void items_after_a_chain_are_written_in_their_order(void **state)
{
	struct vring vr = ring_of(4);
	size_t done;

	set_desc(desc_at(0), BUFFERS, 4, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT,
		 1);
	set_desc(desc_at(1), BUFFERS + 4, 4, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(2), BUFFERS + 8, 8, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(3), BUFFERS + 16, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	make_available(&vr, 2);
	make_available(&vr, 3);
	assert_ok(
		vring_write_each(&vr, "first_1_second_2third__3", 8, 3, &done));
	assert_num(done, 3);
	assert_memory_equal(ram + BUFFERS, "first_1_second_2third__3", 24);
}

static void items_before_a_bad_buffer_are_written(void **state)
{
	struct vring vr = ring_of(4);
	size_t done;

	set_desc(desc_at(0), BUFFERS, 8, VRING_DESC_F_WRITE, 0);
	set_desc(desc_at(1), MEM_SIZE - 4, 8, VRING_DESC_F_WRITE, 0);
	make_available(&vr, 0);
	make_available(&vr, 1);
	assert_rc(vring_write_each(&vr, "first_1_second_2", 8, 2, &done),
		  VRING_E_OUTSIDE);
	assert_num(done, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_gets_a_buffer_of_whatever_form),
		cmocka_unit_test(items_are_written_where_their_region_is),
		cmocka_unit_test(items_are_written_round_the_ring),
		cmocka_unit_test(items_may_be_shorter_than_their_buffers),
		cmocka_unit_test(
			items_after_a_chain_are_written_in_their_order),
		cmocka_unit_test(items_before_a_bad_buffer_are_written),
	};

	return cmocka_run_group_tests_name("vring-items", tests, NULL, NULL);
}
