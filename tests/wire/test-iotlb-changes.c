/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a device behind the guest's IOMMU when its translations are
 * invalidated, its front-end is replaced, or says what it must not.
 */
#include <string.h>
#include "tests/lib/held.h"
#include "tests/lib/iotlb-rig.h"
#include "tests/lib/random.h"

/* --- invalidations --- */

static void an_invalidated_ring_is_not_touched(void **state)
{
	struct rig *rig = *state;
	uint8_t before[IOMMU_PAGE];
	const uint8_t *page = iommu_at(&w, ring_page(FE_EVENTQ));

	expect_runs(rig);
	iommu_invalidate(&w, ring_page(FE_EVENTQ), IOMMU_PAGE);
	memcpy(before, page, sizeof(before));
	expect_nothing_asked();
	type_a(rig, 1);
	struct vu_iotlb miss = iommu_expect_miss(&w, ring_page(FE_EVENTQ));
	type_a(rig, 0);
	rig_wait_read(rig->inject[0]);
	assert_memory_equal(page, before, sizeof(before));
	iommu_answer(&w, &miss);
	/* Nothing is lost. */
	iommu_expect(&w, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

static void messages_about_an_invalidated_ring_do_not_touch_it(void **state)
{
	struct rig *rig = *state;
	const struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	const struct fe_msg msg[] = {
		fe_msg_vring_fd(VU_SET_VRING_CALL, FE_EVENTQ, ring->call),
		fe_msg_vring_fd(VU_SET_VRING_KICK, FE_EVENTQ, ring->kick),
		fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 0),
		fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 1),
	};

	for (size_t i = 0; i < sizeof(msg) / sizeof(*msg); i++) {
		iommu_invalidate(&w, 0, UINT64_MAX);
		assert_ok(fe_request(&rig->fe, &msg[i]));
	}
	iommu_serve_all(&w);
	expect_runs(rig);
	iommu_invalidate(&w, 0, UINT64_MAX);
	assert_ok(fe_set_vring_addr(&rig->fe, FE_EVENTQ));
	expect_runs(rig);
}

static void an_invalidated_ring_is_looked_for_when_it_is_kicked(void **state)
{
	struct vi_event on = LED(LED_CAPSL, 1);

	iommu_send_status(&w, &on);
	expect_status(*state, LED(LED_CAPSL, 1));
	unsigned int misses = w.misses;
	iommu_invalidate(&w, ring_page(FE_STATUSQ) + 8, 1);
	expect_nothing_asked();
	on = LED(LED_CAPSL, 0);
	iommu_send_status(&w, &on);
	expect_status(*state, LED(LED_CAPSL, 0));
	assert_num(w.misses - misses, 1);
}

static void an_invalidated_buffer_is_missed_again(void **state)
{
	struct rig *rig = *state;

	expect_runs(rig);
	iommu_invalidate(&w, buffer_page(FE_EVENTQ), IOMMU_PAGE);
	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	/* It still waits for the same page, and now for the ring as well. */
	iommu_invalidate(&w, 0, UINT64_MAX);
	struct vu_iotlb miss = iommu_expect_miss(&w, ring_page(FE_EVENTQ));
	iommu_ack(&w, 0);
	iommu_answer(&w, &miss);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
}

/* Sizes that would mean all addresses: 2^64 does not fit. */
static void everything_can_be_invalidated(void **state)
{
	static const uint64_t all[] = { 0, UINT64_MAX };
	struct rig *rig = *state;

	for (size_t i = 0; i < 2; i++) {
		expect_runs(rig);
		iommu_invalidate(&w, 0, all[i]);
		unsigned int misses = w.misses;
		expect_runs(rig);
		assert_num(w.misses - misses, 2);
	}
}

