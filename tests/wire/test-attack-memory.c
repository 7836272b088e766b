/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end and a guest that are hostile in the memory they share: it is
 * truncated under a part of a ring, rings overlap, everything in it changes at
 * full speed, and all numbers are extreme. The server survives, keeps nothing
 * of it, and serves the next front-end.
 */
#include <endian.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/clock.h"
#include "tests/lib/random.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define PAGE 4096
/* A region of its own, far away from that of the rings. */
#define FAR_GUEST UINT64_C(0x7000000000)
#define FAR_USER  UINT64_C(0x7e0000000000)
#define FLOOD_MS  700

/*
 * The next guest may first get the current state, and the end of a frame that
 * began with the previous one.
 */
static void expect_serves_next_guest(struct rig *rig)
{
	const struct vi_event press = KEY(KEY_S, 1);
	struct vi_event ev;

	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	} while (memcmp(&ev, &press, sizeof(ev)));
	expect(rig, SYN, KEY(KEY_S, 0), SYN);
	rig_expect_nothing(rig);
}

/* --- memory that goes away under one part of a ring --- */

enum part {
	DESC,
	AVAIL,
	USED,
};

static const struct lost_part {
	const char *name;
	enum part part;
	unsigned int queue;
} lost_parts[] = {
	{ "eventq_descriptors_may_go_away", DESC, FE_EVENTQ },
	{ "eventq_avail_ring_may_go_away", AVAIL, FE_EVENTQ },
	{ "eventq_used_ring_may_go_away", USED, FE_EVENTQ },
	{ "statusq_descriptors_may_go_away", DESC, FE_STATUSQ },
	{ "statusq_avail_ring_may_go_away", AVAIL, FE_STATUSQ },
	{ "statusq_used_ring_may_go_away", USED, FE_STATUSQ },
};

static int add_region(struct rig *rig, int fd, uint64_t size)
{
	struct fe_msg msg = fe_msg(VU_ADD_MEM_REG);

	msg.hdr.size = sizeof(msg.region);
	msg.region.region =
		(struct vu_mem_region){ FAR_GUEST, size, FAR_USER, 0 };
	msg.fd[0] = fd;
	msg.n_fds = 1;
	return fe_request(&rig->fe, &msg);
}

/* Move a part of a running ring to a file of its own. Return: the file. */
static int move_away(struct rig *rig, unsigned int queue, enum part part)
{
	struct fe_ring *ring = &rig->fe.ring[queue];
	void *const parts[] = { ring->desc_area, ring->driver_area,
				ring->device_area };
	struct fe_msg msg = fe_msg_vring_addr(&rig->fe, queue);
	uint64_t *const addrs[] = { &msg.addr.desc_user, &msg.addr.avail_user,
				    &msg.addr.used_user };
	int fd = memfd_create("part", MFD_CLOEXEC);

	assert_sys(fd);
	assert_sys(ftruncate(fd, PAGE));
	assert_num(pwrite(fd, parts[part], 512, 0), 512);
	assert_ok(add_region(rig, fd, PAGE));
	*addrs[part] = FAR_USER;
	assert_ok(fe_request(&rig->fe, &msg));
	return fd;
}

static void part_of_a_ring_may_go_away(void **state)
{
	struct rig *rig = *state;
	const struct lost_part *row = rig->row;

	rig_run(rig, "keyboard", 16);
	int fd = move_away(rig, row->queue, row->part);
	if (row->queue == FE_STATUSQ) {
		fe_ring_set_buffer(&rig->fe.ring[FE_STATUSQ], &rig->fe.mem, 0,
				   0);
		fe_ring_post(&rig->fe.ring[FE_STATUSQ], 0);
		fe_ring_publish(&rig->fe.ring[FE_STATUSQ]);
		/*
		 * What is used next: a split ring's avail->idx, or the
		 * descriptor.
		 */
		if (row->part == AVAIL)
			assert_num(pwrite(fd, "\1", 1, 2), 1);
		if (row->part == DESC)
			assert_num(pwrite(fd, rig->fe.ring[1].desc_area, 16, 0),
				   16);
	}
	assert_sys(ftruncate(fd, 0));
	close(fd);
	if (row->queue == FE_EVENTQ)
		rig_type(rig);
	else
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	rig_expect_violation(rig, "");
	rig_expect_serves(rig);
}

