/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-ring-split.h"

/* Both end in two bytes: used_event and avail_event (§2.7.6, §2.7.8). */
static size_t avail_bytes(uint32_t num)
{
	return sizeof(struct vring_avail) + 2 * (size_t)num + 2;
}

static size_t used_bytes(uint32_t num)
{
	return sizeof(struct vring_used) +
	       sizeof(struct vring_used_elem) * (size_t)num + 2;
}

static size_t split_bytes(uint32_t num)
{
	return num * sizeof(struct vring_desc) + avail_bytes(num) +
	       used_bytes(num) + 3 * 16;
}

static bool split_alloc(struct fe_ring *ring, struct fe_memory *mem)
{
	const uint16_t num = ring->num;

	ring->desc = fe_memory_alloc(mem, num * sizeof(*ring->desc), 16);
	ring->avail = fe_memory_alloc(mem, avail_bytes(num), 2);
	ring->used = fe_memory_alloc(mem, used_bytes(num), 4);
	ring->desc_area = ring->desc;
	ring->driver_area = ring->avail;
	ring->device_area = ring->used;
	return ring->desc && ring->avail && ring->used;
}

static void split_reset(struct fe_ring *ring)
{
	memset(ring->avail, 0, avail_bytes(ring->num));
	memset(ring->used, 0, used_bytes(ring->num));
	ring->avail_idx = 0;
	ring->used_idx = 0;
}

static void split_set_entry(void *table, uint16_t i,
			    const struct vring_desc *desc)
{
	((struct vring_desc *)table)[i] = *desc;
}

static void split_post(struct fe_ring *ring, uint16_t head)
{
	ring->avail->ring[ring->avail_idx % ring->num] = htole16(head);
	ring->avail_idx++;
	ring->posted++;
}

static void split_publish(struct fe_ring *ring)
{
	/* The entries before the index: the device may read at once. */
	__atomic_store_n(&ring->avail->idx, htole16(ring->avail_idx),
			 __ATOMIC_RELEASE);
}

static bool split_wants_kick(const struct fe_ring *ring, uint16_t posted)
{
	if (!ring->event_idx)
		return !(le16toh(__atomic_load_n(&ring->used->flags,
						 __ATOMIC_RELAXED)) &
			 VRING_USED_F_NO_NOTIFY);
	/* avail_event follows the last used element. */
	const void *avail_event = &ring->used->ring[ring->num];
	uint16_t event = le16toh(__atomic_load_n((const uint16_t *)avail_event,
						 __ATOMIC_RELAXED));
	return vring_need_event(event, ring->avail_idx,
				(uint16_t)(ring->avail_idx - posted));
}

static uint16_t split_n_used(const struct fe_ring *ring)
{
	return (uint16_t)(le16toh(__atomic_load_n(&ring->used->idx,
						  __ATOMIC_ACQUIRE)) -
			  ring->used_idx);
}

static bool split_is_used(const struct fe_ring *ring)
{
	return split_n_used(ring);
}

static void split_arm(struct fe_ring *ring)
{
	__atomic_store_n(&ring->avail->ring[ring->num], htole16(ring->used_idx),
			 __ATOMIC_RELAXED);
}

static uint16_t split_n_posted(const struct fe_ring *ring)
{
	return (uint16_t)(ring->avail_idx - ring->used_idx);
}

static int split_take(struct fe_ring *ring, struct vring_used_elem *elem)
{
	if (split_n_used(ring) > split_n_posted(ring))
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

/* Only the index: a split ring has no wrap counters. */
static uint32_t split_base_after(const struct fe_ring *ring, uint32_t n)
{
	return (uint16_t)n;
}

static uint32_t split_base(const struct fe_ring *ring)
{
	return ring->avail_idx;
}

const struct fe_ring_ops fe_ring_split = {
	.bytes = split_bytes,
	.alloc = split_alloc,
	.reset = split_reset,
	.set_entry = split_set_entry,
	.post = split_post,
	.publish = split_publish,
	.wants_kick = split_wants_kick,
	.arm = split_arm,
	.is_used = split_is_used,
	.take = split_take,
	.n_used = split_n_used,
	.n_posted = split_n_posted,
	.base_after = split_base_after,
	.base = split_base,
};
