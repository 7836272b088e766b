/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's side of a ring, of both layouts, against a device made of plain
 * loads and stores. A ring has four descriptors here.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-ring.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define NUM	 4
#define MEM_SIZE 4096
#define AVAIL	 (1 << VRING_PACKED_DESC_F_AVAIL)
#define USED	 (1 << VRING_PACKED_DESC_F_USED)

struct fixture {
	struct fe_memory mem;
	struct fe_ring ring;
	/* The device's place, packed: slot and wrap counter. */
	unsigned int at;
	bool wrap;
};

static struct fixture fixture;

static int setup(void **state)
{
	const enum fe_layout *layout = *state;
	struct fixture *f = &fixture;

	*f = (struct fixture){ .wrap = true };
	fill_with_garbage(&f->mem);
	assert_ok(fe_memory_init(&f->mem, MEM_SIZE));
	fill_with_garbage(&f->ring);
	assert_ok(fe_ring_init(&f->ring, &f->mem, NUM, *layout));
	for (uint16_t i = 0; i < NUM; i++)
		fe_ring_set_buffer(&f->ring, &f->mem, i, VRING_DESC_F_WRITE);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fe_ring_fini(&f->ring);
	fe_memory_fini(&f->mem);
	return 0;
}

/* Return: whether the device finds an available buffer. */
static bool device_sees_one(const struct fixture *f)
{
	const struct fe_ring *r = &f->ring;
	uint16_t flags;

	if (r->layout == FE_SPLIT)
		return le16toh(r->avail->idx) != le16toh(r->used->idx);
	flags = le16toh(r->slot[f->at].flags);
	return !!(flags & AVAIL) == f->wrap && !!(flags & USED) != f->wrap;
}

/* Return a buffer of one descriptor as used. */
static void device_uses(struct fixture *f, uint16_t id, uint32_t len)
{
	struct fe_ring *r = &f->ring;
	uint16_t idx;

	if (r->layout == FE_SPLIT) {
		idx = le16toh(r->used->idx);
		r->used->ring[idx % NUM].id = htole32(id);
		r->used->ring[idx % NUM].len = htole32(len);
		r->used->idx = htole16((uint16_t)(idx + 1));
		return;
	}
	r->slot[f->at].id = htole16(id);
	r->slot[f->at].len = htole32(len);
	r->slot[f->at].flags = htole16(f->wrap ? AVAIL | USED : 0);
	f->at = (f->at + 1) % NUM;
	f->wrap ^= f->at == 0;
}

/* Return: whether the device may call for the next used buffer. */
static bool call_is_enabled(const struct fe_ring *r, uint16_t n)
{
	const struct fe_ring_at at = { n % NUM, n / NUM % 2 == 0 };

	if (r->layout == FE_SPLIT)
		return le16toh(r->avail->ring[NUM]) == n;
	return le16toh(r->driver->flags) == VRING_PACKED_EVENT_FLAG_DESC &&
	       le16toh(r->driver->off_wrap) ==
		       (at.slot | at.wrap << VRING_PACKED_EVENT_F_WRAP_CTR);
}

static void device_suppresses_kicks(struct fe_ring *r)
{
	if (r->layout == FE_SPLIT)
		r->used->flags = htole16(VRING_USED_F_NO_NOTIFY);
	else
		r->device->flags = htole16(VRING_PACKED_EVENT_FLAG_DISABLE);
}

/* The device wants a kick for the entry n of the first round. */
static void device_wants_kick_for(struct fe_ring *r, uint16_t n)
{
	uint16_t event = htole16(n);

	r->event_idx = true;
	if (r->layout == FE_SPLIT) {
		memcpy(&r->used->ring[NUM], &event, sizeof(event));
		return;
	}
	r->device->off_wrap = htole16(n | 1 << VRING_PACKED_EVENT_F_WRAP_CTR);
	r->device->flags = htole16(VRING_PACKED_EVENT_FLAG_DESC);
}

static void nothing_is_available_before_the_publish(void **state)
{
	struct fixture *f = *state;

	fe_ring_post(&f->ring, 0);
	fe_ring_post(&f->ring, 1);
	assert_false(device_sees_one(f));
	fe_ring_publish(&f->ring);
	assert_true(device_sees_one(f));
	assert_num(fe_ring_n_posted(&f->ring), 2);
}

static void a_used_buffer_is_taken_once(void **state)
{
	struct fixture *f = *state;
	struct vring_used_elem elem;

	for (uint16_t round = 0; round < 3 * NUM; round++) {
		fe_ring_post(&f->ring, round % NUM);
		fe_ring_publish(&f->ring);
		assert_rc(fe_ring_take(&f->ring, &elem), FE_E_EMPTY);
		device_uses(f, round % NUM, 8);
		assert_num(fe_ring_n_used(&f->ring), 1);
		assert_ok(fe_ring_take(&f->ring, &elem));
		assert_num(elem.id, round % NUM);
		assert_num(elem.len, 8);
	}
	assert_num(fe_ring_n_posted(&f->ring), 0);
	assert_rc(fe_ring_take(&f->ring, &elem), FE_E_EMPTY);
}

