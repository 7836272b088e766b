/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table is small and searched from the region of the last hit: the event
 * buffers of a driver lie together, so the first look nearly always finds.
 */
#include <stdbool.h>

#include "guest-mem.h"

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

/* Return: how many bytes of len from addr on lie in a region at base. */
static uint64_t inside(uint64_t base, uint64_t size, uint64_t addr,
		       uint64_t len)
{
	uint64_t offset = addr - base;

	if (addr < base || offset >= size)
		return 0;
	return len < size - offset ? len : size - offset;
}

void *guest_mem_at_uva(const struct guest_mem *mem, struct uva addr,
		       uint64_t len)
{
	for (unsigned int i = 0; len && i < mem->n; i++) {
		const struct guest_region *r = &mem->region[i];

		if (inside(r->uva.v, r->size, addr.v, len) == len)
			return r->local + (addr.v - r->uva.v);
	}
	return NULL;
}

/* Return: our address of addr, with *got bytes of len from there on. */
static uint8_t *find(struct guest_mem *mem, struct gpa addr, uint64_t len,
		     uint64_t *got)
{
	for (unsigned int n = 0, i = mem->last; n < mem->n; n++) {
		const struct guest_region *r = &mem->region[i];

		*got = inside(r->gpa.v, r->size, addr.v, len);
		if (*got) {
			mem->last = i;
			return r->local + (addr.v - r->gpa.v);
		}
		i = i + 1 < mem->n ? i + 1 : 0;
	}
	return NULL;
}

void *guest_mem_at_gpa(struct guest_mem *mem, struct gpa addr, uint64_t len)
{
	uint64_t got = 0;
	uint8_t *at = len ? find(mem, addr, len, &got) : NULL;

	return got == len ? at : NULL;
}

void guest_mem_log(const struct guest_mem *mem, struct gpa addr, uint64_t len)
{
	uint64_t page = addr.v / GUEST_LOG_PAGE;
	uint64_t last = (addr.v + (len - 1)) / GUEST_LOG_PAGE;

	if (!mem->log.bits || !len)
		return;
	for (; page <= last && page / 8 < mem->log.len; page++)
		__atomic_fetch_or(&mem->log.bits[page / 8],
				  (uint8_t)(1u << (page % 8)),
				  __ATOMIC_RELAXED);
}

void guest_mem_log_local(const struct guest_mem *mem, const void *at,
			 uint64_t len)
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
		uint64_t got;
		uint8_t *at = find(mem, addr, len, &got);

		if (!at)
			return GUEST_MEM_E_OUTSIDE;
		guest_copy(at, p, got);
		guest_mem_log(mem, addr, got);
		p += got;
		len -= got;
		addr.v += got;
	}
	return 0;
}

int guest_mem_read(struct guest_mem *mem, struct gpa addr, void *to, size_t len)
{
	uint8_t *p = to;

	while (len) {
		uint64_t got;
		uint8_t *at = find(mem, addr, len, &got);

		if (!at)
			return GUEST_MEM_E_OUTSIDE;
		guest_copy(p, at, got);
		p += got;
		len -= got;
		addr.v += got;
	}
	/* What was copied is what counts: never look at the source again. */
	__asm__ volatile("" ::: "memory");
	return 0;
}
