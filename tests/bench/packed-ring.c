/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include "packed-ring.h"

#define DESC_F_WRITE (1u << 1)
#define DESC_F_AVAIL (1u << 7)
#define DESC_F_USED  (1u << 15)

enum event_flags {
	EVENT_ENABLE = 0,
	EVENT_DISABLE = 1,
	EVENT_DESC = 2,
};

/* struct pvirtq_desc, virtio 1.3 §2.8.13 */
struct desc {
	uint64_t addr_le;
	uint32_t len_le;
	uint16_t id_le;
	uint16_t flags_le;
};

/* struct pvirtq_event_suppress, virtio 1.3 §2.8.14 */
struct event {
	uint16_t off_wrap_le;
	uint16_t flags_le;
};

static struct desc *slot(const struct packed_ring *p, uint16_t i)
{
	return (struct desc *)(void *)p->ring->desc + i;
}

static void advance(const struct packed_ring *p, uint16_t *i, bool *wrap)
{
	if (++*i < p->ring->num)
		return;
	*i = 0;
	*wrap = !*wrap;
}

void packed_ring_init(struct packed_ring *p, struct fe_ring *ring,
		      const struct fe_memory *mem)
{
	*p = (struct packed_ring){
		.ring = ring, .mem = mem, .avail_wrap = true, .used_wrap = true
	};
}

void packed_ring_post(struct packed_ring *p, uint16_t id)
{
	struct desc *d = slot(p, p->avail);
	uint16_t flags =
		DESC_F_WRITE | (p->avail_wrap ? DESC_F_AVAIL : DESC_F_USED);

	d->addr_le = htole64(fe_guest_addr(p->mem, &p->ring->buf[id]));
	d->len_le = htole32(sizeof(*p->ring->buf));
	d->id_le = htole16(id);
	/* The rest before the flags: they make it available. */
	__atomic_store_n(&d->flags_le, htole16(flags), __ATOMIC_RELEASE);
	advance(p, &p->avail, &p->avail_wrap);
	p->posted++;
}

bool packed_ring_wants_kick(struct packed_ring *p)
{
	const struct event *event = (void *)p->ring->used;
	uint16_t posted = p->posted;

	p->posted = 0;
	/* What is available before the device's wish (§2.8.21.3.1). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	uint16_t flags =
		le16toh(__atomic_load_n(&event->flags_le, __ATOMIC_ACQUIRE));
	if (flags != EVENT_DESC)
		return flags == EVENT_ENABLE;
	uint16_t off_wrap =
		le16toh(__atomic_load_n(&event->off_wrap_le, __ATOMIC_RELAXED));
	uint16_t off = off_wrap & 0x7fff;
	if (off_wrap >> 15 != p->avail_wrap)
		off -= p->ring->num;
	return (uint16_t)(p->avail - off - 1) < posted;
}

static bool is_used(const struct packed_ring *p)
{
	uint16_t flags = le16toh(
		__atomic_load_n(&slot(p, p->used)->flags_le, __ATOMIC_ACQUIRE));

	return !!(flags & DESC_F_AVAIL) == p->used_wrap &&
	       !!(flags & DESC_F_USED) == p->used_wrap;
}

/* Ask to be called for the next slot, then look once more. */
static bool arm_and_recheck(struct packed_ring *p)
{
	struct event *event = (void *)p->ring->avail;
	uint16_t off_wrap = p->used | (uint16_t)(p->used_wrap << 15);

	if (!p->ring->event_idx)
		return false;
	__atomic_store_n(&event->off_wrap_le, htole16(off_wrap),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&event->flags_le, htole16(EVENT_DESC),
			 __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_used(p);
}

int packed_ring_take(struct packed_ring *p, struct vring_used_elem *elem)
{
	if (!is_used(p) && !arm_and_recheck(p))
		return FE_E_EMPTY;
	elem->id = le16toh(slot(p, p->used)->id_le);
	elem->len = le32toh(slot(p, p->used)->len_le);
	if (elem->id >= p->ring->num)
		return FE_E_RING;
	advance(p, &p->used, &p->used_wrap);
	return 0;
}
