/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both layouts share: walking a chain and its indirect table, and copying.
 * The driver may change any byte of ring memory at any time, so each value is
 * read once into a local, and the local is checked and used.
 */
#include <string.h>
#include <sys/param.h>

#include "input/base/hot.h"
#include "input/ring/guest-copy.h"
#include "input/ring/vring-packed.h"
#include "input/ring/vring-split.h"
#include "input/ring/vring.h"

#define DESC_LEN 16 /* in the ring and in tables, in both layouts */

const char *vring_strerror(int error)
{
	switch ((enum vring_error)error) {
	case VRING_E_AVAIL:
		return "the available index jumped by more than the ring size";
	case VRING_E_HEAD:
		return "descriptor index past the end of its table";
	case VRING_E_LOOP:
		return "descriptor chain longer than its table or than 1024";
	case VRING_E_INDIRECT:
		return "invalid indirect descriptor";
	case VRING_E_OUTSIDE:
		return "descriptor outside guest memory";
	case VRING_E_SHORT:
		return "buffer too small for an event";
	case VRING_E_MISS:
		return "address not known to the IOTLB yet";
	case VRING_E_ACCESS:
		return "address to which the IOMMU denies access";
	case VRING_E_PIECES:
		return "the pages of the ring are not contiguous";
	}
	return "unknown error";
}

bool vring_num_valid(uint32_t num, bool packed)
{
	return num && num <= VRING_NUM_MAX && (packed || !(num & (num - 1)));
}

bool vring_addrs_aligned(const struct vring_addrs *addrs, bool packed)
{
	return !(addrs->desc.v % 16) && !(addrs->avail.v % (packed ? 4 : 2)) &&
	       !(addrs->used.v % 4);
}

/* Bytes of the ring's areas, with the event words, also if not negotiated. */
static uint64_t desc_len(const struct vring *vr)
{
	return vr->num * DESC_LEN;
}

static uint64_t avail_len(const struct vring *vr)
{
	return vr->packed ? 4 : 6 + 2 * (uint64_t)vr->num;
}

static uint64_t used_len(const struct vring *vr)
{
	return vr->packed ? 4 : 6 + 8 * (uint64_t)vr->num;
}

static int find_areas(struct vring *vr, const struct vring_addrs *addrs)
{
	struct guest_piece desc, avail, used;
	/* A packed ring is written; a used index is read to resume. */
	int r = guest_mem_ring(
		vr->mem, addrs->desc, desc_len(vr),
		vr->packed ? GUEST_READ | GUEST_WRITE : GUEST_READ, &desc);

	if (!r)
		r = guest_mem_ring(vr->mem, addrs->avail, avail_len(vr),
				   GUEST_READ, &avail);
	if (!r)
		r = guest_mem_ring(vr->mem, addrs->used, used_len(vr),
				   GUEST_READ | GUEST_WRITE, &used);
	if (r)
		return r;
	vr->desc = desc.at;
	vr->avail = avail.at;
	vr->used = used.at;
	/* SET_VRING_ADDR's is I/O virtual here, which no log can use. */
	if (vr->mem->iotlb)
		vr->log_base = used.gpa;
	return 0;
}

int vring_map(struct vring *vr, struct guest_mem *mem,
	      const struct vring_addrs *addrs)
{
	int r;

	vr->mem = mem;
	r = find_areas(vr, addrs);
	/* A region that is not page-aligned can undo the checked alignment. */
	if (!r && ((uintptr_t)vr->desc % 8 || (uintptr_t)vr->avail % 2 ||
		   (uintptr_t)vr->used % 4))
		r = GUEST_MEM_E_OUTSIDE;
	if (r)
		vring_unmap(vr);
	return r;
}

void vring_unmap(struct vring *vr)
{
	vr->desc = NULL;
	vr->avail = NULL;
	vr->used = NULL;
}

