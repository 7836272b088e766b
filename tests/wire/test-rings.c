/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings as a whole: their sizes, wrap-around, kicks and calls and their
 * suppression, enabling, moving, and impossible avail indices.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

static void every_size_from_1_to_32768_delivers(void **state)
{
	static const uint16_t sizes[] = { 1,	2,    3,     4,	    5,	  7,
					  8,	16,   32,    64,    65,	  100,
					  128,	256,  512,   1000,  1024, 2048,
					  4096, 8192, 16384, 32767, 32768 };
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* Sizes of split rings are powers of two. */
		if (!rig_is_packed() && sizes[i] & (sizes[i] - 1))
			continue;
		rig_prepare(rig, sizes[i]);
		assert_ok(fe_start(&rig->fe));
		inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN, KEY(KEY_A, 0),
		       KEY(KEY_B, 0), SYN);
		expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN, KEY(KEY_A, 0),
		       KEY(KEY_B, 0), SYN);
		const struct vi_event led = LED(LED_CAPSL, 1);
		assert_ok(fe_send_status(&rig->fe, &led));
		expect_status(rig, led);
	}
	rig_expect_nothing(rig);
}

static void all_32768_buffers_are_used(void **state)
{
	struct rig *rig = *state;
	struct vi_event ev[256];

	rig_serve(rig, "mouse");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, FE_RING_MAX));
	fe_post_buffers(&rig->fe, FE_RING_MAX);
	assert_ok(fe_start(&rig->fe));
	for (int i = 0; i < FE_RING_MAX / 256; i++) {
		for (int j = 0; j < 256; j += 2) {
			ev[j] = REL(REL_X, i * 256 + j + 1);
			ev[j + 1] = SYN;
		}
		rig_inject(rig, 0, ev, 256);
	}
	rig_wait_used(rig, FE_EVENTQ, FE_RING_MAX);
	for (int i = 0; i < FE_RING_MAX; i += 2) {
		uint16_t head;

		assert_ok(fe_take_event(&rig->fe, &ev[0], &head));
		assert_num(head, i);
		assert_num(vi_value(&ev[0]), i + 1);
		assert_ok(fe_take_event(&rig->fe, &ev[0], &head));
	}
}

/* 40,000 frames are 80,000 ring entries. */
static void indices_wrap_at_65536(void **state)
{
	struct rig *rig = *state;
	struct vi_event out[200], ev;

	rig_run(rig, "mouse", 64);
	for (int i = 0; i < 400; i++) {
		for (int j = 0; j < 100; j++) {
			out[2 * j] = REL(REL_X, i * 100 + j + 1);
			out[2 * j + 1] = SYN;
		}
		rig_inject(rig, 0, out, 200);
		for (int j = 0; j < 200; j++) {
			assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
			assert_memory_equal(&ev, &out[j], sizeof(ev));
		}
	}
	rig_expect_nothing(rig);
}

/* Return: what the eventfd has counted. */
static uint64_t calls(struct rig *rig)
{
	uint64_t n = 0;

	if (read(rig->fe.ring[FE_EVENTQ].call, &n, sizeof(n)) < 0)
		return 0;
	return n;
}

static void a_batch_is_one_call_with(struct rig *rig, uint64_t without)
{
	rig->fe.want_features &= ~without;
	rig_run(rig, "keyboard", 64);
	calls(rig);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 6);
	assert_ok(fe_wait_call(&rig->fe, FE_EVENTQ, DEADLINE_MS));
	/* fe_wait_call() has read the count: no more may follow. */
	assert_rc(fe_wait_call(&rig->fe, FE_EVENTQ, RIG_QUIET_MS), -ETIMEDOUT);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_batch_is_one_call_with_event_idx(void **state)
{
	a_batch_is_one_call_with(*state, 0);
}

static void a_batch_is_one_call_without_event_idx(void **state)
{
	a_batch_is_one_call_with(*state, BIT(VIRTIO_F_EVENT_IDX));
}

