/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver copies the chain of a buffer into consecutive slots. It writes the
 * buffer's ID into all of them: the device may read it from any. The device
 * returns the buffer in the first of them, so the driver has to remember how
 * many there were.
 */
#include <string.h>

#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-ring-packed.h"

#define AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED  (1u << VRING_PACKED_DESC_F_USED)
/* Flags that both layouts have. */
#define DESC_FLAGS \
	(VRING_DESC_F_NEXT | VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT)

static size_t packed_bytes(uint32_t num)
{
	return num * (sizeof(struct vring_packed_desc) +
		      sizeof(struct vring_desc) + sizeof(uint16_t)) +
	       2 * sizeof(struct vring_packed_desc_event) + 5 * 16;
}

static bool packed_alloc(struct fe_ring *ring, struct fe_memory *mem)
{
	const uint16_t num = ring->num;

	ring->slot = fe_memory_alloc(mem, num * sizeof(*ring->slot), 16);
	ring->driver = fe_memory_alloc(mem, sizeof(*ring->driver), 4);
	ring->device = fe_memory_alloc(mem, sizeof(*ring->device), 4);
	ring->desc = fe_memory_alloc(mem, num * sizeof(*ring->desc), 16);
	ring->taken_by = fe_memory_alloc(mem, num * sizeof(*ring->taken_by), 2);
	ring->desc_area = ring->slot;
	ring->driver_area = ring->driver;
	ring->device_area = ring->device;
	ring->avail_at.wrap = ring->used_at.wrap = true;
	ring->n_free = num;
	return ring->slot && ring->driver && ring->device && ring->desc &&
	       ring->taken_by;
}

static void packed_reset(struct fe_ring *ring)
{
	memset(ring->slot, 0, ring->num * sizeof(*ring->slot));
	memset(ring->driver, 0, sizeof(*ring->driver));
	memset(ring->device, 0, sizeof(*ring->device));
	memset(ring->taken_by, 0, ring->num * sizeof(*ring->taken_by));
	ring->avail_at = ring->used_at = (struct fe_ring_at){ 0, true };
	ring->n_free = ring->num;
	ring->hides = false;
}

static void fe_packed_advance(const struct fe_ring *ring, struct fe_ring_at *at,
			      uint32_t n)
{
	n += at->slot;
	at->wrap ^= n / ring->num & 1;
	at->slot = (uint16_t)(n % ring->num);
}

/* The first slot since the last publish stays hidden and hides the others. */
static void put_slot(struct fe_ring *ring, const struct vring_desc *desc,
		     uint16_t id)
{
	struct vring_packed_desc *slot = &ring->slot[ring->avail_at.slot];
	uint16_t flags = (le16toh(desc->flags) & DESC_FLAGS) |
			 (ring->avail_at.wrap ? AVAIL : USED);

	slot->addr = desc->addr;
	slot->len = desc->len;
	slot->id = htole16(id);
	if (ring->hides) {
		slot->flags = htole16(flags);
	} else {
		ring->hides = true;
		ring->hidden = ring->avail_at.slot;
		ring->hidden_flags = flags;
	}
	fe_packed_advance(ring, &ring->avail_at, 1);
}

static void packed_set_entry(void *table, uint16_t i,
			     const struct vring_desc *desc)
{
	((struct vring_packed_desc *)table)[i] = (struct vring_packed_desc){
		.addr = desc->addr,
		.len = desc->len,
		.flags = desc->flags,
	};
}

static void packed_post(struct fe_ring *ring, uint16_t head)
{
	uint16_t i = head, n = 0;
	bool more = true;

	/* A chain without an end fills the ring. */
	for (; more && ring->n_free; n++, ring->n_free--) {
		const struct vring_desc *desc = &ring->desc[i % ring->num];

		put_slot(ring, desc, head);
		i = le16toh(desc->next);
		more = le16toh(desc->flags) & VRING_DESC_F_NEXT;
	}
	ring->taken_by[head % ring->num] = n;
	ring->posted += n;
}

static void packed_publish(struct fe_ring *ring)
{
	if (!ring->hides)
		return;
	/* Everything else before these flags: the device may read at once. */
	__atomic_store_n(&ring->slot[ring->hidden].flags,
			 htole16(ring->hidden_flags), __ATOMIC_RELEASE);
	ring->hides = false;
}