static bool area_touches(struct uva area, uint64_t len, uint64_t first,
			 uint64_t last)
{
	return area.v <= last && first <= area.v + (len - 1);
}

bool vring_touches(const struct vring *vr, const struct vring_addrs *addrs,
		   uint64_t first, uint64_t last)
{
	return area_touches(addrs->desc, desc_len(vr), first, last) ||
	       area_touches(addrs->avail, avail_len(vr), first, last) ||
	       area_touches(addrs->used, used_len(vr), first, last);
}

/*
 * The current descriptor is a table: the last of its chain, not in a table
 * itself, its length a multiple of 16 (§2.7.5.3.1, §2.8.7).
 */
static int enter_table(struct vring_walk *w)
{
	if (!w->vr->indirect || w->indirect || w->more || !w->len ||
	    w->len % DESC_LEN)
		return VRING_E_INDIRECT;
	w->indirect = true;
	w->table = w->addr;
	w->n = w->len / DESC_LEN;
	w->left = vring_chain_max(w->n);
	w->next = 0;
	return 0;
}

static int vring_load(struct vring_walk *w)
{
	/* A chain visits no descriptor twice (§2.7.5). */
	if (!w->left--)
		return VRING_E_LOOP;
	return w->vr->packed ? vring_packed_load(w) : vring_split_load(w);
}

/*
 * Load the next descriptor (there MUST be one: w->more), following tables.
 * Return: 0 or VRING_E_*.
 */
static int walk_next(struct vring_walk *w)
{
	int r = vring_load(w);

	if (r || !(w->flags & VRING_DESC_F_INDIRECT))
		return r;
	r = enter_table(w);
	if (!r)
		r = vring_load(w);
	if (!r && w->flags & VRING_DESC_F_INDIRECT)
		r = VRING_E_INDIRECT;
	return r;
}

WARM int vring_ready(struct vring *vr)
{
	if (vr->waits)
		return 0;
	if (!vr->desc)
		return VRING_E_MISS;
	return vr->packed ? vring_packed_ready(vr) : vring_split_ready(vr);
}

WARM uint16_t vring_room(struct vring *vr)
{
	if (vr->waits || !vr->desc || vr->mem->iotlb)
		return 0;
	return vr->packed ? vring_packed_room(vr) : vring_split_available(vr);
}

static void vring_take(struct vring *vr, struct vring_walk *w)
{
	if (vr->packed)
		vring_packed_take(vr, w);
	else
		vring_split_take(vr, w);
}

static int vring_use(struct vring *vr, struct vring_walk *w, uint32_t len)
{
	return vr->packed ? vring_packed_use(vr, w, len)
			  : vring_split_use(vr, w, len);
}

HOT size_t vring_write_plain(struct vring *vr, const void *items, uint32_t len,
			     size_t n)
{
	/* guest_mem_write() logs and translates. */
	if (vr->waits || !vr->desc || vr->log || vr->mem->log.bits ||
	    vr->mem->iotlb)
		return 0;
	return vr->packed ? vring_packed_write_plain(vr, items, len, n)
			  : vring_split_write_plain(vr, items, len, n);
}

/* Not inline: the rare case would slow down the usual one. */
static __attribute__((noinline)) int walk_and_write(struct vring *vr,
						    const void *data,
						    uint32_t len)
{
	const uint8_t *from = data;
	uint32_t left = len;
	struct vring_walk w;

	vring_take(vr, &w);
	while (left) {
		if (!w.more)
			return VRING_E_SHORT;
		int r = walk_next(&w);
		if (r)
			return r;
		if (!(w.flags & VRING_DESC_F_WRITE))
			continue;
		uint32_t n = w.len < left ? w.len : left;
		r = guest_mem_write(vr->mem, w.addr, from, n);
		if (r)
			return vring_error_of(r);
		from += n;
		left -= n;
	}
	return vring_use(vr, &w, len);
}

