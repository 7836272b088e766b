/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many used buffers the driver has not returned: vring_unreturned(),
 * vring_ask_returns() and vring_forget_pool(), with a driver that has buffers
 * of one or more slots in rings of both layouts and all sizes. What the ring
 * says is compared with what the driver did.
 */
#include "tests/lib/check.h"

#include <endian.h>
#include <string.h>

#include "input/ring/vring.h"
#include "tests/lib/random.h"

#define MEM_SIZE    0x110000
#define AVAIL_AT    0x80000 /* packed: the driver's event */
#define USED_AT	    0xa0000 /* packed: the device's event */
#define BUFFER_AT   0x100000
#define UVA	    0x7f0000000000
#define BUFFERS_MAX VRING_NUM_MAX

#define F_NEXT	1
#define F_WRITE 2
#define F_AVAIL (1u << 7)
#define F_USED	(1u << 15)

static _Alignas(4096) uint8_t ram[MEM_SIZE];
static struct guest_mem mem;

/* The layouts of §2.7 and §2.8, independent of those under test. */
struct split_desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t flags_le, next_le;
};

struct packed_desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t id_le, flags_le;
};

static struct driver {
	uint16_t num;
	bool packed, event_idx;
	uint16_t slots;	 /* of a buffer */
	uint16_t avail;	 /* split: free-running; packed: the next slot */
	uint16_t used;	 /* the same, of what it takes back */
	bool avail_wrap; /* packed */
	bool used_wrap;
	uint16_t held; /* buffers that it has taken back and not returned */
	bool kicks;    /* it has been asked to kick since drv_forget_kicks() */
} drv;

static struct vring vr;

static uint16_t load16(size_t at)
{
	uint16_t le;

	memcpy(&le, ram + at, sizeof(le));
	return le16toh(le);
}

static void store16(size_t at, uint16_t value)
{
	value = htole16(value);
	memcpy(ram + at, &value, sizeof(value));
}

/* §2.7.7.2 */
static bool passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

/* --- the driver --- */

static void split_offer(void)
{
	const uint16_t id = drv.avail % drv.num;
	struct split_desc *d = (struct split_desc *)(void *)ram + id;

	*d = (struct split_desc){ htole64(BUFFER_AT), htole32(8),
				  htole16(F_WRITE), 0 };
	store16(AVAIL_AT + 4 + 2 * (size_t)id, id);
	store16(AVAIL_AT + 2, ++drv.avail);
	if (drv.event_idx)
		drv.kicks |= passed(load16(USED_AT + 4 + 8 * (size_t)drv.num),
				    drv.avail, (uint16_t)(drv.avail - 1));
	else
		drv.kicks |= !load16(USED_AT);
}

static void packed_advance(uint16_t *at, bool *wrap)
{
	if (++*at < drv.num)
		return;
	*at = 0;
	*wrap = !*wrap;
}

/* The flags of the first slot are written last. */
static void packed_offer(void)
{
	struct packed_desc *ring = (struct packed_desc *)(void *)ram;
	const uint16_t first = drv.avail;
	uint16_t first_flags = 0;

	for (uint16_t i = 0; i < drv.slots; i++) {
		const uint16_t flags =
			(uint16_t)(F_WRITE |
				   (drv.avail_wrap ? F_AVAIL : F_USED) |
				   (i + 1 < drv.slots ? F_NEXT : 0));

		ring[drv.avail].addr_le = htole64(BUFFER_AT);
		ring[drv.avail].len_le = htole32(8);
		ring[drv.avail].id_le = htole16(first);
		if (i)
			ring[drv.avail].flags_le = htole16(flags);
		else
			first_flags = flags;
		packed_advance(&drv.avail, &drv.avail_wrap);
	}
	ring[first].flags_le = htole16(first_flags);
	/* Flags of the device's event, §2.8.14: 0 is "always". */
	drv.kicks |= !load16(USED_AT + 2);
}

static void drv_offer(unsigned int n)
{
	for (; n; n--)
		if (drv.packed)
			packed_offer();
		else
			split_offer();
}