/* It is restored at once: the pages mapped in its place must go, too. */
static void memory_may_go_away_again_and_again(void **state)
{
	struct rig *rig = *state;
	struct usage before;

	rig_serve(rig, "keyboard");
	rig_expect_serves(rig);
	before = usage_at_rest(rig->srv.pid);
	for (int i = 0; i < 30; i++) {
		rig_prepare(rig, 16);
		assert_ok(fe_start(&rig->fe));
		assert_sys(ftruncate(rig->fe.mem.fd, 0));
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
		rig_expect_violation(rig, "");
		rig->lines.frontend = -1;
	}
	rig_expect_serves(rig);
	assert_usage_as(rig->srv.pid, &before);
}

/* --- rings upon each other --- */

/* Where a part begins: at this part of this queue, or unchanged. */
struct place {
	enum {
		OWN,
		AT_DESC,
		AT_AVAIL,
		AT_USED,
		AT_BUFFERS,
	} at;
	unsigned int queue;
	unsigned int offset;
};

#define EQ(part, off)                     \
	{                                 \
		AT_##part, FE_EVENTQ, off \
	}
#define SQ(part, off)                      \
	{                                  \
		AT_##part, FE_STATUSQ, off \
	}

static const struct overlap {
	const char *name;
	struct place where[FE_QUEUES][3]; /* by enum part */
} overlaps[] = {
	{ "two_queues_may_have_one_ring",
	  { [FE_STATUSQ] = { EQ(DESC, 0), EQ(AVAIL, 0), EQ(USED, 0) } } },
	{ "the_parts_of_a_ring_may_be_one",
	  { { EQ(DESC, 0), EQ(DESC, 0), EQ(DESC, 0) },
	    { SQ(DESC, 0), SQ(DESC, 0), SQ(DESC, 0) } } },
	{ "all_parts_of_both_rings_may_be_one",
	  { { EQ(DESC, 0), EQ(DESC, 0), EQ(DESC, 0) },
	    { EQ(DESC, 0), EQ(DESC, 0), EQ(DESC, 0) } } },
	{ "used_elements_may_lie_in_the_descriptors",
	  { { [USED] = EQ(DESC, 32) }, { [USED] = SQ(DESC, 32) } } },
	{ "used_elements_may_lie_in_the_avail_ring",
	  { { [USED] = EQ(AVAIL, 0) }, { [USED] = SQ(AVAIL, 0) } } },
	{ "descriptors_may_lie_in_the_used_ring",
	  { { [DESC] = EQ(USED, 0) }, { [DESC] = SQ(USED, 0) } } },
	{ "the_avail_ring_may_lie_in_the_used_ring",
	  { { [AVAIL] = EQ(USED, 8) }, { [AVAIL] = SQ(USED, 8) } } },
	{ "the_used_ring_may_lie_in_the_buffers",
	  { { [USED] = EQ(BUFFERS, 0) }, { [USED] = EQ(BUFFERS, 8) } } },
	{ "descriptors_may_lie_in_the_buffers",
	  { { [DESC] = SQ(BUFFERS, 0) }, { [DESC] = EQ(BUFFERS, 0) } } },
	{ "the_parts_of_two_rings_may_be_crossed",
	  { { SQ(USED, 0), SQ(DESC, 0), SQ(AVAIL, 0) },
	    { EQ(AVAIL, 0), EQ(USED, 0), EQ(DESC, 0) } } },
	{ "two_rings_may_be_one_apart",
	  { [FE_STATUSQ] = { EQ(DESC, 16), EQ(AVAIL, 4), EQ(USED, 8) } } },
};

static void place(struct rig *rig, const struct place *p, uint64_t *addr)
{
	const struct fe_ring *ring = &rig->fe.ring[p->queue];
	const void *const areas[] = { NULL, ring->desc_area, ring->driver_area,
				      ring->device_area, ring->buf };

	/* The alignment of descriptors, which suits all parts. */
	if (p->at != OWN)
		*addr = (fe_user_addr(&rig->fe.mem, areas[p->at]) + p->offset +
			 15) &
			~UINT64_C(15);
}

