/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packed vring (virtio 1.3 §2.8) against a driver made of plain stores:
 *
 *   0x0000 ring   0x4000 driver's event   0x4100 device's event
 *   0x8000 buffers
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <string.h>

#include "input/ring/vring.h"

#define MEM_SIZE 0x10000
#define DRIVER	 0x4000
#define DEVICE	 0x4100
#define B	 0x8000
#define T	 0x9000 /* a table */
#define UVA	 0x7f0000000000

/* struct pvirtq_desc, §2.8.13; flags §2.8.1 */
struct desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t id_le;
	uint16_t flags_le;
};

#define N     1
#define W     2
#define I     4
#define AVAIL (1 << 7)
#define USED  (1 << 15)

static _Alignas(4096) uint8_t ram[MEM_SIZE];
static struct guest_mem mem;
static bool driver_wrap;

static struct desc *slot(unsigned int i)
{
	return (struct desc *)(void *)ram + i;
}

static uint16_t flags_of(unsigned int i)
{
	return le16toh(slot(i)->flags_le);
}

static void set(struct desc *d, uint64_t addr, uint32_t len, uint16_t id,
		int flags)
{
	*d = (struct desc){ htole64(addr), htole32(len), htole16(id),
			    htole16((uint16_t)flags) };
}

/* Make slot i available, in the driver's current round. */
static void offer(unsigned int i, uint64_t addr, uint32_t len, uint16_t id,
		  int flags)
{
	set(slot(i), addr, len, id, flags | (driver_wrap ? AVAIL : USED));
}

/* A new ring: nothing available, no device has used it. */
static struct vring map_ring(uint16_t num)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + DRIVER },
						  { UVA + DEVICE } };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, ram };
	struct vring vr = { .num = num, .packed = true, .indirect = true };

	memset(ram, 0, sizeof(ram));
	driver_wrap = true;
	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	assert_ok(vring_map(&vr, &mem, &addrs));
	return vr;
}

static struct vring ring_at(uint16_t num, uint32_t base)
{
	struct vring vr = map_ring(num);

	assert_ok(vring_resume(&vr, base));
	return vr;
}

static struct vring ring_of(uint16_t num)
{
	return ring_at(num, 0x80008000);
}

static void driver_event(uint16_t off_wrap, uint16_t flags)
{
	uint16_t words[2] = { htole16(off_wrap), htole16(flags) };

	memcpy(ram + DRIVER, words, sizeof(words));
}

/* Offset and flags of the device's event. */
static uint16_t device_event(int word)
{
	uint16_t words[2];

	memcpy(words, ram + DEVICE, sizeof(words));
	return le16toh(words[word]);
}

static uint16_t device_flags(void)
{
	return device_event(1);
}

static void write_one(struct vring *vr)
{
	assert_num(vring_ready(vr), 1);
	assert_ok(vring_write(vr, "12345678", 8));
}

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

/* --- a device that died, and its successor --- */

/* After `used` buffers were used one by one, all slots are available. */
static struct vring used_ring(uint16_t num, unsigned int used)
{
	struct vring vr = ring_of(num);

	for (unsigned int i = 0; i < used + num; i++) {
		offer(i % num, B, 8, (uint16_t)(i % num), W);
		if (i % num == num - 1u)
			driver_wrap = !driver_wrap;
		if (i >= used)
			continue;
		write_one(&vr);
		vring_publish(&vr);
	}
	return vr;
}

static void the_place_in_the_ring_counts_and_not_the_base(void **state)
{
	static const uint32_t bases[] = { 0x80008000, 0,      0x80028002,
					  0x00010001, 0x8001, 0x12345678 };

	for (uint16_t num = 1; num <= 5; num++)
		for (unsigned int used = 1; used <= 4u * num; used++)
			for (size_t i = 0; i < 6; i++) {
				struct vring vr = used_ring(num, used);
				const uint32_t at = vring_position(&vr);

				assert_ok(vring_resume(&vr, bases[i]));
				assert_num(vring_position(&vr), at);
				write_one(&vr);
				vring_publish(&vr);
			}
}

/* The current base or, for a ring that was used, an old one. */
static uint32_t some_base(const struct vring *vr, bool old)
{
	const uint32_t at = vring_position(vr);

	return old && vring_has_history(vr) ? at ^ 0x80008000 : at;
}

