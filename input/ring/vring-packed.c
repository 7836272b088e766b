/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   driver makes available: flags AVAIL = its wrap counter, USED = the inverse
 *   ┌────┬────┬────┬────┬────┐
 *   │    │ a0 │ a1 │ b0 │    │   a: a chain of two, its id in a1; b: of one
 *   └────┴────┴────┴────┴────┘
 *          ▲ next              device uses: id, len, then flags AVAIL = USED =
 *                              its wrap counter, in the chain's first slot
 *
 * One ring holds everything; the flags of a slot tell whose it is. The wrap
 * counter starts at 1 and is inverted with each round. The flags of the first
 * used slot are written last, by vring_packed_publish(), so that the driver
 * sees a batch as one.
 *
 * The offset in the device event suppression is always the device's position.
 * A driver reads it only if it is to kick when that slot becomes available, but
 * the successor of a device that died resumes by it. It is 0 as long as no
 * device has used the ring: slot 0 of a later round is written as the slot past
 * the last of the round before, where no kick is ever due. (In the largest ring
 * that slot has no number.)
 */
#include <sys/param.h>
#include "input/base/hot.h"
#include "input/ring/guest-copy.h"
#include "input/ring/vring-packed.h"

/* struct pvirtq_desc, virtio 1.3 §2.8.13 */
struct desc {
	uint64_t addr_le; /* guest-physical */
	uint32_t len_le;
	uint16_t id_le;
	uint16_t flags_le;
};

#define DESC_F_AVAIL (1u << 7)
#define DESC_F_USED  (1u << 15)
#define DESC_F_BOTH  (DESC_F_AVAIL | DESC_F_USED)

/* struct pvirtq_event_suppress, virtio 1.3 §2.8.14 */
struct event {
	uint16_t off_wrap_le; /* 15 bits of slot, 1 of wrap counter */
	uint16_t flags_le;
};

enum event_flags {
	EVENT_ENABLE = 0,
	EVENT_DISABLE = 1,
	EVENT_DESC = 2, /* when off_wrap is passed; needs EVENT_IDX */
};

#define WRAP (1u << 15) /* in off_wrap */

static void log_written(const struct vring *vr, const void *at, size_t len)
{
	if (vr->mem->log.bits)
		guest_mem_log_local(vr->mem, at, len);
}

/* Release: the offset before the flags that enable it. */
static void store_event(const struct vring *vr, uint16_t *le, uint16_t value)
{
	__atomic_store_n(le, htole16(value), __ATOMIC_RELEASE);
	log_written(vr, le, sizeof(*le));
}

static inline void note_position(struct vring *vr)
{
	struct event *event = vr->used;
	uint16_t at = vr->next | (vr->wrap ? WRAP : 0);

	if (!vr->next && vr->num < VRING_NUM_MAX)
		at = vr->num | (vr->wrap ? 0 : WRAP);
	store_event(vr, &event->off_wrap_le, at);
	vr->noted = at;
}

/* Return: whether a position is noted; *at: in the form of a base. */
static bool noted_position(const struct vring *vr, uint16_t *at)
{
	const struct event *event = vr->used;
	const uint16_t noted = vring_load16(&event->off_wrap_le);

	*at = (noted & ~WRAP) == vr->num ? ~noted & WRAP : noted;
	return noted && (*at & ~WRAP) < vr->num;
}

static struct desc *packed_slot(const struct vring *vr, uint32_t i)
{
	return (struct desc *)vr->desc + i;
}

static inline void vring_packed_advance(struct vring *vr, uint16_t slots)
{
	vr->ahead -= MIN(vr->ahead, slots);
	vr->next += slots;
	if (vr->next >= vr->num) {
		vr->next -= vr->num;
		vr->wrap = !vr->wrap;
	}
}

/* Of what is to be used with this wrap counter. */
static inline uint16_t flags_available(bool wrap)
{
	return wrap ? DESC_F_AVAIL : DESC_F_USED;
}

static inline uint16_t flags_used(bool wrap)
{
	return wrap ? DESC_F_BOTH : 0;
}