static void rings_may_lie_upon_each_other(void **state)
{
	struct rig *rig = *state;
	const struct overlap *row = rig->row;

	rig_run(rig, "keyboard", 16);
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		struct fe_msg msg = fe_msg_vring_addr(&rig->fe, i);

		place(rig, &row->where[i][DESC], &msg.addr.desc_user);
		place(rig, &row->where[i][AVAIL], &msg.addr.avail_user);
		place(rig, &row->where[i][USED], &msg.addr.used_user);
		assert_ok(fe_request(&rig->fe, &msg));
	}
	for (int i = 0; i < 40; i++) {
		rig_type(rig);
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	}
	rig_wait_read(rig->inject[0]);
	/*
	 * What the guest gets depends on itself; it may have had events. And
	 * its eventq may be empty when it kicks.
	 */
	rig->lines.guest = rig->lines.frontend = -1;
	expect_serves_next_guest(rig);
}

/* The buffer is the ring: events overwrite its own descriptors. */
static void buffers_may_lie_in_the_ring(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_run(rig, "keyboard", 16);
	for (unsigned int i = 0; i < 16; i++) {
		/* A descriptor begins with its address. */
		uint64_t *desc = (uint64_t *)ring->desc_area + 2 * i;
		void *const parts[] = { desc, ring->driver_area,
					ring->device_area, ring->desc_area };

		*desc = htole64(fe_guest_addr(&rig->fe.mem, parts[i % 4]));
	}
	for (int i = 0; i < 40; i++)
		rig_type(rig);
	rig_wait_read(rig->inject[0]);
	rig->lines.guest = -1;
	expect_serves_next_guest(rig);
}

/* --- a guest that rewrites everything all the time --- */

struct vandal {
	uint8_t *at;
	size_t size;
	bool stop;
};

