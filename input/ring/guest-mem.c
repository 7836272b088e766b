/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table is small, and searched from the region of the last hit: a driver's
 * event buffers lie together, so that the first region is nearly always it.
 */
#include <stdbool.h>

#include "input/ring/guest-copy.h"
#include "input/ring/guest-mem.h"
#include "input/ring/iotlb.h"

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b + (b_size - 1) && b <= a + (a_size - 1);
}

/* The last byte's address must exist: a + size - 1 does not wrap. */
static bool wraps(uint64_t addr, uint64_t size)
{
	uint64_t last;

	return !size || __builtin_add_overflow(addr, size - 1, &last);
}

int guest_mem_check(const struct guest_mem *mem,
		    const struct guest_region *region)
{
	if (wraps(region->gpa.v, region->size) ||
	    wraps(region->uva.v, region->size))
		return GUEST_MEM_E_WRAPS;
	for (unsigned int i = 0; i < mem->n; i++) {
		const struct guest_region *r = &mem->region[i];

		if (overlap(r->gpa.v, r->size, region->gpa.v, region->size) ||
		    overlap(r->uva.v, r->size, region->uva.v, region->size))
			return GUEST_MEM_E_OVERLAP;
	}
	return mem->n == GUEST_REGIONS_MAX ? GUEST_MEM_E_FULL : 0;
}

void guest_mem_add(struct guest_mem *mem, const struct guest_region *region)
{
	mem->region[mem->n++] = *region;
}

int guest_mem_remove(struct guest_mem *mem, struct guest_region *region)
{
	for (unsigned int i = 0; i < mem->n; i++) {
		struct guest_region *r = &mem->region[i];

		if (r->gpa.v != region->gpa.v || r->uva.v != region->uva.v ||
		    r->size != region->size)
			continue;
		*region = *r;
		*r = mem->region[--mem->n];
		mem->region[mem->n] = (struct guest_region){ 0 };
		mem->last = 0;
		return 0;
	}
	return GUEST_MEM_E_OUTSIDE;
}

/* Return: whether the first byte is in the region; *piece: all that are. */
static bool in_region(const struct guest_region *r, uint64_t offset,
		      uint64_t len, struct guest_piece *piece)
{
	if (offset >= r->size)
		return false;
	*piece = (struct guest_piece){
		.at = r->local + offset,
		.gpa = { r->gpa.v + offset },
		.len = len < r->size - offset ? len : r->size - offset,
	};
	return true;
}

static int find_uva(const struct guest_mem *mem, struct uva addr, uint64_t len,
		    struct guest_piece *piece)
{
	for (unsigned int i = 0; i < mem->n; i++) {
		const struct guest_region *r = &mem->region[i];

		if (in_region(r, addr.v - r->uva.v, len, piece))
			return 0;
	}
	return GUEST_MEM_E_OUTSIDE;
}

static int find_gpa(struct guest_mem *mem, struct gpa addr, uint64_t len,
		    struct guest_piece *piece)
{
	for (unsigned int n = 0, i = mem->last; n < mem->n; n++) {
		const struct guest_region *r = &mem->region[i];

		if (in_region(r, addr.v - r->gpa.v, len, piece)) {
			mem->last = i;
			return 0;
		}
		i = i + 1 < mem->n ? i + 1 : 0;
	}
	return GUEST_MEM_E_OUTSIDE;
}

/*
 * Where some access is known but not this one, both are asked for: a front-end
 * that grants just what was asked would otherwise revoke the one with the
 * other.
 */
static __attribute__((noinline)) int find_iova(struct guest_mem *mem,
					       struct iova addr, uint64_t len,
					       uint32_t access,
					       struct guest_piece *piece)
{
	const struct iotlb_range *r = iotlb_find(mem->iotlb, addr);

	if (!r || access & ~r->access) {
		mem->miss.addr = addr;
		mem->miss.access = access | (r ? r->access : 0);
		return GUEST_MEM_E_MISS;
	}
	if (len - 1 > r->last.v - addr.v)
		len = r->last.v - addr.v + 1;
	return find_uva(mem, (struct uva){ r->uva.v + (addr.v - r->first.v) },
			len, piece);
}

