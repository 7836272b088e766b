/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device behind the guest's IOMMU (vhost-user: "IOMMU support"): a page of
 * rings and buffers is missed once, and used after the update; without one, or
 * after an invalidation, it is left alone, and only its queue waits.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/lib/held.h"
#include "tests/lib/iommu.h"
#include "tests/lib/random.h"
#include "tests/lib/usage.h"

#define NUM 16

static struct iommu w;

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	fe_init(&w.channel);
	return rig_setup(state);
}

static int teardown(void **state)
{
	iommu_fini(&w);
	return rig_teardown(state);
}

static int setup_running(void **state)
{
	setup(state);
	iommu_start(*state, &w, NUM);
	return 0;
}

static uint64_t ring_page(unsigned int queue)
{
	return iommu_addr(&w, w.rig->fe.ring[queue].desc_area);
}

static uint64_t buffer_page(unsigned int queue)
{
	return iommu_addr(&w, w.rig->fe.ring[queue].buf);
}

static void type_a(struct rig *rig, int value)
{
	inject(rig, KEY(KEY_A, value), SYN);
}

static void expect_nothing_asked(void)
{
	channel_expect_nothing(&w.channel);
}

static void expect_runs(struct rig *rig)
{
	inject(rig, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
	iommu_expect(&w, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
}

/* --- misses --- */

static void a_ring_is_missed_once_and_then_used(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, NUM);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	iommu_start_queue(&w, FE_EVENTQ);
	struct vu_iotlb miss = iommu_expect_miss(&w, ring_page(FE_EVENTQ));
	assert_num(miss.access, rig_is_packed() ? IOMMU_RW : 1);
	type_a(rig, 1);
	type_a(rig, 0);
	rig_wait_read(rig->inject[0]);
	/* What would start it, if it could. */
	assert_ok(fe_set_vring_addr(&rig->fe, FE_EVENTQ));
	expect_nothing_asked();
	iommu_answer(&w, &miss);
	/* Typed before this driver started: the driver gets nothing of it. */
	iommu_serve_all(&w);
	expect_runs(rig);
}

static void a_buffer_is_missed_once_and_then_written(void **state)
{
	struct rig *rig = *state;

	type_a(rig, 1);
	struct vu_iotlb miss = iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	assert_num(miss.access, 2);
	type_a(rig, 0);
	rig_wait_read(rig->inject[0]);
	expect_nothing_asked();
	iommu_answer(&w, &miss);
	iommu_expect(&w, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect_nothing_asked();
	type_a(rig, 1);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
	assert_num(w.misses, 3); /* two rings, one page of buffers */
}

static void a_status_buffer_is_missed_and_then_read(void **state)
{
	struct rig *rig = *state;
	struct vi_event on = LED(LED_CAPSL, 1);

	iommu_send_status(&w, &on);
	expect_status(rig, LED(LED_CAPSL, 1));
	rig_expect_no_status(rig, 0);
	assert_num(w.misses, 3);
}

static void a_front_end_may_update_only_what_was_missed(void **state)
{
	struct rig *rig = *state;
	struct vi_event on = LED(LED_CAPSL, 1);

	iommu_prepare(rig, &w, NUM);
	w.exact = true;
	iommu_begin(&w);
	for (int i = 0; i < 20; i++)
		expect_runs(rig);
	iommu_send_status(&w, &on);
	expect_status(rig, LED(LED_CAPSL, 1));
	assert_in_range(w.misses, 3, 8);
}

static void nothing_is_acked_without_reply_ack(void **state)
{
	struct rig *rig = *state;

	rig->fe.want_protocol &= ~BIT(VU_PROTOCOL_F_REPLY_ACK);
	iommu_start(rig, &w, NUM);
	expect_runs(rig);
}

static void a_channel_that_comes_later_gets_the_misses(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, NUM);
	channel_close(&w.channel);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	iommu_start_queue(&w, FE_EVENTQ);
	channel_open(rig, &w.channel, 0);
	iommu_serve(&w);
	iommu_serve_all(&w);
	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	/* The misses of one front-end are repeated to the next one. */
	channel_close(&w.channel);
	channel_open(rig, &w.channel, 0);
	struct vu_iotlb miss = iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	iommu_answer(&w, &miss);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
}

/* --- pages --- */

static void put_event(uint64_t addr, struct vi_event ev)
{
	for (size_t i = 0; i < sizeof(ev); i++)
		*iommu_at(&w, addr + i) = ((const uint8_t *)&ev)[i];
}

static struct vi_event get_event(uint64_t addr)
{
	struct vi_event ev = { 0 };

	for (size_t i = 0; i < sizeof(ev); i++)
		((uint8_t *)&ev)[i] = *iommu_at(&w, addr + i);
	return ev;
}

/* Post desc[0] of a queue, and answer misses until it is used. */
static void post_first(unsigned int queue, struct vring_desc desc)
{
	struct fe_ring *ring = &w.rig->fe.ring[queue];

	ring->desc[0] = desc;
	fe_ring_post(ring, 0);
	fe_ring_publish_and_kick(ring);
}

static uint32_t take_first(unsigned int queue)
{
	struct fe_ring *ring = &w.rig->fe.ring[queue];
	struct vring_used_elem elem;

	iommu_serve_all(&w);
	rig_wait_used(w.rig, queue, 1);
	assert_ok(fe_ring_take(ring, &elem));
	assert_num(elem.id, 0);
	return elem.len;
}

static void an_event_is_written_over_the_border_of_pages(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, NUM);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		iommu_start_queue(&w, i);
	iommu_serve_all(&w);
	uint64_t addr = iommu_alloc(&w, 3) + 2 * IOMMU_PAGE - 3;
	post_first(FE_EVENTQ, (struct vring_desc){
				      .addr = addr,
				      .len = sizeof(struct vi_event),
				      .flags = VRING_DESC_F_WRITE,
			      });
	type_a(rig, 1);
	assert_num(take_first(FE_EVENTQ), sizeof(struct vi_event));
	struct vi_event got = get_event(addr), want = KEY(KEY_A, 1);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_num(w.misses, 2 + 2);
}