/* Index words and flags are at multiples of 2; small numbers do most harm. */
static void *vandalize(void *arg)
{
	struct vandal *v = arg;
	struct rnd r = { 5 };

	while (!__atomic_load_n(&v->stop, __ATOMIC_RELAXED)) {
		uint16_t *word = (uint16_t *)(void *)v->at +
				 rnd_below(&r, (unsigned int)v->size / 2);
		uint16_t value = rnd_one_in(&r, 2) ? (uint16_t)rnd_below(&r, 20)
						   : (uint16_t)rnd_next(&r);

		__atomic_store_n(word, value, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Broken queues are restarted, so that there is always one to break. */
static void serve_vandal(struct rig *rig)
{
	double end = clock_ms() + FLOOD_MS;

	for (int i = 0; clock_ms() < end; i++) {
		uint32_t base;

		inject(rig, KEY(KEY_A, i & 1), SYN);
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
		if (i % 16)
			continue;
		for (unsigned int q = 0; q < FE_QUEUES; q++) {
			assert_ok(fe_stop_queue(&rig->fe, q, &base));
			assert_ok(fe_begin_queue(&rig->fe, q));
		}
	}
}

static void a_guest_may_rewrite_its_rings_at_full_speed(void **state)
{
	struct rig *rig = *state;
	struct vandal vandal = { 0 };
	struct usage before;
	pthread_t thread;

	rig_serve(rig, "keyboard");
	rig_expect_serves(rig);
	before = usage_at_rest(rig->srv.pid);
	rig_run(rig, NULL, 16);
	vandal.at = rig->fe.mem.base;
	vandal.size = rig->fe.mem.size;
	assert_ok(pthread_create(&thread, NULL, vandalize, &vandal));
	serve_vandal(rig);
	__atomic_store_n(&vandal.stop, true, __ATOMIC_RELAXED);
	assert_ok(pthread_join(thread, NULL));
	rig->lines.guest = -1;
	inject(rig, KEY(KEY_A, 0), SYN);
	rig_wait_read(rig->inject[0]);
	expect_serves_next_guest(rig);
	assert_usage_as(rig->srv.pid, &before);
}

/* --- extreme numbers --- */

static size_t usual_size(uint32_t request)
{
	switch (request) {
	case VU_SET_MEM_TABLE:
		return sizeof(struct vu_mem_table);
	case VU_ADD_MEM_REG:
	case VU_REM_MEM_REG:
		return sizeof(struct vu_single_region);
	case VU_SET_VRING_ADDR:
		return sizeof(struct vu_vring_addr);
	case VU_GET_CONFIG:
	case VU_SET_CONFIG:
		return 12 + 8;
	case VU_SET_LOG_BASE:
		return 16;
	case VU_GET_INFLIGHT_FD:
	case VU_SET_INFLIGHT_FD:
		return 20;
	default:
		return 8;
	}
}

/* All bytes of the payload have one value, with suitable fds and without */
static void send_extreme(struct rig *rig, uint32_t request, uint8_t byte,
			 bool with_fds)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = (uint32_t)usual_size(request);
	memset(msg.bytes, byte, sizeof(msg.bytes));
	/* The other numbers matter only if these are valid. */
	if (request == VU_SET_MEM_TABLE)
		msg.table.n_regions = 8;
	if (request == VU_SET_VRING_ADDR)
		msg.addr.index = msg.addr.flags = 0;
	for (size_t i = 0; with_fds && i < 8; i++)
		msg.fd[msg.n_fds++] = rig->fe.mem.fd;
	assert_ok(fe_send(&rig->fe, &msg));
}

static void every_message_may_be_of_extreme_numbers(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0x7f, 0x80, 0x00, 0x01 };
	struct rig *rig = *state;
	struct usage before;

	rig_serve(rig, "keyboard");
	rig_expect_serves(rig);
	before = usage_at_rest(rig->srv.pid);
	rig->lines.frontend = -1;
	for (uint32_t request = 0; request <= VU_CHECK_DEVICE_STATE; request++)
		for (size_t i = 0; i < 2 * sizeof(bytes); i++) {
			rig_run(rig, NULL, 16);
			send_extreme(rig, request, bytes[i / 2], i % 2);
		}
	rig_expect_serves(rig);
	assert_usage_as(rig->srv.pid, &before);
}

/* --- files that cannot be shared --- */

static void sealed_memory_is_rejected_or_read_only(void **state)
{
	struct rig *rig = *state;
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_sys(fd);
	assert_sys(ftruncate(fd, PAGE));
	assert_sys(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	rig_run(rig, "keyboard", 16);
	assert_rc(add_region(rig, fd, PAGE), FE_E_REFUSED);
	close(fd);
	rig_expect_violation(rig, "ADD_MEM_REG: ");
	rig_expect_serves(rig);
}

static void memory_that_cannot_shrink_or_grow_is_fine(void **state)
{
	struct rig *rig = *state;
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_sys(fd);
	assert_sys(ftruncate(fd, PAGE));
	assert_sys(fcntl(fd, F_ADD_SEALS,
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
	rig_run(rig, "keyboard", 16);
	assert_ok(add_region(rig, fd, PAGE));
	close(fd);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

/* It costs nothing but address space. */
static void a_region_may_be_huge_and_empty(void **state)
{
	struct rig *rig = *state;
	int fd = memfd_create("huge", MFD_CLOEXEC);
	struct usage before;

	assert_sys(fd);
	assert_sys(ftruncate(fd, INT64_C(1) << 40));
	rig_serve(rig, "keyboard");
	rig_expect_serves(rig);
	before = usage_at_rest(rig->srv.pid);
	for (int i = 0; i < 20; i++) {
		rig_run(rig, NULL, 16);
		assert_ok(add_region(rig, fd, UINT64_C(1) << 40));
	}
	close(fd);
	rig_expect_serves(rig);
	assert_usage_as(rig->srv.pid, &before);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)

static const struct CMUnitTest plain[] = {
	T(memory_may_go_away_again_and_again),
	T(buffers_may_lie_in_the_ring),
	T(a_guest_may_rewrite_its_rings_at_full_speed),
	T(every_message_may_be_of_extreme_numbers),
	T(sealed_memory_is_rejected_or_read_only),
	T(memory_that_cannot_shrink_or_grow_is_fine),
	T(a_region_may_be_huge_and_empty),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(lost_parts) +
				ARRAY_LEN(overlaps)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), lost_parts,
	      T(part_of_a_ring_may_go_away));
	CASES(tests + ARRAY_LEN(plain) + ARRAY_LEN(lost_parts), overlaps,
	      T(rings_may_lie_upon_each_other));
	return cmocka_run_group_tests_name("attack-memory", tests, NULL, NULL);
}
