/* SPDX-License-Identifier: Apache-2.0 */
/* A packed vring against a driver that is the test. */
#include <endian.h>
#include <string.h>

#include "tests/lib/packed-driver.h"

static void any_size_is_legal(void **state)
{
	assert_true(vring_num_valid(1, true));
	assert_true(vring_num_valid(48, true));
	assert_true(vring_num_valid(32768, true));
	assert_false(vring_num_valid(0, true));
	assert_false(vring_num_valid(32769, true));
}

static void a_batch_shows_only_when_published(void **state)
{
	struct vring vr = ring_of(4);

	offer(0, B, 8, 7, W);
	offer(1, B + 8, 8, 3, W);
	write_one(&vr);
	write_one(&vr);
	assert_num(vring_ready(&vr), 0);
	assert_num(flags_of(0), W | AVAIL);
	assert_true(vring_publish(&vr));
	assert_num(flags_of(0), W | AVAIL | USED);
	assert_num(flags_of(1), W | AVAIL | USED);
	assert_num(le16toh(slot(0)->id_le), 7);
	assert_num(le16toh(slot(1)->id_le), 3);
	assert_num(le32toh(slot(1)->len_le), 8);
	assert_memory_equal(ram + B + 8, "12345678", 8);
	assert_false(vring_publish(&vr));
}

static void the_wrap_counter_turns_with_each_round(void **state)
{
	struct vring vr = ring_of(3);

	for (unsigned int i = 0; i < 9; i++) {
		assert_num(vring_ready(&vr), 0);
		offer(i % 3, B, 8, (uint16_t)i, W);
		write_one(&vr);
		vring_publish(&vr);
		assert_num(flags_of(i % 3),
			   W | (driver_wrap ? AVAIL | USED : 0));
		if (i % 3 == 2)
			driver_wrap = !driver_wrap;
	}
	assert_num(vring_position(&vr), 0);
}

static void a_whole_ring_in_one_batch_is_not_taken_twice(void **state)
{
	struct vring vr = ring_of(2);

	offer(0, B, 8, 0, W);
	offer(1, B, 8, 1, W);
	write_one(&vr);
	write_one(&vr);
	assert_num(vring_ready(&vr), 0);
	vring_publish(&vr);
	assert_num(vring_ready(&vr), 0);
}

static void a_chain_takes_its_slots_and_has_the_id_of_its_last(void **state)
{
	/* At the end of the ring, so that the chain wraps. */
	struct vring vr = ring_at(4, 0x80038003);

	offer(3, B, 3, 99, W | N);
	driver_wrap = false;
	offer(0, B + 3, 1, 98, W | N);
	offer(1, B + 4, 8, 5, W);
	write_one(&vr);
	vring_publish(&vr);
	assert_memory_equal(ram + B, "12345678", 8);
	assert_num(le16toh(slot(3)->id_le), 5);
	assert_num(flags_of(3), W | AVAIL | USED);
	assert_num(vring_position(&vr), 0x00020002);
}

static void the_rest_of_a_chain_is_passed_over(void **state)
{
	struct vring vr = ring_of(4);

	offer(0, B, 64, 9, W | N);
	offer(1, B + 64, 64, 6, W);
	offer(2, B + 128, 8, 4, W);
	write_one(&vr);
	write_one(&vr);
	vring_publish(&vr);
	assert_num(le16toh(slot(0)->id_le), 6);
	assert_num(le16toh(slot(2)->id_le), 4);
}

static void a_table_is_one_slot(void **state)
{
	struct vring vr = ring_of(4);

	offer(0, T, 32, 2, I);
	/* NEXT and the id are ignored in a table (§2.8.7). */
	set((struct desc *)(void *)(ram + T), B, 4, 77, W);
	set((struct desc *)(void *)(ram + T + 16), B + 4, 4, 78, W);
	write_one(&vr);
	vring_publish(&vr);
	assert_memory_equal(ram + B, "12345678", 8);
	assert_num(le16toh(slot(0)->id_le), 2);
	assert_num(vring_position(&vr), 0x80018001);
}

static void reading_uses_length_0(void **state)
{
	struct vring vr = ring_of(4);
	char got[9] = "";
	uint32_t n;

	memcpy(ram + B, "abcdefgh", 8);
	offer(0, B, 8, 1, 0);
	assert_num(vring_ready(&vr), 1);
	assert_ok(vring_read(&vr, got, 8, &n));
	assert_num(n, 8);
	assert_string_equal(got, "abcdefgh");
	vring_publish(&vr);
	assert_num(flags_of(0), AVAIL | USED);
	assert_num(le32toh(slot(0)->len_le), 0);
}