/* BARRIER_AVAIL: the flags before the rest of the slot. */
static inline uint16_t load_available(const struct desc *d)
{
	return le16toh(__atomic_load_n(&d->flags_le, __ATOMIC_ACQUIRE));
}

int vring_packed_ready(struct vring *vr)
{
	const uint16_t flags = load_available(packed_slot(vr, vr->next));

	return (flags & DESC_F_BOTH) == flags_available(vr->wrap) ? VRING_READY
								  : 0;
}

/* As far as `end`, which the wrap counter does not change before. */
static void look_ahead(struct vring *vr, uint32_t slot, uint32_t end, bool wrap)
{
	const struct desc *d = packed_slot(vr, slot), *from = d;
	const uint16_t available = flags_available(wrap);
	uint16_t flags, chains = 0;

	for (; slot < end; slot++, d++) {
		flags = load_available(d);
		if ((flags & DESC_F_BOTH) != available)
			break;
		chains |= flags & VRING_DESC_F_NEXT;
	}
	vr->ahead += (uint16_t)(d - from);
	vr->chains |= !!chains;
}

/* A slot that was available stays so until it is used. */
WARM uint16_t vring_packed_available(struct vring *vr)
{
	const uint32_t num = vr->num, next = vr->next;

	if (next + vr->ahead < num)
		look_ahead(vr, next + vr->ahead, num, vr->wrap);
	if (next + vr->ahead >= num)
		look_ahead(vr, next + vr->ahead - num, next, !vr->wrap);
	return vr->ahead;
}

WARM uint16_t vring_packed_room(struct vring *vr)
{
	const uint16_t available = vring_packed_available(vr);

	return vr->chains ? 0 : available;
}

void vring_packed_take(struct vring *vr, struct vring_walk *w)
{
	*w = (struct vring_walk){ .vr = vr,
				  .n = vr->num,
				  .left = vring_chain_max(vr->num),
				  .next = vr->next,
				  .more = true };
}

/* Reads each member once: the driver may change it at any time. */
static struct desc packed_load_desc(const struct vring *vr, uint32_t i)
{
	const struct desc *d = packed_slot(vr, i);

	return (struct desc){
		.addr_le = __atomic_load_n(&d->addr_le, __ATOMIC_RELAXED),
		.len_le = __atomic_load_n(&d->len_le, __ATOMIC_RELAXED),
		.id_le = __atomic_load_n(&d->id_le, __ATOMIC_RELAXED),
		.flags_le = __atomic_load_n(&d->flags_le, __ATOMIC_RELAXED),
	};
}

/* A chain continues in the next slot; a table ends with its length. */
int vring_packed_load(struct vring_walk *w)
{
	struct desc desc;

	if (w->indirect) {
		struct gpa at = { w->table.v + w->next * sizeof(desc) };
		int r = guest_mem_read(w->vr->mem, at, &desc, sizeof(desc));

		if (r)
			return vring_error_of(r);
		w->next++;
	} else {
		desc = packed_load_desc(w->vr, w->next);
		w->next = w->next + 1 < w->n ? w->next + 1 : 0;
		w->slots++;
		w->id = le16toh(desc.id_le);
	}
	w->addr.v = le64toh(desc.addr_le);
	w->len = le32toh(desc.len_le);
	w->flags = le16toh(desc.flags_le);
	/* In a table only WRITE counts, its length is its end (§2.8.7). */
	w->more = w->indirect ? w->next < w->n : w->flags & VRING_DESC_F_NEXT;
	return 0;
}

/* Skip the rest of the chain: the driver counts all of its slots as used. */
static int packed_finish(struct vring_walk *w)
{
	while (!w->indirect && w->more) {
		if (!w->left--)
			return VRING_E_LOOP;
		vring_packed_load(w);
	}
	return 0;
}

