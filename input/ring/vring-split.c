/* SPDX-License-Identifier: Apache-2.0 */
/*
 *         driver                                    device (here)
 *   avail->ring[] = head ──► avail->idx ──► next: take head, walk the chain
 *   used->ring[] read    ◄── used->idx  ◄── used->ring[] = {head, len}
 *
 * Every index in the rings is free-running, 16 bits, taken modulo num. Acquire
 * and release pair with the driver's barriers: entries before the index that
 * publishes them. Which of them is needed for what is read from a model:
 * tests/model/notify.pml, whose names of barriers stand here. Every buffer is
 * used before the next is taken, so one position serves both rings.
 */
#include <sys/param.h>
#include "input/base/hot.h"
#include "input/ring/guest-copy.h"
#include "input/ring/vring-split.h"

/* struct virtq_desc, virtio 1.3 §2.7.5 */
struct desc {
	uint64_t addr_le; /* guest-physical */
	union {
		struct {
			uint32_t len_le;
			uint16_t flags_le;
			uint16_t next_le;
		};
		uint64_t rest_le; /* these three, for one access */
	};
};

/* Behind ring[num]: used_event, §2.7.6. */
struct avail {
	uint16_t flags_le;
	uint16_t idx_le;
	uint16_t ring_le[];
};

/* Behind ring[num]: avail_event, §2.7.8. */
struct used {
	uint16_t flags_le;
	uint16_t idx_le;
	struct {
		uint32_t id_le;
		uint32_t len_le;
	} ring[];
};

#define AVAIL_F_NO_INTERRUPT 1
#define USED_F_NO_NOTIFY     1

/* Log len bytes written at offset of the used ring. */
static inline void log_used(const struct vring *vr, size_t offset, size_t len)
{
	if (vr->log)
		guest_mem_log(vr->mem, (struct gpa){ vr->log_base.v + offset },
			      len);
}

int vring_split_resume(struct vring *vr)
{
	const struct used *used = vr->used;

	vr->next = vring_load16(&used->idx_le);
	vr->seen_avail = vr->next;
	return 0;
}

/* BARRIER_AVAIL: the index before the entries. */
static inline uint16_t split_load_avail(const struct avail *avail)
{
	return le16toh(__atomic_load_n(&avail->idx_le, __ATOMIC_ACQUIRE));
}

/* An index that jumped is left to vring_split_ready(). */
uint16_t vring_split_available(const struct vring *vr)
{
	const uint16_t n = (uint16_t)(split_load_avail(vr->avail) - vr->next);

	return n > vr->num ? 0 : n;
}

/* Also for vring_unreturned(): the first time is before any is used. */
static void split_load_seen(struct vring *vr)
{
	uint16_t n;

	vr->seen_avail = split_load_avail(vr->avail);
	n = vr->seen_avail - vr->next;
	if (n <= vr->num)
		vr->pool = MAX(vr->pool, n);
}

WARM int vring_split_ready(struct vring *vr)
{
	if (vr->seen_avail == vr->next)
		split_load_seen(vr);
	if ((uint16_t)(vr->seen_avail - vr->next) > vr->num)
		return VRING_E_AVAIL;
	return vr->seen_avail != vr->next ? VRING_READY : 0;
}

void vring_split_take(struct vring *vr, struct vring_walk *w)
{
	const struct avail *avail = vr->avail;
	uint16_t head = vring_load16(&avail->ring_le[vr->next & (vr->num - 1)]);

	*w = (struct vring_walk){ .vr = vr,
				  .id = head,
				  .n = vr->num,
				  .left = vring_chain_max(vr->num),
				  .next = head,
				  .more = true };
}

/* Reads each member once: the driver may change it at any time. */
static inline struct desc split_load_desc(const struct desc *table, uint32_t i)
{
	const struct desc *d = &table[i];

	return (struct desc){
		.addr_le = __atomic_load_n(&d->addr_le, __ATOMIC_RELAXED),
		.len_le = __atomic_load_n(&d->len_le, __ATOMIC_RELAXED),
		.flags_le = __atomic_load_n(&d->flags_le, __ATOMIC_RELAXED),
		.next_le = __atomic_load_n(&d->next_le, __ATOMIC_RELAXED),
	};
}

int vring_split_load(struct vring_walk *w)
{
	struct desc desc;

	if (w->next >= w->n)
		return VRING_E_HEAD;
	if (w->indirect) {
		struct gpa at = { w->table.v + w->next * sizeof(desc) };
		int r = guest_mem_read(w->vr->mem, at, &desc, sizeof(desc));

		if (r)
			return vring_error_of(r);
	} else {
		desc = split_load_desc(w->vr->desc, w->next);
	}
	w->addr.v = le64toh(desc.addr_le);
	w->len = le32toh(desc.len_le);
	w->flags = le16toh(desc.flags_le);
	w->next = le16toh(desc.next_le);
	w->more = w->flags & VRING_DESC_F_NEXT;
	return 0;
}

int vring_split_use(struct vring *vr, struct vring_walk *w, uint32_t len)
{
	struct used *used = vr->used;
	uint16_t i = vr->next & (vr->num - 1);

	vring_store32(&used->ring[i].id_le, w->id);
	vring_store32(&used->ring[i].len_le, len);
	log_used(vr, offsetof(struct used, ring[i]), sizeof(used->ring[i]));
	vr->next++;
	return 0;
}

/*
 * Return: how many of n buffers are available and not past the ring's end; 0
 * also if the index jumped.
 */
static inline size_t split_run(struct vring *vr, size_t n)
{
	const uint16_t left = vr->num - (vr->next & (vr->num - 1));
	uint16_t ready;

	if (vr->seen_avail == vr->next)
		split_load_seen(vr);
	ready = vr->seen_avail - vr->next;
	if (ready > vr->num)
		return 0;
	n = MIN(n, ready);
	return MIN(n, left);
}