static void wrong_chains_get_their_verdict(void **state)
{
	struct vring vr = ring_of(4);

	for (unsigned int i = 0; i < 4; i++)
		offer(i, B, 1, 0, W | N);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_LOOP);

	vr = ring_of(4);
	offer(0, B, 7, 0, W);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_SHORT);

	vr = ring_of(4);
	offer(0, MEM_SIZE - 4, 8, 0, W);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_OUTSIDE);

	vr = ring_of(4);
	offer(0, T, 16, 0, I);
	set((struct desc *)(void *)(ram + T), B, 7, 0, W);
	set((struct desc *)(void *)(ram + T + 16), B, 1, 0, W);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_SHORT);

	vr = ring_of(4);
	offer(0, T, 24, 0, I);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_INDIRECT);

	vr = ring_of(4);
	offer(0, T, 16, 0, I);
	set((struct desc *)(void *)(ram + T), T, 16, 0, I);
	assert_num(vring_ready(&vr), 1);
	assert_rc(vring_write(&vr, "12345678", 8), VRING_E_INDIRECT);
}

static void a_base_past_the_ring_is_refused(void **state)
{
	struct vring vr = map_ring(4);

	assert_rc(vring_resume(&vr, 0x80048004), VRING_E_HEAD);
	assert_rc(vring_resume(&vr, 4), VRING_E_HEAD);
	assert_ok(vring_resume(&vr, 0x80038003));
}

/* Entries 2 and 3 of 4 are published: the position becomes 0, wrap 0. */
static bool publish_at_the_end(uint16_t off_wrap, uint16_t flags,
			       bool event_idx)
{
	struct vring vr = ring_at(4, 0x80028002);

	vr.event_idx = event_idx;
	driver_event(off_wrap, flags);
	offer(2, B, 8, 0, W);
	offer(3, B, 8, 1, W);
	write_one(&vr);
	write_one(&vr);
	return vring_publish(&vr);
}

static void a_notification_comes_as_the_driver_wants_it(void **state)
{
	const uint16_t wrap = 0x8000;

	assert_true(publish_at_the_end(0, 0, false));
	assert_false(publish_at_the_end(0, 1, false));
	/* Where it may not ask for it by slot, it gets all. */
	assert_true(publish_at_the_end(wrap | 1, 2, false));
	assert_true(publish_at_the_end(wrap | 2, 2, true));
	assert_true(publish_at_the_end(wrap | 3, 2, true));
	assert_false(publish_at_the_end(wrap | 1, 2, true));
	assert_false(publish_at_the_end(0, 2, true));
}

static void kicks_are_asked_for_by_the_device_event(void **state)
{
	struct vring vr = ring_of(4);

	assert_num(device_flags(), 1);
	vring_ask_kicks(&vr, true);
	assert_num(device_flags(), 0);
	vring_ask_kicks(&vr, false);
	assert_num(device_flags(), 1);
	offer(0, B, 8, 0, W);
	write_one(&vr);
	vring_publish(&vr);
	vring_ask_kicks(&vr, true);
	assert_num(device_flags(), 0);
}

/* One kick, for the slot that the device waits for. */
static void with_event_idx_one_kick_is_asked_for(void **state)
{
	struct vring vr = ring_of(4);

	vr.event_idx = true;
	offer(0, B, 8, 0, W);
	write_one(&vr);
	vring_publish(&vr);
	vring_ask_kicks(&vr, true);
	assert_num(device_flags(), 2);
	assert_num(device_event(0), 0x8001);
	vring_ask_kicks(&vr, false);
	assert_num(device_flags(), 1);
}

/* One descriptor, a chain of two halves, one descriptor in another region. */
static void each_item_gets_a_buffer_of_whatever_form(void **state)
{
	static uint8_t far[16];
	struct guest_region other = {
		{ 0x100000 }, { UVA + 0x100000 }, sizeof(far), far
	};
	struct vring vr = ring_of(5);
	size_t done;

	guest_mem_add(&mem, &other);
	offer(0, B, 8, 5, W);
	offer(1, B + 8, 4, 6, W | N);
	offer(2, B + 12, 8, 6, W);
	offer(3, 0x100000, 8, 7, W);
	offer(4, 0x100008, 8, 8, W);
	assert_ok(vring_write_each(&vr, "first_1_second_2third__3fourth_4other",
				   8, 5, &done));
	assert_num(done, 4);
	assert_memory_equal(ram + B, "first_1_second_2", 16);
	assert_memory_equal(far, "third__3fourth_4", 16);
	vring_publish(&vr);
	assert_num(flags_of(0), W | AVAIL | USED);
	assert_num(flags_of(1), W | AVAIL | USED);
	assert_num(flags_of(3), W | AVAIL | USED);
	assert_num(le16toh(slot(3)->id_le), 7);
}

/* Make n slots from i on available, with buffers one behind the other. */
static void offer_buffers(unsigned int i, unsigned int n, uint32_t len)
{
	for (; n--; i++)
		offer(i, B + i * 8, len, (uint16_t)(5 + i), W);
}

