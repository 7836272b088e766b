/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "injector/frontend/frontend-driver.h"

int fe_make_ring(struct frontend *fe, unsigned int index, uint16_t num)
{
	return fe_ring_init(&fe->ring[index], &fe->mem, num,
			    fe->features & FE_PACKED_RINGS ? FE_PACKED
							   : FE_SPLIT);
}

int fe_make_rings(struct frontend *fe, uint16_t num)
{
	size_t size = FE_QUEUES * fe_ring_bytes(num);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int rc = fe_memory_init(&fe->mem, (size + page - 1) / page * page);

	for (unsigned int i = 0; i < FE_QUEUES && !rc; i++)
		rc = fe_make_ring(fe, i, num);
	return rc;
}

void fe_post_buffers(struct frontend *fe, uint16_t n)
{
	struct fe_ring *ring = &fe->ring[FE_EVENTQ];

	for (uint16_t i = 0; i < n && i < ring->num; i++) {
		fe_ring_set_buffer(ring, &fe->mem, i, VRING_DESC_F_WRITE);
		fe_ring_post(ring, i);
	}
	fe_ring_publish_and_kick(ring);
}

int fe_take_event(struct frontend *fe, struct vi_event *ev, uint16_t *head)
{
	struct fe_ring *ring = &fe->ring[FE_EVENTQ];
	struct vring_used_elem elem;
	int rc = fe_ring_take(ring, &elem);

	if (rc)
		return rc;
	if (elem.len != sizeof(*ev))
		return FE_E_RING;
	*ev = ring->buf[elem.id];
	*head = (uint16_t)elem.id;
	return 0;
}

int fe_recycle_event(struct frontend *fe, struct vi_event *ev)
{
	uint16_t head;
	int rc = fe_take_event(fe, ev, &head);

	if (!rc)
		fe_ring_post(&fe->ring[FE_EVENTQ], head);
	return rc;
}

int fe_wait_call(struct frontend *fe, unsigned int index, int timeout_ms)
{
	uint64_t count;
	struct pollfd p[] = {
		{ .fd = fe->ring[index].call, .events = POLLIN },
		/* No message is due here, only the end of the connection. */
		{ .fd = fe->fd, .events = POLLRDHUP },
	};
	int n = poll(p, 2, timeout_ms);

	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	if (p[0].revents &&
	    read(fe->ring[index].call, &count, sizeof(count)) > 0)
		return 0;
	return FE_E_CLOSED;
}

int fe_next_event(struct frontend *fe, struct vi_event *ev, int timeout_ms)
{
	for (;;) {
		int rc = fe_recycle_event(fe, ev);

		if (!rc)
			fe_ring_publish_and_kick(&fe->ring[FE_EVENTQ]);
		if (rc != FE_E_EMPTY)
			return rc;
		rc = fe_wait_call(fe, FE_EVENTQ, timeout_ms);
		if (rc)
			return rc;
	}
}

int fe_send_status(struct frontend *fe, const struct vi_event *ev)
{
	struct fe_ring *ring = &fe->ring[FE_STATUSQ];
	struct vring_used_elem elem;

	fe_ring_set_buffer(ring, &fe->mem, 0, 0);
	ring->buf[0] = *ev;
	fe_ring_post(ring, 0);
	fe_ring_publish_and_kick(ring);
	for (;;) {
		int rc = fe_ring_take(ring, &elem);

		if (rc != FE_E_EMPTY)
			return rc;
		rc = fe_wait_call(fe, FE_STATUSQ, fe->timeout_ms);
		if (rc)
			return rc;
	}
}