/* kind: rest_le without the next. Usually a buffer is as long as an item. */
static inline bool is_plain(uint64_t kind, uint32_t len)
{
	const uint64_t usual =
		(uint64_t)VRING_DESC_F_WRITE << 48 | (uint64_t)len << 16;

	return __builtin_expect(kind == usual, true) ||
	       (kind >> 48 == VRING_DESC_F_WRITE &&
		(uint32_t)(kind >> 16) >= len);
}

/* Not aligned: elements are at 4 + 8 * i. */
static inline void store_used(void *elem, uint16_t id, uint32_t len)
{
	const uint64_t le = htole64((uint64_t)len << 32 | id);

	guest_copy(elem, &le, sizeof(le));
}

/*
 * All in locals: the compiler cannot know that writes to guest memory do not
 * change *vr.
 */
static inline __attribute__((always_inline)) size_t split_write_plain(
	struct vring *vr, const uint8_t *items, uint32_t len, size_t n)
{
	const struct guest_region *near = &vr->mem->region[vr->mem->last];
	const uint64_t first = near->gpa.v, last = near->size - len;
	uint8_t *const local = near->local;
	const struct desc *table = vr->desc;
	const uint16_t mask = vr->num - 1, at = vr->next & mask;
	const uint16_t *avail = &((const struct avail *)vr->avail)->ring_le[at];
	uint8_t *used = (void *)&((struct used *)vr->used)->ring[at];
	size_t i;

	n = near->size < len ? 0 : split_run(vr, n);
	for (i = 0; i < n; i++, items += len) {
		const uint16_t head = vring_load16(&avail[i]);

		if (head > mask)
			break;
		/* Each once: the driver may change them at any time. */
		const uint64_t offset =
			le64toh(__atomic_load_n(&table[head].addr_le,
						__ATOMIC_RELAXED)) -
			first;
		const uint64_t rest = le64toh(__atomic_load_n(
			&table[head].rest_le, __ATOMIC_RELAXED));
		if (!is_plain(rest << 16, len) || offset > last)
			break;
		guest_copy(local + offset, items, len);
		store_used(used + 8 * i, head, len);
	}
	vr->next += (uint16_t)i;
	return i;
}

static __attribute__((noinline)) size_t split_write_any(struct vring *vr,
							const void *items,
							uint32_t len, size_t n)
{
	return split_write_plain(vr, items, len, n);
}

HOT size_t vring_split_write_plain(struct vring *vr, const void *items,
				   uint32_t len, size_t n)
{
	/* With a constant length the compiler inlines the copy. */
	return len == sizeof(uint64_t)
		       ? split_write_plain(vr, items, sizeof(uint64_t), n)
		       : split_write_any(vr, items, len, n);
}

/* Whether the driver wants a notification for old .. new. */
static inline bool wants_notification(const struct vring *vr, uint16_t old,
				      uint16_t new)
{
	const struct avail *avail = vr->avail;

	if (!vr->event_idx)
		return !(vring_load16(&avail->flags_le) & AVAIL_F_NO_INTERRUPT);
	return vring_passed(vring_load16(&avail->ring_le[vr->num]), new, old);
}

HOT bool vring_split_publish(struct vring *vr)
{
	struct used *used = vr->used;
	const uint16_t old = vr->published, new = vr->next;
	bool notify;

	if (old == new)
		return false;
	/* Entries before the index: the driver may read at once. BARRIER_USED.
	 */
	__atomic_store_n(&used->idx_le, htole16(new), __ATOMIC_RELEASE);
	vr->published = new;
	/*
	 * Write the index, then read the flags: the driver does the reverse.
	 * BARRIER_PUBLISH.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	notify = wants_notification(vr, old, new);
	/* Last: nothing is kept for after this call where there is no log. */
	log_used(vr, offsetof(struct used, idx_le), sizeof(used->idx_le));
	return notify;
}

static void split_store_avail_event(const struct vring *vr, uint16_t idx)
{
	struct used *used = vr->used;

	vring_store16((uint16_t *)(void *)&used->ring[vr->num], idx);
	log_used(vr,
		 offsetof(struct used, ring) + vr->num * sizeof(used->ring[0]),
		 sizeof(uint16_t));
}

/*
 * With EVENT_IDX the driver kicks when avail->idx passes avail_event. Kicks are
 * suppressed by not updating that word: it has been passed already.
 */
WARM void vring_split_ask_kicks(struct vring *vr, bool ask)
{
	struct used *used = vr->used;

	if (!vr->event_idx && vr->kicks != ask) {
		vring_store16(&used->flags_le, ask ? 0 : USED_F_NO_NOTIFY);
		log_used(vr, 0, sizeof(used->flags_le));
	} else if (vr->event_idx && ask) {
		split_store_avail_event(vr, vr->next);
	}
}

void vring_split_ask_returns(struct vring *vr)
{
	uint16_t at, n = 0;

	if (!vr->event_idx) {
		vring_split_ask_kicks(vr, true);
		return;
	}
	/*
	 * Again if the driver had moved on before it could see that: it does
	 * not kick for an index that it has passed. BARRIER_RETURNS.
	 */
	do {
		at = split_load_avail(vr->avail);
		split_store_avail_event(vr, at);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (split_load_avail(vr->avail) != at && n++ < vr->num);
}

/*
 * Events are used with their length, and drivers clear a new ring. (One that
 * does not gets an unneeded notification. A used status buffer is all zeros, so
 * this does not work for the statusq.)
 */
bool vring_split_came_round(const struct vring *vr)
{
	const struct used *used = vr->used;

	return vring_load32(&used->ring[vr->num - 1].len_le);
}
