/* SPDX-License-Identifier: Apache-2.0 */
/* A packed ring whose device died, and its successor's. */
#include <endian.h>
#include <string.h>

#include "tests/lib/packed-driver.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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

	return cmocka_run_group_tests_name("vring-packed-resume", tests, NULL,
					   NULL);
}