int vring_write_rest(struct vring *vr, const void *items, uint32_t len,
		     size_t n, size_t *done)
{
	while (*done < n) {
		const uint8_t *from = (const uint8_t *)items + *done * len;
		const size_t plain =
			vring_write_plain(vr, from, len, n - *done);
		int r;

		*done += plain;
		if (plain)
			continue;
		r = vring_ready(vr);
		if (r != VRING_READY)
			return r;
		r = walk_and_write(vr, from, len);
		if (r)
			return r;
		*done += 1;
	}
	return 0;
}

int vring_write(struct vring *vr, const void *data, uint32_t len)
{
	size_t done;

	return vring_write_each(vr, data, len, 1, &done);
}

int vring_read(struct vring *vr, void *data, uint32_t len, uint32_t *got)
{
	uint8_t *to = data;
	struct vring_walk w;

	vring_take(vr, &w);
	*got = 0;
	while (*got < len && w.more) {
		int r = walk_next(&w);

		if (r)
			return r;
		/* Readable descriptors precede writable ones (§2.7.4.2). */
		if (w.flags & VRING_DESC_F_WRITE)
			break;
		uint32_t n = w.len < len - *got ? w.len : len - *got;
		r = guest_mem_read(vr->mem, w.addr, to + *got, n);
		if (r)
			return vring_error_of(r);
		*got += n;
	}
	return vring_use(vr, &w, 0);
}

HOT bool vring_publish(struct vring *vr)
{
	if (!vr->desc)
		return false;
	return vr->packed ? vring_packed_publish(vr) : vring_split_publish(vr);
}

WARM void vring_ask_kicks(struct vring *vr, bool ask)
{
	if (!vr->desc || vr->waits)
		return;
	if (vr->packed)
		vring_packed_ask_kicks(vr, ask);
	else
		vring_split_ask_kicks(vr, ask);
	vr->kicks = ask;
	/*
	 * Enable, then look for buffers: the driver does the reverse.
	 * BARRIER_KICKS of tests/model/notify.pml.
	 */
	if (ask)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void vring_ask_returns(struct vring *vr)
{
	if (!vr->desc || vr->waits)
		return;
	if (vr->packed)
		vring_packed_ask_returns(vr);
	else
		vring_split_ask_returns(vr);
	vr->kicks = true;
	/* As in vring_ask_kicks(): BARRIER_RETURNS. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint32_t vring_unreturned(struct vring *vr)
{
	uint16_t available;

	if (!vr->desc)
		return vr->pool;
	available = vr->packed ? vring_packed_available(vr)
			       : vring_split_available(vr);
	vr->pool = MAX(vr->pool, available);
	return (uint32_t)vr->pool - available;
}

void vring_forget_pool(struct vring *vr)
{
	vr->pool = 0;
}

int vring_resume(struct vring *vr, uint32_t base)
{
	int r = vr->packed ? vring_packed_resume(vr, base)
			   : vring_split_resume(vr);

	if (r)
		return r;
	vr->published = vr->next;
	vr->kicks = true;
	vring_ask_kicks(vr, false);
	/* Its driver, which may be another with fewer buffers, holds none. */
	if (!vring_has_history(vr))
		vring_forget_pool(vr);
	return 0;
}

uint32_t vring_position(const struct vring *vr)
{
	uint32_t at = vr->next | (uint32_t)vr->wrap << 15;

	return vr->packed ? at | at << 16 : vr->next;
}

bool vring_has_history(const struct vring *vr)
{
	/* Unknown while it is not mapped; a needless notification is harmless.
	 */
	if (!vr->desc)
		return true;
	return vr->packed ? vr->noted : vr->next || vring_split_came_round(vr);
}

bool vring_is_blank(const struct vring *vr)
{
	static const uint8_t blank[16];
	uint8_t first[sizeof(blank)];

	if (!vr->desc)
		return false;
	guest_copy(first, vr->desc, sizeof(first));
	return !memcmp(first, blank, sizeof(blank));
}