/* Find the first of len > 0 bytes, and those that follow it contiguously. */
static int guest_mem_find(struct guest_mem *mem, struct gpa addr, uint64_t len,
			  uint32_t access, struct guest_piece *piece)
{
	if (mem->iotlb)
		return find_iova(mem, (struct iova){ addr.v }, len, access,
				 piece);
	return find_gpa(mem, addr, len, piece);
}

void *guest_mem_at_gpa(struct guest_mem *mem, struct gpa addr, uint64_t len)
{
	struct guest_piece piece;

	if (!len || find_gpa(mem, addr, len, &piece) || piece.len < len)
		return NULL;
	return piece.at;
}

bool guest_mem_has_uva(const struct guest_mem *mem, struct uva addr,
		       uint64_t len)
{
	struct guest_piece piece;

	for (; len; len -= piece.len, addr.v += piece.len)
		if (find_uva(mem, addr, len, &piece))
			return false;
	return true;
}

/* Its pages may be known one by one: they MUST be contiguous. */
static int find_ring(struct guest_mem *mem, struct iova addr, uint64_t len,
		     uint32_t access, struct guest_piece *piece)
{
	struct guest_piece next;
	int r;

	if (wraps(addr.v, len))
		return GUEST_MEM_E_OUTSIDE;
	r = find_iova(mem, addr, len, access, piece);
	while (!r && piece->len < len) {
		struct iova at = { addr.v + piece->len };

		r = find_iova(mem, at, len - piece->len, access, &next);
		if (r)
			break;
		if (next.at != piece->at + piece->len ||
		    next.gpa.v != piece->gpa.v + piece->len)
			return GUEST_MEM_E_PIECES;
		piece->len += next.len;
	}
	return r;
}

int guest_mem_ring(struct guest_mem *mem, struct uva addr, uint64_t len,
		   uint32_t access, struct guest_piece *piece)
{
	int r;

	if (mem->iotlb)
		return find_ring(mem, (struct iova){ addr.v }, len, access,
				 piece);
	r = find_uva(mem, addr, len, piece);
	return !r && piece->len < len ? GUEST_MEM_E_OUTSIDE : r;
}

void guest_mem_log(struct guest_mem *mem, struct gpa addr, uint64_t len)
{
	uint64_t page = addr.v / GUEST_LOG_PAGE;
	uint64_t last = (addr.v + (len - 1)) / GUEST_LOG_PAGE;

	if (!mem->log.bits || !len)
		return;
	mem->logged = true;
	for (; page <= last && page / 8 < mem->log.len; page++)
		__atomic_fetch_or(&mem->log.bits[page / 8],
				  (uint8_t)(1u << (page % 8)),
				  __ATOMIC_RELAXED);
}

void guest_mem_log_local(struct guest_mem *mem, const void *at, uint64_t len)
{
	for (unsigned int i = 0; i < mem->n; i++) {
		const struct guest_region *r = &mem->region[i];
		const uint64_t offset = (uintptr_t)at - (uintptr_t)r->local;

		if (offset < r->size)
			guest_mem_log(mem, (struct gpa){ r->gpa.v + offset },
				      len);
	}
}

int guest_mem_write(struct guest_mem *mem, struct gpa addr, const void *from,
		    size_t len)
{
	const uint8_t *p = from;

	while (len) {
		struct guest_piece to;
		int r = guest_mem_find(mem, addr, len, GUEST_WRITE, &to);

		if (r)
			return r;
		guest_copy(to.at, p, to.len);
		guest_mem_log(mem, to.gpa, to.len);
		p += to.len;
		len -= to.len;
		addr.v += to.len;
	}
	return 0;
}

int guest_mem_read(struct guest_mem *mem, struct gpa addr, void *to, size_t len)
{
	uint8_t *p = to;

	while (len) {
		struct guest_piece from;
		int r = guest_mem_find(mem, addr, len, GUEST_READ, &from);

		if (r)
			return r;
		guest_copy(p, from.at, from.len);
		p += from.len;
		len -= from.len;
		addr.v += from.len;
	}
	/* Callers check the copy: the compiler MUST NOT read the source again.
	 */
	__asm__ volatile("" ::: "memory");
	return 0;
}