static void an_event_is_read_over_the_border_of_pages(void **state)
{
	struct rig *rig = *state;
	uint64_t addr = iommu_alloc(&w, 2) + IOMMU_PAGE - 5;

	put_event(addr, LED(LED_NUML, 1));
	post_first(FE_STATUSQ, (struct vring_desc){
				       .addr = addr,
				       .len = sizeof(struct vi_event),
			       });
	assert_num(take_first(FE_STATUSQ), 0);
	expect_status(rig, LED(LED_NUML, 1));
}

static void an_indirect_table_lies_over_the_border_of_pages(void **state)
{
	struct rig *rig = *state;
	uint64_t table = iommu_alloc(&w, 2) + IOMMU_PAGE - 24;
	uint64_t event = iommu_alloc(&w, 1);
	struct vring_desc entry[2], half = { .len = 4 };

	put_event(event, LED(LED_SCROLLL, 1));
	for (uint16_t i = 0; i < 2; i++) {
		half.addr = event + i * 4u;
		half.flags = i ? 0 : VRING_DESC_F_NEXT;
		half.next = 1;
		fe_ring_set_entry(&rig->fe.ring[FE_STATUSQ], entry, i, &half);
	}
	for (size_t i = 0; i < sizeof(entry); i++)
		*iommu_at(&w, table + i) = ((const uint8_t *)entry)[i];
	post_first(FE_STATUSQ, (struct vring_desc){
				       .addr = table,
				       .len = sizeof(entry),
				       .flags = VRING_DESC_F_INDIRECT,
			       });
	assert_num(take_first(FE_STATUSQ), 0);
	expect_status(rig, LED(LED_SCROLLL, 1));
}

/* Linux allocates a ring's pages one by one if it has no others. */
static void a_ring_in_pieces_is_refused(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, 512);
	size_t first = (ring_page(FE_EVENTQ) - IOMMU_BASE) / IOMMU_PAGE;
	w.page[first].at = first + 1;
	w.page[first + 1].at = first;
	iommu_start_queue(&w, FE_EVENTQ);
	iommu_serve(&w);
	iommu_serve(&w);
	rig_expect_broken(rig, FE_EVENTQ);
	process_expect_log(&rig->srv, "eventq: the pages of the ring are not");
	iommu_start_queue(&w, FE_STATUSQ);
	iommu_serve_all(&w);
	struct vi_event on = LED(LED_CAPSL, 1);
	iommu_send_status(&w, &on);
}

static void a_ring_of_several_pages_is_used(void **state)
{
	struct rig *rig = *state;

	iommu_start(rig, &w, 512);
	for (int i = 0; i < 600; i++)
		expect_runs(rig);
}

/* --- no access --- */

static void what_is_not_mapped_breaks_the_queue(void **state)
{
	struct rig *rig = *state;

	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	iommu_ack(&w, 1);
	rig_expect_broken(rig, FE_EVENTQ);
	process_expect_log(&rig->srv, "eventq: address to which the IOMMU");
	struct vi_event on = LED(LED_CAPSL, 1);
	iommu_send_status(&w, &on);
	expect_status(rig, LED(LED_CAPSL, 1));
}

static void a_ring_that_is_not_mapped_breaks_the_queue(void **state)
{
	struct rig *rig = *state;

	iommu_prepare(rig, &w, NUM);
	iommu_start_queue(&w, FE_STATUSQ);
	iommu_expect_miss(&w, ring_page(FE_STATUSQ));
	iommu_ack(&w, 7);
	rig_expect_broken(rig, FE_STATUSQ);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	iommu_start_queue(&w, FE_EVENTQ);
	iommu_serve_all(&w);
	expect_runs(rig);
}