static void no_interrupt_flag_is_heeded(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig->fe.want_features &= ~BIT(VIRTIO_F_EVENT_IDX);
	rig_run(rig, "keyboard", 64);
	calls(rig);
	if (ring->layout == FE_PACKED)
		__atomic_store_n(&ring->driver->flags,
				 htole16(VRING_PACKED_EVENT_FLAG_DISABLE),
				 __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(&ring->avail->flags,
				 htole16(VRING_AVAIL_F_NO_INTERRUPT),
				 __ATOMIC_SEQ_CST);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_rc(fe_wait_call(&rig->fe, FE_EVENTQ, RIG_QUIET_MS), -ETIMEDOUT);
	expect(rig, KEY(KEY_A, 1), SYN);
}

/* Call when element n from here on is used. */
static void call_when_used(struct fe_ring *ring, uint16_t n)
{
	if (ring->layout == FE_SPLIT) {
		__atomic_store_n(&ring->avail->ring[ring->num],
				 htole16(ring->used_idx + n), __ATOMIC_SEQ_CST);
		return;
	}
	const uint16_t off = ring->used_at.slot + n, num = ring->num;
	const bool wrap = ring->used_at.wrap ^ (off >= num);
	ring->driver->off_wrap = htole16(off % num | (uint16_t)(wrap << 15));
	__atomic_store_n(&ring->driver->flags,
			 htole16(VRING_PACKED_EVENT_FLAG_DESC),
			 __ATOMIC_SEQ_CST);
}

static void used_event_is_heeded(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_run(rig, "keyboard", 64);
	calls(rig);
	call_when_used(ring, 3);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_rc(fe_wait_call(&rig->fe, FE_EVENTQ, RIG_QUIET_MS), -ETIMEDOUT);
	inject(rig, KEY(KEY_A, 0), SYN);
	assert_ok(fe_wait_call(&rig->fe, FE_EVENTQ, DEADLINE_MS));
	rig_expect_typed(rig);
}

/* A kick is a VM exit: suppress them while there is nothing to send. */
static void kicks_are_suppressed_when_idle(struct rig *rig, uint64_t without)
{
	struct vi_event ev;

	rig->fe.want_features &= ~without;
	rig_run(rig, "keyboard", 64);
	for (int i = 0; i < 100; i++) {
		inject(rig, KEY(KEY_A, (i + 1) % 2), SYN);
		for (int j = 0; j < 2; j++) {
			while (fe_recycle_event(&rig->fe, &ev))
				assert_ok(fe_wait_call(&rig->fe, FE_EVENTQ,
						       DEADLINE_MS));
			fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
		}
		assert_false(fe_ring_wants_kick(&rig->fe.ring[FE_EVENTQ]));
	}
}

static void kicks_are_suppressed_when_idle_with_event_idx(void **state)
{
	kicks_are_suppressed_when_idle(*state, 0);
}

static void kicks_are_suppressed_when_idle_without_event_idx(void **state)
{
	kicks_are_suppressed_when_idle(*state, BIT(VIRTIO_F_EVENT_IDX));
}

/* Wait until the device, out of buffers, has enabled kicks. */
static void wait_kick_wanted(struct fe_ring *ring)
{
	for (int ms = 0; !fe_ring_wants_kick(ring); ms++) {
		assert_true(ms < DEADLINE_MS);
		ring->posted = 1;
		usleep(1000);
	}
}

static void a_kick_brings_what_had_no_buffers(struct rig *rig, uint64_t without)
{
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	struct vi_event ev;
	uint16_t head;

	rig->fe.want_features &= ~without;
	rig_run(rig, "keyboard", 2);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_ok(fe_take_event(&rig->fe, &ev, &head));
	fe_ring_post(ring, head);
	assert_ok(fe_take_event(&rig->fe, &ev, &head));
	fe_ring_post(ring, head);
	fe_ring_publish(ring);
	wait_kick_wanted(ring);
	fe_ring_kick(ring);
	expect(rig, KEY(KEY_S, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_kick_brings_what_had_no_buffers_with_event_idx(void **state)
{
	a_kick_brings_what_had_no_buffers(*state, 0);
}

static void a_kick_brings_what_had_no_buffers_without_event_idx(void **state)
{
	a_kick_brings_what_had_no_buffers(*state, BIT(VIRTIO_F_EVENT_IDX));
}

/* A reply means that the device has finished all earlier work. */
static void let_device_finish(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	assert_ok(fe_query(&rig->fe, &msg, 8));
	msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
}

static void repost_one(struct rig *rig)
{
	struct vi_event ev;

	assert_ok(fe_recycle_event(&rig->fe, &ev));
	fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
}

/* The driver fills the ring again, and one kick is enough. */
static void one_kick_is_enabled_with_event_idx(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_run(rig, "keyboard", 4);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject(rig, KEY(KEY_A, 0), KEY(KEY_B, 1), KEY(KEY_S, 1),
	       KEY(KEY_LEFTSHIFT, 1), KEY(KEY_ESC, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	let_device_finish(rig);
	repost_one(rig);
	assert_true(fe_ring_wants_kick(ring));
	repost_one(rig);
	assert_false(fe_ring_wants_kick(ring));
	fe_ring_kick(ring);
	rig_wait_used(rig, FE_EVENTQ, 4);
}

static void kicks_without_need_do_nothing(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	for (int i = 0; i < 1000; i++) {
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	}
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

static void disabled_queue_is_left_alone(void **state)
{
	struct rig *rig = *state;
	struct fe_msg off = fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 0);
	struct fe_msg on = fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 1);

	rig_run(rig, "keyboard", 16);
	assert_ok(fe_request(&rig->fe, &off));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	assert_ok(fe_request(&rig->fe, &on));
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/* "If VHOST_USER_F_PROTOCOL_FEATURES has not been negotiated, the ring starts
 * directly in the enabled state." */
static void rings_are_enabled_without_protocol_features(void **state)
{
	struct rig *rig = *state;

	rig->fe.want_features &= ~BIT(VU_F_PROTOCOL_FEATURES);
	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/* With them it is created disabled. */
static void rings_are_disabled_with_protocol_features(void **state)
{
	struct rig *rig = *state;
	struct fe_msg on = fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 1);

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	/* What fe_start_queue() does, but for the ENABLE. */
	rig->fe.features &= ~BIT(VU_F_PROTOCOL_FEATURES);
	assert_ok(fe_begin_queue(&rig->fe, FE_EVENTQ));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	assert_ok(fe_request(&rig->fe, &on));
	expect(rig, KEY(KEY_A, 1), SYN);
}

/* Copy it to other memory, and overwrite the old one. */
static void *move_area(void *area, size_t size, struct fe_memory *mem)
{
	void *to = fe_memory_alloc(mem, size, 16);

	assert_non_null(to);
	memcpy(to, area, size);
	memset(area, 0xff, size);
	return to;
}

static void move_ring(struct fe_ring *ring, struct fe_memory *mem)
{
	const bool packed = ring->layout == FE_PACKED;
	const size_t num = ring->num;

	ring->desc_area = move_area(ring->desc_area, 16 * num, mem);
	ring->driver_area =
		move_area(ring->driver_area, packed ? 4 : 6 + 2 * num, mem);
	ring->device_area =
		move_area(ring->device_area, packed ? 4 : 6 + 8 * num, mem);
	if (packed) {
		ring->slot = ring->desc_area;
		ring->driver = ring->driver_area;
		ring->device = ring->device_area;
	} else {
		ring->desc = ring->desc_area;
		ring->avail = ring->driver_area;
		ring->used = ring->device_area;
	}
}

/* As with SET_VRING_ADDR for a migration's log: only the address changes. */
static void a_running_ring_can_be_moved(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_memory_init(&rig->fe.mem, 65536));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_make_ring(&rig->fe, i, 16));
	fe_post_buffers(&rig->fe, 16);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);

	move_ring(ring, &rig->fe.mem);
	assert_ok(fe_set_vring_addr(&rig->fe, FE_EVENTQ));
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void avail_index_that_jumps_breaks(struct rig *rig, unsigned int queue,
					  uint16_t idx)
{
	struct fe_ring *ring = &rig->fe.ring[queue];

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	assert_ok(fe_start(&rig->fe));
	__atomic_store_n(&ring->avail->idx, htole16(idx), __ATOMIC_SEQ_CST);
	fe_ring_kick(ring);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, queue);
	assert_num(ring->used->idx, 0);
}

static void eventq_breaks_when_avail_jumps_by_17_of_16(void **state)
{
	avail_index_that_jumps_breaks(*state, FE_EVENTQ, 17);
}

static void eventq_breaks_when_avail_goes_back(void **state)
{
	avail_index_that_jumps_breaks(*state, FE_EVENTQ, UINT16_MAX);
}

static void statusq_breaks_when_avail_jumps_by_17_of_16(void **state)
{
	avail_index_that_jumps_breaks(*state, FE_STATUSQ, 17);
}

/* While it is in use: from wherever the index is. */
static void any_jump_by_more_than_the_ring_breaks(void **state)
{
	static const uint16_t jumps[] = { 17,	  256,	  0x7fff,
					  0x8000, 0xfff0, 0xffff };
	struct rig *rig = *state;

	for (size_t i = 0; i < 2 * sizeof(jumps) / sizeof(*jumps); i++) {
		const unsigned int queue = i % 2;
		struct fe_ring *ring = &rig->fe.ring[queue];

		rig_run(rig, "keyboard", 16);
		inject(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		rig_wait_used(rig, FE_EVENTQ, 4);
		const uint16_t idx = (uint16_t)(ring->avail_idx + jumps[i / 2]);
		__atomic_store_n(&ring->avail->idx, htole16(idx),
				 __ATOMIC_SEQ_CST);
		/* The eventq is read when it has no buffers left. */
		for (int n = 0; queue == FE_EVENTQ && n < 12; n++)
			inject(rig, KEY(KEY_S, n & 1), SYN);
		fe_ring_kick(ring);
		rig_expect_broken(rig, queue);
		inject(rig, KEY(KEY_S, 0), SYN);
		rig_wait_read(rig->inject[0]);
	}
	/* One guest gets the state that earlier ones may have kept. */
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	rig_expect_serves(rig);
}

/* A broken queue is logged once, however often it is kicked. */
static void a_broken_queue_stays_silent(void **state)
{
	struct rig *rig = *state;

	avail_index_that_jumps_breaks(rig, FE_EVENTQ, 100);
	for (int i = 0; i < 100; i++) {
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		inject(rig, KEY(KEY_A, (i + 1) % 2), SYN);
	}
	rig_wait_read(rig->inject[0]);
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	rig_expect_serves(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

/* --- packed rings --- */

/* A slot of the previous round, and of the next one, is not available. */
static void a_slot_of_another_round_is_not_taken(void **state)
{
	const uint16_t avail = 1u << VRING_PACKED_DESC_F_AVAIL,
		       used = 1u << VRING_PACKED_DESC_F_USED;
	struct rig *rig = *state;
	struct vring_packed_desc *slot;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 4));
	fe_post_buffers(&rig->fe, 4);
	slot = rig->fe.ring[FE_EVENTQ].slot;
	slot->flags = htole16(VRING_DESC_F_WRITE);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	let_device_finish(rig);
	assert_num(le16toh(slot->flags), VRING_DESC_F_WRITE);
	slot->flags = htole16(VRING_DESC_F_WRITE | used);
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	let_device_finish(rig);
	assert_num(le16toh(slot->flags), VRING_DESC_F_WRITE | used);
	rig_expect_nothing(rig);
	slot->flags = htole16(VRING_DESC_F_WRITE | avail);
	fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
	rig_wait_used(rig, FE_EVENTQ, 2);
}

/* An id is the driver's own choice. */
static void any_buffer_id_comes_back(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	ring->slot[0].id = htole16(UINT16_MAX);
	ring->slot[1].id = htole16(0x1234);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	assert_ok(fe_wait_call(&rig->fe, FE_EVENTQ, DEADLINE_MS));
	assert_num(le16toh(ring->slot[0].id), UINT16_MAX);
	assert_num(le16toh(ring->slot[1].id), 0x1234);
}

/* A chain's 1025th descriptor is one too many. */
static void a_chain_of_1025_breaks(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, FE_RING_MAX));
	for (uint16_t i = 0; i < 1025; i++) {
		fe_ring_set_buffer(ring, &rig->fe.mem, i,
				   VRING_DESC_F_WRITE |
					   (i < 1024 ? VRING_DESC_F_NEXT : 0));
		ring->desc[i].next = htole16(i + 1);
	}
	fe_ring_post(ring, 0);
	fe_ring_publish(ring);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, FE_EVENTQ);
}

static void refused_num(struct rig *rig, uint32_t num)
{
	struct fe_msg msg = fe_msg_state(VU_SET_VRING_NUM, 0, num);

	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_set_features(&rig->fe));
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_NUM: ");
}