static void invalidations_under_load_lose_nothing(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 1 };

	for (int i = 0; i < 300; i++) {
		uint64_t addr = IOMMU_BASE +
				rnd_below(&rnd, 6) * (uint64_t)IOMMU_PAGE +
				rnd_below(&rnd, IOMMU_PAGE);

		for (int n = 0; n < 3; n++)
			rig_type(rig);
		if (rnd_one_in(&rnd, 8))
			addr = 0;
		iommu_invalidate(&w, addr,
				 addr ? 1 + rnd_below(&rnd, 9000) : 0);
		for (int n = 0; n < 3; n++)
			iommu_expect(&w, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0),
				     SYN);
	}
	iommu_serve_all(&w);
	rig_expect_nothing(rig);
}

static void another_memory_table_forgets_all(void **state)
{
	struct rig *rig = *state;

	rig->fe.mem_table = true;
	expect_runs(rig);
	assert_ok(fe_share_memory(&rig->fe));
	unsigned int misses = w.misses;
	inject(rig, KEY(KEY_A, 1), SYN);
	iommu_expect_miss(&w, ring_page(FE_EVENTQ));
	assert_num(w.misses - misses, 1);
}

/* --- the life of a front-end --- */

static void misses_are_repeated_to_the_next_front_end(void **state)
{
	struct rig *rig = *state;

	expect_runs(rig);
	type_a(rig, 1);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
	iommu_reconnect(&w, NUM);
	iommu_begin(&w);
	/* What is held. */
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
	expect_runs(rig);
}

static void the_next_front_end_may_have_no_iommu(void **state)
{
	struct rig *rig = *state;

	expect_runs(rig);
	rig->fe.want_features &= ~BIT(VIRTIO_F_ACCESS_PLATFORM);
	rig_expect_serves(rig);
}

static void a_queue_whose_ring_moves_waits_for_it_no_more(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, NUM);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	iommu_start_queue(&w, FE_EVENTQ);
	struct vu_iotlb miss = iommu_expect_miss(&w, ring_page(FE_EVENTQ));

	/* The same memory at another address, which is already mapped. */
	const uint64_t from = ring_page(FE_EVENTQ);
	const uint64_t to = IOMMU_BASE + (IOMMU_PAGES - 1) * IOMMU_PAGE;
	w.page[IOMMU_PAGES - 1].at = (from - IOMMU_BASE) / IOMMU_PAGE;
	iommu_tell(&w, to, IOMMU_RW);
	struct fe_msg msg = fe_msg_vring_addr(&rig->fe, FE_EVENTQ);
	msg.addr.desc_user += to - from;
	msg.addr.avail_user += to - from;
	msg.addr.used_user += to - from;
	assert_ok(fe_request(&rig->fe, &msg));
	/* What was missed is not needed any more. */
	assert_num(miss.iova, from);
	iommu_ack(&w, 1);
	expect_runs(rig);
}

static void a_queue_that_waits_can_be_stopped(void **state)
{
	struct rig *rig = *state;
	uint32_t base;

	iommu_prepare(rig, &w, NUM);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	for (int i = 0; i < 3; i++) {
		iommu_start_queue(&w, FE_EVENTQ);
		iommu_expect_miss(&w, ring_page(FE_EVENTQ));
		assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
		assert_num(base,
			   fe_ring_base_after(&rig->fe.ring[FE_EVENTQ], 0));
		iommu_ack(&w, 1);
	}
	iommu_start_queue(&w, FE_EVENTQ);
	struct vu_iotlb miss = iommu_expect_miss(&w, ring_page(FE_EVENTQ));
	rig_wait_read(w.channel.fd);
	iommu_answer(&w, &miss);
	iommu_serve_all(&w);
	expect_runs(rig);
}

/* --- what a front-end must not say --- */

struct bad {
	const char *name;
	struct vu_iotlb msg;
	const char *line;
};

#define UPDATE(IOVA, SIZE, UADDR, ACCESS)                                \
	{                                                                \
		(IOVA), (SIZE), (UADDR), (ACCESS), VU_IOTLB_TYPE_UPDATE, \
	}