/* All were used; the flags of the first are not written yet. */
static void die_before_showing(uint16_t num, unsigned int used, bool old_base)
{
	struct vring vr = used_ring(num, used), next = vr;

	for (uint16_t i = 0; i < num; i++)
		write_one(&vr);
	assert_ok(vring_resume(&next, some_base(&next, old_base)));
	for (uint16_t i = 0; i < num; i++)
		write_one(&next);
	assert_num(vring_ready(&next), 0);
	vring_publish(&next);
}

static void a_batch_that_was_not_shown_is_used_again(void **state)
{
	for (uint16_t num = 1; num <= 5; num++)
		for (unsigned int used = 0; used <= 3u * num; used++) {
			die_before_showing(num, used, false);
			die_before_showing(num, used, true);
		}
}

/* The same device: what it had not shown counts for nothing any more. */
static void a_ring_resumes_with_nothing_unpublished(void **state)
{
	struct vring vr = ring_of(4);

	vr.event_idx = true;
	driver_event(0x8000, 2);
	for (unsigned int i = 0; i < 4; i++)
		offer(i, B, 8, (uint16_t)i, W);
	write_one(&vr);
	write_one(&vr);
	assert_ok(vring_resume(&vr, 0x80008000));
	assert_num(vring_position(&vr), 0x80008000);
	assert_false(vring_publish(&vr));
	write_one(&vr);
	assert_num(flags_of(0), W | AVAIL);
	assert_true(vring_publish(&vr));
	assert_num(flags_of(0), W | AVAIL | USED);
	assert_num(flags_of(1), W | AVAIL);
	/* The one that the driver waits for was before this batch. */
	write_one(&vr);
	assert_false(vring_publish(&vr));
}

/* What a device that dies before it notes more leaves to its successor. */
static void the_place_where_a_ring_starts_is_noted(void **state)
{
	struct vring vr = ring_at(4, 0x80028002);

	assert_num(device_event(0), 0x8002);
	assert_true(vring_has_history(&vr));
	/* But a driver that starts, too, must find 0. */
	vr = ring_of(4);
	assert_num(device_event(0), 0);
	/* The first batch was shown, and not noted. */
	offer(0, B, 8, 0, W);
	write_one(&vr);
	vring_publish(&vr);
	memset(ram + DEVICE, 0, 4);
	assert_ok(vring_resume(&vr, 0x80008000));
	assert_num(device_event(0), 0x8001);
	/* The same at the end of a round. */
	vr = ring_of(1);
	offer(0, B, 8, 0, W);
	write_one(&vr);
	vring_publish(&vr);
	memset(ram + DEVICE, 0, 4);
	assert_ok(vring_resume(&vr, 0x80008000));
	assert_num(vring_position(&vr), 0);
	assert_num(device_event(0), 0x8001);
}

/* The driver has made some of them available again. */
static void die_before_noting(uint16_t num, uint16_t again, bool old_base)
{
	struct vring vr = used_ring(num, 3), next = vr;
	uint8_t noted[4];

	memcpy(noted, ram + DEVICE, sizeof(noted));
	for (uint16_t i = 0; i < num; i++)
		write_one(&vr);
	vring_publish(&vr);
	memcpy(ram + DEVICE, noted, sizeof(noted));
	for (uint16_t i = 0; i < again; i++) {
		offer((3u + i) % num, B, 8, 0, W);
		if ((3u + i) % num == num - 1u)
			driver_wrap = !driver_wrap;
	}
	assert_ok(vring_resume(&next, some_base(&next, old_base)));
	for (uint16_t i = 0; i < again; i++)
		write_one(&next);
	assert_num(vring_ready(&next), 0);
}

static void a_batch_that_was_shown_is_not_used_again(void **state)
{
	for (uint16_t num = 1; num <= 5; num++) {
		die_before_noting(num, 0, false);
		for (uint16_t again = 0; again <= num; again++)
			die_before_noting(num, again, true);
	}
}

/* The remains of a chain do not change the position. */
static void a_chain_that_was_overwritten_does_no_harm(void **state)
{
	struct vring vr = ring_of(3);

	offer(0, B, 8, 0, W);
	offer(1, B, 4, 1, W | N);
	offer(2, B + 4, 4, 1, W);
	write_one(&vr);
	write_one(&vr);
	vring_publish(&vr);
	driver_wrap = false;
	offer(0, B, 8, 0, W);
	offer(1, B, 8, 2, W);
	write_one(&vr);
	write_one(&vr);
	vring_publish(&vr);
	/* Slot 2 still holds the chain's second half, of the round before. */
	assert_ok(vring_resume(&vr, vring_position(&vr)));
	assert_num(vring_position(&vr), 0x00020002);
	assert_num(vring_ready(&vr), 0);
}