/* The buffers are longer than an item; the last is not: it is too short. */
static void items_are_written_round_the_ring(void **state)
{
	struct vring vr = ring_at(4, 0x80028002);
	size_t done;

	offer_buffers(2, 2, 9);
	assert_ok(vring_write_each(&vr, "first_1_", 8, 1, &done));
	driver_wrap = false;
	offer_buffers(0, 1, 10);
	offer_buffers(1, 1, 7);
	assert_rc(
		vring_write_each(&vr, "second_2third__3fourth_4", 8, 3, &done),
		VRING_E_SHORT);
	assert_num(done, 2);
	assert_memory_equal(ram + B + 16, "first_1_second_2", 16);
	assert_memory_equal(ram + B, "third__3", 8);
	assert_num(flags_of(2), W | AVAIL);
	assert_num(flags_of(3), W | AVAIL | USED);
	assert_num(flags_of(0), W);
	vring_publish(&vr);
	assert_num(flags_of(2), W | AVAIL | USED);
	assert_num(flags_of(1), W | USED);
	assert_num(le32toh(slot(0)->len_le), 8);
	assert_num(le16toh(slot(0)->id_le), 5);
	assert_num(vring_position(&vr), 0x00010001);
}

static void room_is_counted_ahead(void **state)
{
	static int iotlb;
	struct vring vr = ring_at(4, 0x80028002);

	assert_num(vring_room(&vr), 0);
	offer_buffers(2, 2, 8);
	assert_num(vring_room(&vr), 2);
	driver_wrap = false;
	offer_buffers(0, 1, 8);
	assert_num(vring_room(&vr), 3);
	write_one(&vr); /* without publishing it */
	assert_num(vring_room(&vr), 2);
	offer_buffers(1, 1, 8);
	assert_num(vring_room(&vr), 3);
	mem.iotlb = (struct iotlb *)&iotlb;
	assert_num(vring_room(&vr), 0);
	mem.iotlb = NULL;
	vr.waits = true;
	assert_num(vring_room(&vr), 0);
	vr.waits = false;
	assert_num(vring_room(&vr), 3);
	vring_publish(&vr);
	assert_num(vring_room(&vr), 3);
}

/* Its slots are no buffers. */
static void where_there_are_chains_room_is_not_known(void **state)
{
	struct vring vr = ring_of(4);

	offer_buffers(0, 1, 8);
	assert_num(vring_room(&vr), 1);
	offer(1, B, 4, 6, W | N);
	offer(2, B + 8, 4, 6, W);
	assert_num(vring_room(&vr), 0);
	assert_ok(vring_resume(&vr, 0x80008000));
	slot(1)->flags_le = htole16(W | AVAIL);
	assert_num(vring_room(&vr), 3);
}

static void items_may_be_shorter_than_their_buffers(void **state)
{
	struct vring vr = ring_of(2);
	size_t done;

	memset(ram + B, '.', 16);
	offer(0, B, 8, 0, W);
	offer(1, B + 8, 8, 1, W);
	assert_ok(vring_write_each(&vr, "abcdefgh, not this", 4, 2, &done));
	assert_num(done, 2);
	assert_memory_equal(ram + B, "abcd....efgh....", 16);
	vring_publish(&vr);
	assert_num(le32toh(slot(0)->len_le), 4);
	assert_num(le32toh(slot(1)->len_le), 4);
}

static void each_used_slot_is_logged(void **state)
{
	struct vring vr = ring_of(512);
	uint8_t bits[MEM_SIZE / GUEST_LOG_PAGE / 8] = { 0 };

	mem.log = (struct guest_log){ bits, sizeof(bits) };
	vr.next = vr.published = 256;
	offer(256, B, 8, 0, W);
	write_one(&vr);
	assert_num(bits[0], 1 << 1);
	assert_num(bits[1], 1 << 0);
	/* The log may be read, and the page copied, at any time. */
	memset(bits, 0, sizeof(bits));
	vring_publish(&vr);
	assert_num(bits[0], 1 << 1 | 1 << (DEVICE / GUEST_LOG_PAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_size_is_legal),
		cmocka_unit_test(a_batch_shows_only_when_published),
		cmocka_unit_test(each_used_slot_is_logged),
		cmocka_unit_test(each_item_gets_a_buffer_of_whatever_form),
		cmocka_unit_test(items_may_be_shorter_than_their_buffers),
		cmocka_unit_test(items_are_written_round_the_ring),
		cmocka_unit_test(room_is_counted_ahead),
		cmocka_unit_test(where_there_are_chains_room_is_not_known),
		cmocka_unit_test(the_wrap_counter_turns_with_each_round),
		cmocka_unit_test(a_whole_ring_in_one_batch_is_not_taken_twice),
		cmocka_unit_test(
			a_chain_takes_its_slots_and_has_the_id_of_its_last),
		cmocka_unit_test(the_rest_of_a_chain_is_passed_over),
		cmocka_unit_test(a_table_is_one_slot),
		cmocka_unit_test(reading_uses_length_0),
		cmocka_unit_test(wrong_chains_get_their_verdict),
		cmocka_unit_test(a_base_past_the_ring_is_refused),
		cmocka_unit_test(a_notification_comes_as_the_driver_wants_it),
		cmocka_unit_test(kicks_are_asked_for_by_the_device_event),
		cmocka_unit_test(with_event_idx_one_kick_is_asked_for),
	};

	return cmocka_run_group_tests_name("vring-packed", tests, NULL, NULL);
}