static bool packed_wants_kick(const struct fe_ring *ring, uint16_t posted)
{
	const struct vring_packed_desc_event *event = ring->device;
	uint16_t flags =
		le16toh(__atomic_load_n(&event->flags, __ATOMIC_ACQUIRE));

	if (flags != VRING_PACKED_EVENT_FLAG_DESC)
		return flags == VRING_PACKED_EVENT_FLAG_ENABLE;
	uint16_t off_wrap =
		le16toh(__atomic_load_n(&event->off_wrap, __ATOMIC_RELAXED));
	uint16_t off = off_wrap & 0x7fff, at = ring->avail_at.slot;
	if (off_wrap >> VRING_PACKED_EVENT_F_WRAP_CTR != ring->avail_at.wrap)
		off -= ring->num;
	return vring_need_event(off, at, (uint16_t)(at - posted));
}

/* Return: whether the device has used the slot. */
static bool slot_is_used(const struct fe_ring *ring, struct fe_ring_at at)
{
	uint16_t flags = le16toh(
		__atomic_load_n(&ring->slot[at.slot].flags, __ATOMIC_ACQUIRE));

	return !!(flags & AVAIL) == at.wrap && !!(flags & USED) == at.wrap;
}

static bool packed_is_used(const struct fe_ring *ring)
{
	return slot_is_used(ring, ring->used_at);
}

static uint16_t off_wrap_of(struct fe_ring_at at)
{
	return at.slot | (uint16_t)(at.wrap << VRING_PACKED_EVENT_F_WRAP_CTR);
}

static void packed_arm(struct fe_ring *ring)
{
	__atomic_store_n(&ring->driver->off_wrap,
			 htole16(off_wrap_of(ring->used_at)), __ATOMIC_RELAXED);
	__atomic_store_n(&ring->driver->flags,
			 htole16(VRING_PACKED_EVENT_FLAG_DESC),
			 __ATOMIC_RELEASE);
}

static int packed_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	const struct vring_packed_desc *slot = &ring->slot[ring->used_at.slot];

	elem->id = le16toh(slot->id);
	elem->len = le32toh(slot->len);
	if (elem->id >= ring->num || !ring->taken_by[elem->id])
		return FE_E_RING;
	fe_packed_advance(ring, &ring->used_at, ring->taken_by[elem->id]);
	ring->n_free += ring->taken_by[elem->id];
	ring->taken_by[elem->id] = 0;
	return 0;
}

static uint16_t packed_n_posted(const struct fe_ring *ring)
{
	return ring->num - ring->n_free;
}

static uint16_t packed_n_used(const struct fe_ring *ring)
{
	struct fe_ring_at at = ring->used_at;
	uint16_t n = 0;

	for (; n < ring->num && slot_is_used(ring, at); n++) {
		uint16_t id = le16toh(ring->slot[at.slot].id) % ring->num;

		fe_packed_advance(ring, &at, ring->taken_by[id]);
	}
	return n;
}

/* Bits 0-15: the next slot to make available; 16-31: the next to be used. */
static uint32_t packed_base_after(const struct fe_ring *ring, uint32_t n)
{
	struct fe_ring_at at = { 0, true };

	fe_packed_advance(ring, &at, n);
	return off_wrap_of(at) | (uint32_t)off_wrap_of(at) << 16;
}

static uint32_t packed_base(const struct fe_ring *ring)
{
	return off_wrap_of(ring->avail_at) |
	       (uint32_t)off_wrap_of(ring->used_at) << 16;
}

const struct fe_ring_ops fe_ring_packed = {
	.bytes = packed_bytes,
	.alloc = packed_alloc,
	.reset = packed_reset,
	.set_entry = packed_set_entry,
	.post = packed_post,
	.publish = packed_publish,
	.wants_kick = packed_wants_kick,
	.arm = packed_arm,
	.is_used = packed_is_used,
	.take = packed_take,
	.n_used = packed_n_used,
	.n_posted = packed_n_posted,
	.base_after = packed_base_after,
	.base = packed_base,
};
