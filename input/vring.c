/* SPDX-License-Identifier: Apache-2.0 */
/*
 *         driver                                    device (here)
 *   avail->ring[] = head ──► avail->idx ──► next_avail: take head, walk chain
 *   used->ring[] read    ◄── used->idx  ◄── used->ring[] = {head, len}
 *
 * Every index in the rings is free-running, 16 bits, taken modulo num. The
 * driver may change any byte of ring memory at any time, so each value is read
 * once into a local, and the local is checked and used. Acquire and release
 * pair with the driver's barriers: entries before the index that shows them.
 */
#include <endian.h>
#include <string.h>

#include "vring.h"

static uint16_t load16(const uint16_t *le)
{
	return le16toh(__atomic_load_n(le, __ATOMIC_RELAXED));
}

static void store16(uint16_t *le, uint16_t value)
{
	__atomic_store_n(le, htole16(value), __ATOMIC_RELAXED);
}

/* VIRTIO_F_EVENT_IDX (§2.7.7, §2.7.10): the driver's word, behind avail. */
static uint16_t *used_event(struct vring *vr)
{
	return &vr->avail->ring_le[vr->num];
}

/* The device's word, behind used. */
static uint16_t *avail_event(struct vring *vr)
{
	return (uint16_t *)&vr->used->ring[vr->num];
}

const char *vring_strerror(int error)
{
	switch ((enum vring_error)error) {
	case VRING_E_AVAIL:
		return "the available index jumped by more than the ring size";
	case VRING_E_HEAD:
		return "descriptor index past the end of the table";
	case VRING_E_LOOP:
		return "descriptor chain longer than its table";
	case VRING_E_INDIRECT:
		return "bad indirect descriptor";
	case VRING_E_OUTSIDE:
		return "descriptor outside of guest memory";
	case VRING_E_SHORT:
		return "buffer too small for an event";
	}
	return "unknown error";
}

bool vring_num_valid(uint32_t num)
{
	return num && num <= VRING_NUM_MAX && !(num & (num - 1));
}

bool vring_addrs_aligned(const struct vring_addrs *addrs)
{
	return !(addrs->desc.v % 16) && !(addrs->avail.v % 2) &&
	       !(addrs->used.v % 4);
}

int vring_map(struct vring *vr, struct guest_mem *mem,
	      const struct vring_addrs *addrs)
{
	uint64_t num = vr->num;
	/* The event words are there even if EVENT_IDX is not negotiated. */
	void *desc = guest_mem_at_uva(mem, addrs->desc,
				      num * sizeof(struct vring_desc));
	void *avail = guest_mem_at_uva(mem, addrs->avail, 6 + 2 * num);
	void *used = guest_mem_at_uva(mem, addrs->used,
				      6 + num * sizeof(struct vring_used_elem));

	/* A region that is not page-aligned can undo the checked alignment. */
	if (!desc || !avail || !used || (uintptr_t)desc % 8 ||
	    (uintptr_t)avail % 2 || (uintptr_t)used % 4) {
		vring_unmap(vr);
		return GUEST_MEM_E_OUTSIDE;
	}
	vr->mem = mem;
	vr->desc = desc;
	vr->avail = avail;
	vr->used = used;
	return 0;
}

void vring_unmap(struct vring *vr)
{
	vr->desc = NULL;
	vr->avail = NULL;
	vr->used = NULL;
}

void vring_resume(struct vring *vr)
{
	uint16_t idx = load16(&vr->used->idx_le);

	vr->next_avail = idx;
	vr->seen_avail = idx;
	vr->next_used = idx;
	vr->published = idx;
	vr->kicks = true;
	vring_ask_kicks(vr, false);
}

int vring_avail(struct vring *vr)
{
	uint16_t n;

	vr->seen_avail =
		le16toh(__atomic_load_n(&vr->avail->idx_le, __ATOMIC_ACQUIRE));
	n = (uint16_t)(vr->seen_avail - vr->next_avail);
	return n > vr->num ? -VRING_E_AVAIL : n;
}

/* A way through one chain, in the ring's table or in an indirect one. */
struct walk {
	struct vring *vr;
	bool indirect;
	struct gpa table; /* of the indirect table */
	uint32_t n;	  /* descriptors in the table */
	uint32_t left;	  /* descriptors that may still follow */
	uint32_t next;
	bool more;
	/* The descriptor at hand. */
	struct gpa addr;
	uint32_t len;
	uint16_t flags;
};

