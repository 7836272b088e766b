/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend-ring.h"

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

/* With the two bytes of used_event, avail_event behind them (§2.7.6, .8). */
static size_t avail_bytes(uint32_t num)
{
	return sizeof(struct vring_avail) + 2 * (size_t)num + 2;
}

static size_t used_bytes(uint32_t num)
{
	return sizeof(struct vring_used) +
	       sizeof(struct vring_used_elem) * (size_t)num + 2;
}

size_t fe_ring_bytes(uint32_t num)
{
	return num * (sizeof(struct vring_desc) + sizeof(struct vi_event)) +
	       avail_bytes(num) + used_bytes(num) + 4 * 16;
}

int fe_ring_init(struct fe_ring *ring, struct fe_memory *mem, uint16_t num)
{
	*ring = (struct fe_ring){
		.num = num,
		.desc = fe_memory_alloc(mem, num * sizeof(*ring->desc), 16),
		.avail = fe_memory_alloc(mem, avail_bytes(num), 2),
		.used = fe_memory_alloc(mem, used_bytes(num), 4),
		.buf = fe_memory_alloc(mem, num * sizeof(*ring->buf), 8),
		.kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.err = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	if (ring->kick < 0 || ring->call < 0 || ring->err < 0)
		return -errno;
	return ring->desc && ring->avail && ring->used && ring->buf ? 0
								    : -ENOMEM;
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
	memset(ring->avail, 0, avail_bytes(ring->num));
	memset(ring->used, 0, used_bytes(ring->num));
	ring->avail_idx = 0;
	ring->published = 0;
	ring->used_idx = 0;
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

void fe_ring_post(struct fe_ring *ring, uint16_t head)
{
	ring->avail->ring[ring->avail_idx % ring->num] = htole16(head);
	ring->avail_idx++;
}

void fe_ring_publish(struct fe_ring *ring)
{
	/* The entries before the index: the device may read at once. */
	__atomic_store_n(&ring->avail->idx, htole16(ring->avail_idx),
			 __ATOMIC_RELEASE);
}

bool fe_ring_wants_kick(struct fe_ring *ring)
{
	uint16_t old = ring->published;

	/* The index before what the device asks for (§2.7.13.4.1). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring->published = ring->avail_idx;
	if (!ring->event_idx)
		return !(le16toh(__atomic_load_n(&ring->used->flags,
						 __ATOMIC_RELAXED)) &
			 VRING_USED_F_NO_NOTIFY);
	/* avail_event stands behind the last used element. */
	const void *avail_event = &ring->used->ring[ring->num];
	uint16_t event = le16toh(__atomic_load_n((const uint16_t *)avail_event,
						 __ATOMIC_RELAXED));
	return vring_need_event(event, ring->avail_idx, old);
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

static uint16_t load_used_idx(const struct fe_ring *ring)
{
	return le16toh(__atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE));
}

/* Ask to be called for the next element, then look once more for one. */
static bool arm_and_recheck(struct fe_ring *ring)
{
	if (!ring->event_idx)
		return false;
	__atomic_store_n(&ring->avail->ring[ring->num], htole16(ring->used_idx),
			 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return load_used_idx(ring) != ring->used_idx;
}

int fe_ring_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	if (load_used_idx(ring) == ring->used_idx && !arm_and_recheck(ring))
		return FE_E_EMPTY;
	uint16_t given_back = load_used_idx(ring) - ring->used_idx;
	if (given_back > (uint16_t)(ring->avail_idx - ring->used_idx))
		return FE_E_RING;
	const struct vring_used_elem *e =
		&ring->used->ring[ring->used_idx % ring->num];
	elem->id = le32toh(e->id);
	elem->len = le32toh(e->len);
	if (elem->id >= ring->num)
		return FE_E_RING;
	ring->used_idx++;
	return 0;
}
