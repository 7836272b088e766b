/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/iommu.h"

#include <poll.h>
#include <string.h>

static size_t page_of(uint64_t addr)
{
	return (addr - IOMMU_BASE) / IOMMU_PAGE;
}

uint64_t iommu_addr(const struct iommu *iommu, const void *p)
{
	const struct fe_memory *mem = &iommu->rig->fe.mem;

	return IOMMU_BASE + (uint64_t)((const uint8_t *)p - mem->base);
}

uint8_t *iommu_at(const struct iommu *iommu, uint64_t addr)
{
	return iommu->rig->fe.mem.base +
	       iommu->page[page_of(addr)].at * IOMMU_PAGE + addr % IOMMU_PAGE;
}

static void *alloc_pages(struct iommu *iommu, size_t n)
{
	void *p = fe_memory_alloc(&iommu->rig->fe.mem, n * IOMMU_PAGE,
				  IOMMU_PAGE);

	assert_non_null(p);
	return p;
}

uint64_t iommu_alloc(struct iommu *iommu, size_t n)
{
	uint64_t addr = iommu_addr(iommu, alloc_pages(iommu, n));
	size_t first = page_of(addr);

	for (size_t i = 0; i < n; i++)
		iommu->page[first + i].at = first + (n - 1 - i);
	return addr;
}

/* Rings and buffers in pages of their own, so that each can be mapped alone. */
static void make_rings(struct iommu *iommu, uint16_t num)
{
	struct frontend *fe = &iommu->rig->fe;

	assert_ok(fe_memory_init(&fe->mem, IOMMU_PAGES * IOMMU_PAGE));
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		alloc_pages(iommu, 0);
		assert_ok(fe_make_ring(fe, i, num));
		fe->ring[i].buf = alloc_pages(
			iommu, (num * sizeof(struct vi_event) + IOMMU_PAGE -
				1) / IOMMU_PAGE);
	}
	alloc_pages(iommu, 0);
	for (size_t i = 0; i < IOMMU_PAGES; i++) {
		iommu->page[i].at = i;
		iommu->page[i].access = IOMMU_RW;
	}
}

static void connect_and_share(struct iommu *iommu, uint16_t num)
{
	struct frontend *fe = &iommu->rig->fe;

	fe->want_features |= BIT(VIRTIO_F_ACCESS_PLATFORM);
	fe->want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_REQ);
	rig_connect(iommu->rig);
	assert_ok(fe_negotiate(fe));
	make_rings(iommu, num);
	assert_ok(fe_set_features(fe));
	assert_ok(fe_share_memory(fe));
	channel_open(iommu->rig, &iommu->channel, 0);
	/*
	 * From here on the front-end's addresses of rings and buffers are
	 * IOVAs.
	 */
	fe->mem.guest_addr = IOMMU_BASE;
	fe->mem.user_addr = IOMMU_BASE;
}

void iommu_prepare(struct rig *rig, struct iommu *iommu, uint16_t num)
{
	memset(iommu, 0, sizeof(*iommu));
	iommu->rig = rig;
	if (!rig->srv.pid) {
		process_arg(&rig->srv, "--iommu");
		rig_serve(rig, "keyboard");
	}
	connect_and_share(iommu, num);
}

void iommu_reconnect(struct iommu *iommu, uint16_t num)
{
	channel_close(&iommu->channel);
	connect_and_share(iommu, num);
}

void iommu_start_queue(struct iommu *iommu, unsigned int index)
{
	assert_ok(fe_begin_queue(&iommu->rig->fe, index));
}

void iommu_start(struct rig *rig, struct iommu *iommu, uint16_t num)
{
	iommu_prepare(rig, iommu, num);
	iommu_begin(iommu);
}

void iommu_begin(struct iommu *iommu)
{
	fe_post_buffers(&iommu->rig->fe, RIG_BUFFERS);
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		iommu_start_queue(iommu, i);
		iommu_serve_all(iommu);
	}
}

void iommu_fini(struct iommu *iommu)
{
	channel_close(&iommu->channel);
}

uint64_t iommu_send(struct iommu *iommu, const struct vu_iotlb *what)
{
	struct fe_msg msg = fe_msg(VU_IOTLB_MSG);

	msg.hdr.size = sizeof(*what);
	memcpy(msg.bytes, what, sizeof(*what));
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	assert_ok(fe_query(&iommu->rig->fe, &msg, sizeof(msg.u64)));
	return msg.u64;
}

void iommu_tell(struct iommu *iommu, uint64_t addr, uint8_t access)
{
	struct vu_iotlb update = {
		.iova = addr & ~(uint64_t)(IOMMU_PAGE - 1),
		.size = IOMMU_PAGE,
		.uaddr = FE_USER_BASE +
			 iommu->page[page_of(addr)].at * IOMMU_PAGE,
		.access = access,
		.type = VU_IOTLB_TYPE_UPDATE,
	};

	assert_num(iommu_send(iommu, &update), 0);
}