/* Return: whether there was a used one to take back. */
static bool drv_take_one(void)
{
	const struct packed_desc *ring = (struct packed_desc *)(void *)ram;
	uint16_t flags;

	if (!drv.packed) {
		if (load16(USED_AT + 2) == drv.used)
			return false;
		drv.used++;
		return true;
	}
	flags = le16toh(ring[drv.used].flags_le);
	if (!(flags & F_AVAIL) == drv.used_wrap ||
	    !(flags & F_USED) == drv.used_wrap)
		return false;
	for (uint16_t i = 0; i < drv.slots; i++)
		packed_advance(&drv.used, &drv.used_wrap);
	return true;
}

static void drv_take(void)
{
	while (drv_take_one())
		drv.held++;
}

/* It has processed n of those that it took. */
static void drv_return(unsigned int n)
{
	assert_true(n <= drv.held);
	drv.held = (uint16_t)(drv.held - n);
	drv_offer(n);
}

/* --- the ring --- */

static void begin(uint16_t num, bool packed, bool event_idx)
{
	static const struct vring_addrs addrs = { { UVA },
						  { UVA + AVAIL_AT },
						  { UVA + USED_AT } };
	struct guest_region all = { { 0 }, { UVA }, MEM_SIZE, ram };

	memset(ram, 0, sizeof(ram));
	mem = (struct guest_mem){ 0 };
	guest_mem_add(&mem, &all);
	drv = (struct driver){ .num = num,
			       .packed = packed,
			       .event_idx = event_idx,
			       .slots = 1,
			       .avail_wrap = true,
			       .used_wrap = true };
	vr.num = num;
	vr.packed = packed;
	vr.event_idx = event_idx;
	assert_ok(vring_map(&vr, &mem, &addrs));
	assert_ok(vring_resume(&vr, packed ? 0x80008000 : 0));
}

/* Return: how many of n events found a buffer. */
static size_t put(size_t n)
{
	static const uint64_t events[VRING_NUM_MAX];
	size_t done;

	assert_ok(vring_write_each(&vr, events, sizeof(events[0]), n, &done));
	vring_publish(&vr);
	return done;
}

/* For each layout, with and without EVENT_IDX, and each size. */
static void for_each_ring(void (*run)(void))
{
	static const uint16_t sizes[] = { 1, 4, 64, VRING_NUM_MAX };

	for (unsigned int i = 0; i < 4; i++)
		for (unsigned int how = 0; how < 4; how++) {
			vr = (struct vring){ 0 };
			begin(sizes[i], how & 1, how & 2);
			run();
		}
}

/* --- claims --- */

static void count_random_returns(void)
{
	const unsigned int steps = drv.num > 1000 ? 40 : 2000;
	struct rnd rnd = { drv.num };
	size_t with_driver = 0;

	drv_offer(drv.num);
	assert_num(vring_unreturned(&vr), 0);
	for (unsigned int i = 0; i < steps; i++) {
		with_driver += put(rnd_below(&rnd, drv.num + 1u));
		assert_num(vring_unreturned(&vr), with_driver);
		if (rnd_one_in(&rnd, 2))
			drv_take();
		assert_num(vring_unreturned(&vr), with_driver);
		for (unsigned int n = rnd_below(&rnd, drv.held + 1u); n; n--) {
			drv_return(1);
			with_driver--;
			if (drv.num < 1000 || !(n % 1000))
				assert_num(vring_unreturned(&vr), with_driver);
		}
	}
	drv_take();
	drv_return(drv.held);
	assert_num(vring_unreturned(&vr), 0);
}

static void what_the_driver_has_not_returned_is_counted(void **state)
{
	for_each_ring(count_random_returns);
}

