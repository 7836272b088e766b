/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver copies the chain of a buffer into slots that follow each other.
 * All of them have its id: a device may take that of any. It gives the buffer
 * back in the first of them; how many there were, the driver has to remember.
 */
#include "injector/frontend/frontend-ring-layout.h"

#include <string.h>

#define AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED  (1u << VRING_PACKED_DESC_F_USED)
/* Flags that a descriptor has in either layout. */
#define DESC_FLAGS \
	(VRING_DESC_F_NEXT | VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT)

size_t fe_packed_bytes(uint32_t num)
{
	return num * (sizeof(struct vring_packed_desc) +
		      sizeof(struct vring_desc) + sizeof(uint16_t)) +
	       2 * sizeof(struct vring_packed_desc_event) + 5 * 16;
}

bool fe_packed_alloc(struct fe_ring *ring, struct fe_memory *mem)
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

void fe_packed_reset(struct fe_ring *ring)
{
	memset(ring->slot, 0, ring->num * sizeof(*ring->slot));
	memset(ring->driver, 0, sizeof(*ring->driver));
	memset(ring->device, 0, sizeof(*ring->device));
	memset(ring->taken_by, 0, ring->num * sizeof(*ring->taken_by));
	ring->avail_at = ring->used_at = (struct fe_ring_at){ 0, true };
	ring->n_free = ring->num;
	ring->hides = false;
}

static void advance(const struct fe_ring *ring, struct fe_ring_at *at,
		    uint32_t n)
{
	n += at->slot;
	at->wrap ^= n / ring->num & 1;
	at->slot = (uint16_t)(n % ring->num);
}

/* The first slot since the last publish stays hidden, and so do the others. */
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
	advance(ring, &ring->avail_at, 1);
}

void fe_packed_post(struct fe_ring *ring, uint16_t head)
{
	uint16_t i = head, n = 0;
	bool more = true;

	/* A chain that has no end, or leads nowhere, fills the ring. */
	for (; more && ring->n_free; n++, ring->n_free--) {
		const struct vring_desc *desc = &ring->desc[i % ring->num];

		put_slot(ring, desc, head);
		i = le16toh(desc->next);
		more = le16toh(desc->flags) & VRING_DESC_F_NEXT;
	}
	ring->taken_by[head % ring->num] = n;
	ring->posted += n;
}

void fe_packed_publish(struct fe_ring *ring)
{
	if (!ring->hides)
		return;
	/* All the rest before these flags: the device may read at once. */
	__atomic_store_n(&ring->slot[ring->hidden].flags,
			 htole16(ring->hidden_flags), __ATOMIC_RELEASE);
	ring->hides = false;
}

bool fe_packed_wants_kick(const struct fe_ring *ring, uint16_t posted)
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

/* Return: whether the device has used the slot there. */
static bool is_used(const struct fe_ring *ring, struct fe_ring_at at)
{
	uint16_t flags = le16toh(
		__atomic_load_n(&ring->slot[at.slot].flags, __ATOMIC_ACQUIRE));

	return !!(flags & AVAIL) == at.wrap && !!(flags & USED) == at.wrap;
}

bool fe_packed_is_used(const struct fe_ring *ring)
{
	return is_used(ring, ring->used_at);
}

static uint16_t off_wrap_of(struct fe_ring_at at)
{
	return at.slot | (uint16_t)(at.wrap << VRING_PACKED_EVENT_F_WRAP_CTR);
}

void fe_packed_arm(struct fe_ring *ring)
{
	__atomic_store_n(&ring->driver->off_wrap,
			 htole16(off_wrap_of(ring->used_at)), __ATOMIC_RELAXED);
	__atomic_store_n(&ring->driver->flags,
			 htole16(VRING_PACKED_EVENT_FLAG_DESC),
			 __ATOMIC_RELEASE);
}

int fe_packed_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	const struct vring_packed_desc *slot = &ring->slot[ring->used_at.slot];

	elem->id = le16toh(slot->id);
	elem->len = le32toh(slot->len);
	if (elem->id >= ring->num || !ring->taken_by[elem->id])
		return FE_E_RING;
	advance(ring, &ring->used_at, ring->taken_by[elem->id]);
	ring->n_free += ring->taken_by[elem->id];
	ring->taken_by[elem->id] = 0;
	return 0;
}

uint16_t fe_packed_n_used(const struct fe_ring *ring)
{
	struct fe_ring_at at = ring->used_at;
	uint16_t n = 0;

	for (; n < ring->num && is_used(ring, at); n++) {
		uint16_t id = le16toh(ring->slot[at.slot].id) % ring->num;

		advance(ring, &at, ring->taken_by[id]);
	}
	return n;
}

/* Bits 0-15 are the next to be made available, 16-31 the next to be used. */
uint32_t fe_packed_base_after(const struct fe_ring *ring, uint32_t n)
{
	struct fe_ring_at at = { 0, true };

	advance(ring, &at, n);
	return off_wrap_of(at) | (uint32_t)off_wrap_of(at) << 16;
}

uint32_t fe_packed_base(const struct fe_ring *ring)
{
	return off_wrap_of(ring->avail_at) |
	       (uint32_t)off_wrap_of(ring->used_at) << 16;
}