/* Slot 0 with either wrap counter: only 1 is that of a driver that starts. */
static void a_used_ring_is_distinguished_from_a_new_one(void **state)
{
	for (uint16_t num = 1; num <= 5; num++) {
		struct vring vr = ring_of(num);

		assert_false(vring_has_history(&vr));
		vring_ask_kicks(&vr, true);
		assert_ok(vring_resume(&vr, 0x80008000));
		assert_false(vring_has_history(&vr));
		vr = used_ring(num, 2u * num);
		assert_num(vring_position(&vr), 0x80008000);
		assert_ok(vring_resume(&vr, 0x80008000));
		assert_true(vring_has_history(&vr));
	}
}

/* Whatever the guest writes, each slot is read at most once. */
static void a_place_past_the_ring_is_not_taken(void **state)
{
	struct vring vr = map_ring(4);
	uint16_t words[2] = { htole16(0x8005), htole16(1) };

	memcpy(ram + DEVICE, words, sizeof(words));
	assert_ok(vring_resume(&vr, 0x80038003));
	assert_num(vring_position(&vr), 0x80038003);
}

static void what_was_available_first_is_missed_when_it_is_used(void **state)
{
	struct vring vr = ring_of(4);

	for (unsigned int i = 0; i < 3; i++)
		offer(i, B, 8, (uint16_t)i, W);
	write_one(&vr);
	write_one(&vr);
	vring_publish(&vr);
	assert_num(vring_unreturned(&vr), 2);
	offer(3, B, 8, 0, W);
	assert_num(vring_unreturned(&vr), 1);
}

static void no_more_is_available_than_the_ring_has(void **state)
{
	struct vring vr = ring_of(2);

	offer(0, B, 8, 0, W);
	offer(1, B, 8, 1, W);
	assert_num(vring_unreturned(&vr), 0);
	assert_num(vr.ahead, 2);
	driver_wrap = false;
	offer(0, B, 8, 0, W); /* before it was used */
	assert_num(vring_unreturned(&vr), 0);
	assert_num(vr.ahead, 2);
}

/* Its position at the end of a round has no other form than 0. */
static void the_longest_ring_notes_its_position(void **state)
{
	static _Alignas(4096) uint8_t big[VRING_NUM_MAX * 16 + 3 * 4096];
	static const uint32_t driver = VRING_NUM_MAX * 16,
			      device = driver + 4096, buffer = device + 4096;
	const struct vring_addrs addrs = { { UVA },
					   { UVA + driver },
					   { UVA + device } };
	struct guest_region all = { { 0 }, { UVA }, sizeof(big), big };
	struct vring vr = { .num = VRING_NUM_MAX, .packed = true };
	struct desc *last = (struct desc *)(void *)big + VRING_NUM_MAX - 1;

	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	assert_ok(vring_map(&vr, &mem, &addrs));
	assert_ok(vring_resume(&vr, 0xffffffff));
	set(last, buffer, 8, 0, W | AVAIL);
	write_one(&vr);
	vring_publish(&vr);
	assert_num(vring_position(&vr), 0);
	assert_memory_equal(big + device, "\0\0", 2);
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
		cmocka_unit_test(the_place_in_the_ring_counts_and_not_the_base),
		cmocka_unit_test(a_batch_that_was_not_shown_is_used_again),
		cmocka_unit_test(a_ring_resumes_with_nothing_unpublished),
		cmocka_unit_test(the_place_where_a_ring_starts_is_noted),
		cmocka_unit_test(a_batch_that_was_shown_is_not_used_again),
		cmocka_unit_test(a_chain_that_was_overwritten_does_no_harm),
		cmocka_unit_test(a_used_ring_is_distinguished_from_a_new_one),
		cmocka_unit_test(a_place_past_the_ring_is_not_taken),
		cmocka_unit_test(
			what_was_available_first_is_missed_when_it_is_used),
		cmocka_unit_test(no_more_is_available_than_the_ring_has),
		cmocka_unit_test(the_longest_ring_notes_its_position),
	};

	return cmocka_run_group_tests_name("vring-packed", tests, NULL, NULL);
}