static void a_page_that_may_not_be_written_breaks_the_queue(void **state)
{
	struct rig *rig = *state;

	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	iommu_tell(&w, buffer_page(FE_EVENTQ), 1);
	struct vu_iotlb fail = iommu_expect_msg(&w, VU_IOTLB_TYPE_ACCESS_FAIL);
	assert_num(fail.iova / IOMMU_PAGE, buffer_page(FE_EVENTQ) / IOMMU_PAGE);
	assert_num(fail.access, 2);
	rig_expect_broken(rig, FE_EVENTQ);
	/* QEMU does not know this message. */
	iommu_ack(&w, 0);
	iommu_ack(&w, 1);
	rig_wait_read(w.channel.fd);
	struct vi_event on = LED(LED_CAPSL, 1);
	iommu_send_status(&w, &on);
}

static void what_is_not_shared_breaks_the_queue(void **state)
{
	struct rig *rig = *state;
	struct vu_iotlb update = {
		.iova = buffer_page(FE_EVENTQ),
		.size = IOMMU_PAGE,
		.uaddr = FE_USER_BASE + IOMMU_PAGES * IOMMU_PAGE,
		.access = IOMMU_RW,
		.type = VU_IOTLB_TYPE_UPDATE,
	};

	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	assert_num(iommu_send(&w, &update), 1);
	rig_expect_broken(rig, FE_EVENTQ);
	process_expect_log(&rig->srv, "outside guest memory");
}

/* --- answers that are late, or never come --- */

/* Contract 5: a guest that takes nothing does not block injectors. */
static void an_answer_that_never_comes_blocks_no_injector(void **state)
{
	struct rig *rig = *state;

	type_a(rig, 1);
	struct vu_iotlb miss = iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	for (int i = 0; i < 20000; i++)
		inject(rig, KEY(KEY_B, !(i % 2)), SYN);
	inject(rig, KEY(KEY_ESC, 1), SYN);
	rig_wait_read(rig->inject[0]);
	expect_nothing_asked();
	iommu_answer(&w, &miss);
	/* The current state, in one frame. */
	iommu_expect(&w, KEY(KEY_ESC, 1), KEY(KEY_A, 1), SYN);
	expect_runs(rig);
}

static void nothing_wakes_a_device_that_waits(void **state)
{
	struct rig *rig = *state;

	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	/* Until it has folded. */
	long before, now = usage_sleeps(rig->srv.pid);
	do {
		before = now;
		poll(NULL, 0, 300);
		now = usage_sleeps(rig->srv.pid);
	} while (now != before && now < 100);
	assert_num(now, before);
}

static void a_late_answer_belongs_to_its_own_miss(void **state)
{
	struct rig *rig = *state;
	uint32_t base;

	type_a(rig, 1);
	iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
	assert_ok(fe_start_queue(&rig->fe, FE_EVENTQ, base));
	struct vu_iotlb miss = iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	/* No to the first miss, which nobody waits for any more; then yes. */
	iommu_ack(&w, 1);
	rig_wait_read(w.channel.fd);
	iommu_answer(&w, &miss);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
}

static void answers_are_matched_by_queue(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_STATUSQ];

	type_a(rig, 1);
	struct vu_iotlb miss = iommu_expect_miss(&w, buffer_page(FE_EVENTQ));
	fe_ring_set_buffer(ring, &rig->fe.mem, 0, 0);
	fe_ring_post(ring, 0);
	fe_ring_publish_and_kick(ring);
	iommu_expect_miss(&w, buffer_page(FE_STATUSQ));
	iommu_answer(&w, &miss);
	iommu_ack(&w, 1);
	rig_expect_broken(rig, FE_STATUSQ);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
}

static void an_unexpected_answer_is_accepted(void **state)
{
	struct rig *rig = *state;

	iommu_tell(&w, buffer_page(FE_EVENTQ), IOMMU_RW);
	type_a(rig, 1);
	iommu_expect(&w, KEY(KEY_A, 1), SYN);
	assert_num(w.misses, 2);
}

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
		T(a_ring_is_missed_once_and_then_used),
		R(a_buffer_is_missed_once_and_then_written),
		R(a_status_buffer_is_missed_and_then_read),
		T(a_front_end_may_update_only_what_was_missed),
		T(nothing_is_acked_without_reply_ack),
		T(a_channel_that_comes_later_gets_the_misses),
		T(an_event_is_written_over_the_border_of_pages),
		R(an_event_is_read_over_the_border_of_pages),
		R(an_indirect_table_lies_over_the_border_of_pages),
		T(a_ring_in_pieces_is_refused),
		T(a_ring_of_several_pages_is_used),
		R(what_is_not_mapped_breaks_the_queue),
		T(a_ring_that_is_not_mapped_breaks_the_queue),
		R(a_page_that_may_not_be_written_breaks_the_queue),
		R(what_is_not_shared_breaks_the_queue),
		R(an_answer_that_never_comes_blocks_no_injector),
		R(nothing_wakes_a_device_that_waits),
		R(a_late_answer_belongs_to_its_own_miss),
		R(answers_are_matched_by_queue),
		R(an_unexpected_answer_is_accepted),
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

	return HELD_RUN("iotlb", tests);
}