static int load_desc(struct walk *w)
{
	struct vring_desc desc;

	if (w->next >= w->n)
		return VRING_E_HEAD;
	/* A chain visits no descriptor twice (§2.7.5): so this ends. */
	if (!w->left--)
		return VRING_E_LOOP;
	if (w->indirect) {
		struct gpa at = { w->table.v + w->next * sizeof(desc) };

		if (guest_mem_read(w->vr->mem, at, &desc, sizeof(desc)))
			return VRING_E_OUTSIDE;
	} else {
		const struct vring_desc *d = &w->vr->desc[w->next];

		desc.addr_le = __atomic_load_n(&d->addr_le, __ATOMIC_RELAXED);
		desc.len_le = __atomic_load_n(&d->len_le, __ATOMIC_RELAXED);
		desc.flags_le = __atomic_load_n(&d->flags_le, __ATOMIC_RELAXED);
		desc.next_le = __atomic_load_n(&d->next_le, __ATOMIC_RELAXED);
	}
	w->addr.v = le64toh(desc.addr_le);
	w->len = le32toh(desc.len_le);
	w->flags = le16toh(desc.flags_le);
	w->next = le16toh(desc.next_le);
	w->more = w->flags & VRING_DESC_F_NEXT;
	return 0;
}

/*
 * The descriptor at hand is a table. It may be the last of a chain, but not in
 * a table itself, and not have a successor (§2.7.5.3.1). The length is a
 * multiple of 16; a longer table than 65536 entries cannot be indexed.
 */
static int enter_table(struct walk *w)
{
	if (!w->vr->indirect || w->indirect || w->more || !w->len ||
	    w->len % sizeof(struct vring_desc))
		return VRING_E_INDIRECT;
	w->indirect = true;
	w->table = w->addr;
	w->n = w->len / sizeof(struct vring_desc);
	w->left = w->n;
	w->next = 0;
	return load_desc(w);
}

/* Return: 1 with the next descriptor at hand, 0 at the end, -VRING_E_*. */
static int walk_next(struct walk *w)
{
	int r;

	if (!w->more)
		return 0;
	r = load_desc(w);
	if (!r && w->flags & VRING_DESC_F_INDIRECT) {
		r = enter_table(w);
		if (!r && w->flags & VRING_DESC_F_INDIRECT)
			r = VRING_E_INDIRECT;
	}
	return r ? -r : 1;
}

static uint16_t take_head(struct vring *vr, struct walk *w)
{
	uint16_t head =
		load16(&vr->avail->ring_le[vr->next_avail & (vr->num - 1)]);

	vr->next_avail++;
	*w = (struct walk){ .vr = vr,
			    .n = vr->num,
			    .left = vr->num,
			    .next = head,
			    .more = true };
	return head;
}

static void put_used(struct vring *vr, uint16_t head, uint32_t len)
{
	struct vring_used_elem *elem =
		&vr->used->ring[vr->next_used & (vr->num - 1)];

	elem->id_le = htole32(head);
	elem->len_le = htole32(len);
	vr->next_used++;
}

int vring_write(struct vring *vr, const void *data, uint32_t len)
{
	const uint8_t *from = data;
	uint32_t left = len;
	struct walk w;
	uint16_t head = take_head(vr, &w);

	while (left) {
		int r = walk_next(&w);

		if (r <= 0)
			return r ? -r : VRING_E_SHORT;
		if (!(w.flags & VRING_DESC_F_WRITE))
			continue;
		uint32_t n = w.len < left ? w.len : left;
		if (guest_mem_write(vr->mem, w.addr, from, n))
			return VRING_E_OUTSIDE;
		from += n;
		left -= n;
	}
	put_used(vr, head, len);
	return 0;
}

int vring_read(struct vring *vr, void *data, uint32_t len, uint32_t *got)
{
	uint8_t *to = data;
	struct walk w;
	uint16_t head = take_head(vr, &w);

	*got = 0;
	while (*got < len) {
		int r = walk_next(&w);

		if (r < 0)
			return -r;
		/* Readable descriptors stand before writable ones (§2.7.4.2) */
		if (!r || w.flags & VRING_DESC_F_WRITE)
			break;
		uint32_t n = w.len < len - *got ? w.len : len - *got;
		if (guest_mem_read(vr->mem, w.addr, to + *got, n))
			return VRING_E_OUTSIDE;
		*got += n;
	}
	put_used(vr, head, 0);
	return 0;
}

bool vring_publish(struct vring *vr)
{
	uint16_t old = vr->published, new = vr->next_used;

	if (old == new)
		return false;
	/* Publish the entries before the index: the driver may read at once. */
	__atomic_store_n(&vr->used->idx_le, htole16(new), __ATOMIC_RELEASE);
	vr->published = new;
	/* The index before the driver's wish: it looks the other way round. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!vr->event_idx)
		return !(load16(&vr->avail->flags_le) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	/* Has the index passed used_event (§2.7.7.2)? */
	return (uint16_t)(new - load16(used_event(vr)) - 1) <
	       (uint16_t)(new - old);
}

void vring_ask_kicks(struct vring *vr, bool ask)
{
	/*
	 * With EVENT_IDX the driver kicks when avail->idx passes avail_event.
	 * Not asking is leaving the word behind, where it was passed already.
	 */
	if (vr->event_idx) {
		if (ask)
			store16(avail_event(vr), vr->next_avail);
	} else if (vr->kicks != ask) {
		store16(&vr->used->flags_le, ask ? 0 : VRING_USED_F_NO_NOTIFY);
	}
	vr->kicks = ask;
	if (ask)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