/* The flags of the first slot of a batch are left to vring_packed_publish(). */
static inline void packed_use(struct vring *vr, uint16_t id, uint16_t slots,
			      uint32_t len)
{
	struct desc *d = packed_slot(vr, vr->next);
	uint16_t flags = flags_used(vr->wrap);

	if (len)
		flags |= VRING_DESC_F_WRITE;
	vring_store16(&d->id_le, id);
	vring_store32(&d->len_le, len);
	if (!vr->n_used)
		vr->first_flags = flags;
	else
		__atomic_store_n(&d->flags_le, htole16(flags),
				 __ATOMIC_RELEASE);
	log_written(vr, d, sizeof(*d));
	vr->n_used += slots;
	vring_packed_advance(vr, slots);
}

int vring_packed_use(struct vring *vr, struct vring_walk *w, uint32_t len)
{
	int r = packed_finish(w);

	if (!r)
		packed_use(vr, w->id, w->slots, len);
	return r;
}

/* Flags that count for a plain buffer. */
#define PLAIN_FLAGS                                             \
	(DESC_F_BOTH | VRING_DESC_F_WRITE | VRING_DESC_F_NEXT | \
	 VRING_DESC_F_INDIRECT)

/*
 * Up to the ring's end, where the wrap counter changes. Of one slot, the ID is
 * where it has to be. All in locals: the compiler cannot know that writes to
 * guest memory do not change *vr.
 */
static inline __attribute__((always_inline)) size_t packed_write_plain(
	struct vring *vr, const uint8_t *items, uint32_t len, size_t n)
{
	const struct guest_region *near = &vr->mem->region[vr->mem->last];
	const uint64_t first = near->gpa.v, last = near->size - len;
	uint8_t *const local = near->local;
	const uint16_t available =
		flags_available(vr->wrap) | VRING_DESC_F_WRITE;
	const uint16_t used = flags_used(vr->wrap) | VRING_DESC_F_WRITE;
	struct desc *const d = packed_slot(vr, vr->next);
	const size_t hidden = !vr->n_used;
	size_t i;

	n = near->size < len ? 0 : MIN(n, (size_t)(vr->num - vr->next));
	for (i = 0; i < n; i++, items += len) {
		/* Each once: the driver may change them at any time. */
		if ((load_available(&d[i]) & PLAIN_FLAGS) != available ||
		    vring_load32(&d[i].len_le) < len)
			break;
		const uint64_t offset =
			le64toh(__atomic_load_n(&d[i].addr_le,
						__ATOMIC_RELAXED)) -
			first;
		if (offset > last)
			break;
		guest_copy(local + offset, items, len);
		vring_store32(&d[i].len_le, len);
		/* Of the first: by vring_packed_publish(). */
		if (i >= hidden)
			__atomic_store_n(&d[i].flags_le, htole16(used),
					 __ATOMIC_RELEASE);
	}
	if (i && hidden)
		vr->first_flags = used;
	vr->n_used += (uint16_t)i;
	vring_packed_advance(vr, (uint16_t)i);
	return i;
}

static __attribute__((noinline)) size_t packed_write_any(struct vring *vr,
							 const void *items,
							 uint32_t len, size_t n)
{
	return packed_write_plain(vr, items, len, n);
}

WARM size_t vring_packed_write_plain(struct vring *vr, const void *items,
				     uint32_t len, size_t n)
{
	/* With a constant length the compiler inlines the copy. */
	return len == sizeof(uint64_t)
		       ? packed_write_plain(vr, items, sizeof(uint64_t), n)
		       : packed_write_any(vr, items, len, n);
}

/* Return: whether the driver wants a notification for published .. next. */
static inline bool wants_notification(const struct vring *vr)
{
	const struct event *event = vr->avail;
	uint16_t off_wrap;

	switch (vring_load16(&event->flags_le) & 3) {
	case EVENT_ENABLE:
		return true;
	case EVENT_DESC:
		if (!vr->event_idx)
			return true;
		break;
	default:
		return false;
	}
	off_wrap = vring_load16(&event->off_wrap_le);
	uint16_t off = off_wrap & 0x7fff;
	if (off_wrap >> 15 != vr->wrap)
		off -= vr->num;
	return vring_passed(off, vr->next, (uint16_t)(vr->next - vr->n_used));
}

/*
 * For vring_unreturned(): the first buffers are about to be shown. After that
 * the driver may make them available again.
 */
