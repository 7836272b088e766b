/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/frontend/frontend-ring-layout.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

int fe_memory_init(struct fe_memory *mem, size_t size)
{
	*mem = (struct fe_memory){
		.fd = memfd_create("guest-memory", MFD_CLOEXEC),
		.size = size,
		.guest_addr = FE_GUEST_BASE,
		.user_addr = FE_USER_BASE,
	};
	if (mem->fd < 0)
		return -errno;
	if (ftruncate(mem->fd, (off_t)size) < 0)
		return -errno;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, mem->fd,
		       0);
	if (p == MAP_FAILED)
		return -errno;
	mem->base = p;
	return 0;
}

void fe_memory_fini(struct fe_memory *mem)
{
	if (mem->base)
		munmap(mem->base, mem->size);
	if (mem->fd >= 0)
		close(mem->fd);
	*mem = (struct fe_memory){ .fd = -1 };
}

void *fe_memory_alloc(struct fe_memory *mem, size_t size, size_t align)
{
	size_t start = (mem->taken + align - 1) / align * align;

	if (start > mem->size || size > mem->size - start)
		return NULL;
	mem->taken = start + size;
	return memset(mem->base + start, 0, size);
}

uint64_t fe_guest_addr(const struct fe_memory *mem, const void *p)
{
	return mem->guest_addr + (uint64_t)((const uint8_t *)p - mem->base);
}

uint64_t fe_user_addr(const struct fe_memory *mem, const void *p)
{
	return mem->user_addr + (uint64_t)((const uint8_t *)p - mem->base);
}

size_t fe_ring_bytes(uint32_t num)
{
	size_t split = fe_split_bytes(num), packed = fe_packed_bytes(num);

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
	if (!(layout == FE_PACKED ? fe_packed_alloc(ring, mem)
				  : fe_split_alloc(ring, mem)))
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
	if (ring->layout == FE_PACKED)
		fe_packed_reset(ring);
	else
		fe_split_reset(ring);
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
	struct vring_packed_desc *packed = table;
	struct vring_desc *split = table;

	if (ring->layout == FE_PACKED)
		packed[i] = (struct vring_packed_desc){
			.addr = desc->addr,
			.len = desc->len,
			.flags = desc->flags,
		};
	else
		split[i] = *desc;
}

void fe_ring_post(struct fe_ring *ring, uint16_t head)
{
	if (ring->layout == FE_PACKED)
		fe_packed_post(ring, head);
	else
		fe_split_post(ring, head);
}

void fe_ring_publish(struct fe_ring *ring)
{
	if (ring->layout == FE_PACKED)
		fe_packed_publish(ring);
	else
		fe_split_publish(ring);
}

bool fe_ring_wants_kick(struct fe_ring *ring)
{
	uint16_t posted = ring->posted;

	ring->posted = 0;
	/* What was posted before what is asked for (§2.7.13.4, §2.8.21.3). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring->layout == FE_PACKED ? fe_packed_wants_kick(ring, posted)
					 : fe_split_wants_kick(ring, posted);
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

static bool is_used(const struct fe_ring *ring)
{
	return ring->layout == FE_PACKED ? fe_packed_is_used(ring)
					 : fe_split_is_used(ring);
}

/* Ask to be called for the next element, then look once more for one. */
static bool arm_and_recheck(struct fe_ring *ring)
{
	if (!ring->event_idx)
		return false;
	if (ring->layout == FE_PACKED)
		fe_packed_arm(ring);
	else
		fe_split_arm(ring);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_used(ring);
}

int fe_ring_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	if (!is_used(ring) && !arm_and_recheck(ring))
		return FE_E_EMPTY;
	return ring->layout == FE_PACKED ? fe_packed_take(ring, elem)
					 : fe_split_take(ring, elem);
}

uint16_t fe_ring_n_used(const struct fe_ring *ring)
{
	return ring->layout == FE_PACKED ? fe_packed_n_used(ring)
					 : fe_split_n_used(ring);
}

uint16_t fe_ring_n_posted(const struct fe_ring *ring)
{
	return ring->layout == FE_PACKED
		       ? ring->num - ring->n_free
		       : (uint16_t)(ring->avail_idx - ring->used_idx);
}

uint32_t fe_ring_base_after(const struct fe_ring *ring, uint32_t n)
{
	return ring->layout == FE_PACKED ? fe_packed_base_after(ring, n)
					 : (uint16_t)n;
}

uint32_t fe_ring_base(const struct fe_ring *ring)
{
	return ring->layout == FE_PACKED ? fe_packed_base(ring)
					 : ring->avail_idx;
}