void iommu_invalidate(struct iommu *iommu, uint64_t addr, uint64_t size)
{
	struct vu_iotlb invalidate = {
		.iova = addr,
		.size = size,
		.type = VU_IOTLB_TYPE_INVALIDATE,
	};

	iommu->invalidates++;
	assert_num(iommu_send(iommu, &invalidate), 0);
}

struct vu_iotlb iommu_expect_msg(struct iommu *iommu, uint8_t type)
{
	struct vu_iotlb what;
	struct fe_msg msg = channel_expect(iommu->rig, &iommu->channel,
					   VU_BACKEND_IOTLB_MSG);

	assert_num(msg.hdr.size, sizeof(what));
	memcpy(&what, msg.bytes, sizeof(what));
	assert_num(what.type, type);
	iommu->misses += type == VU_IOTLB_TYPE_MISS;
	return what;
}

struct vu_iotlb iommu_expect_miss(struct iommu *iommu, uint64_t addr)
{
	struct vu_iotlb miss = iommu_expect_msg(iommu, VU_IOTLB_TYPE_MISS);

	assert_num(miss.iova / IOMMU_PAGE, addr / IOMMU_PAGE);
	return miss;
}

void iommu_ack(struct iommu *iommu, uint64_t value)
{
	struct fe_msg answer = channel_answer(VU_BACKEND_IOTLB_MSG, value);

	if (iommu->rig->fe.protocol & BIT(VU_PROTOCOL_F_REPLY_ACK))
		assert_ok(fe_send(&iommu->channel, &answer));
}

void iommu_answer(struct iommu *iommu, const struct vu_iotlb *miss)
{
	uint8_t access;

	assert_in_range(miss->iova, IOMMU_BASE,
			IOMMU_BASE + IOMMU_PAGES * IOMMU_PAGE - 1);
	access = iommu->page[page_of(miss->iova)].access;
	if (miss->access & ~access) {
		iommu_ack(iommu, 1);
		return;
	}
	iommu_tell(iommu, miss->iova, iommu->exact ? miss->access : access);
	iommu_ack(iommu, 0);
}

void iommu_serve(struct iommu *iommu)
{
	struct vu_iotlb miss = iommu_expect_msg(iommu, VU_IOTLB_TYPE_MISS);

	iommu_answer(iommu, &miss);
}

static bool is_asked(struct iommu *iommu, int timeout_ms)
{
	struct pollfd p = { .fd = iommu->channel.fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0;
}

void iommu_serve_all(struct iommu *iommu)
{
	while (is_asked(iommu, RIG_QUIET_MS))
		iommu_serve(iommu);
}

/* Wait until the device calls for this queue. Return: 0 or -ETIMEDOUT. */
static int wait_call(struct iommu *iommu, unsigned int queue)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = iommu->rig->fe.ring[queue].call,
			  .events = POLLIN },
			{ .fd = iommu->channel.fd, .events = POLLIN },
		};

		if (poll(p, 2, DEADLINE_MS) > 0 && !p[0].revents)
			iommu_serve(iommu);
		else
			return fe_wait_call(&iommu->rig->fe, queue, 0);
	}
}

int iommu_next_event(struct iommu *iommu, struct vi_event *ev)
{
	struct frontend *fe = &iommu->rig->fe;

	for (;;) {
		int rc = fe_recycle_event(fe, ev);

		if (!rc)
			fe_ring_publish_and_kick(&fe->ring[FE_EVENTQ]);
		if (rc != FE_E_EMPTY)
			return rc;
		rc = wait_call(iommu, FE_EVENTQ);
		if (rc)
			return rc;
	}
}

void iommu_expect_events(struct iommu *iommu, const struct vi_event *ev,
			 size_t n, const char *file, int line)
{
	for (size_t i = 0; i < n; i++) {
		struct vi_event got;
		int rc = iommu_next_event(iommu, &got);

		if (!rc && !memcmp(&got, &ev[i], sizeof(got)))
			continue;
		print_error("event %zu of %zu: %s, type %u code %u value %d\n",
			    i, n, check_rc_name(rc), vi_type(&got),
			    vi_code(&got), vi_value(&got));
		_fail(file, line);
	}
}

void iommu_send_status(struct iommu *iommu, const struct vi_event *ev)
{
	struct frontend *fe = &iommu->rig->fe;
	struct fe_ring *ring = &fe->ring[FE_STATUSQ];
	struct vring_used_elem elem;

	fe_ring_set_buffer(ring, &fe->mem, 0, 0);
	ring->buf[0] = *ev;
	fe_ring_post(ring, 0);
	fe_ring_publish_and_kick(ring);
	while (fe_ring_take(ring, &elem) == FE_E_EMPTY)
		assert_ok(wait_call(iommu, FE_STATUSQ));
	assert_num(elem.len, 0);
}