static __attribute__((noinline, cold)) void packed_note_pool(struct vring *vr)
{
	const uint32_t n = (uint32_t)vr->n_used + vring_packed_available(vr);

	vr->pool = (uint16_t)MIN(n, vr->num);
}

WARM bool vring_packed_publish(struct vring *vr)
{
	struct desc *first = packed_slot(vr, vr->published);
	bool notify;

	if (!vr->n_used)
		return false;
	if (!vr->pool)
		packed_note_pool(vr);
	/* Last: the driver stops at a slot that is not used. BARRIER_USED. */
	__atomic_store_n(&first->flags_le, htole16(vr->first_flags),
			 __ATOMIC_RELEASE);
	log_written(vr, first, sizeof(*first));
	note_position(vr);
	/*
	 * Write the flags, then read the driver's: it does the reverse.
	 * BARRIER_PUBLISH of tests/model/notify.pml.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	notify = wants_notification(vr);
	vr->published = vr->next;
	vr->n_used = 0;
	return notify;
}

void vring_packed_ask_kicks(struct vring *vr, bool ask)
{
	struct event *event = vr->used;
	uint16_t flags = EVENT_DISABLE;

	if (ask)
		flags = vr->event_idx && vr->next ? EVENT_DESC : EVENT_ENABLE;
	if (vring_load16(&event->flags_le) != flags)
		store_event(vr, &event->flags_le, flags);
}

/* The offset is the position, whichever slot is to be kicked for. */
void vring_packed_ask_returns(struct vring *vr)
{
	struct event *event = vr->used;

	if (vring_load16(&event->flags_le) != EVENT_ENABLE)
		store_event(vr, &event->flags_le, EVENT_ENABLE);
}

static uint16_t load_flags(const struct vring *vr)
{
	return vring_load16(&packed_slot(vr, vr->next)->flags_le);
}

/* Return: whether these flags of the slot are as in a used one. */
static bool flags_are_used(const struct vring *vr, uint16_t which)
{
	return (load_flags(vr) & which) == (flags_used(vr->wrap) & which);
}

/*
 * A device may have died while it used a batch. Slots that it had published
 * without noting its position are skipped: they are used, or even available for
 * the next round, when only USED is as in a used slot. Slots that it had used
 * but not published (one before them is not used) are made available again.
 * (Where chains ended is not known; but that moment is short.)
 */
static void packed_take_over(struct vring *vr, uint16_t shown)
{
	for (uint16_t n = 0; n < vr->num && flags_are_used(vr, shown); n++)
		vring_packed_advance(vr, 1);
	struct vring at = *vr;
	for (uint16_t n = 1; n < vr->num; n++) {
		vring_packed_advance(&at, 1);
		if (!flags_are_used(&at, DESC_F_BOTH))
			break;
		uint16_t flags = load_flags(&at);
		flags = (flags & VRING_DESC_F_WRITE) | flags_available(at.wrap);
		vring_store16(&packed_slot(vr, at.next)->flags_le, flags);
		log_written(vr, packed_slot(vr, at.next), sizeof(struct desc));
	}
}

/*
 * Bits 0-15 of the base are the driver's position, 16-31 the device's, and
 * nothing is in flight in between. The base of a front-end whose back-end died
 * is old: what that back-end noted takes precedence. A driver that starts
 * clears it.
 */
int vring_packed_resume(struct vring *vr, uint32_t base)
{
	const uint16_t given = (uint16_t)(base >> 16 ? base >> 16 : base);
	uint16_t at;

	vr->noted = noted_position(vr, &at);
	if (!vr->noted)
		at = given;
	vr->next = at & ~WRAP;
	vr->wrap = at & WRAP;
	vr->ahead = 0;
	vr->chains = false;
	vr->n_used = 0;
	if (vr->next >= vr->num)
		return VRING_E_HEAD;
	/* If the base is current, the driver has not passed it. */
	packed_take_over(vr,
			 vr->noted && at == given ? DESC_F_BOTH : DESC_F_USED);
	/* A driver that starts too MUST find 0. */
	if (at != WRAP || vr->next || !vr->wrap)
		note_position(vr);
	return 0;
}