static void a_buffer_that_was_not_posted_is_a_violation(void **state)
{
	struct fixture *f = *state;
	struct vring_used_elem elem;

	device_uses(f, 0, 8);
	assert_rc(fe_ring_take(&f->ring, &elem), FE_E_RING);
}

static void an_id_beyond_the_ring_is_a_violation(void **state)
{
	struct fixture *f = *state;
	struct vring_used_elem elem;

	fe_ring_post(&f->ring, 0);
	fe_ring_publish(&f->ring);
	device_uses(f, NUM, 8);
	assert_rc(fe_ring_take(&f->ring, &elem), FE_E_RING);
}

static void an_empty_ring_enables_the_call(void **state)
{
	struct fixture *f = *state;
	struct vring_used_elem elem;

	f->ring.event_idx = true;
	for (uint16_t n = 0; n < 2 * NUM; n++) {
		fe_ring_post(&f->ring, 0);
		fe_ring_publish(&f->ring);
		assert_rc(fe_ring_take(&f->ring, &elem), FE_E_EMPTY);
		assert_true(call_is_enabled(&f->ring, n));
		device_uses(f, 0, 8);
		assert_ok(fe_ring_take(&f->ring, &elem));
	}
}

static void a_kick_is_wanted_unless_suppressed(void **state)
{
	struct fixture *f = *state;

	fe_ring_post(&f->ring, 0);
	fe_ring_publish(&f->ring);
	assert_true(fe_ring_wants_kick(&f->ring));
	device_suppresses_kicks(&f->ring);
	fe_ring_post(&f->ring, 1);
	fe_ring_publish(&f->ring);
	assert_false(fe_ring_wants_kick(&f->ring));
}

static void a_kick_is_wanted_for_one_entry(void **state)
{
	struct fixture *f = *state;

	device_wants_kick_for(&f->ring, 1);
	for (uint16_t i = 0; i < 3; i++) {
		fe_ring_post(&f->ring, i);
		fe_ring_publish(&f->ring);
		assert_num(fe_ring_wants_kick(&f->ring), i == 1);
	}
}

static void a_reset_ring_is_as_new(void **state)
{
	struct fixture *f = *state;
	const uint32_t base = fe_ring_base(&f->ring);
	struct vring_used_elem elem;

	assert_num(fe_ring_base_after(&f->ring, 0), base);
	fe_ring_post(&f->ring, 0);
	fe_ring_publish(&f->ring);
	device_uses(f, 0, 8);
	fe_ring_reset(&f->ring);
	assert_num(fe_ring_base(&f->ring), base);
	assert_num(fe_ring_n_posted(&f->ring), 0);
	assert_num(fe_ring_n_used(&f->ring), 0);
	assert_rc(fe_ring_take(&f->ring, &elem), FE_E_EMPTY);
}

/* Nor what was armed, posted and published before, nor a post half done. */
static void a_reset_ring_tells_the_device_nothing(void **state)
{
	struct fixture *f = *state;
	const size_t len = f->ring.layout == FE_SPLIT
				   ? sizeof(*f->ring.avail) + 2 * NUM + 2
				   : sizeof(*f->ring.driver);
	const uint8_t zero[sizeof(*f->ring.avail) + 2 * NUM + 2] = { 0 };
	struct vring_used_elem elem;

	f->ring.event_idx = true;
	for (uint16_t i = 0; i < 2; i++) {
		fe_ring_post(&f->ring, i);
		fe_ring_publish(&f->ring);
		device_uses(f, i, 8);
		assert_ok(fe_ring_take(&f->ring, &elem));
		assert_rc(fe_ring_take(&f->ring, &elem), FE_E_EMPTY);
	}
	fe_ring_post(&f->ring, 3);
	fe_ring_reset(&f->ring);
	assert_num(f->ring.posted, 0);
	assert_memory_equal(f->ring.driver_area, zero, len);
	fe_ring_publish(&f->ring);
	f->at = 0;
	f->wrap = true;
	assert_false(device_sees_one(f));
	f->at = 2; /* where the post was */
	assert_false(device_sees_one(f));
}

static void the_driver_is_where_the_device_will_be(void **state)
{
	struct fixture *f = *state;
	struct vring_used_elem elem;

	for (uint32_t n = 0; n <= 2 * NUM; n++) {
		assert_num(fe_ring_base(&f->ring),
			   fe_ring_base_after(&f->ring, n));
		fe_ring_post(&f->ring, 0);
		fe_ring_publish(&f->ring);
		device_uses(f, 0, 8);
		assert_ok(fe_ring_take(&f->ring, &elem));
	}
}

static void a_chain_without_an_end_fills_the_packed_ring(void **state)
{
	struct fixture *f = *state;

	f->ring.desc[0].flags |= htole16(VRING_DESC_F_NEXT);
	f->ring.desc[0].next = 0;
	fe_ring_post(&f->ring, 0);
	fe_ring_publish(&f->ring);
	assert_num(fe_ring_n_posted(&f->ring), NUM);
}

