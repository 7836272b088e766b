/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device behind the guest's IOMMU (vhost-user: "IOMMU support"): a page of
 * rings and buffers is missed once, and used after the update; without one it
 * is left alone, and only its queue waits.
 */
#include <poll.h>
#include "tests/lib/held.h"
#include "tests/lib/iotlb-rig.h"
#include "tests/lib/usage.h"

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
	};

	return HELD_RUN("iotlb", tests);
}