/* Free-running indices of a split ring have 16 bits. */
static void indices_may_wrap_around(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		vr = (struct vring){ 0 };
		begin(4, packed, false);
		drv_offer(4);
		assert_num(vring_unreturned(&vr), 0);
		for (unsigned int i = 0; i < 30000; i++) {
			put(3);
			assert_num(vring_unreturned(&vr), 3);
			drv_take();
			drv_return(1);
			assert_num(vring_unreturned(&vr), 2);
			drv_return(2);
			assert_num(vring_unreturned(&vr), 0);
		}
	}
}

/* As Linux does, with 64 buffers in a ring of 256. */
static void a_driver_need_not_fill_its_ring(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		vr = (struct vring){ 0 };
		begin(64, packed, true);
		drv_offer(10);
		for (unsigned int i = 0; i < 200; i++) {
			assert_num(vring_unreturned(&vr), 0);
			assert_num(put(64), 10);
			assert_num(vring_unreturned(&vr), 10);
			drv_take();
			drv_return(9);
			assert_num(vring_unreturned(&vr), 1);
			drv_return(1);
		}
	}
}

static void more_buffers_than_before_are_learnt(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		vr = (struct vring){ 0 };
		begin(8, packed, false);
		drv_offer(2);
		assert_num(vring_unreturned(&vr), 0);
		drv_offer(3);
		assert_num(vring_unreturned(&vr), 0);
		put(4);
		assert_num(vring_unreturned(&vr), 4);
	}
}

/* Slots are counted: never fewer than buffers, and 0 at the same time. */
static void chains_of_a_packed_ring_count_by_their_slots(void **state)
{
	struct rnd rnd = { 1 };

	for (uint16_t slots = 2; slots <= 4; slots++) {
		const uint16_t buffers = (uint16_t)(13 / slots);
		unsigned int with_driver = 0;

		vr = (struct vring){ 0 };
		begin(13, true, slots & 1);
		drv.slots = slots;
		drv_offer(buffers);
		assert_num(vring_unreturned(&vr), 0);
		for (unsigned int i = 0; i < 1000; i++) {
			with_driver += put(rnd_below(&rnd, buffers + 1u));
			assert_num(vring_unreturned(&vr), with_driver * slots);
			drv_take();
			const unsigned int n = rnd_below(&rnd, drv.held + 1u);
			drv_return(n);
			with_driver -= n;
			assert_num(vring_unreturned(&vr), with_driver * slots);
		}
	}
}

static void an_available_index_that_jumps_returns_nothing(void **state)
{
	vr = (struct vring){ 0 };
	begin(4, false, false);
	drv_offer(4);
	assert_num(vring_unreturned(&vr), 0);
	put(2);
	for (uint32_t idx = 0; idx <= UINT16_MAX; idx++) {
		const uint16_t available = (uint16_t)(idx - 2);
		const uint32_t left = available > 4 ? 4 : 4u - available;

		store16(AVAIL_AT + 2, (uint16_t)idx);
		assert_num(vring_unreturned(&vr), left);
	}
}

static void ask_for_returns_while_some_are_available(void)
{
	const unsigned int used = drv.num > 2 ? drv.num / 2 : 1;

	drv_offer(drv.num);
	vring_unreturned(&vr);
	assert_num(put(used), used);
	drv_take();
	/* Not asked: suppressed. */
	vring_ask_kicks(&vr, false);
	drv.kicks = false;
	if (used > 1) {
		drv_return(1);
		assert_false(drv.kicks);
	}
	/* The next one that it returns, whatever is available. */
	vring_ask_returns(&vr);
	drv_return(1);
	assert_true(drv.kicks);
	/* And it can be suppressed again. */
	vring_ask_kicks(&vr, false);
	put(1);
	drv_take();
	drv.kicks = false;
	if (drv.num > 1 || !drv.event_idx) {
		drv_return(1);
		assert_false(drv.kicks);
	}
}

static void the_driver_kicks_for_the_next_one_that_it_returns(void **state)
{
	for_each_ring(ask_for_returns_while_some_are_available);
}

