/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-ring-packed.h"
#include "injector/frontend/frontend-ring-split.h"
#include "injector/frontend/frontend-ring.h"

static const struct fe_ring_ops *const layouts[] = {
	[FE_SPLIT] = &fe_ring_split,
	[FE_PACKED] = &fe_ring_packed,
};

static const struct fe_ring_ops *ring_ops(const struct fe_ring *ring)
{
	return layouts[ring->layout];
}

size_t fe_ring_bytes(uint32_t num)
{
	size_t split = fe_ring_split.bytes(num);
	size_t packed = fe_ring_packed.bytes(num);

	return (split > packed ? split : packed) +
	       num * sizeof(struct vi_event) + 16;
}

int fe_ring_init(struct fe_ring *ring, struct fe_memory *mem, uint16_t num,
		 enum fe_layout layout)
{
	*ring = (struct fe_ring){
		.layout = layout,
		.num = num,
		.kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.err = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	if (ring->kick < 0 || ring->call < 0 || ring->err < 0)
		return -errno;
	if (!ring_ops(ring)->alloc(ring, mem))
		return -ENOMEM;
	ring->buf = fe_memory_alloc(mem, num * sizeof(*ring->buf), 8);
	return ring->buf ? 0 : -ENOMEM;
}

void fe_ring_fini(struct fe_ring *ring)
{
	int fds[] = { ring->kick, ring->call, ring->err };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	*ring = (struct fe_ring){ .kick = -1, .call = -1, .err = -1 };
}

void fe_ring_reset(struct fe_ring *ring)
{
	ring_ops(ring)->reset(ring);
	ring->posted = 0;
}

void fe_ring_set_buffer(struct fe_ring *ring, const struct fe_memory *mem,
			uint16_t i, uint16_t flags)
{
	ring->desc[i] = (struct vring_desc){
		.addr = htole64(fe_guest_addr(mem, &ring->buf[i])),
		.len = htole32(sizeof(struct vi_event)),
		.flags = htole16(flags),
	};
}

void fe_ring_set_entry(const struct fe_ring *ring, void *table, uint16_t i,
		       const struct vring_desc *desc)
{
	ring_ops(ring)->set_entry(table, i, desc);
}

void fe_ring_post(struct fe_ring *ring, uint16_t head)
{
	ring_ops(ring)->post(ring, head);
}

void fe_ring_publish(struct fe_ring *ring)
{
	ring_ops(ring)->publish(ring);
}

bool fe_ring_wants_kick(struct fe_ring *ring)
{
	uint16_t posted = ring->posted;

	ring->posted = 0;
	/* Publish before reading the suppression (§2.7.13.4, §2.8.21.3). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_ops(ring)->wants_kick(ring, posted);
}

void fe_ring_kick(struct fe_ring *ring)
{
	ssize_t n = write(ring->kick, &(uint64_t){ 1 }, 8);

	(void)n; /* a full counter is a pending kick too */
}

void fe_ring_publish_and_kick(struct fe_ring *ring)
{
	fe_ring_publish(ring);
	if (fe_ring_wants_kick(ring))
		fe_ring_kick(ring);
}

/* Enable the call for the next used buffer, then check for one once more. */
static bool arm_and_recheck(struct fe_ring *ring)
{
	if (!ring->event_idx)
		return false;
	ring_ops(ring)->arm(ring);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_ops(ring)->is_used(ring);
}

int fe_ring_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	if (!ring_ops(ring)->is_used(ring) && !arm_and_recheck(ring))
		return FE_E_EMPTY;
	return ring_ops(ring)->take(ring, elem);
}

uint16_t fe_ring_n_used(const struct fe_ring *ring)
{
	return ring_ops(ring)->n_used(ring);
}

uint16_t fe_ring_n_posted(const struct fe_ring *ring)
{
	return ring_ops(ring)->n_posted(ring);
}

uint32_t fe_ring_base_after(const struct fe_ring *ring, uint32_t n)
{
	return ring_ops(ring)->base_after(ring, n);
}

uint32_t fe_ring_base(const struct fe_ring *ring)
{
	return ring_ops(ring)->base(ring);
}