static void an_indirect_table_has_the_layouts_entries(void **state)
{
	struct fixture *f = *state;
	uint64_t table[4] = { 0 };
	const struct vring_desc entry = { .addr = htole64(0x1000),
					  .len = htole32(8),
					  .flags =
						  htole16(VRING_DESC_F_WRITE) };

	fe_ring_set_entry(&f->ring, table, 1, &entry);
	assert_num(table[0], 0);
	assert_num(le64toh(table[2]), 0x1000);
}

/* --- memory --- */

static void memory_is_zeroed_aligned_and_limited(void **state)
{
	struct fe_memory mem;
	uint8_t *one, *two;

	assert_ok(fe_memory_init(&mem, MEM_SIZE));
	memset(mem.base, 0xff, mem.size);
	one = fe_memory_alloc(&mem, 1, 1);
	two = fe_memory_alloc(&mem, 16, 16);
	assert_ptr_equal(one, mem.base);
	assert_ptr_equal(two, mem.base + 16);
	assert_num(two[15], 0);
	assert_null(fe_memory_alloc(&mem, MEM_SIZE - 31, 1));
	assert_null(fe_memory_alloc(&mem, SIZE_MAX, 1));
	assert_non_null(fe_memory_alloc(&mem, MEM_SIZE - 32, 1));
	assert_num(fe_guest_addr(&mem, two), FE_GUEST_BASE + 16);
	assert_num(fe_user_addr(&mem, two), FE_USER_BASE + 16);
	fe_memory_fini(&mem);
	fe_memory_fini(&mem);
}

static void a_ring_needs_no_more_than_it_says(void **state)
{
	struct fe_memory mem;
	struct fe_ring ring;

	for (int layout = FE_SPLIT; layout <= FE_PACKED; layout++) {
		assert_ok(fe_memory_init(&mem, fe_ring_bytes(FE_RING_MAX)));
		assert_ok(fe_ring_init(&ring, &mem, FE_RING_MAX,
				       (enum fe_layout)layout));
		fe_ring_fini(&ring);
		assert_rc(fe_ring_init(&ring, &mem, FE_RING_MAX,
				       (enum fe_layout)layout),
			  -ENOMEM);
		fe_ring_fini(&ring);
		fe_memory_fini(&mem);
	}
}

static void a_ring_leaves_no_fd_open(void **state)
{
	struct fe_memory mem;
	struct fe_ring ring;
	int before, after;

	assert_ok(fe_memory_init(&mem, fe_ring_bytes(FE_RING_MAX)));
	before = dup(mem.fd);
	close(before);
	assert_ok(fe_ring_init(&ring, &mem, FE_RING_MAX, FE_SPLIT));
	fe_ring_fini(&ring);
	fe_ring_fini(&ring);
	/* The lowest that is free is the same. */
	after = dup(mem.fd);
	close(after);
	assert_num(after, before);
	fe_memory_fini(&mem);
}

/* Whatever part of it does not fit. */
static void a_ring_without_space_is_an_error(void **state)
{
	struct fe_memory mem;
	struct fe_ring ring;

	for (int layout = FE_SPLIT; layout <= FE_PACKED; layout++) {
		size_t size = fe_ring_bytes(NUM), least = 0;

		for (; size; size--) {
			assert_ok(fe_memory_init(&mem, size));
			const int r = fe_ring_init(&ring, &mem, NUM,
						   (enum fe_layout)layout);
			fe_ring_fini(&ring);
			fe_memory_fini(&mem);
			assert_true(!r || r == -ENOMEM);
			/* With more space it would have been possible. */
			assert_true(r || !least || size == least - 1);
			least = r ? least : size;
		}
		/* All that it has: nothing of it can be missing. */
		assert_true(least >= NUM * (16 + sizeof(struct vi_event)));
	}
}

static enum fe_layout split = FE_SPLIT, packed = FE_PACKED;

#define ONE(test, layout)                                            \
	{                                                            \
#test "_" #layout, test, setup, teardown, &(layout), \
	}
#define BOTH(test) ONE(test, split), ONE(test, packed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(nothing_is_available_before_the_publish),
		BOTH(a_used_buffer_is_taken_once),
		BOTH(a_buffer_that_was_not_posted_is_a_violation),
		BOTH(an_id_beyond_the_ring_is_a_violation),
		BOTH(an_empty_ring_enables_the_call),
		BOTH(a_kick_is_wanted_unless_suppressed),
		BOTH(a_kick_is_wanted_for_one_entry),
		BOTH(a_reset_ring_is_as_new),
		BOTH(a_reset_ring_tells_the_device_nothing),
		BOTH(the_driver_is_where_the_device_will_be),
		ONE(a_chain_without_an_end_fills_the_packed_ring, packed),
		BOTH(an_indirect_table_has_the_layouts_entries),
		cmocka_unit_test(memory_is_zeroed_aligned_and_limited),
		cmocka_unit_test(a_ring_leaves_no_fd_open),
		cmocka_unit_test(a_ring_needs_no_more_than_it_says),
		cmocka_unit_test(a_ring_without_space_is_an_error),
	};

	return cmocka_run_group_tests_name("frontend-ring", tests, NULL, NULL);
}