static void sizes_0_and_32769_are_refused(void **state)
{
	rig_serve(*state, "keyboard");
	refused_num(*state, 0);
	refused_num(*state, 32769);
	rig_expect_serves(*state);
}

/* What was legal is not when the ring turns out to be a split one. */
static void a_split_ring_of_5_is_refused_whenever_it_is_known(void **state)
{
	struct rig *rig = *state;
	struct frontend *fe = &rig->fe;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 5);
	assert_ok(fe_set_features(fe));
	assert_ok(fe_share_memory(fe));
	const struct fe_msg steps[] = {
		fe_msg_state(VU_SET_VRING_NUM, 0, 5),
		fe_msg_u64(VU_SET_FEATURES, fe->features & ~FE_PACKED_RINGS),
		fe_msg_vring_addr(fe, 0),
		fe_msg_vring_fd(VU_SET_VRING_KICK, 0, fe->ring[0].kick),
		fe_msg_state(VU_SET_VRING_ENABLE, 0, 1),
	};
	for (size_t i = 0; i < 4; i++)
		assert_ok(fe_request(fe, &steps[i]));
	assert_rc(fe_request(fe, &steps[4]), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_ENABLE: invalid ring size 5");
	rig_expect_serves(rig);
}

static void the_layout_cannot_change_while_rings_run(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	struct fe_msg split = fe_msg_u64(VU_SET_FEATURES,
					 rig->fe.features & ~FE_PACKED_RINGS);
	assert_rc(fe_request(&rig->fe, &split), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_FEATURES: ");
	rig_expect_serves(rig);
}

static void a_base_past_the_ring_is_refused(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	assert_rc(fe_start_queue(&rig->fe, 0, 0x80108010), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_ENABLE: base 0x80108010");
	rig_expect_serves(rig);
}

/* Over some rounds of each. */
static void get_vring_base_returns_slot_and_wrap_counter(void **state)
{
	static const uint16_t sizes[] = { 1, 2, 5, 7 };
	struct rig *rig = *state;
	uint32_t base;

	rig_serve(rig, "keyboard");
	for (size_t i = 0; i < 4; i++) {
		const struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

		rig_run(rig, NULL, sizes[i]);
		for (uint32_t n = 2; n < 32; n += 2) {
			inject(rig, KEY(KEY_A, n / 2 % 2), SYN);
			expect(rig, KEY(KEY_A, n / 2 % 2), SYN);
			assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
			assert_num(base, fe_ring_base_after(ring, n));
			assert_ok(fe_start_queue(&rig->fe, FE_EVENTQ, base));
		}
		inject(rig, KEY(KEY_A, 0), SYN);
		expect(rig, KEY(KEY_A, 0), SYN);
		rig_expect_nothing(rig);
	}
}

static const struct CMUnitTest of_packed_rings[] = {
	T(a_slot_of_another_round_is_not_taken),
	T(any_buffer_id_comes_back),
	T(a_chain_of_1025_breaks),
	T(sizes_0_and_32769_are_refused),
	T(a_split_ring_of_5_is_refused_whenever_it_is_known),
	T(the_layout_cannot_change_while_rings_run),
	T(a_base_past_the_ring_is_refused),
	T(get_vring_base_returns_slot_and_wrap_counter),
};

/* --- split rings --- */

/* A packed ring has no index that could jump. */
static const struct CMUnitTest of_split_rings[] = {
	T(eventq_breaks_when_avail_jumps_by_17_of_16),
	T(eventq_breaks_when_avail_goes_back),
	T(statusq_breaks_when_avail_jumps_by_17_of_16),
	T(any_jump_by_more_than_the_ring_breaks),
	T(a_broken_queue_stays_silent),
};

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_size_from_1_to_32768_delivers),
		T(all_32768_buffers_are_used),
		T(indices_wrap_at_65536),
		T(a_batch_is_one_call_with_event_idx),
		T(a_batch_is_one_call_without_event_idx),
		T(no_interrupt_flag_is_heeded),
		T(used_event_is_heeded),
		T(kicks_are_suppressed_when_idle_with_event_idx),
		T(kicks_are_suppressed_when_idle_without_event_idx),
		T(a_kick_brings_what_had_no_buffers_with_event_idx),
		T(a_kick_brings_what_had_no_buffers_without_event_idx),
		T(one_kick_is_enabled_with_event_idx),
		T(kicks_without_need_do_nothing),
		T(disabled_queue_is_left_alone),
		T(rings_are_enabled_without_protocol_features),
		T(rings_are_disabled_with_protocol_features),
		T(a_running_ring_can_be_moved),
	};

	int failed = cmocka_run_group_tests_name("rings", tests, NULL, NULL);
	if (rig_is_packed())
		return failed + cmocka_run_group_tests_name("packed rings",
							    of_packed_rings,
							    NULL, NULL);
	return failed + cmocka_run_group_tests_name("split rings",
						    of_split_rings, NULL, NULL);
}
