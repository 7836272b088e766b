/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking one descriptor chain, and the accesses to ring memory that both
 * layouts need. For vring*.c only.
 */
#ifndef VINPUT_VRING_WALK_H
#define VINPUT_VRING_WALK_H

#include <endian.h>
#include "input/ring/vring-types.h"

/* The same bits in both layouts. */
#define VRING_DESC_F_NEXT     1
#define VRING_DESC_F_WRITE    2
#define VRING_DESC_F_INDIRECT 4

struct vring_walk {
	struct vring *vr;
	uint16_t id;   /* of the buffer, for its used element */
	bool indirect; /* in an indirect table, no longer in the ring */
	struct gpa table;
	uint32_t n;	/* descriptors in the table */
	uint32_t left;	/* how many more may be visited */
	uint32_t next;	/* index of the next one */
	bool more;	/* there is a next one */
	uint16_t slots; /* of the ring, visited so far */
	/* The current descriptor. */
	struct gpa addr;
	uint32_t len;
	uint16_t flags;
};

/* Return: the VRING_E_* for a GUEST_MEM_E_*. */
static inline int vring_error_of(int error)
{
	return error == GUEST_MEM_E_MISS ? VRING_E_MISS : VRING_E_OUTSIDE;
}

static inline uint32_t vring_chain_max(uint32_t table)
{
	return table < VRING_CHAIN_MAX ? table : VRING_CHAIN_MAX;
}

static inline uint16_t vring_load16(const uint16_t *le)
{
	return le16toh(__atomic_load_n(le, __ATOMIC_RELAXED));
}

static inline uint32_t vring_load32(const uint32_t *le)
{
	return le32toh(__atomic_load_n(le, __ATOMIC_RELAXED));
}

static inline void vring_store16(uint16_t *le, uint16_t value)
{
	__atomic_store_n(le, htole16(value), __ATOMIC_RELAXED);
}

static inline void vring_store32(uint32_t *le, uint32_t value)
{
	__atomic_store_n(le, htole32(value), __ATOMIC_RELAXED);
}

/* Return: whether an index that went from old to new passed event (§2.7.7.2).
 */
static inline bool vring_passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

#endif