static const struct bad bad[] = {
	{ "of nothing", UPDATE(IOMMU_BASE, 0, FE_USER_BASE, 3),
	  "IOTLB_MSG: invalid update: 0x0 bytes" },
	{ "past the end", UPDATE(UINT64_MAX - 7, 16, FE_USER_BASE, 3),
	  "IOTLB_MSG: invalid update: 0x10 bytes at" },
	{ "unknown permissions", UPDATE(IOMMU_BASE, 4096, FE_USER_BASE, 4),
	  "IOTLB_MSG: invalid update: 0x1000 bytes, access 4" },
	{ "a miss",
	  { IOMMU_BASE, 4096, 0, 3, VU_IOTLB_TYPE_MISS },
	  "IOTLB_MSG: invalid type 1" },
	{ "an access failure",
	  { IOMMU_BASE, 0, 0, 3, VU_IOTLB_TYPE_ACCESS_FAIL },
	  "IOTLB_MSG: invalid type 4" },
	{ "no type", { IOMMU_BASE, 0, 0, 0, 0 }, "IOTLB_MSG: invalid type 0" },
};

static void a_bad_message_closes_the_connection(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_IOTLB_MSG);

	iommu_start(rig, &w, NUM);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (i) {
			iommu_reconnect(&w, NUM);
			iommu_begin(&w);
		}
		expect_runs(rig);
		msg.hdr.size = sizeof(bad[i].msg);
		memcpy(msg.bytes, &bad[i].msg, sizeof(bad[i].msg));
		assert_ok(fe_send(&rig->fe, &msg));
		rig_expect_violation(rig, bad[i].line);
	}
}

static void it_is_not_legal_without_the_feature(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_IOTLB_MSG);

	iommu_prepare(rig, &w, NUM);
	rig->fe.want_features &= ~BIT(VIRTIO_F_ACCESS_PLATFORM);
	rig_prepare(rig, NUM);
	assert_ok(fe_start(&rig->fe));
	msg.hdr.size = sizeof(bad[0].msg);
	memcpy(msg.bytes, &bad[0].msg, sizeof(bad[0].msg));
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "IOTLB_MSG: ACCESS_PLATFORM was not acked");
	rig_expect_serves(rig);
}

static void the_feature_does_not_change_under_a_running_queue(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg =
		fe_msg_u64(VU_SET_FEATURES,
			   rig->fe.features & ~BIT(VIRTIO_F_ACCESS_PLATFORM));

	expect_runs(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_FEATURES: ACCESS_PLATFORM changes");
}

static void a_flood_of_updates_is_harmless(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 3 };

	for (int i = 0; i < 20000; i++) {
		struct vu_iotlb msg = {
			.iova = rnd_next(&rnd),
			.size = 1 + rnd_below(&rnd, IOMMU_PAGE),
			.uaddr = FE_USER_BASE + rnd_below(&rnd, IOMMU_PAGE),
			.access = (uint8_t)rnd_below(&rnd, 4),
			.type = VU_IOTLB_TYPE_UPDATE,
		};

		if (msg.iova + msg.size < msg.iova)
			continue;
		iommu_send(&w, &msg);
	}
	expect_runs(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define R(name) cmocka_unit_test_setup_teardown(name, setup_running, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		R(an_invalidated_ring_is_not_touched),
		R(messages_about_an_invalidated_ring_do_not_touch_it),
		R(an_invalidated_ring_is_looked_for_when_it_is_kicked),
		R(an_invalidated_buffer_is_missed_again),
		R(everything_can_be_invalidated),
		R(invalidations_under_load_lose_nothing),
		R(another_memory_table_forgets_all),
		R(misses_are_repeated_to_the_next_front_end),
		R(the_next_front_end_may_have_no_iommu),
		T(a_queue_whose_ring_moves_waits_for_it_no_more),
		T(a_queue_that_waits_can_be_stopped),
		T(a_bad_message_closes_the_connection),
		T(it_is_not_legal_without_the_feature),
		R(the_feature_does_not_change_under_a_running_queue),
		R(a_flood_of_updates_is_harmless),
	};

	return HELD_RUN("iotlb-changes", tests);
}