/* Each time anew: with EVENT_IDX one kick follows. */
static void returns_can_be_asked_for_one_by_one(void **state)
{
	for (int how = 0; how < 4; how++) {
		vr = (struct vring){ 0 };
		begin(8, how & 1, how & 2);
		drv_offer(8);
		vring_unreturned(&vr);
		for (unsigned int round = 0; round < 20000; round++) {
			put(3);
			drv_take();
			for (uint32_t left = 3; left; left--) {
				vring_ask_returns(&vr);
				assert_num(vring_unreturned(&vr), left);
				drv.kicks = false;
				drv_return(1);
				assert_true(drv.kicks);
			}
			vring_ask_kicks(&vr, false);
			assert_num(vring_unreturned(&vr), 0);
		}
	}
}

/* A successor resumes by it, see vring-packed.c. */
static void asking_for_returns_keeps_the_position(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		uint32_t was;

		vr = (struct vring){ 0 };
		begin(4, packed, true);
		drv_offer(4);
		put(3);
		was = vring_position(&vr);
		vring_ask_returns(&vr);
		vr.next = 0;
		vr.wrap = true;
		assert_ok(vring_resume(&vr, packed ? 0x80008000 : 0));
		assert_num(vring_position(&vr), was);
	}
}

static void a_suspended_driver_still_holds_what_it_held(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		uint32_t base;

		vr = (struct vring){ 0 };
		begin(8, packed, false);
		drv_offer(8);
		vring_unreturned(&vr);
		put(5);
		base = vring_position(&vr);
		vring_unmap(&vr);
		/* Until it is mapped, as many as there may be. */
		assert_num(vring_unreturned(&vr), 8);
		assert_ok(
			vring_map(&vr, &mem,
				  &(struct vring_addrs){ { UVA },
							 { UVA + AVAIL_AT },
							 { UVA + USED_AT } }));
		assert_ok(vring_resume(&vr, base));
		assert_num(vring_unreturned(&vr), 5);
		drv_take();
		drv_return(5);
		assert_num(vring_unreturned(&vr), 0);
	}
}

static void a_new_driver_may_have_fewer_buffers(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		vr = (struct vring){ 0 };
		begin(8, packed, false);
		drv_offer(8);
		vring_unreturned(&vr);
		put(8);
		vring_forget_pool(&vr);
		drv_take();
		drv_return(3);
		assert_num(vring_unreturned(&vr), 0);
		put(1);
		assert_num(vring_unreturned(&vr), 1);
	}
}

/* Of the one before, nothing was used: its successor looks the same. */
static void a_ring_that_was_never_used_has_no_buffers_of_before(void **state)
{
	for (int packed = 0; packed < 2; packed++) {
		vr = (struct vring){ 0 };
		begin(8, packed, false);
		drv_offer(8);
		assert_num(vring_unreturned(&vr), 0);
		vring_unmap(&vr);
		begin(8, packed, false);
		drv_offer(2);
		assert_num(vring_unreturned(&vr), 0);
		put(2);
		assert_num(vring_unreturned(&vr), 2);
		drv_take();
		drv_return(1);
		assert_num(vring_unreturned(&vr), 1);
		drv_return(1);
		assert_num(vring_unreturned(&vr), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_driver_has_not_returned_is_counted),
		cmocka_unit_test(indices_may_wrap_around),
		cmocka_unit_test(a_driver_need_not_fill_its_ring),
		cmocka_unit_test(more_buffers_than_before_are_learnt),
		cmocka_unit_test(chains_of_a_packed_ring_count_by_their_slots),
		cmocka_unit_test(an_available_index_that_jumps_returns_nothing),
		cmocka_unit_test(
			the_driver_kicks_for_the_next_one_that_it_returns),
		cmocka_unit_test(returns_can_be_asked_for_one_by_one),
		cmocka_unit_test(asking_for_returns_keeps_the_position),
		cmocka_unit_test(a_suspended_driver_still_holds_what_it_held),
		cmocka_unit_test(a_new_driver_may_have_fewer_buffers),
		cmocka_unit_test(
			a_ring_that_was_never_used_has_no_buffers_of_before),
	};

	return cmocka_run_group_tests_name("vring-returns", tests, NULL, NULL);
}
